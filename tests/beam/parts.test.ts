// A module written in parts: the same answers, and no part without the others' functions.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compile, compileParts, parseWat } from '../../compiler.ts';
import { evaluate, otpRelease, RUNTIME, withFolder } from '../harness/erlang.ts';

const TEXT = `(module
  (memory 1)
  (table funcref (elem $even $odd))
  (func $odd (param i32) (result i32)
    local.get 0 i32.eqz if (result i32) i32.const 0 else local.get 0 i32.const 1 i32.sub call $even end)
  (func $even (param i32) (result i32)
    local.get 0 i32.eqz if (result i32) i32.const 1 else local.get 0 i32.const 1 i32.sub return_call $odd end)
  (func $store (param i32) i32.const 8 local.get 0 i32.store)
  (func (export "even") (param i32) (result i32) local.get 0 call $even)
  (func (export "odd") (param i32) (result i32) local.get 0 i32.const 1 call_indirect (param i32) (result i32))
  (func (export "kept") (param i32) (result i32) local.get 0 call $store i32.const 8 i32.load)
  (func (export "zero") (result i32) i32.const 1 i32.const 0 i32.div_u))`;

/** Calls one export of a new instance in a process of its own. */
const call = (name: string, args: string, module = 'parted'): string =>
  `true = code:add_patha("${RUNTIME}"), {ok, I} = wasm2beam:instantiate(${module}), wasm2beam:call(I, <<"${name}">>, [${args}])`;

/** Loops within loops, each with places where it can trap: by zero, out of bounds, or in a function that it calls. */
const LARGE = `(module
  (memory (export "memory") 1)
  (func $inverse (param i32) (result i32) i32.const 1000 local.get 0 i32.div_s)
  (func $large (export "large") (param $x i32) (result i32) (local $i i32) (local $j i32) (local $sum i64)
    loop $outer
      i32.const 0 local.set $j
      loop $inner
        local.get $sum
        local.get $x local.get $i i32.sub call $inverse
        local.get $x i32.const 200 i32.sub local.get $j i32.add call $inverse
        i32.mul i64.extend_i32_s i64.add local.set $sum
        local.get $j i32.const 4 i32.mul local.get $sum i64.store32
        local.get $j i32.const 1 i32.add local.tee $j i32.const 5 i32.lt_u br_if $inner
      end
      i32.const 7000 local.get $x i32.const 300 i32.sub local.get $i i32.add i32.div_u drop
      local.get $x i32.const 6 i32.shl i32.load drop
      local.get $i i32.const 1 i32.add local.tee $i i32.const 9 i32.lt_u br_if $outer
    end
    local.get $x i32.const 50 i32.eq if i32.const 10000 call $large drop end
    local.get $sum i32.wrap_i64))`;

test('parts call each other, directly, through a table and in tail position', async () => {
  const otp = await otpRelease();
  // Few bytes: the functions that call each other are parts of their own.
  const parts = compileParts(parseWat(TEXT).bytes, { name: 'parted', otp }, 17);
  expect(parts.map(({ name }) => name)).toEqual(['parted', ...[1, 2, 3, 4].map((part) => `parted_${part}`)]);
  await withFolder(async (folder) => {
    for (const { name, beam } of parts) writeFileSync(join(folder, `${name}.beam`), beam);
    const answers = await evaluate(
      parts.map(({ name }) => join(folder, name)),
      [call('even', '1000'), call('odd', '1000'), call('odd', '77'), call('kept', '-5')],
    );
    expect(answers).toEqual(['[1]', '[0]', '[1]', '[-5]']);
  });
});

test('a trap names the function in whichever part it is', async () => {
  const otp = await otpRelease();
  const parts = compileParts(parseWat(TEXT).bytes, { name: 'parted', otp }, 17);
  await withFolder(async (folder) => {
    for (const { name, beam } of parts) writeFileSync(join(folder, `${name}.beam`), beam);
    const [answer] = await evaluate(
      parts.map(({ name }) => join(folder, name)),
      [`try begin ${call('zero', '')} end catch error:R:S -> {M, F, _, _} = hd(S), {R, M, F} end`],
    );
    expect(answer).toBe('{{wasm_trap,integer_divide_by_zero},parted_4,zero}');
  });
});

describe('a function larger than a part', () => {
  test('is divided among several, and answers and traces are the same', async () => {
    const otp = await otpRelease();
    const answers = await withFolder((folder) => {
      const files: string[] = [];
      const expressions: string[] = [];
      for (const [i, size] of [Infinity, 100, 50, 1].entries()) {
        const options = { name: `large${i}`, source: 'large.wasm', otp, checked: true };
        const parts = compileParts(parseWat(LARGE).bytes, options, size);
        expect(parts.length).toBeGreaterThanOrEqual(Math.min(1 + 120 / size, 8));
        for (const { name, beam } of parts) {
          files.push(join(folder, name));
          writeFileSync(join(folder, `${name}.beam`), beam);
        }
        for (const x of [1000, 600, -7, 50, 4, 198, 292]) {
          const run = call('large', String(x), options.name);
          expressions.push(`try ${run} catch error:R:S -> {R, wasm2beam_trace:text(S)} end`);
        }
      }
      return evaluate(files, expressions);
    });
    const text = (bytes: string): string => String.fromCharCode(...bytes.split(',').map(Number));
    const shown = answers.map((answer) => answer.replace(/<<(.*)>>/, (_, bytes: string) => text(bytes)));
    const large = 'at large \\(offset 0x[0-9a-f]+\\)';
    const traps = [
      `out_of_bounds_memory_access.*${large}`,
      `out_of_bounds_memory_access.*${large}\n${large}`,
      `integer_divide_by_zero.*at inverse \\(.*\\)\nat large \\(.*\\)`,
      `integer_divide_by_zero.*at inverse \\(.*\\)\nat large \\(.*\\)`,
      `integer_divide_by_zero.*${large}`,
    ];
    const whole = shown.slice(0, 7);
    expect(whole).toEqual(['[45]', '[90]', ...traps.map((trap): unknown => expect.stringMatching(trap))]);
    expect(shown).toEqual([...whole, ...whole, ...whole, ...whole]);
  });

  test('calls its other parts by names that only they use', () => {
    const [, { beam }] = compileParts(parseWat(LARGE).bytes, { name: 'parted', otp: 25 }, 100);
    expect(Buffer.from(beam).includes('$f1_')).toBe(true);
    expect(Buffer.from(compile(parseWat(LARGE).bytes, { name: 'parted', otp: 25 })).includes('$f1')).toBe(false);
  });
});

test('what a guest calls as parts call each other has another name', async () => {
  const { bytes } = parseWat(`(module
    (func (export "other") (result i32) call $shared)
    (func $shared (export "$f1") (result i32) i32.const 7)
    (func (export "$f1_0") (result i32) i32.const 8))`);
  const parts = compileParts(bytes, { name: 'parted', otp: await otpRelease() }, 5);
  expect(parts).toHaveLength(3);
  await withFolder(async (folder) => {
    for (const { name, beam } of parts) writeFileSync(join(folder, `${name}.beam`), beam);
    const answers = await evaluate(
      parts.map(({ name }) => join(folder, name)),
      [
        call('other', ''),
        call('$f1', ''),
        call('$f1_0', ''),
        `parted:module_info(exports) -- parted_1:module_info(exports)`,
      ],
    );
    expect(answers.slice(0, 3)).toEqual(['[7]', '[7]', '[8]']);
    expect(answers[3]).toContain('$export_1');
    expect(answers[3]).not.toContain('$f1');
  });
});

test('a size that nothing exceeds gives the one module that compile gives', () => {
  const { bytes } = parseWat(TEXT);
  const [only, ...others] = compileParts(bytes, { name: 'parted', otp: 25 }, 1_000_000);
  expect(others).toEqual([]);
  expect(Buffer.from(only.beam)).toEqual(Buffer.from(compile(bytes, { name: 'parted', otp: 25 })));
});
