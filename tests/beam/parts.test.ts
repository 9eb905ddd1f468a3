// A module written in parts: the same answers, and no part without the others' functions.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compile, compileParts, parseWat } from '../../compiler.ts';
import { evaluate, otpRelease, withFolder } from '../harness/erlang.ts';

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

const RUNTIME = join(import.meta.dirname, '../../_build/default/lib/wasm2beam/ebin');

/** Calls one export of a new instance in a process of its own. */
const call = (name: string, args: string): string =>
  `true = code:add_patha("${RUNTIME}"), {ok, I} = wasm2beam:instantiate(parted), wasm2beam:call(I, <<"${name}">>, [${args}])`;

test('parts call each other, directly, through a table and in tail position', async () => {
  const otp = await otpRelease();
  // One byte: every function a part of its own.
  const parts = compileParts(parseWat(TEXT).bytes, { name: 'parted', otp }, 1);
  expect(parts.map(({ name }) => name)).toEqual(['parted', ...[1, 2, 3, 4, 5, 6].map((part) => `parted_${part}`)]);
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
  const parts = compileParts(parseWat(TEXT).bytes, { name: 'parted', otp }, 1);
  await withFolder(async (folder) => {
    for (const { name, beam } of parts) writeFileSync(join(folder, `${name}.beam`), beam);
    const [answer] = await evaluate(
      parts.map(({ name }) => join(folder, name)),
      [`try begin ${call('zero', '')} end catch error:R:S -> {M, F, _, _} = hd(S), {R, M, F} end`],
    );
    expect(answer).toBe('{{wasm_trap,integer_divide_by_zero},parted_6,zero}');
  });
});

test('a size that nothing exceeds gives the one module that compile gives', () => {
  const { bytes } = parseWat(TEXT);
  const [only, ...others] = compileParts(bytes, { name: 'parted', otp: 25 }, 1_000_000);
  expect(others).toEqual([]);
  expect(Buffer.from(only.beam)).toEqual(Buffer.from(compile(bytes, { name: 'parted', otp: 25 })));
});
