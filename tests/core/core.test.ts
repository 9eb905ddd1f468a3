// Core Erlang as text: its shape, the names in it, and that erlc takes it without a warning whatever the module looks
// like.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, test } from 'vitest';
import { coreTerm, located } from '../../beam-backend/print-core.ts';
import { compileToCore, CoreCompiler, ErlcError, parseWat } from '../../compiler.ts';
import { byteLocations } from '../../ir/locations.ts';
import type { Term } from '../../ir/term.ts';
import { evaluate, RUNTIME, withFolder } from '../harness/erlang.ts';

const compiler = new CoreCompiler(process.env.WASM2BEAM_ERL);
afterAll(() => compiler.close());

const toCore = (wat: string, name = 'guest'): string =>
  compileToCore(parseWat(wat).bytes, { name, source: 'guest.wat' });

/** Compiles a module by erlc, with not a warning, and evaluates expressions that call it; gives also how many functions it has. */
async function run(wat: string, expressions: readonly string[]): Promise<string[]> {
  const { beam, warnings } = await compiler.compile(toCore(wat));
  expect(warnings).toEqual([]);
  return withFolder(async (folder) => {
    writeFileSync(join(folder, 'guest.beam'), beam);
    const answers = await evaluate([join(folder, 'guest')], [`code:add_path("${RUNTIME}")`, ...expressions]);
    return answers.slice(1);
  });
}

/** A body of the function from its head to the next one. */
function definition(text: string, name: string): string {
  const start = text.indexOf(`\n${name} =\n`) + 1;
  return text.slice(start, text.indexOf("\n'", start) + 1);
}

const SUM = `(module (func $total (export "sum") (param $n i32) (result i32) (local $s i32)
  (loop $l
    (local.set $s (i32.add (local.get $s) (local.get $n)))
    (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
  (local.get $s)))`;

describe('the text', () => {
  test('has a letrec function for a loop and variables for values', () => {
    expect(definition(toCore(SUM), "'total'/1")).toMatchInlineSnapshot(`
      "'total'/1 =
        fun (V0) ->
          letrec
            'loop2'/2 =
              fun (V1, V2) ->
                let <V7> = ( call 'erlang':'+'(V2, V1) -| ['compiler_generated'] ) in
                let <V9> = ( call 'erlang':'band'(V7, 4294967295) -| ['compiler_generated'] ) in
                let <V12> = ( call 'erlang':'+'(V1, -1) -| ['compiler_generated'] ) in
                let <V13> = ( call 'erlang':'band'(V12, 4294967295) -| ['compiler_generated'] ) in
                case <> of
                  <> when call 'erlang':'=/='(V13, 0) ->
                    apply 'loop2'/2(V13, V9)
                  <> when 'true' ->
                    V9
                end
          in
            apply 'loop2'/2(V0, 0)
      "
    `);
  });

  test('is accepted by erlc itself in silence', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'guest.core');
      writeFileSync(file, toCore(SUM));
      const { all } = await execa('erlc', ['-o', folder, file], { all: true });
      expect(all).toBe('');
      expect(readFileSync(join(folder, 'guest.beam')).subarray(0, 4).toString()).toBe('FOR1');
    });
  });

  test('is refused with what is wrong where it is not Core Erlang', async () => {
    const refused = compiler.compile("module 'm' ['f'/0] attributes [] 'f'/0 = fun () -> V1 end");
    await expect(refused).rejects.toThrow(ErlcError);
    await expect(refused).rejects.toThrow(/unbound variable 'V1'/);
  });

  test.each<[Term, string]>([
    [{ atom: "it's \\ \u00e9\n" }, "'it\\047s \\134 \\303\\251\\012'"],
    [{ float: 1e21 }, '1.0e+21'],
    [{ float: -0 }, "call 'wasm2beam_float':'f64_reinterpret_i64'(2147483648, 0)"],
    [{ binary: Uint8Array.of(0, 34, 65, 92, 255) }, `call 'erlang':'list_to_binary'("\\000\\042A\\134\\377")`],
    [{ tuple: [1, { list: [{ map: [[{ atom: 'a' }, -2]] }] }] }, "{1,[~{'a'=>-2}~]}"],
  ])('writes %j', (term, text) => {
    expect(coreTerm(term)).toBe(text);
  });

  test.each([
    [0, 'X'],
    [7, `( X -| [7,{'file',"a.wasm"}] )`],
    [30_000_005, `( X -| [5,{'file',"a.wasm+30000000"}] )`],
    [2 ** 32, 'X'],
  ])('names the place %i', (offset, text) => {
    expect(located('X', byteLocations('a.wasm'), offset)).toBe(text);
  });
});

describe('names', () => {
  test('that are taken, in need of quotes, or long', async () => {
    const long = 'l'.repeat(255);
    const wat = `(module
      (func $a (export "it's") (result i32) (i32.const 1))
      (func (export "\\c3\\a9\\e2\\82\\ac \\\\") (result i32) (i32.add (call $a) (i32.const 1)))
      (func $loop1 (export "loop1") (param i32) (result i32)
        (loop $l (br_if $l (i32.lt_s (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 10)))) (local.get 0))
      (func (export "${long}") (param i32) (result i32) (call $loop1 (local.get 0)))
      (func (export "${long.slice(1)}") (param i32) (result i32)
        (loop $l (br_if $l (i32.lt_s (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 10)))) (local.get 0)))`;
    const answers = await run(wat, [
      "guest:'it\\'s'()",
      "guest:'\\x{e9}\\x{20ac} \\\\'()",
      `guest:'${long}'(3)`,
      `guest:'${long.slice(1)}'(4)`,
    ]);
    expect(answers).toEqual(['1', '2', '10', '10']);
  });

  test('of Wasm functions stand in stack traces, with the byte offset, for traps of the runtime too', async () => {
    const wat = `(module (memory 1)
      (func $inner (param i32) (result i32) (i32.load (local.get 0)))
      (func $outer (export "outer") (param i32) (result i32) (call $inner (local.get 0))))`;
    const core = toCore(wat);
    const [offset] = /'load32'.* -\| \[(\d+),/.exec(core)!.slice(1);
    const trace = `{ok, I} = wasm2beam:instantiate(guest), try guest:outer(I, 70000) catch error:{wasm_trap, R}:S ->
      {R, [{F, L} || {guest, F, _, [{file, "guest.wat"}, {line, L}]} <- S]} end`.replaceAll('\n', ' ');
    const [answer] = await run(wat, [trace]);
    expect(answer).toContain(`{out_of_bounds_memory_access,[{inner,${offset}},{outer,`);
  });
});

describe('modules of every shape', () => {
  const module = (body: string): string => `(module (func (export "f") (param i32) (result i32) ${body}))`;

  test('conditions nested 2,000 deep', async () => {
    const [open, close] = ['(if (local.get 0) (then ', '))'];
    const body = `${open.repeat(2000)}(return (i32.const 7))${close.repeat(2000)} (i32.const 8)`;
    expect(await run(module(body), ['guest:f(1)', 'guest:f(0)'])).toEqual(['7', '8']);
  });

  test('300 values that live into a loop', async () => {
    const locals = Array.from({ length: 300 }, (_, i) => i + 1);
    const body = `(local ${'i32 '.repeat(300)})
      ${locals.map((i) => `(local.set ${i} (i32.mul (local.get 0) (i32.const ${i})))`).join('\n')}
      (loop $l ${locals.map((i) => `(local.set ${i} (i32.add (local.get ${i}) (i32.const 1)))`).join('\n')}
        (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
      ${locals.map((i) => `(local.get ${i})`).join(' ')} ${'i32.add '.repeat(299)}`;
    // Each of 300 is 2 i, then grows by 1 twice.
    expect(await run(module(body), ['guest:f(2)'])).toEqual([String(2 * 45150 + 600)]);
  });

  test('a frame of more words than a tuple is written in place', () => {
    const locals = Array.from({ length: 1300 }, (_, i) => i + 1);
    const body = `(local ${'i32 '.repeat(1301)})
      ${locals.map((i) => `(local.set ${i} (i32.add (local.get 0) (i32.const ${i})))`).join('\n')}
      ${locals.map((i) => `(local.set 1301 (i32.add (local.get 1301) (local.get ${i})))`).join('\n')} (local.get 1301)`;
    // Only the text: erlc takes minutes for so long a body.
    const text = toCore(module(body));
    const [, frame] =
      /let <(V\d+)> = {call 'erlang':'make_tuple'\(1024, 0\), call 'erlang':'make_tuple'\(1024, 0\)}/.exec(text)!;
    expect(text).toContain(
      `'wasm2beam_cells':'set'(( call 'erlang':'element'(1, ${frame}) -| ['compiler_generated'] ), 1024, `,
    );
    expect(text).toContain(
      `'wasm2beam_cells':'set'(( call 'erlang':'element'(2, ${frame}) -| ['compiler_generated'] ), 1, `,
    );
    expect(text).toContain(
      `'wasm2beam_cells':'get'(( call 'erlang':'element'(2, ${frame}) -| ['compiler_generated'] ), 1)`,
    );
  });

  test('what is known before it runs: divisions by 0, decided branches, results for nobody', async () => {
    const wat = `(module
      (func (export "zero") (result i32) (i32.div_s (i32.const 1) (i32.const 0)))
      (func (export "same") (param i32) (result i32) (i32.eq (local.get 0) (local.get 0)))
      (func $pair (param i64) (result i64 i64) (local.get 0) (local.get 0))
      (func (export "drop") (param i64) (drop (drop (call $pair (local.get 0)))))
      (func (export "decided") (result i32) (local i32)
        (if (result i32) (i32.gt_u (local.get 0) (i32.const 3)) (then (i32.const 1))
          (else (block $b (result i32) (br_if $b (i32.const 5) (i32.const 1)) (br_table $b $b (local.get 0)))))))`;
    const answers = await run(wat, ['catch guest:zero()', 'guest:same(4)', 'guest:drop(1)', 'guest:decided()']);
    expect(answers[0]).toContain('{wasm_trap,integer_divide_by_zero}');
    expect(answers.slice(1)).toEqual(['1', 'ok', '5']);
  });

  test('the sign of zero, and floats that Erlang does not have', async () => {
    const wat = `(module
      (func (export "f") (param f64) (result f64) (f64.div (f64.const 1) (f64.mul (local.get 0) (f64.const -0))))
      (func (export "g") (result f32) (f32.const -0))
      (func (export "h") (result f64) (f64.const nan:0x8000000000001)))`;
    const answers = await run(wat, [
      'guest:f(1.0)',
      'guest:f(-1.0)',
      'wasm2beam_float_bits:f32_bits(guest:g())',
      'guest:h()',
    ]);
    expect(answers).toEqual(['neg_infinity', 'infinity', '2147483648', '{nan,9221120237041090561}']);
  });
});
