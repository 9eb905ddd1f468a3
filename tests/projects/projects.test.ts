// The example projects, one built by Mix and one by rebar3, compile WebAssembly with their own build, incrementally, and
// run. Each is built as a copy in build/, at the depth of examples/, so that its relative paths lead to this checkout.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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

function copyExample(name: string, copy = name): string {
  const folder = join(root, 'build', copy);
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

/** Replaces text of a file, once. */
function edit(file: string, find: string, replace: string): void {
  const text = readFileSync(file, 'utf8');
  expect(text).toContain(find);
  writeFileSync(
    file,
    text.replace(find, () => replace),
  );
}

/** Keeps a number when it is initialised, and calls what it imports where that was asked for. */
const INITIALIZED = (call: string): string => `(module
  (import "env" "log" (func $log (param i32)))
  (memory 1)
  (func (export "_initialize") (i32.store (i32.const 8) (i32.const 42)) ${call})
  (func (export "value") (result i32) (i32.load (i32.const 8))))`;

/** What an instance of a module, and one of the compiled module behind it, have kept. */
async function kept(application: string, module: string, raw: string): Promise<string> {
  const value =
    'fun(M) -> {ok, I} = wasm2beam:instantiate(M, #{<<"env">> => #{<<"log">> => fun(_) -> ok end}}), wasm2beam:call(I, value, []) end';
  const expression = `io:format("~w", [lists:map(${value}, ['${module}', '${raw}'])]), halt().`;
  const paths = ['-pa', join(application, 'ebin'), join(root, '_build/default/lib/wasm2beam/ebin')];
  return (await run(application, ['erl', '-noshell', ...paths, '-eval', expression])).output;
}

/** What a module that exports the function `add`, three instructions, does with fuel for one call. */
async function addTwice(application: string, module: string): Promise<string> {
  const expression =
    `case wasm2beam:instantiate('${module}', #{}, #{fuel => 5}) of ` +
    '{ok, I} -> [5] = wasm2beam:call(I, add, [2, 3]), ' +
    '{error, {wasm_trap, out_of_fuel}, 2} = try wasm2beam:call(I, add, [2, 3]) ' +
    'catch C:R -> {C, R, wasm2beam:fuel(I)} end, io:put_chars("counts"); ' +
    '{error, {wasm_error, {not_metered, _, fuel}}} -> io:put_chars("does not count") end, halt().';
  const paths = ['-pa', join(application, 'ebin'), join(root, '_build/default/lib/wasm2beam/ebin')];
  return (await run(application, ['erl', '-noshell', ...paths, '-eval', expression])).output;
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

  it('counts instructions where it is told to', { timeout: PATIENCE }, async () => {
    const project = join(folder, 'mix.exs');
    const [plain, fuel] = ['app: :shop,', 'app: :shop, wasm2beam: [fuel: true],'];
    const counts = () => addTwice(join(folder, '_build/test/lib/shop'), 'Elixir.Shop.Ints.Wasm');
    expect(await counts()).toBe('does not count');

    edit(project, plain, fuel);
    const { output, failed } = await compile();
    expect(output).toContain('Compiling 2 files (.wasm)');
    expect(failed).toBe(false);
    expect(await counts()).toBe('counts');

    edit(project, fuel, plain);
    expect((await compile()).output).toContain('Compiling 2 files (.wasm)');
    expect(await counts()).toBe('does not count');
  });

  it('initialises modules where it is told to', { timeout: PATIENCE }, async () => {
    const [file, project] = [join(folder, 'wasm/extra.wat'), join(folder, 'mix.exs')];
    const [plain, initialize] = ['app: :shop,', 'app: :shop, wasm2beam: [initialize: [extra: "_initialize"]],'];
    edit(project, plain, initialize);
    expect((await compile()).output).toContain('there is no file extra to initialize');

    writeFileSync(file, INITIALIZED(''));
    expect((await compile()).failed).toBe(false);
    expect(await kept(join(folder, '_build/test/lib/shop'), 'Elixir.Shop.Extra', 'Elixir.Shop.Extra.Wasm')).toBe(
      '[[42],[0]]',
    );

    writeFileSync(file, INITIALIZED('(call $log (i32.const 1))'));
    const { output, failed } = await compile();
    expect(output).toContain('wasm/extra.wat: _initialize: env.log was called, which is not there at build time');
    expect(failed).toBe(true);
    expect(beams('Extra')).toEqual([false, false]);

    rmSync(file);
    edit(project, initialize, plain);
    expect((await compile()).failed).toBe(false);
  });

  it('is released without Node, with the types in its code', { timeout: PATIENCE }, async () => {
    const env = { MIX_ENV: 'prod' };
    expect((await run(folder, ['mix', 'release', '--quiet'], env)).failed).toBe(false);
    const expression =
      '{:ok, 500} = Shop.total([{1, 2}]); ' +
      // What arrives at run time would need it.
      '{:error, %{kind: :no_node}} = Wasm2Beam.compile("(module)", text: true, cache: false); ' +
      '{:ok, _, chunks} = :beam_lib.all_chunks(:code.which(Shop.Ints.Wasm)); ' +
      "{_, _} = List.keyfind(chunks, 'Type', 0); " +
      // Elixir needs the application in a release; this library never loads any of it.
      '_ = Application.load(:compiler); ' +
      '[] = for(module <- Application.spec(:compiler, :modules), :code.is_loaded(module), do: module); ' +
      'IO.puts(if System.find_executable("node"), do: "node", else: "no node")';
    const programs = ['sh', 'dirname', 'basename', 'readlink', 'cat', 'cut', 'grep', 'sed', 'awk', 'ls', 'mktemp'];
    const { output } = await withoutNode(programs, (path) =>
      // Else all modules are loaded at the start.
      run(folder, ['_build/prod/rel/shop/bin/shop', 'eval', expression], { PATH: path, RELEASE_MODE: 'interactive' }),
    );
    expect(output).toBe('no node');
  });
});

it('a new user has a call with a host function', { timeout: 600_000 }, () =>
  withFolder(async (folder) => {
    const { output, failed } = await run(folder, [join(import.meta.dirname, 'new-user.sh'), folder]);
    expect(output).toContain('1 test, 0 failures');
    expect(output).not.toContain('warning');
    expect(failed).toBe(false);
  }),
);

describe('Dialyzer', () => {
  it('checks calls of typed functions against their WebAssembly types', { timeout: PATIENCE }, () =>
    withFolder(async (folder) => {
      const project = copyExample('mix_shop', 'dialyzer_shop');
      expect((await run(project, ['mix', 'compile'], { MIX_ENV: 'test' })).failed).toBe(false);
      const library = join(project, '_build/test/lib');
      const calls = (name: string, call: string): string => {
        const file = join(folder, `${name}.erl`);
        const text = `f() -> {ok, I} = 'Elixir.Shop.Ints':instantiate(), 'Elixir.Shop.Ints':${call}.`;
        writeFileSync(file, `-module(${name}).\n-export([f/0]).\n${text}\n`);
        return file;
      };
      const files = [calls('right', 'add(I, 1, 2)'), calls('wrong', 'add(I, <<"one">>, 2)')];
      expect((await run(folder, ['erlc', '+debug_info', ...files])).output).toBe('');

      // Elixir keeps its part of what Dialyzer reads in its own library. Without OTP in the table, its functions are unknown.
      const elixir = await run(folder, ['elixir', '-e', 'IO.write(:code.lib_dir(:elixir))']);
      const dialyzer = ['dialyzer', '-pa', join(elixir.output, 'ebin')];
      const table = await run(folder, [
        ...dialyzer,
        '--build_plt',
        '--output_plt',
        'plt',
        '-r',
        join(library, 'wasm2beam/ebin'),
      ]);
      expect(table.output).toContain('done');
      const typed = join(library, 'shop/ebin/Elixir.Shop.Ints.beam');
      const { output } = await run(folder, [...dialyzer, '--plt', 'plt', typed, 'right.beam', 'wrong.beam']);
      const warned = (name: string) =>
        new RegExp(`^${name}.erl:.*The call 'Elixir.Shop.Ints':add[^]*?breaks the contract`, 'm').test(output);
      expect([warned('right'), warned('wrong')]).toEqual([false, true]);
    }),
  );
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

  it('counts instructions where it is told to', { timeout: PATIENCE }, async () => {
    const config = join(folder, 'rebar.config');
    const [plain, fuel, wrong] = ['', ' --fuel', ' --fule'].map((option) => `compile_wasm.escript${option}"`);
    const counts = () => addTwice(join(folder, '_build/default/lib/shop'), 'shop_ints_wasm');
    expect((await compile()).failed).toBe(false);
    expect(await counts()).toBe('does not count');

    edit(config, plain, fuel);
    const { output, failed } = await compile();
    expect(output).toContain('Compiling wasm/ints.wat');
    expect(failed).toBe(false);
    expect(await counts()).toBe('counts');

    edit(config, fuel, wrong);
    const refused = await compile();
    expect(refused.output).toContain('compile_wasm.escript takes no arguments but --fuel and --initialize');
    expect(refused.failed).toBe(true);

    edit(config, wrong, plain);
    expect((await compile()).output).toContain('Compiling wasm/ints.wat');
    expect(await counts()).toBe('does not count');
  });

  it('initialises modules where it is told to', { timeout: PATIENCE }, async () => {
    const [file, config] = [join(folder, 'wasm/extra.wat'), join(folder, 'rebar.config')];
    const [plain, initialize] = ['', ' --initialize extra=_initialize'].map((options) => `wasm.escript${options}"`);
    writeFileSync(file, INITIALIZED(''));
    edit(config, plain, initialize);
    expect((await compile()).failed).toBe(false);
    expect(await kept(join(folder, '_build/default/lib/shop'), 'shop_extra', 'shop_extra_wasm')).toBe('[[42],[0]]');

    writeFileSync(file, INITIALIZED('(unreachable)'));
    const { output, failed } = await compile();
    expect(output).toContain('wasm/extra.wat: _initialize at build time: wasm trap: unreachable');
    expect(failed).toBe(true);

    rmSync(file);
    edit(config, initialize, plain);
    expect((await compile()).failed).toBe(false);
  });

  it('is released without Node and the compiler, with the types in its code', { timeout: PATIENCE }, async () => {
    expect((await run(folder, ['rebar3', 'release'])).failed).toBe(false);
    const release = join(folder, '_build/default/rel/shop');
    const applications = readdirSync(join(release, 'lib')).map((name) => name.replace(/-.*/, ''));
    // HTTP of plug-ins is optional, but rebar3 takes along what is there.
    const http = ['asn1', 'inets', 'public_key', 'ssl'];
    const needed = applications.filter((name) => !http.includes(name));
    expect(needed.sort()).toEqual(['crypto', 'kernel', 'shop', 'stdlib', 'wasm2beam']);
    const [runtime] = readdirSync(release).filter((name) => name.startsWith('erts-'));
    const [version] = readdirSync(join(release, 'releases')).filter((name) => /^\d/.test(name));
    const expression =
      '{ok, 500} = shop:total([{1, 2}]), {ok, _, Chunks} = beam_lib:all_chunks(code:which(shop_ints_wasm)), ' +
      '{_, _} = lists:keyfind("Type", 1, Chunks), non_existing = code:which(compile), ' +
      'io:put_chars(case os:find_executable("node") of false -> "no node"; _ -> "node" end), halt().';
    const programs = ['sh', 'dirname', 'basename', 'readlink', 'cat', 'cut', 'grep', 'sed', 'awk', 'ls'];
    const { output } = await withoutNode(programs, (path) =>
      run(
        folder,
        [
          join(release, runtime, 'bin/erl'),
          ...['-mode', 'embedded', '-boot', join(release, 'releases', version, 'start')],
          ...['-noshell', '-eval', expression],
        ],
        { PATH: path },
      ),
    );
    expect(output).toBe('no node');
  });

  it('says that Node is missing', { timeout: PATIENCE }, async () => {
    rmSync(join(folder, '_build/default/lib/shop'), { recursive: true });
    const programs = ['rebar3', 'escript', 'erl', 'sh', 'env', 'dirname', 'basename', 'readlink', 'sed', 'uname'];
    const { output, failed } = await withoutNode(programs, compile);
    expect(failed).toBe(true);
    expect(output).toContain('Node 20 or newer');
  });
});
