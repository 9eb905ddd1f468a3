// With pooled names no atom of the file depends on what the module says, and it runs as it does under its own names.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BACKENDS, ModuleCompiler } from '../../wast/backend.ts';
import { compile, parseWat, WasmError } from '../../compiler.ts';
import { evaluate, otpRelease, RUNTIME, withFolder } from '../harness/erlang.ts';

/** `tag` is in every name that a module can choose. */
const text = (tag: string): string => `(module $module_${tag}
  (import "from_${tag}" "name_${tag}" (func $import_${tag} (param i32) (result i32)))
  (import "from_${tag}" "global_${tag}" (global i32))
  (type $type_${tag} (func (param i32) (result i32)))
  (memory $memory_${tag} (export "memory_${tag}") 1)
  (table $table_${tag} (export "table_${tag}") funcref (elem $inner_${tag}))
  (data $data_${tag} (i32.const 0) "data_${tag}")
  (func $inner_${tag} (param i32) (result i32) (i32.div_u (i32.const 100) (local.get 0)))
  (func (export "call_${tag}") (param $local_${tag} i32) (result i32)
    (call_indirect (type $type_${tag}) (local.get 0) (i32.const 0)))
  (func (export "host_${tag}") (param i32) (result i32) (call $import_${tag} (local.get 0))))`;

const compilePooled = (tag: string, otp: 25 | 26 | 27): Uint8Array =>
  compile(parseWat(text(tag)).bytes, { name: 'pooled', source: 'wasm', otp, names: 'pooled' });

/** The atoms of a BEAM file. */
function atoms(beam: Uint8Array): string[] {
  const view = Buffer.from(beam);
  const start = view.indexOf('AtU8') + 8;
  const found: string[] = [];
  let at = start + 4;
  for (let left = view.readUint32BE(start); left > 0; left--) {
    const length = view[at];
    found.push(view.toString('utf8', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return found;
}

describe('pooled names', () => {
  it('makes the same atoms of modules with different names', () => {
    const file = compilePooled('ones', 27);
    expect(atoms(file)).toEqual(atoms(compilePooled('others', 27)));
    expect(atoms(file)).toContain('f2');
    // Literals are deflated, but may hold no atom either; the file name of locations is one inside the virtual machine.
    expect(Buffer.from(file).includes('ones')).toBe(false);
  });

  it.each(BACKENDS)('runs, and tells the names (%s)', async (backend) => {
    const otp = await otpRelease();
    const compiler = new ModuleCompiler(backend);
    const options = { name: 'pooled', source: 'wasm', otp, names: 'pooled' } as const;
    const beam = await compiler.compile(parseWat(text('x')).bytes, options);
    compiler.close();
    await withFolder(async (folder) => {
      writeFileSync(join(folder, 'pooled.beam'), beam);
      const imports = '#{<<"from_x">> => #{<<"name_x">> => fun(N) -> N + 1 end, <<"global_x">> => 1}}';
      const instance = `true = code:add_patha("${RUNTIME}"), {ok, I} = wasm2beam:instantiate(pooled, ${imports})`;
      const trap =
        'try wasm2beam:call(I, <<"call_x">>, [0]) catch error:R:S -> {R, [{M, F} || {M, F, _, _} <- [hd(S)]]} end';
      const answers = await evaluate(
        [join(folder, 'pooled')],
        [
          `${instance}, wasm2beam:call(I, <<"call_x">>, [7]) ++ wasm2beam:call(I, "host_x", [7])`,
          `${instance}, wasm2beam:read_memory(I, 0, 6) =:= <<"data_x">>`,
          `${instance}, ${trap}`,
          "lists:sort(maps:to_list(maps:get(names, pooled:'$wasm2beam'(info)))) =:= " +
            '[{0, <<"import_x">>}, {1, <<"inner_x">>}, {2, <<"call_x">>}, {3, <<"host_x">>}]',
          'lists:usort([F || {F, _} <- pooled:module_info(exports)])',
        ],
      );
      expect(answers).toEqual([
        '[14,8]',
        'true',
        '{{wasm_trap,integer_divide_by_zero},[{pooled,f1}]}',
        'true',
        "['$call_0','$export_2','$export_3','$wasm2beam',module_info]",
      ]);
    });
  });

  it('has a bound', () => {
    const exports = Array.from({ length: 16_385 }, (_, index) => `(export "e${index}" (func 0))`);
    const { bytes } = parseWat(`(module (func) ${exports.join('')})`);
    expect(() => compile(bytes, { name: 'many', names: 'pooled' })).toThrow(WasmError);
    expect(() => compile(bytes, { name: 'many' })).not.toThrow();
  });
});
