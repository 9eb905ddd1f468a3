// How many units programs cost: counted by hand, by V8, and run out of at every point.
import { describe, expect, test } from 'vitest';
import { parseWat } from '../../compiler.ts';
import { COUNT, countInstructions } from '../fuzz/counted.ts';
import { BUILDS, evaluateMetered } from './metered.ts';

/** Text, function and arguments, units. */
const KNOWN: readonly (readonly [name: string, text: string, args: readonly number[], units: number])[] = [
  ['nothing', '(func (export "f"))', [], 0],
  ['nop and drop', '(func (export "f") (nop) (drop (i32.const 1)))', [], 3],
  ['marks of structure', '(func (export "f") (block (loop (block))))', [], 0],
  ['return', '(func (export "f") (return) (nop))', [], 1],
  ['the taken arm', '(func (export "f") (param i32) (if (local.get 0) (then (nop) (nop)) (else (nop))))', [1], 4],
  ['the other arm', '(func (export "f") (param i32) (if (local.get 0) (then (nop) (nop)) (else (nop))))', [0], 3],
  ['no other arm', '(func (export "f") (param i32) (if (local.get 0) (then (nop) (nop))) (nop))', [0], 3],
  ['a branch past the end', '(func (export "f") (param i32) (block (br_if 0 (local.get 0)) (nop)) (nop))', [1], 3],
  ['no branch', '(func (export "f") (param i32) (block (br_if 0 (local.get 0)) (nop)) (nop))', [0], 4],
  [
    'turns of a loop',
    `(func (export "f") (param i32)
       (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
       (nop))`,
    [10],
    51,
  ],
  [
    'loops within loops',
    `(func (export "f") (param i32) (local i32)
       (loop $outer
         (local.set 1 (local.get 0))
         (loop $inner (br_if $inner (local.tee 1 (i32.sub (local.get 1) (i32.const 1)))))
         (br_if $outer (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))`,
    [3],
    3 * 7 + (3 + 2 + 1) * 5,
  ],
  [
    'an inner loop that goes on with the outer one, and calls behind',
    `(func $g (loop))
     (func (export "f") (param i32)
       (loop $outer
         (if (i32.eqz (local.get 0)) (then (return)))
         (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
         (loop $inner (br_if $outer (local.get 0)) (call $g) (br_if $inner (i32.const 0)))))`,
    [10],
    10 * 9 + 3,
  ],
  [
    'a table of branches',
    `(func (export "f") (param i32)
       (block $c (block $b (block $a (br_table $a $b $c (local.get 0))) (nop) (return)) (nop) (nop))
       (nop))`,
    [1],
    5,
  ],
  [
    'calls',
    `(func $g (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
     (func (export "f") (result i32) (call $g (call $g (i32.const 5))))`,
    [],
    9,
  ],
  [
    'calls of what returns early',
    `(func $g (param i32) (result i32) (if (local.get 0) (then (return (i32.const 5)))) (i32.const 6))
     (func (export "f") (result i32) (i32.add (call $g (i32.const 1)) (call $g (i32.const 0))))`,
    [],
    4 + 3 + 5,
  ],
  [
    'a recursion',
    `(func $f (export "f") (param i32) (result i32)
       (if (result i32) (local.get 0)
         (then (call $f (i32.sub (local.get 0) (i32.const 1))))
         (else (i32.const 7))))`,
    [9],
    9 * 6 + 3,
  ],
  [
    'indirect and tail calls',
    `(type $t (func (result i32))) (table funcref (elem $g))
     (func $g (result i32) (i32.const 5))
     (func (export "f") (result i32) (drop (call_indirect (type $t) (i32.const 0))) (return_call_indirect (type $t) (i32.const 0)))`,
    [],
    2 + 1 + 1 + 2 + 1,
  ],
  [
    'a start function',
    '(global $g (mut i32) (i32.const 0)) (func $s (global.set $g (i32.const 1))) (start $s) (func (export "f"))',
    [],
    0,
  ],
  [
    'bytes filled and copied',
    `(memory 1) (func (export "f")
       (memory.fill (i32.const 0) (i32.const 1) (i32.const 100))
       (memory.copy (i32.const 200) (i32.const 0) (i32.const 43)))`,
    [],
    8 + 25 + 10,
  ],
  [
    'elements filled, and a table that grows or not',
    `(table 10 20 funcref) (func (export "f")
       (table.fill (i32.const 0) (ref.null func) (i32.const 10))
       (drop (table.grow (ref.null func) (i32.const 7)))
       (drop (table.grow (ref.null func) (i32.const 7))))`,
    [],
    12 + 10 + 7,
  ],
];

const MUCH = 1_000_000;

describe('instructions are counted', () => {
  const sources = Object.fromEntries(KNOWN.map(([, text], i) => [`m${i}`, `(module ${text})`]));

  test('as by hand, and by V8', async () => {
    const answers = await evaluateMetered(sources, (module) =>
      KNOWN.map(
        ([, , args], i) =>
          `begin {ok, I${i}} = wasm2beam:instantiate(${module(`m${i}`)}, #{}, #{fuel => ${MUCH}}), ` +
          `F${i} = wasm2beam:fuel(I${i}), wasm2beam:call(I${i}, f, [${args.join()}]), F${i} - wasm2beam:fuel(I${i}) end`,
      ),
    );
    const byHand = KNOWN.map(([name, , , units]) => `${name}: ${units}`);
    const inV8 = KNOWN.map(([name, , args], i) => {
      const { exports } = new WebAssembly.Instance(
        new WebAssembly.Module(countInstructions(parseWat(sources[`m${i}`]).bytes)),
      );
      const count = exports[COUNT] as { value: bigint };
      count.value = 0n;
      (exports.f as (...args: readonly number[]) => unknown)(...args);
      return `${name}: ${count.value}`;
    });
    expect(inV8).toEqual(byHand);
    for (const build of BUILDS) expect(answers[build].map((units, i) => `${KNOWN[i][0]}: ${units}`)).toEqual(byHand);
  }, 120_000);
});

/** Writes 1, 2, 3, ... to memory, by loops, arms, calls and a host function; ends by what is left of the argument. */
const SMALL = `(module
  (import "env" "tick" (func $tick (param i32)))
  (memory (export "memory") 1)
  (global $next (mut i32) (i32.const 0))
  (func $write (param $value i32)
    (i32.store (i32.mul (global.get $next) (i32.const 4)) (local.get $value))
    (global.set $next (i32.add (global.get $next) (i32.const 1))))
  (func $arms (param $i i32)
    (if (i32.and (local.get $i) (i32.const 1))
      (then (call $write (i32.const 1)) (call $tick (local.get $i)))
      (else (call $write (i32.const 2)) (call $write (i32.const 3)))))
  (func (export "f") (param $n i32) (result i32)
    (global.set $next (i32.const 0))
    (call $write (i32.const 4))
    (block $end
      (loop $turn
        (br_if $end (i32.eqz (local.get $n)))
        (call $arms (local.get $n))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (call $write (i32.const 5))
        (br $turn)))
    (call $write (i32.const 6))
    (global.get $next)))`;
const TURNS = 3;

/** What V8 had counted when each word was written: it cannot be written with less fuel. */
function writesInV8(): { readonly words: number[]; readonly counts: number[]; readonly total: number } {
  const words: number[] = [];
  const counts: number[] = [];
  // Each call of $write is told by a host function instead.
  const text = SMALL.replace('(i32.store (i32.mul', '(call $told (local.get $value)) (i32.store (i32.mul').replace(
    '(memory',
    '(import "env" "told" (func $told (param i32))) (memory',
  );
  const bytes = countInstructions(parseWat(text).bytes);
  const env = {
    tick: () => undefined,
    told: (word: number) => {
      words.push(word);
      // What telling costs is not in the program: two instructions a word.
      counts.push(Number(count.value) - 2 * words.length);
    },
  };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env });
  const count = exports[COUNT] as { value: bigint };
  (exports.f as (n: number) => number)(TURNS);
  return { words, counts, total: Number(count.value) - 2 * words.length };
}

describe('a program runs out of fuel at every point', () => {
  test('and leaves an instance that goes on when there is more', async () => {
    const { words, counts, total } = writesInV8();
    const answers = await evaluateMetered({ small: SMALL }, (module) => [
      `begin
        Imports = #{<<"env">> => #{<<"tick">> => fun(_) -> ok end}},
        {ok, I} = wasm2beam:instantiate(${module('small')}, Imports),
        Run = fun(Fuel) ->
          wasm2beam:write_memory(I, 0, binary:copy(<<0>>, 400)),
          wasm2beam:set_fuel(I, Fuel),
          Result = try wasm2beam:call(I, f, [${TURNS}]) catch error:{wasm_trap, out_of_fuel} -> [] end,
          [Result, wasm2beam:fuel(I), [W || <<W:32/little>> <= wasm2beam:read_memory(I, 0, 400), W > 0]]
        end,
        Runs = [Run(Fuel) || Fuel <- lists:seq(0, ${total + 2})],
        Run(0),
        ${total} = wasm2beam:add_fuel(I, ${total}),
        Runs ++ [[wasm2beam:call(I, f, [${TURNS}]), wasm2beam:fuel(I), []]]
      end`.replace(/\n */g, ' '),
    ]);
    for (const build of BUILDS) {
      const runs = JSON.parse(answers[build][0]) as [number[], number, number[]][];
      expect(runs.pop()).toEqual([[words.length], 0, []]);
      runs.forEach(([result, left, done], fuel) => {
        expect(done).toEqual(words.slice(0, done.length));
        // Nothing was done that was not paid for.
        if (done.length > 0) expect(counts[done.length - 1]).toBeLessThanOrEqual(fuel);
        if (fuel >= total) expect([result, left, done]).toEqual([[words.length], fuel - total, words]);
        else expect([result, left <= fuel]).toEqual([[], true]);
      });
      expect(answers[build], build).toEqual(answers.direct);
    }
  }, 120_000);
});
