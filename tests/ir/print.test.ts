// The text of the IR in both levels.
import { expect, test } from 'vitest';
import { compile } from '../../compiler.ts';
import { parseWat } from '../../frontend/wat.ts';
import { IrFunction } from '../../ir/ir.ts';
import { printFunction } from '../../ir/print.ts';

/** The function `name` after each pass. */
function printed(text: string, name: string): Record<string, string> {
  const texts: Record<string, string> = {};
  compile(parseWat(text).bytes, {
    name: 'printed',
    observe: (pass, fn) => {
      if (fn.name === name) texts[pass] ??= printFunction(fn);
    },
  });
  return texts;
}

test('a loop with a trap and a store, in both levels', () => {
  const { lower, prune } = printed(
    `(module (memory 1)
       (func $sum (param $n i32) (result i32)
         (i32.store offset=8 (local.get $n) (i32.const 7))
         (loop $again
           (local.set $n (i32.div_u (local.get $n) (i32.const -1)))
           (br_if $again (local.get $n)))
         (local.get $n)))`,
    'sum',
  );
  const instruction = (text: string): string[] => text.split('\n').map((line) => line.replace(/ @0x[0-9a-f]+$/, ''));
  expect(instruction(lower)).toContainEqual(expect.stringMatching(/^ {2}i32\.store offset=8 v\d+, 7:i32$/));
  expect(lower).toMatch(/^function "sum" results 1\nb0\(v\d+:i32\):\n/);
  expect(lower).toMatch(/\nb1 loop\(v\d+:i32/);
  expect(lower).toMatch(/ = i32\.div_u v\d+, 4294967295:i32 @0x[0-9a-f]+\n/);
  expect(lower).toMatch(/\n {2}branch ne v\d+ \? b1\(v\d+.*\) : b2\(\)\n/);
  expect(lower).toMatch(/\n {2}return v\d+\n$/);
  expect(prune).toMatch(/^function "sum"\nb\d+\(v\d+:int\[0\.\.4294967295\], v\d+:term\{\d+\}, v\d+:term\{1\}\):\n/);
  expect(prune).toMatch(/\n {2}mem\.store bytes=4 v\d+, v\d+, 7, v\d+ @0x/);
  expect(prune).toMatch(/\n {2}branch ne v\d+, 0 \? b\d+\(v\d+\) : b\d+\(\)\n/);
});

test('constants of every type', () => {
  const { lower } = printed(
    `(module (func $k (result i64 f32 f64 f32 funcref externref)
       (i64.const -1) (f32.const -0) (f64.const 1.5) (f32.const nan:0x1234) (ref.null func) (ref.null extern)))`,
    'k',
  );
  const values = '18446744073709551615:i64, -0:f32, 1.5:f64, nan:0x7f801234:f32, -1:funcref, 0:externref';
  expect(lower).toContain(`\n  return ${values}\n`);
});

test('a switch, a call and a trap', () => {
  const { lower, prune } = printed(
    `(module (func $s (param i32) (block (block (br_table 0 1 0 (local.get 0))) (call $s (i32.const 3)) unreachable)))`,
    's',
  );
  expect(lower).toMatch(/\n {2}switch v\d+ \{0: b1\(\), 1: b2\(\)(, 2: b1\(\))?\} else b1\(\)\n/);
  expect(lower).toMatch(/\n {2}call function=0 3:i32 @0x[0-9a-f]+\n {2}trap unreachable @0x[0-9a-f]+\n/);
  expect(prune).toMatch(/\n {2}trap_if lt call_stack_exhausted v\d+, \d+\n/);
});

test('a name cannot break the line, a block may miss its end', () => {
  const fn = new IrFunction('a"\nb', 0);
  fn.blocks.push(fn.block());
  expect(printFunction(fn)).toBe('function "a\\"\\nb"\nb0():\n  (no terminator)\n');
});

test('a large constant is cut', () => {
  const { prune } = printed('(module (memory 1) (data "0123456789"))', '$wasm2beam');
  const longest = Math.max(...prune.split('\n').map((line) => line.length));
  expect(longest).toBeLessThan(200);
});
