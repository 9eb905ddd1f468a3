// Plug-ins whose modules arrive as bytes: from files, manifests and servers, compiled while the system runs.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseWat } from '../../compiler.ts';
import { binary, evaluateCases } from './plugins.ts';

const ECHO = `(module
  (import "extism:host/env" "input_offset" (func $input (result i64)))
  (import "extism:host/env" "input_length" (func $length (result i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (func (export "echo") (call $output (call $input) (call $length)))
  (func (export "_start") (call $output (call $input) (call $length))))`;
const LIBRARY = '(module (func (export "seven") (result i32) (i32.const 7)))';
const USER = `(module (import "lib" "seven" (func $seven (result i32))) (func (export "code") (result i32) (call $seven)))`;

const PATIENCE = 120_000;
const bytes = parseWat(ECHO).bytes;
const hash = createHash('sha256').update(bytes).digest('hex');
const base64 = Buffer.from(bytes).toString('base64');
const requests: string[] = [];

let folder: string;
let server: Server;
let url: string;
let answers: Record<string, string>;

/** Makes plug-ins of what an Erlang list holds: what each answers to `hi`, or the error. */
const each = (sources: string): string => `application:load(wasm2beam),
  application:set_env(wasm2beam, cache, "${folder}/cache"),
  [case wasm2beam_extism:new(Source) of
    {ok, P} -> Answers = [wasm2beam_extism:call(P, Name, <<"hi">>) || Name <- [echo, '_start', echo]], ok = wasm2beam_extism:free(P), Answers;
    {error, {wasm_extism, Kind, #{message := Message}}} -> {Kind, Message}
  end || Source <- [${sources}]]`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wasm2beam-extism-'));
  const path = (name: string) => binary(join(folder, name));
  writeFileSync(join(folder, 'echo.wasm'), bytes);
  writeFileSync(join(folder, 'echo.wat'), ECHO);
  writeFileSync(join(folder, 'bad.wasm'), Buffer.concat([bytes.subarray(0, 8), Buffer.of(77)]));
  server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${String(request.headers['x-key'])}`);
    response.statusCode = request.url === '/echo.wasm' ? 200 : 404;
    response.end(bytes);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  answers = await evaluateCases(
    {},
    {
      files: each(
        `#{wasm => [#{path => ${path('echo.wasm')}, hash => <<"${hash}">>}]}, #{wasm => [#{path => ${path('echo.wat')}}]},
         #{wasm => [#{path => ${path('bad.wasm')}}]}, #{wasm => [#{path => ${path('none.wasm')}}]}`,
      ),
      data: each(
        `${binary(bytes)}, #{wasm => [#{data => ${binary(bytes)}}]}, ${binary(JSON.stringify({ wasm: [{ data: base64, hash }] }))},
         #{wasm => [#{data => <<"${base64}">>, hash => <<"${hash.replace(/^./, (c) => (c === '0' ? '1' : '0'))}">>}]}`,
      ),
      urls: each(
        `#{wasm => [#{url => <<"${url}/echo.wasm">>, hash => <<"${hash}">>, headers => #{<<"X-Key">> => <<"k">>}}]},
         #{wasm => [#{url => <<"${url}/none.wasm">>}]}, #{wasm => [#{url => <<"file:///x">>}]}`,
      ),
      linked: `${each('')}, {ok, P} = wasm2beam_extism:new(#{wasm => [#{data => base64:encode(${binary(LIBRARY)}), name => <<"lib">>},
          #{data => base64:encode(${binary(USER)})}]}),
        {error, {wasm_extism, exit, #{code := Code}}} = wasm2beam_extism:call(P, code, <<>>), Code`,
      many: `${each('')}, lists:usort([begin {ok, P} = wasm2beam_extism:new(${binary(bytes)}),
        {ok, <<"x">>} = wasm2beam_extism:call(P, echo, <<"x">>), ok = wasm2beam_extism:free(P), length(get()) end || _ <- lists:seq(1, 200)])`,
    },
  );
}, PATIENCE);

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const echoes = `[${Array.from({ length: 3 }, () => `{ok,${binary('hi')}}`).join(',')}]`;
const failed = (kind: string, message: string): string => `{${kind},${binary(message)}}`;

describe('a plug-in is made', () => {
  test('of files, in either format', () => {
    expect(answers.files).toBe(
      `[${[
        ...[echoes, echoes],
        failed('compile', 'malformed module: malformed section id (at offset 0x8)'),
        failed('source', `${folder}/none.wasm: no such file or directory`),
      ].join(',')}]`,
    );
  });

  test('of bytes, also as JSON, if their hash is right', () => {
    const mismatch = failed('source', 'hash mismatch for module main');
    expect(answers.data).toBe(`[${[echoes, echoes, echoes, mismatch].join(',')}]`);
  });

  test('of what servers send', () => {
    const lost = failed('source', `${url}/none.wasm: status 404`);
    const wrong = failed('source', 'file:///x: Invalid URL: file:///x');
    expect(answers.urls).toBe(`[${[echoes, lost, wrong].join(',')}]`);
    expect(requests).toEqual(['GET /echo.wasm k', 'GET /none.wasm undefined']);
  });

  test('of several modules', () => {
    expect(answers.linked).toBe('7');
  });

  test('more often than there are names', () => {
    expect(answers.many).toMatch(/^\[\d+\]$/);
  });
});
