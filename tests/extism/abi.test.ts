// Each function of `extism:host/env`, called by a plug-in as its input says (abi.ts). What is answered to requests by
// HTTP is in tests/shim.
import { beforeAll, describe, expect, test } from 'vitest';
import { FUNCTIONS, machine, program, result, type Step } from './abi.ts';
import { binary, evaluateCases } from './plugins.ts';

/** Some handle that is not null. */
const HANDLE = expect.toSatisfy((value: bigint) => value >= 64n) as bigint;
type Answer = readonly bigint[] | string;

/** What the plug-in is made of, steps of each call of `run`, and what it answers: all results, a text, or an error. */
interface Case {
  readonly memory?: string;
  readonly options?: string;
  readonly calls: readonly (readonly Step[])[];
  readonly answers: readonly Answer[];
}

/** Texts of eight bytes, as the words that they are. */
const word = (text: string): bigint => Buffer.from(text).readBigUInt64LE();
const failed = (kind: string, message: string): string =>
  `{error,{wasm_extism,${kind},#{code => -1,message => ${binary(message)}}}}`;
const ok = (text: string): string => `{ok,${binary(text)}}`;
const ALL = 2n ** 64n - 1n;
const PAGE = 65536n;

const CASES: Record<string, Case> = {
  'alloc, free, length': {
    calls: [
      [
        ['alloc', 0n],
        ['alloc', 1000n],
        ['alloc', 3n],
        ['length', result(1)],
        ['length_unsafe', result(2)],
        ['length', 0n],
        ['length', 12345n],
        ['length_unsafe', -1n],
        ['free', result(1)],
        ['length', result(1)],
        ['free', result(1)],
        ['free', 0n],
        ['free', -1n],
        ['length', result(2)],
      ],
    ],
    answers: [[0n, HANDLE, HANDLE, 1000n, 3n, 0n, 0n, 0n, 0n, 3n]],
  },
  'load and store, in range and out of it': {
    calls: [
      [
        ['alloc', 32n],
        ['load_u64', result(0)],
        ['store_u64', result(0), 0x8877665544332211n],
        ['load_u64', result(0)],
        ['load_u8', result(0)],
        ['store_u8', result(0), 0x1ffn],
        ['load_u64', result(0)],
        ['store_u64', 8n, -1n],
        ['store_u8', 63n, -1n],
        ['load_u64', 8n],
        ['load_u8', 63n],
        ['store_u64', PAGE - 7n, -1n],
        ['load_u64', PAGE - 7n],
        ['load_u8', PAGE - 1n],
        ['store_u64', PAGE - 8n, -2n],
        ['load_u64', PAGE - 8n],
        ['load_u8', PAGE],
        ['load_u8', -1n],
        ['load_u64', -4n],
        ['store_u64', 1n << 63n, 5n],
        ['load_u64', 1n << 63n],
        ['load_u64', 0n],
      ],
    ],
    answers: [
      [...[HANDLE, 0n, 0x8877665544332211n, 0x11n, 0x88776655443322ffn, 0n, 0n, 0n, 0n, ALL - 1n, 0n, 0n, 0n, 0n], 0n],
    ],
  },
  'stores at any address': {
    calls: [
      [
        ['alloc', 32n],
        ['store_u64', result(0), word('abcdefgh')],
        ['alloc', 8n],
        ['output', 'ABCDEFGHIJ'],
      ],
      [['output', 'ABC']],
    ],
    answers: [ok('ABCDEFGHIJ'), ok('ABC')],
  },
  'the input': {
    calls: [
      [
        ['input_length'],
        ['input_offset'],
        ['length', result(1)],
        ['input_load_u8', 0n],
        ['input_load_u64', 0n],
        ['input_load_u8', 9999n],
        ['input_load_u8', -1n],
        ['input_load_u64', 841n],
        ['input_load_u64', 840n],
        ['input_load_u64', -4n],
        ['input_set', 0n, 5n],
        ['input_length'],
        ['input_set', result(1), -1n],
        ['input_length'],
        ['input_set', result(1), 2n],
        ['input_length'],
        ['input_load_u8', 0n],
        ['input_load_u8', 2n],
        ['free', result(1)],
        ['input_length'],
        ['input_load_u8', 0n],
      ],
    ],
    answers: [[848n, HANDLE, 848n, 21n, 21n, 0n, 0n, 0n, 0n, 0n, 848n, 848n, 2n, 21n, 0n, 0n, 0n]],
  },
  'output and error': {
    calls: [
      [
        ['output_offset'],
        ['output_length'],
        ['alloc', 8n],
        ['output_set', result(2), 3n],
        ['output_offset'],
        ['output_length'],
        ['output_set', result(2), -1n],
        ['output_set', 1n, 1n],
        ['output_set', PAGE - 1n, 2n],
        ['output_length'],
        ['error_get'],
        ['error_set', result(2)],
        ['error_get'],
        ['error_set', 1n],
        ['error_set', -1n],
        ['error_get'],
        ['error_set', 0n],
        ['error_get'],
      ],
      [['error_set', 'it went wrong']],
      [['error_set', '']],
    ],
    answers: [
      [0n, 0n, HANDLE, HANDLE, 3n, 3n, 0n, HANDLE, HANDLE, 0n],
      `{error,{wasm_extism,guest,#{code => 0,message => ${binary('it went wrong')}}}}`,
      [],
    ],
  },
  'a reset, after which the steps are zeros': {
    calls: [[['alloc', 8n], ['memory_bytes'], ['store_u64', result(0), 5n], ['reset']]],
    answers: [[HANDLE, PAGE]],
  },
  'the memory grows as far as it may': {
    calls: [
      [['alloc', PAGE], ['memory_bytes'], ['alloc', PAGE], ['memory_bytes'], ['alloc', 4n * PAGE]],
      [['alloc', -1n]],
      [
        ['alloc', PAGE],
        ['alloc', PAGE],
        ['free', result(0)],
        ['alloc', PAGE - 8n],
        ['alloc', PAGE],
      ],
      [['memory_bytes']],
    ],
    answers: [
      failed('out_of_memory', 'oom'),
      failed('out_of_memory', 'oom'),
      [HANDLE, HANDLE, HANDLE, HANDLE],
      [4n * PAGE],
    ],
  },
  'blocks are zeros again in each call': {
    calls: [
      [
        ['alloc', 8n],
        ['store_u64', result(0), -1n],
        ['load_u64', result(0)],
      ],
      [['alloc', 8n], ['load_u64', result(0)], ['memory_bytes']],
    ],
    answers: [
      [HANDLE, ALL],
      [HANDLE, 0n, PAGE],
    ],
  },
  config_get: {
    calls: [
      [
        ['config_get', 'thing'],
        ['length', result(0)],
        ['output', result(0)],
      ],
      [
        ['config_get', 'other'],
        ['config_get', 'empty'],
        ['config_get', 0n],
        ['alloc', 4n],
        ['store_u64', result(3), 0x79656bn],
        ['length', result(3)],
        ['config_get', result(3)],
      ],
      [['config_get', 77n]],
      [
        ['alloc', 1n],
        ['store_u8', result(0), 0xffn],
        ['config_get', result(0)],
      ],
    ],
    answers: [
      ok('value'),
      [0n, 0n, 0n, HANDLE, 4n, 0n],
      failed('host', 'invalid handle offset for config key: 77'),
      failed('host', 'config key is no UTF-8'),
    ],
  },
  'a key is freed, and a guest that frees it too does no harm': {
    calls: [
      [
        ['alloc', 8n],
        ['store_u64', result(0), word('long key')],
        ['config_get', result(0)],
        ['length', result(0)],
        ['free', result(0)],
        ['output', result(1)],
      ],
    ],
    options: '#{config => #{<<"long key">> => <<"v">>}}',
    answers: [ok('v')],
  },
  'var_get and var_set': {
    calls: [
      [
        ['var_get', 'a'],
        ['var_set', 'a', 'first'],
        ['var_get', 'a'],
        ['output', result(1)],
      ],
      [
        ['var_get', 'a'],
        ['output', result(0)],
      ],
      [
        ['var_set', 'a', 'second'],
        ['var_get', 'a'],
        ['output', result(0)],
      ],
      [
        ['alloc', 1n],
        ['var_set', 'a', 0n],
        ['var_get', 'a'],
      ],
      [['var_set', 'a', 55n]],
      [['var_set', 56n, 0n]],
      [['var_get', 57n]],
    ],
    answers: [
      ok('first'),
      ok('first'),
      ok('second'),
      [HANDLE, 0n],
      failed('host', 'invalid handle offset for var value: 55'),
      failed('host', 'invalid handle offset for var key: 56'),
      failed('host', 'invalid handle offset for var key: 57'),
    ],
  },
  'variables are bounded': {
    calls: [
      [['var_set', 'a', 'x'.repeat(150)]],
      [['var_set', 'b', 'x'.repeat(10)]],
      [['var_set', 'a', 'x'.repeat(151)]],
      [['var_set', 'a', 'x'.repeat(152)]],
      [
        ['var_set', 'a', 0n],
        ['var_set', 'b', 'x'.repeat(151)],
        ['var_get', 'a'],
        ['var_get', 'b'],
      ],
    ],
    answers: [[], failed('host', 'Variable store is full'), [], failed('host', 'Variable store is full'), [0n, HANDLE]],
  },
  'variables are forbidden': {
    memory: '#{max_var_bytes => 0}',
    calls: [[['var_set', 'a', 'b']], [['var_get', 'a']]],
    answers: [failed('host', 'Vars are disabled by this host'), [0n]],
  },
  'hosts are not allowed unless the manifest says so': {
    calls: [
      [['http_request', '{"url":"http://localhost/"}', 0n]],
      [['http_request', '{"url":"http://localhost/","x":1}', 0n]],
      [['http_request', 'x', 0n]],
      [['http_request', 9n, 0n]],
      [['http_request', '{"url":"file:///etc/passwd"}', 0n]],
      [['http_status_code'], ['http_headers'], ['output', result(1)]],
    ],
    answers: [
      failed('host', 'HTTP request to http://localhost/ is not allowed'),
      failed('host', 'request: unknown field x'),
      failed('host', 'unexpected character at byte 0 of the JSON text'),
      failed('host', 'invalid handle offset for http request: 9'),
      failed('host', 'Invalid URL: file:///etc/passwd'),
      ok('{}'),
    ],
  },
  'the level of the log': {
    options: '#{log_level => warn}',
    calls: [[['get_log_level'], ['log_trace', 'a'], ['log_debug', 'b'], ['log_info', 'c']], [['log_info', 71n]]],
    answers: [[3n], failed('host', 'invalid handle offset for log message: 71')],
  },
  'no log': {
    options: '#{log_level => off}',
    calls: [[['get_log_level'], ['log_warn', 'a'], ['log_error', 'b']]],
    answers: [[2n ** 31n - 1n]],
  },
};

let answers: Record<string, string>;

beforeAll(async () => {
  const expressions = Object.entries(CASES).map(([name, { memory, options = '#{}', calls }]) => {
    const inputs = calls.map((steps) => binary(program(steps))).join(', ');
    const manifest = `#{wasm => [#{module => abi}], config => #{<<"thing">> => <<"value">>, <<"empty">> => <<>>},
      memory => ${memory ?? '#{max_pages => 6, max_var_bytes => 200}'}}`;
    const call = '[wasm2beam_extism:call(P, run, Input) || Input <- Inputs]';
    return [name, `{ok, P} = wasm2beam_extism:new(${manifest}, ${options}), Inputs = [${inputs}], ${call}`];
  });
  answers = await evaluateCases({ abi: machine() }, Object.fromEntries(expressions) as Record<string, string>);
}, 60_000);

/** Each `{ok, Bytes}` or error of a printed list. */
function split(list: string): string[] {
  return list.slice(1, -1).split(/,(?=\{(?:ok|error),)/);
}

describe('extism:host/env', () => {
  test('is used in full', () => {
    const used = Object.values(CASES).flatMap(({ calls }) => calls.flat().map(([name]) => name));
    expect(Object.keys(FUNCTIONS).filter((name) => !used.some((each) => each === name))).toEqual([]);
  });

  test.each(Object.keys(CASES))('%s', (name) => {
    const got = split(answers[name]);
    expect(got).toHaveLength(CASES[name].answers.length);
    for (const [index, answer] of CASES[name].answers.entries()) {
      if (typeof answer === 'string') expect(got[index]).toBe(answer);
      else {
        const [, bytes] = /^\{ok,<<(.*)>>\}$/.exec(got[index]) ?? expect.fail(got[index]);
        const buffer = Buffer.from(bytes === '' ? [] : bytes.split(',').map(Number));
        expect([...new BigUint64Array(new Uint8Array(buffer).buffer)]).toEqual(answer);
      }
    }
  });
});
