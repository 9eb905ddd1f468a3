// The example projects, one built by Mix and one by rebar3, compile WebAssembly with their own build, incrementally, and
// run. Each is built as a copy in build/, at the depth of examples/, so that its relative paths lead to this checkout.
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { withFolder } from '../harness/erlang.ts';

const root = join(import.meta.dirname, '../..');
const PATIENCE = 240_000;
const CONSTANT = '(module (func (export "f") (result i32) (i32.const 1)))';

/** A command's output, both streams, and whether it failed. */
async function run(
  folder: string,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ output: string; failed: boolean }> {
  const [program, ...args] = command;
  const { all, failed } = await execa(program, args, {
    cwd: folder,
    env: { ELIXIR_ERL_OPTIONS: '+fnu', ...env },
    all: true,
    reject: false,
    stdin: 'ignore',
  });
  return { output: all, failed };
}

function copyExample(name: string): string {
  const folder = join(root, 'build', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(root, 'build'), { recursive: true });
  cpSync(join(root, 'examples', name), folder, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !path.includes('/_build'),
  });
  return folder;
}

/** Uses a search path on which there is the program, and little else: a machine without Node. */
async function withoutNode<T>(programs: readonly string[], use: (path: string) => Promise<T>): Promise<T> {
  return withFolder(async (folder) => {
    for (const program of programs) {
      const { stdout } = await execa('which', [program]);
      symlinkSync(stdout, join(folder, program));
    }
    return use(folder);
  });
}

describe('a Mix project', () => {
  let folder: string;
  const beams = (module: string) =>
    [module, `${module}.Wasm`].map((name) =>
      existsSync(join(folder, `_build/test/lib/shop/ebin/Elixir.Shop.${name}.beam`)),
    );
  const compile = (path = process.env.PATH ?? '') => run(folder, ['mix', 'compile'], { MIX_ENV: 'test', PATH: path });

  beforeAll(() => {
    folder = copyExample('mix_shop');
  });

  it('compiles its modules and passes its tests', { timeout: PATIENCE }, async () => {
    const { output, failed } = await run(folder, ['mix', 'test']);
    expect(output).toContain('Compiling 2 files (.wasm)');
    expect(output).toContain('4 tests, 0 failures');
    expect(output).not.toContain('warning');
    expect(failed).toBe(false);
  });

  it('compiles what changed, says what is wrong, and deletes what is gone', { timeout: PATIENCE }, async () => {
    const file = join(folder, 'wasm/extra.wat');
    expect((await compile()).output).not.toContain('.wasm');

    writeFileSync(file, CONSTANT);
    expect((await compile()).output).toContain('Compiling 1 file (.wasm)');
    expect(beams('Extra')).toEqual([true, true]);

    writeFileSync(file, CONSTANT.replace('(i32.const 1)', '(i64.const 1)'));
    const wrong = await compile();
    expect(wrong.failed).toBe(true);
    expect(wrong.output).toMatch(/wasm\/extra\.wat:1:\d+.*type mismatch/);
    expect(beams('Extra')).toEqual([false, false]);
    expect(beams('Ints')).toEqual([true, true]);

    writeFileSync(file, CONSTANT);
    expect((await compile()).failed).toBe(false);
    rmSync(file);
    const { output, failed } = await compile();
    expect(failed).toBe(false);
    expect(output).not.toContain('.wasm');
    expect(beams('Extra')).toEqual([false, false]);
    expect(beams('Ints')).toEqual([true, true]);
  });

  it('is released without Node, with the types in its code', { timeout: PATIENCE }, async () => {
    const env = { MIX_ENV: 'prod' };
    expect((await run(folder, ['mix', 'release', '--quiet'], env)).failed).toBe(false);
    const expression =
      '{:ok, 500} = Shop.total([{1, 2}]); ' +
      '{:ok, _, chunks} = :beam_lib.all_chunks(:code.which(Shop.Ints.Wasm)); ' +
      "{_, _} = List.keyfind(chunks, 'Type', 0); " +
      'IO.puts(if System.find_executable("node"), do: "node", else: "no node")';
    const programs = ['sh', 'dirname', 'basename', 'readlink', 'cat', 'cut', 'grep', 'sed', 'awk', 'ls', 'mktemp'];
    const { output } = await withoutNode(programs, (path) =>
      run(folder, ['_build/prod/rel/shop/bin/shop', 'eval', expression], { PATH: path }),
    );
    expect(output).toBe('no node');
  });
});

describe('a rebar3 project', () => {
  let folder: string;
  const beams = (module: string) =>
    [module, `${module}_wasm`].map((name) => existsSync(join(folder, `_build/default/lib/shop/ebin/${name}.beam`)));
  const compile = (path = process.env.PATH ?? '') => run(folder, ['rebar3', 'compile'], { PATH: path });

  beforeAll(() => {
    folder = copyExample('rebar_shop');
  });

  it('compiles its modules and passes its tests', { timeout: PATIENCE }, async () => {
    const { output, failed } = await run(folder, ['rebar3', 'eunit']);
    expect(output).toContain('Compiling wasm/ints.wat');
    expect(output).toContain('4 tests, 0 failures');
    expect(failed).toBe(false);
  });

  it('compiles what changed, says what is wrong, and deletes what is gone', { timeout: PATIENCE }, async () => {
    const file = join(folder, 'wasm/extra.wat');
    writeFileSync(file, CONSTANT);
    expect((await compile()).output).toContain('Compiling wasm/extra.wat');
    expect(beams('shop_extra')).toEqual([true, true]);

    writeFileSync(file, CONSTANT.replace('(i32.const 1)', '(i64.const 1)'));
    const wrong = await compile();
    expect(wrong.failed).toBe(true);
    expect(wrong.output).toMatch(/wasm\/extra\.wat:1:\d+.*type mismatch/);
    expect(beams('shop_extra')).toEqual([false, false]);

    rmSync(file);
    const { output, failed } = await compile();
    expect(failed).toBe(false);
    expect(output).not.toContain('Compiling wasm/');
    expect(beams('shop_ints')).toEqual([true, true]);
  });

  it('says that Node is missing', { timeout: PATIENCE }, async () => {
    rmSync(join(folder, '_build/default/lib/shop'), { recursive: true });
    const programs = ['rebar3', 'escript', 'erl', 'sh', 'env', 'dirname', 'basename', 'readlink', 'sed', 'uname'];
    const { output, failed } = await withoutNode(programs, compile);
    expect(failed).toBe(true);
    expect(output).toContain('Node 20 or newer');
  });
});
