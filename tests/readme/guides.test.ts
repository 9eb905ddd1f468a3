// What the guides print in Elixir runs as it is printed: the blocks of a guide one after the other, beside the example
// program compiled as `Template`, and beside `Metered`, which counts its instructions. Blocks marked `ex` are parts of other files, and of other projects.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { compile, parseWat } from '../../compiler.ts';
import { otpRelease, withFolder } from '../harness/erlang.ts';

const root = join(import.meta.dirname, '../..');
const GUIDES = join(root, 'docs/guides');
const ELIXIR_EBIN = join(root, 'erlang-shim/elixir/_build/dev/lib/wasm2beam/ebin');
const PATIENCE = 60_000;

const names = readdirSync(GUIDES).filter((name) => name.endsWith('.md'));
let beam: Uint8Array;
let metered: Uint8Array;
const METERED = `(module
  (global $calls (mut i32) (i32.const 0))
  (func (export "spin") (loop (br 0)))
  (func (export "count") (result i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (global.get $calls))
  (func $fib (export "fib") (param i32) (result i32)
    (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
      (then (local.get 0))
      (else (i32.add
        (call $fib (i32.sub (local.get 0) (i32.const 1)))
        (call $fib (i32.sub (local.get 0) (i32.const 2))))))))`;

beforeAll(async () => {
  await withFolder(async (folder) => {
    const wasm = join(folder, 'template.wasm');
    const options = ['--target=wasm32', '-O2', '-nostdlib', '-Wl,--no-entry', '-o', wasm];
    await execa('clang', [...options, join(root, 'examples/template.c')]);
    const otp = await otpRelease();
    beam = compile(readFileSync(wasm), { name: 'Elixir.Template', otp });
    metered = compile(parseWat(METERED).bytes, { name: 'Elixir.Metered', otp, fuel: true });
  });
}, PATIENCE);

describe('guides', () => {
  it('lead to files that exist', () => {
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) {
      const links = [...readFileSync(join(GUIDES, name), 'utf8').matchAll(/\]\(([^)]+)\)/g)];
      for (const [, link] of links) expect(() => readFileSync(join(GUIDES, link))).not.toThrow();
    }
  });

  it.each(names)('%s', { timeout: PATIENCE }, async (name) => {
    const text = readFileSync(join(GUIDES, name), 'utf8');
    const blocks = [...text.matchAll(/^```elixir\n([^]*?)^```$/gm)].map(([, block]) => block);
    await withFolder(async (folder) => {
      writeFileSync(join(folder, 'Elixir.Template.beam'), beam);
      writeFileSync(join(folder, 'Elixir.Metered.beam'), metered);
      writeFileSync(join(folder, 'guide.exs'), [...blocks, 'IO.puts("done")\n'].join('\n'));
      const { stdout } = await execa('elixir', ['-pa', ELIXIR_EBIN, '-pa', folder, 'guide.exs'], {
        cwd: folder,
        env: { ELIXIR_ERL_OPTIONS: '+fnu', XDG_CACHE_HOME: folder },
      });
      expect(stdout).toBe('done');
    });
  });
});
