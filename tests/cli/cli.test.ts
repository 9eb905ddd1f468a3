// The command line as a user meets it: what it prints, where, and the exit status.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseWat } from '../../compiler.ts';
import { evaluate, RUNTIME, validateFiles } from '../harness/erlang.ts';
import { failed, runCommand, success, type Outcome } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'wasm2beam-cli-'));

const run = (args: readonly string[], environment?: Readonly<Record<string, string | undefined>>): Promise<Outcome> =>
  runCommand(folder, args, environment);

const NUMBERS = `(module $numbers
  (import "env" "log" (func $log (param i32)))
  (memory (export "memory") 1 2)
  (global (export "count") (mut i64) (i64.const 0))
  (func (export "div") (param i32 i32) (result i32)
    (i32.div_s (local.get 0) (local.get 1)))
  (func (export "log") (param i32) (call $log (local.get 0)))
  (func (export "pair") (param i64 f64) (result f64 i64) (local.get 1) (local.get 0)))`;
const PURE = `(module
  (func $inner (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0)))
  (func (export "outer") (param i32) (result i32) (i32.add (call $inner (local.get 0)) (i32.const 1)))
  (func (export "values") (param i32 i64 f32 f64 f64 f64 externref) (result i32 i64 f32 f64 f64 f64 externref funcref)
    (local.get 0) (local.get 1) (f32.div (local.get 2) (f32.const 3)) (local.get 3) (local.get 4) (local.get 5)
    (local.get 6) (ref.func 0))
  (elem declare func $inner)
  (func (export "none"))
  (func $forever (export "forever") (result i32) (i32.add (call $forever) (i32.const 1))))`;
const START = '(module (func (export "_start")))';
const INVALID = '(module (func (result i32)\n  (i64.const 1)))';

beforeAll(() => {
  const sources = { numbers: NUMBERS, pure: PURE, start: START, invalid: INVALID };
  for (const [name, text] of Object.entries(sources)) {
    writeFileSync(join(folder, `${name}.wat`), text);
    writeFileSync(join(folder, `${name}.wasm`), parseWat(text).bytes);
  }
  writeFileSync(join(folder, 'garbage.wasm'), 'no module');
  writeFileSync(join(folder, 'latin1.wat'), Buffer.from('(module (; \xe9 ;))', 'latin1'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('compile', () => {
  test('writes NAME.beam, which Erlang loads and calls', async () => {
    expect(await run(['compile', 'pure.wat'])).toEqual(success(''));
    const files = [join(RUNTIME, 'wasm2beam_value'), join(folder, 'pure')];
    expect(await evaluate(files, ['pure:outer(1)', 'pure:none()'])).toEqual(['2', 'ok']);
  });

  test('makes the same file of text and binary, and again', async () => {
    const files: Buffer[] = [];
    for (const input of ['pure.wasm', 'pure.wat', 'pure.wasm']) {
      expect(await run(['compile', input, '-o', 'same.beam', '--otp', '25'])).toEqual(success(''));
      files.push(readFileSync(join(folder, 'same.beam')));
    }
    expect(files[2].equals(files[0])).toBe(true);
    // The name of the source stands in the file: as long in both.
    expect(Math.abs(files[1].length - files[0].length)).toBeLessThan(16);
  });

  test('puts tests of types into a checked build', async () => {
    for (const option of [[], ['--checked']]) {
      const { status, out } = await run(['compile', 'pure.wat', '--emit', 'asm', ...option]);
      expect(status).toBe(0);
      expect(out.includes('wasm2beam_false_type')).toBe(option.length > 0);
    }
  });

  test('names the module as it is told', async () => {
    expect(await run(['compile', 'pure.wat', '--module', 'Elixir.Pure', '-o', 'Elixir.Pure.beam'])).toEqual(
      success(''),
    );
    expect(await evaluate([join(folder, 'Elixir.Pure')], ["'Elixir.Pure':none()"])).toEqual(['ok']);
  });

  test('binds imports, split at the last dot, to Erlang functions', async () => {
    expect(await run(['compile', 'numbers.wat', '--import', 'env.log=erlang:abs'])).toEqual(success(''));
    const imports = '[{<<"env">>, <<"log">>, {func, {[i32], []}, {erlang, abs}}}]';
    expect(
      await evaluate([join(folder, 'numbers')], [`maps:get(imports, numbers:'$wasm2beam'(info)) =:= ${imports}`]),
    ).toEqual(['true']);
    expect(await run(['compile', 'pure.wat', '--import', 'a.b.c=m:f'])).toEqual(
      failed('pure.wat: imports no function a.b.c'),
    );
    expect((await run(['compile', 'pure.wat', '--import', 'abc'])).status).toBe(1);
  });

  test('prints assembly that OTP finds valid', async () => {
    const { status, out } = await run(['compile', 'pure.wat', '--emit', 'asm']);
    expect(status).toBe(0);
    expect(out).toMatch(/^\{module, pure\}\.$/m);
    expect(await run(['compile', 'pure.wat', '--emit', 'asm', '-o', 'pure.S'])).toEqual(success(''));
    expect(await validateFiles([join(folder, 'pure.S')])).toEqual([]);
  });

  test('prints the IR, at the end and after a pass', async () => {
    const final = await run(['compile', 'pure.wat', '--emit', 'ir']);
    expect(final.status).toBe(0);
    expect(final.out).toContain('function "outer"');
    const { status, out } = await run(['compile', 'pure.wat', '--dump', 'lower']);
    expect(status).toBe(0);
    expect(out).toContain('i32.div_u');
    expect(final.out).not.toContain('i32.div_u');
    expect(await run(['compile', 'pure.wat', '--dump', 'nothing'])).toMatchObject({
      status: 1,
      err: expect.stringContaining('there is no pass nothing: they are lower, ') as string,
    });
  });

  test('says what is wrong with the module, the file or the options', async () => {
    expect(await run(['compile', 'invalid.wasm'])).toEqual(
      failed('invalid.wasm: type mismatch: expected i32, found i64 (at offset 0x1a)'),
    );
    expect(await run(['compile', 'garbage.wasm'])).toEqual(
      failed('garbage.wasm: magic header not detected (at offset 0x0)'),
    );
    expect(await run(['compile', 'nothing.wasm'])).toEqual(failed('nothing.wasm: no such file'));
    expect(await run(['compile', 'pure.wat', '-o', 'no/folder.beam'])).toEqual(failed('no/folder.beam: no such file'));
    expect(await run(['compile', 'pure.wat', '--module', 'a/b'])).toEqual(failed('not the name of a module: "a/b"'));
    for (const args of [['pure.wat', '--otp', '24'], ['pure.wat', '--emit', 'exe'], []]) {
      const outcome = await run(['compile', ...args]);
      expect(outcome).toMatchObject({ status: 1, out: '', err: expect.stringMatching(/^error: /) as string });
      expect(outcome.err).not.toMatch(/^\s+at /m);
    }
  });
});

describe('run', () => {
  test.each([
    [['pure.wat', '--invoke', 'outer', '1'], '2'],
    [
      ['pure.wasm', '--invoke', 'values', '--', '-1', '0xffffffffffffffff', '-1', '-0', '-inf', '-nan:0x1', 'null'],
      '-1\n-1\n-0.33333334\n-0.0\n-inf\nnan\nnull\nfuncref',
    ],
    [['pure.wat', '--checked', '--invoke', 'outer', '1'], '2'],
    [['start.wat'], ''],
  ])('%j prints %s', async (args, out) => {
    expect(await run(['run', ...args])).toEqual(success(out));
  });

  test('ends with 134 after a trap, and shows where it was', async () => {
    expect(await run(['run', 'pure.wat', '--invoke', 'outer', '0'])).toEqual(
      failed('wasm trap: integer divide by zero\n  at inner (pure.wat:2:42)\n  at outer (pure.wat:3:61)', 134),
    );
    const { status, err } = await run(['run', 'pure.wasm', '--invoke', 'outer', '0']);
    expect(status).toBe(134);
    expect(err).toMatch(
      /^wasm trap: integer divide by zero\n {2}at inner \(pure\.wasm, offset 0x[0-9a-f]+\)\n {2}at outer/,
    );
  });

  test('survives endless recursion', async () => {
    const { status, err } = await run(['run', 'pure.wat', '--invoke', 'forever']);
    expect(status).toBe(134);
    expect(err).toMatch(/^wasm trap: call stack exhausted\n {2}at forever /);
  });

  test('binds imports', async () => {
    expect(
      await run(['run', 'numbers.wat', '--import', 'env.log=erlang:display', '--invoke', 'log', '--', '-5']),
    ).toEqual(success('-5'));
    expect(await run(['run', 'numbers.wat', '--invoke', 'log', '5'])).toEqual(
      failed('numbers.wat: unknown import: env.log'),
    );
  });

  test('lists the exports where it does not know what to call', async () => {
    const exports = [
      'It exports:',
      '  "memory" memory 1..2',
      '  "count" global (mut i64)',
      '  "div" func (i32 i32) -> (i32)',
      '  "log" func (i32) -> ()',
      '  "pair" func (i64 f64) -> (f64 i64)',
    ];
    expect(await run(['run', 'numbers.wat'])).toEqual(
      failed(['numbers.wat exports no "_start": say with --invoke what to call', ...exports].join('\n')),
    );
    expect(await run(['run', 'numbers.wat', '--invoke', 'memory'])).toEqual(
      failed(['numbers.wat exports "memory", which is no function', ...exports].join('\n')),
    );
  });

  test('says what is wrong with arguments', async () => {
    expect(await run(['run', 'pure.wat', '--invoke', 'outer'])).toEqual(failed('"outer" takes 1 arguments, got 0'));
    expect(await run(['run', 'pure.wat', '--invoke', 'outer', '4294967296'])).toEqual(
      failed('argument 1: expected an i32, got 4294967296'),
    );
  });

  test('says what to do where Erlang is missing', async () => {
    const outcome = await run(['run', 'start.wat'], { WASM2BEAM_ERL: '/nowhere/erl' });
    expect(outcome).toMatchObject({ status: 1, out: '' });
    expect(outcome.err).toBe('wasm2beam: /nowhere/erl did not start: spawn /nowhere/erl ENOENT');
  });
});

describe('validate', () => {
  test('says nothing of valid modules', async () => {
    expect(await run(['validate', 'pure.wat', 'pure.wasm', 'start.wat'])).toEqual(success(''));
  });

  test('tells of each that is not', async () => {
    expect(await run(['validate', 'invalid.wasm', 'pure.wat', 'latin1.wat', 'nothing.wat', 'invalid.wat'])).toEqual(
      failed(
        [
          'invalid.wasm: type mismatch: expected i32, found i64 (at offset 0x1a)',
          'latin1.wat: malformed UTF-8 encoding',
          'nothing.wat: no such file',
          'invalid.wat:2:16: type mismatch: expected i32, found i64',
          '    (i64.const 1)))',
          '                 ^',
        ].join('\n'),
      ),
    );
  });
});

describe('inspect', () => {
  test('shows what a module has', async () => {
    const { status, out } = await run(['inspect', 'numbers.wat']);
    expect(status).toBe(0);
    expect(out.split('\n')).toEqual(
      expect.arrayContaining([
        '  name "numbers"',
        'proposals used:',
        '  multi-value',
        '  mutable-globals',
        '  "env" "log" func (i32) -> ()',
        '  "memory" memory 1..2',
        'largest functions:',
      ]),
    );
  });

  test('says it as JSON too', async () => {
    const { status, out } = await run(['inspect', '--json', 'numbers.wasm']);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      name: 'numbers',
      imports: [{ module: 'env', name: 'log', type: { kind: 'func', parameters: ['i32'], results: [] } }],
      memories: [{ kind: 'memory', minimum: 1, maximum: 2 }],
      functions: 4,
    });
  });
});

describe('wast', () => {
  test('ends with the sums, and with commands that rerun what failed', async () => {
    writeFileSync(
      join(folder, 'test script.wast'),
      [
        '(module (func (export "one") (result i32) (i32.const 1)))',
        '(assert_return (invoke "one") (i32.const 1))',
        '(assert_return (invoke "one") (i32.const 2))',
      ].join('\n'),
    );
    writeFileSync(join(folder, 'good.wast'), '(assert_malformed (module quote "(") "unexpected")');
    expect(await run(['wast', 'test script.wast', 'good.wast'])).toEqual({
      status: 1,
      out: [
        'test script.wast: 1 passed, 1 failed',
        'good.wast: 1 passed, 0 failed',
        'test script.wast:3: got (i32.const 1), expected (i32.const 2)',
        "  bin/wasm2beam wast 'test script.wast:3'",
        '2 passed, 1 failed',
      ].join('\n'),
      err: '',
    });
    expect(await run(['wast', '--spec', '2.0', 'test script.wast:2'])).toEqual(
      success('test script.wast:2: 1 passed, 0 failed\n1 passed, 0 failed'),
    );
    expect(await run(['wast', 'nothing.wast'])).toEqual(failed('nothing.wast: no such file'));
  });
});

describe('the command', () => {
  test('shows its help', async () => {
    const { status, out } = await run(['--help']);
    expect(status).toBe(0);
    for (const command of ['compile', 'run', 'validate', 'inspect', 'wast']) expect(out).toContain(command);
    expect(await run(['nonsense'])).toMatchObject({ status: 1, out: '' });
    expect((await run([])).status).toBe(1);
  });

  test('uses colours where they are wanted only', async () => {
    const args = ['run', 'pure.wat', '--invoke', 'outer', '0'];
    expect((await run(args, { FORCE_COLOR: '1', NO_COLOR: undefined })).err).toContain(
      '\u001b[31mwasm trap:\u001b[39m',
    );
    expect((await run(args, { FORCE_COLOR: '1', NO_COLOR: '1' })).err).not.toContain('\u001b');
  });
});
