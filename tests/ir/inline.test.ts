// Bodies of tiny functions in place of calls: which, and how much a body grows.
import { describe, expect, test } from 'vitest';
import { compileToIr, parseWat } from '../../compiler.ts';
import type { IrFunction } from '../../ir/ir.ts';

/** How many calls a function still makes. */
function callsIn(text: string, name: string, inline?: boolean): number {
  let calls = 0;
  const observe = (pass: string, fn: IrFunction): void => {
    if (pass !== 'lower' || fn.name !== name) return;
    for (const { instructions } of fn.blocks)
      calls += instructions.filter(({ operator }) => operator === 'call').length;
  };
  Array.from(compileToIr(parseWat(text).bytes, { name: 'm', inline, observe }));
  return calls;
}

const TINY = '(func $tiny (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))';

/** A function $f that calls $callee once. */
const callOf = (callee: string): string => `(module (memory 1) (table 1 funcref)
  (func $callee (param i32) (result i32) ${callee})
  (func $f (param i32) (result i32) (call $callee (local.get 0))))`;

describe('a body stands in place of a call', () => {
  test.each([
    ['that computes', '(i32.mul (local.get 0) (local.get 0))'],
    ['that returns early', '(if (local.get 0) (then (return (i32.const 5)))) (i32.const 6)'],
    ['that may trap', '(if (i32.eqz (local.get 0)) (then (unreachable))) (local.get 0)'],
  ])('%s', (_, callee) => {
    expect(callsIn(callOf(callee), 'f')).toBe(0);
    expect(callsIn(callOf(callee), 'f', false)).toBe(1);
  });

  test.each([
    ['that is long', '(drop (i32.add (local.get 0) (i32.const 1)))'.repeat(5) + '(i32.const 0)'],
    ['that loops', '(loop (br_if 0 (local.get 0))) (i32.const 0)'],
    ['that calls', '(call $callee (local.get 0))'],
    ['that only traps', '(unreachable)'],
    ['with many branches', '(block (br_table 0 0 0 0 (local.get 0))) (i32.const 0)'],
    ['that reads the memory, outside of loops', '(i32.load (local.get 0))'],
  ])('but not one %s', (_, callee) => {
    expect(callsIn(callOf(callee), 'f')).toBe(1);
  });
});

test('accesses of the memory go to loops of few', () => {
  const withAccesses = (count: number): string => `(module (memory 1)
    (func $callee (param i32) (result i32) (i32.load (local.get 0)))
    (func $f (param i32)
      (loop $again
        ${'(drop (i32.load (local.get 0)))'.repeat(count)}
        (br_if $again (call $callee (local.get 0))))))`;
  expect(callsIn(withAccesses(63), 'f')).toBe(0);
  expect(callsIn(withAccesses(64), 'f')).toBe(1);
});

test('a body grows by a bounded number of bytes', () => {
  const calls = (count: number): string =>
    `(module ${TINY} (func $f ${'(drop (call $tiny (i32.const 1)))'.repeat(count)}))`;
  // A call and its argument have five bytes and the body that stands for it six.
  expect(callsIn(calls(10), 'f')).toBe(0);
  expect(callsIn(calls(100), 'f')).toBeGreaterThan(0);
  expect(callsIn(calls(100), 'f')).toBeLessThan(50);
  expect(callsIn(calls(10_000), 'f')).toBeGreaterThan(7000);
});

test('operands deep on the stack are passed to calls', () => {
  const deep = (depth: number): string => `(module ${TINY} (func $f (result i32)
    ${'(i32.const 1)'.repeat(depth)} (call $tiny (i32.const 1)) ${'(i32.add)'.repeat(depth)}))`;
  expect(callsIn(deep(20), 'f')).toBe(0);
  expect(callsIn(deep(50), 'f')).toBe(1);
});
