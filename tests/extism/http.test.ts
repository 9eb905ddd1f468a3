// A plug-in's request, from its `http_request` to a server on the loopback address and back: body, status and headers.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { binary, evaluateCases } from './plugins.ts';

const ASKS = `(module
  (import "extism:host/env" "input_offset" (func $input (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (import "extism:host/env" "http_request" (func $request (param i64 i64) (result i64)))
  (import "extism:host/env" "http_status_code" (func $status (result i32)))
  (import "extism:host/env" "http_headers" (func $headers (result i64)))
  (func $give (param $block i64) (call $output (local.get $block) (call $length (local.get $block))))
  (func (export "body") (call $give (call $request (call $input) (i64.const 0))))
  (func (export "status") (result i32) (drop (call $request (call $input) (i64.const 0))) (call $status))
  (func (export "headers") (drop (call $request (call $input) (i64.const 0))) (call $give (call $headers))))`;

let server: Server;
let answers: Record<'body' | 'status' | 'headers' | 'elsewhere', string>;

beforeAll(async () => {
  server = createServer((request, response) => {
    response.writeHead(request.url === '/missing' ? 404 : 200, { 'X-Seen': request.headers['x-sent'] ?? 'nothing' });
    response.end(`${request.method} ${request.url}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const json = (path: string, host = '127.0.0.1'): string =>
    binary(JSON.stringify({ url: `http://${host}:${port}${path}`, headers: { 'X-Sent': 'this' } }));
  const plugin = `{ok, P} = wasm2beam_extism:new(#{wasm => [#{module => asks}], allowed_hosts => [<<"127.0.*.1">>]})`;
  const call = (name: string, input: string): string => `${plugin}, wasm2beam_extism:call(P, ${name}, ${input})`;
  answers = await evaluateCases(
    { asks: ASKS },
    {
      body: call('body', json('/there?q=1')),
      status: call('status', json('/missing')),
      headers: `{ok, Json} = begin ${call('headers', json('/'))} end, binary:match(Json, <<"\\"x-seen\\":\\"this\\"">>) =/= nomatch`,
      elsewhere: call('body', json('/', 'localhost')),
    },
  );
});

afterAll(() => {
  server.close();
});

describe('http_request', () => {
  test('gives the body of the answer, and then its status and headers', () => {
    expect(answers.body).toBe(`{ok,${binary('GET /there?q=1')}}`);
    expect(answers.status).toContain('wasm_extism,exit,#{code => 404,');
    expect(answers.headers).toBe('true');
  });

  test('reaches hosts that the manifest allows, and no others', () => {
    expect(answers.elsewhere).toContain('wasm_extism,host,');
  });
});
