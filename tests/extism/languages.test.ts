// Plug-ins in C, by clang against the ABI, and in AssemblyScript, by Extism's own development kit.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { binary, buildAssemblyScript, buildC, evaluateCases } from './plugins.ts';

const PLUGINS = join(import.meta.dirname, 'plugins');
const PATIENCE = 120_000;

const FUNCTIONS = `[
  #{name => <<"lookup">>, params => [bytes], results => [bytes], function => fun
    (<<"ann">>) -> <<"Ann of Jutland">>; (_) -> <<>> end},
  #{name => <<"add">>, namespace => <<"numbers">>, params => [i32, i64, f64], results => [i32],
    function => fun(A, B, C) -> A + (B bsr 40) + trunc(2 * C) + 38 end}]`;
const NEW = (name: string, more = ''): string =>
  `{ok, P} = wasm2beam_extism:new({module, ${name}}, #{functions => ${FUNCTIONS}${more}})`;
const CALL = (name: string, input = ''): string => `wasm2beam_extism:call(P, ${name}, ${binary(input)})`;
/** The events that plug-ins log, as messages to this process. */
const LISTEN = `logger:set_primary_config(level, debug), logger:update_handler_config(default, level, none),
  logger:remove_handler(seen), ok = logger:add_handler(seen, tests_log, #{config => self(), level => debug})`;
const LOGGED = `receive {logged, Level, #{extism_level := Guest}, Text} -> {Level, Guest, Text} after 0 -> none end`;
const LOG_MODULE = `code:load_binary(tests_log, "", element(3, compile:forms([{attribute, 1, module, tests_log}, {attribute, 1, export,
  [{log, 2}]}, element(2, erl_parse:parse_form(element(2, erl_scan:string("log(#{level := L, meta := M, msg := {F, A}},
  #{config := Pid}) -> Pid ! {logged, L, M, iolist_to_binary(io_lib:format(F, A))}."))))])))`;

const CASES = {
  words: `${NEW('words')}, [${CALL('count', 'one two  three')}, ${CALL('count', 'four')}, ${CALL('count')}]`,
  words_config: `${NEW('words', ', config => #{<<"separator">> => <<",">>}')}, ${CALL('count', 'a b,c')}`,
  words_log: `${LOG_MODULE}, ${LISTEN}, ${NEW('words')}, {ok, _} = ${CALL('count', 'x')}, ${LOGGED}`,
  reverse: `${NEW('words')}, Input = rand:bytes(100003), {ok, Output} = wasm2beam_extism:call(P, reverse, Input),
    {ok, Input} =:= wasm2beam_extism:call(P, reverse, Output)`,
  too_long: `${NEW('words')}, {error, {wasm_extism, guest, #{code := 1, message := Message}}} =
    wasm2beam_extism:call(P, reverse, binary:copy(<<1>>, 1048577)), Message`,
  asks: `${NEW('words')}, {error, {wasm_extism, guest, #{message := Message}}} = ${CALL('ask', 'joe')}, {${CALL('ask', 'ann')}, Message}`,
  sum: `${NEW('words')}, ${CALL('sum')}`,
  vowels: `${NEW('vowels')}, [${CALL('count_vowels', 'Hello, World!')}, ${CALL('count_vowels', 'aé🌎e')}, ${CALL('forget')}, ${CALL('count_vowels', '')}]`,
  vowels_config: `${NEW('vowels', `, config => #{<<"vowels">> => ${binary('xé')}}`)}, ${CALL('count_vowels', 'axéé')}`,
  vowels_log: `${LOG_MODULE}, ${LISTEN}, ${NEW('vowels')}, {ok, _} = ${CALL('count_vowels', 'x')}, ${LOGGED}`,
  vowels_ask: `${NEW('vowels')}, [${CALL('ask', 'ann')}, ${CALL('ask', 'joe')}]`,
  vowels_echo: `${NEW('vowels')}, [begin Input = rand:bytes(Size), {ok, Input} = wasm2beam_extism:call(P, echo, Input), ok end ||
    Size <- [0, 1, 7, 8, 9, 1000, 65536, 100001]]`,
  vowels_crash: `${LOG_MODULE}, ${LISTEN}, ${NEW('vowels')}, {error, {wasm_extism, trap, #{code := 134, trap := Trap}}} = ${CALL('crash')},
    {Trap, element(1, ${LOGGED}), ${CALL('count_vowels', 'a')}}`,
};

let folder: string;
let answers: Record<keyof typeof CASES | 'files', string>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wasm2beam-extism-'));
  for (const name of ['in', 'out']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'in/greeting'), 'Hello');
  writeFileSync(join(folder, 'secret'), 'secret');
  const files = `{ok, P} = wasm2beam_extism:new(#{wasm => [#{module => files}], allowed_paths =>
      #{<<"ro:${folder}/in">> => <<"/in">>, <<"${folder}/out">> => <<"/out">>}}, #{wasi => true}),
    [case Result of {error, {wasm_extism, guest, #{message := Message}}} -> Message; Other -> Other end || Result <-
      [${CALL('starts')}, ${CALL('read_file', '/in/greeting')}, ${CALL('create_file', '/out/new')}, ${CALL('read_file', '/out/new')},
       ${CALL('create_file', '/in/new')}, ${CALL('read_file', '/in/../secret')}, ${CALL('read_file', '/secret')}]]`;
  const sources = {
    words: await buildC(join(PLUGINS, 'words.c'), 'bare'),
    files: await buildC(join(PLUGINS, 'files.c'), 'wasi'),
    vowels: await buildAssemblyScript(join(PLUGINS, 'vowels.as')),
  };
  answers = await evaluateCases(sources, { ...CASES, files });
}, PATIENCE);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ok = (text: string): string => `{ok,${binary(text)}}`;

describe('a plug-in in C', () => {
  test('counts words, with configuration, variables and logs', () => {
    expect(answers.words).toBe(`[${ok('3 of 3')},${ok('1 of 4')},${ok('0 of 4')}]`);
    expect(answers.words_config).toBe(ok('2 of 2'));
    expect(answers.words_log).toBe(`{info,info,${binary('counted')}}`);
  });

  test('moves large texts, and says what is too large', () => {
    expect(answers.reverse).toBe('true');
    expect(answers.too_long).toBe(binary('the text is too long'));
  });

  test('calls host functions', () => {
    expect(answers.asks).toBe(`{${ok('Ann of Jutland')},${binary('unknown')}}`);
    expect(answers.sum).toBe(ok(''));
  });

  test('with WASI uses the folders that it was given', () => {
    const refused = [binary('cannot be written'), binary('no such file'), binary('no such file')];
    expect(answers.files).toBe(`[${[ok('1'), ok('Hello'), ok(''), ok('written'), ...refused].join(',')}]`);
    expect(readFileSync(join(folder, 'out/new'), 'utf8')).toBe('written');
  });
});

describe('a plug-in in AssemblyScript', () => {
  test('counts vowels, with configuration, variables and logs', () => {
    const counted = (count: number, total: number) => ok(`{"count":${count},"total":${total}}`);
    expect(answers.vowels).toBe(`[${counted(3, 3)},${counted(2, 5)},${ok('')},${counted(0, 0)}]`);
    expect(answers.vowels_config).toBe(counted(3, 3));
    expect(answers.vowels_log).toBe(`{info,info,${binary('counted')}}`);
  });

  test('calls host functions', () => {
    expect(answers.vowels_ask).toBe(`[${ok('Ann of Jutland')},${ok('')}]`);
  });

  test('takes and gives any bytes', () => {
    expect(answers.vowels_echo).toBe('[ok,ok,ok,ok,ok,ok,ok,ok]');
  });

  test('logs why it aborts', () => {
    expect(answers.vowels_crash).toBe(`{unreachable,error,${ok('{"count":1,"total":1}')}}`);
  });
});
