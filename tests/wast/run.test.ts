// The script runner judges: what must fail fails with what was got and what was expected, and no hang or death of the
// Erlang node ends a run.
import { afterAll, describe, expect, test } from 'vitest';
import { compile, parseWat } from '../../compiler.ts';
import { encodeText, ErlangNode, NodeFailure } from '../../wast/node.ts';
import { type Report, runScript, type RunOptions } from '../../wast/run.ts';
import { releaseOf, Session } from '../../wast/session.ts';

const session = new Session();
afterAll(() => session.close());

const run = (text: string, options: Partial<RunOptions> = {}): Promise<Report> =>
  runScript(text, session, { source: 'test.wast', ...options });

const MODULE = `
  (module $m
    (global (export "g") i64 (i64.const -7))
    (global (export "e") externref (ref.null extern))
    (table (export "t") 1 funcref)
    (func (export "one") (result i32) (i32.const 1))
    (func (export "trap") (unreachable))
    (func (export "forever") (call 2))
    (func (export "same") (param externref) (result externref) (local.get 0))
    (func $ref (export "ref") (result funcref) (ref.func $ref))
    (func (export "f32") (param f32) (result f32) (local.get 0))
    (func (export "f64") (param f64) (result f64) (local.get 0))
    (func (export "pair") (param i32 i64) (result i64 i32) (local.get 1) (local.get 0)))`;

/** What an assertion behind MODULE fails with; undefined where it holds. */
async function judge(assertion: string): Promise<string | undefined> {
  const { passed, failures } = await run(`${MODULE}\n${assertion}`);
  expect(passed + failures.length).toBe(1);
  const [failure] = failures;
  return failure === undefined ? undefined : `got ${failure.got}, expected ${failure.expected}`;
}

describe('what holds', () => {
  test.each([
    '(assert_return (invoke "one") (i32.const 1))',
    '(assert_return (invoke $m "one") (i32.const 1))',
    '(assert_return (get "g") (i64.const 0xfffffffffffffff9))',
    '(assert_return (get "e") (ref.null extern))',
    '(assert_return (invoke "pair" (i32.const -1) (i64.const -2)) (i64.const -2) (i32.const 0xffffffff))',
    '(assert_return (invoke "same" (ref.extern 3)) (ref.extern 3))',
    '(assert_return (invoke "same" (ref.extern 3)) (ref.extern))',
    '(assert_return (invoke "same" (ref.null extern)) (ref.null))',
    '(assert_return (invoke "ref") (ref.func))',
    '(assert_return (invoke "f32" (f32.const -0.0)) (f32.const -0.0))',
    '(assert_return (invoke "f32" (f32.const -nan)) (f32.const nan:canonical))',
    '(assert_return (invoke "f32" (f32.const -nan:0x600001)) (f32.const nan:arithmetic))',
    '(assert_return (invoke "f64" (f64.const nan:0x4)) (f64.const nan:0x4))',
    '(assert_return (invoke "f64" (f64.const 0x1p-1074)) (either (f64.const 0) (f64.const 5e-324)))',
    '(assert_trap (invoke "trap") "unreachable")',
    '(assert_trap (module (func $f (unreachable)) (start $f)) "unreachable")',
    '(assert_exhaustion (invoke "forever") "call stack exhausted")',
    '(assert_invalid (module (func (result i32))) "type mismatch")',
    '(assert_malformed (module quote "(func") "unexpected token")',
    '(assert_malformed (module binary "\\00asm") "unexpected end")',
    '(assert_unlinkable (module (import "spectest" "nothing" (func))) "unknown import")',
    '(assert_unlinkable (module (import "spectest" "print_i32" (func (param i64)))) "incompatible import type")',
  ])('%s', async (assertion) => {
    expect(await judge(assertion)).toBeUndefined();
  });
});

describe('what does not', () => {
  test.each([
    ['(assert_return (invoke "one") (i32.const 2))', 'got (i32.const 1), expected (i32.const 2)'],
    ['(assert_return (invoke "one") (i64.const 1))', 'got (i32.const 1), expected (i64.const 1)'],
    ['(assert_return (invoke "one"))', 'got (i32.const 1), expected no result'],
    ['(assert_return (invoke "trap"))', 'got trap: unreachable, expected no result'],
    ['(assert_return (get "g") (i64.const 7))', 'got (i64.const -7), expected (i64.const 7)'],
    ['(assert_return (invoke "two") (i32.const 2))', 'got error: no such export: <<"two">>, expected (i32.const 2)'],
    ['(assert_return (invoke "same" (ref.extern 3)) (ref.extern 4))', 'got (ref.extern 3), expected (ref.extern 4)'],
    ['(assert_return (invoke "same" (ref.null extern)) (ref.extern))', 'got (ref.null extern), expected (ref.extern)'],
    ['(assert_return (invoke "ref") (ref.null))', 'got (ref.func), expected (ref.null)'],
    ['(assert_return (invoke "f32" (f32.const 0)) (f32.const -0))', 'got (f32.const 0.0), expected (f32.const -0.0)'],
    [
      '(assert_return (invoke "f32" (f32.const nan:0x200000)) (f32.const nan:arithmetic))',
      'got (f32.const nan:0x200000), expected (f32.const nan:arithmetic)',
    ],
    [
      '(assert_return (invoke "f64" (f64.const -nan:0x8000000000001)) (f64.const nan:canonical))',
      'got (f64.const -nan:0x8000000000001), expected (f64.const nan:canonical)',
    ],
    [
      '(assert_return (invoke "f32" (f32.const 0.1)) (either (f32.const 0.2) (f32.const 0.3)))',
      'got (f32.const 0.1), expected (either (f32.const 0.2) (f32.const 0.3))',
    ],
    ['(assert_trap (invoke "one") "unreachable")', 'got (i32.const 1), expected trap: unreachable'],
    ['(assert_trap (invoke "trap") "integer overflow")', 'got trap: unreachable, expected trap: integer overflow'],
    [
      '(assert_exhaustion (invoke "one") "call stack exhausted")',
      'got (i32.const 1), expected trap: call stack exhausted',
    ],
    ['(assert_invalid (module) "type mismatch")', 'got success, expected invalid: type mismatch'],
    ['(assert_malformed (module quote "") "unexpected")', 'got success, expected malformed: unexpected'],
    [
      '(assert_malformed (module quote "(func (result i32))") "type mismatch")',
      'got invalid: type mismatch: expected i32, found nothing, expected malformed: type mismatch',
    ],
    ['(assert_unlinkable (module) "unknown import")', 'got success, expected unlinkable: unknown import'],
    [
      '(assert_unlinkable (module (import "m" "one" (func))) "incompatible import type")',
      'got unlinkable: unknown import, expected unlinkable: incompatible import type',
    ],
    ['(invoke "trap")', 'got trap: unreachable, expected no failure'],
    ['(module (import "m" "x" (func)))', 'got unlinkable: unknown import, expected an instance'],
  ])('%s', async (assertion, expected) => {
    expect(await judge(assertion)).toBe(expected);
  });

  test('a script that is none', async () => {
    const { failures } = await run('(assert_return');
    expect(failures).toEqual([
      { line: 1, got: expect.stringContaining('malformed: ') as string, expected: 'a script' },
    ]);
  });
});

describe('a script', () => {
  test('links its instances by the names that they are registered under', async () => {
    const text = `${MODULE}
      (register "m")
      (module (import "m" "one" (func $one (result i32))) (func (export "two") (result i32) (i32.add (call $one) (call $one))))
      (assert_return (invoke "two") (i32.const 2))
      (assert_return (invoke $m "one") (i32.const 1))`;
    expect(await run(text)).toEqual({ passed: 2, failures: [] });
  });

  test('makes several instances of one definition', async () => {
    const text = `
      (module definition $d
        (global $g (mut i32) (i32.const 0))
        (func (export "next") (result i32) (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g)))
      (module instance $a $d)
      (module instance $b $d)
      (assert_return (invoke $a "next") (i32.const 1))
      (assert_return (invoke $a "next") (i32.const 2))
      (assert_return (invoke $b "next") (i32.const 1))`;
    expect(await run(text)).toEqual({ passed: 3, failures: [] });
  });

  test('knows nothing of the script before it', async () => {
    await run(`${MODULE} (register "m" $m)`);
    const { failures } = await run('(module (import "m" "one" (func)))');
    expect(failures.map(({ got }) => got)).toEqual(['unlinkable: unknown import']);
  });

  test('names the proposal of what is refused, and of what depends on it', async () => {
    const text = `
      (module $m (memory i64 1) (func (export "f")))
      (invoke $m "f")
      (register "m" $m)
      (module (import "m" "f" (func)))
      (assert_return (invoke "f"))`;
    const { passed, failures } = await run(text);
    expect(passed).toBe(0);
    expect(failures.map(({ line, proposal }) => [line, proposal])).toEqual(
      [2, 3, 4, 5, 6].map((line) => [line, 'memory64']),
    );
  });

  test('is judged on one line only where that is asked for, after all that stands before', async () => {
    const text = `(module
        (global $g (mut i32) (i32.const 0))
        (func (export "next") (result i32) (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g)))
      (assert_return (invoke "next") (i32.const 9))
      (assert_return (invoke "next") (i32.const 2))
      (assert_return (invoke "next") (i32.const 9))`;
    expect(await run(text, { line: 5 })).toEqual({ passed: 1, failures: [] });
    expect((await run(text, { line: 6 })).failures).toHaveLength(1);
  });

  test('holds to the rules of the version that is asked for', async () => {
    const text =
      '(assert_invalid (module (global i32 (i32.add (i32.const 1) (i32.const 1)))) "constant expression required")';
    expect((await run(text, { constants: '2.0' })).failures).toEqual([]);
    expect((await run(text, { constants: '3.0' })).failures).toHaveLength(1);
  });
});

describe('the Erlang node', () => {
  test('that hangs fails the command, loses its instances and is started anew', async () => {
    const impatient = new Session({ timeout: 5000 });
    const text = `
      (module (func (export "spin") (loop (br 0))) (func (export "one") (result i32) (i32.const 1)))
      (assert_return (invoke "one") (i32.const 1))
      (assert_return (invoke "spin"))
      (assert_return (invoke "one") (i32.const 1))
      (module (func (export "one") (result i32) (i32.const 1)))
      (assert_return (invoke "one") (i32.const 1))
      (assert_unlinkable (module (import "spectest" "none" (func))) "unknown import")`;
    try {
      const { passed, failures } = await runScript(text, impatient, { source: 'hang.wast' });
      expect(passed).toBe(3);
      expect(failures.map(({ line, got }) => [line, got])).toEqual([
        [4, 'death: no answer within 5 s'],
        [5, 'death: the instance was lost with its Erlang node'],
      ]);
    } finally {
      impatient.close();
    }
  });

  test('that dies says so to whoever asked it', async () => {
    const node = await ErlangNode.start();
    const { bytes } = parseWat('(module (import "erlang" "halt" (func $halt)) (func (export "f") (call $halt)))');
    const bound = () => ({ module: 'erlang', name: 'halt' });
    await node.request(['load', 'mortal'], compile(bytes, { name: 'mortal', otp: releaseOf(node.release), bound }));
    await node.request(['instantiate', 'mortal', '1']);
    await expect(node.request(['invoke', '1', encodeText('f')])).rejects.toThrow(NodeFailure);
    await expect(node.request(['reset'])).rejects.toThrow('the Erlang node ended with status 0');
  });

  test('answers requests that make no sense', async () => {
    const node = await ErlangNode.start();
    try {
      for (const fields of [['invoke', '7', '61'], ['nonsense'], ['instantiate', 'lists', '1']]) {
        expect((await node.request(fields)).verb).toBe('error');
      }
      expect((await node.request(['load', 'broken'], Buffer.from('FOR1'))).verb).toBe('error');
      expect((await node.request(['reset'])).verb).toBe('ok');
    } finally {
      node.close();
    }
  });
});
