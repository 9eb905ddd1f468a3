// The packages are complete: the one for npm, installed into an empty folder, compiles and runs modules; the one for Hex is
// all that a Mix or a rebar3 project needs besides Node.
import { cpSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { withFolder } from '../harness/erlang.ts';

const root = join(import.meta.dirname, '../..');
const PATIENCE = 240_000;
const DEPENDENCY = 'path: "../../erlang-shim/elixir"';
const env = { ELIXIR_ERL_OPTIONS: '+fnu' };
/** Hex takes no package that is larger, compressed. */
const HEX_LIMIT = 8 * 1024 * 1024;

/** The example project of Mix in FOLDER/shop, with the dependency at a path; passes its tests. */
async function testMixProject(folder: string, path: string): Promise<void> {
  const project = join(folder, 'shop');
  mkdirSync(project);
  for (const part of ['lib', 'test', 'wasm']) {
    cpSync(join(root, 'examples/mix_shop', part), join(project, part), { recursive: true });
  }
  const mixfile = readFileSync(join(root, 'examples/mix_shop/mix.exs'), 'utf8');
  expect(mixfile).toContain(DEPENDENCY);
  writeFileSync(join(project, 'mix.exs'), mixfile.replace(DEPENDENCY, `path: "${path}"`));
  const { stdout } = await execa('mix', ['test'], { cwd: project, env });
  expect(stdout).toContain('4 tests, 0 failures');
}

describe('the package for npm', () => {
  it('compiles and runs modules from an empty folder, and serves a Mix project', { timeout: PATIENCE }, () =>
    withFolder(async (folder) => {
      const packed = await execa('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], {
        cwd: root,
      });
      const archive = join(folder, packed.stdout.trim());
      const { stdout: list } = await execa('tar', ['-tzf', archive]);
      // Nothing that a build left behind, and no tests.
      expect(list.split('\n').filter((path) => /_build|\/test\/|\/\.[^/]*$/.test(path))).toEqual([]);

      writeFileSync(join(folder, 'package.json'), '{}');
      await execa('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', archive], { cwd: folder });
      await testMixProject(folder, '../node_modules/wasm2beam/erlang-shim/elixir');

      const [command, wat] = ['node_modules/.bin/wasm2beam', 'shop/wasm/ints.wat'];
      await execa(command, ['compile', wat, '--module', 'ints'], { cwd: folder });
      const shim = join(folder, 'shop/_build/test/lib/wasm2beam/ebin');
      const call =
        '{ok, I} = wasm2beam:instantiate(ints), io:put_chars(io_lib:format("~p", [ints:add(I, 40, 2)])), halt().';
      const { stdout } = await execa('erl', ['-noshell', '-pa', shim, '-pa', folder, '-eval', call], { cwd: folder });
      expect(stdout).toBe('42');
    }),
  );
});

describe('the package for Hex', () => {
  /** What scripts/hex-package.sh puts together, as a copy in FOLDER/wasm2beam. */
  async function putTogether(folder: string): Promise<string> {
    await execa(join(root, 'scripts/hex-package.sh'));
    const path = join(folder, 'wasm2beam');
    cpSync(join(root, 'build/hex'), path, { recursive: true });
    return path;
  }

  it('has the files that it declares, and no links', { timeout: PATIENCE }, () =>
    withFolder(async (folder) => {
      const path = await putTogether(folder);
      const expression =
        'config = Mix.Project.config(); IO.puts(Enum.join(config[:package][:files], " ")); ' +
        'for file <- config[:docs][:extras], do: true = File.regular?(file)';
      const { stdout } = await execa('mix', ['run', '--no-compile', '--no-start', '-e', expression], {
        cwd: path,
        env,
      });
      rmSync(join(path, '_build'), { recursive: true, force: true });
      expect(stdout.split(' ').sort()).toEqual(readdirSync(path).sort());
      const files = readdirSync(path, { recursive: true, encoding: 'utf8' });
      expect(files.filter((file) => lstatSync(join(path, file)).isSymbolicLink())).toEqual([]);
      expect(files).toContain('priv/wasm2beam.mjs');
      // Documents lead to documents that are there; examples are not.
      for (const document of files.filter((file) => /^docs\/.*\.md$/.test(file))) {
        const links = [...readFileSync(join(path, document), 'utf8').matchAll(/\]\(([^)#:]+\.md)\)/g)];
        for (const link of links.map(([, target]) => join(document, '..', target))) {
          if (!link.startsWith('examples/')) expect(files).toContain(link);
        }
      }
      const archive = join(folder, 'package.tar.gz');
      await execa('tar', ['-czf', archive, '-C', path, '.']);
      expect(lstatSync(archive).size).toBeLessThan(HEX_LIMIT);
    }),
  );

  it('serves a Mix project', { timeout: PATIENCE }, () =>
    withFolder(async (folder) => {
      await putTogether(folder);
      await testMixProject(folder, '../wasm2beam');
    }),
  );

  it('serves a rebar3 project', { timeout: PATIENCE }, () =>
    withFolder(async (folder) => {
      const path = await putTogether(folder);
      const project = join(folder, 'shop');
      for (const part of ['src', 'test', 'wasm', 'rebar.config']) {
        cpSync(join(root, 'examples/rebar_shop', part), join(project, part), { recursive: true });
      }
      mkdirSync(join(project, '_checkouts'));
      symlinkSync(path, join(project, '_checkouts/wasm2beam'));
      const { stdout } = await execa('rebar3', ['eunit'], { cwd: project, env });
      expect(stdout).toContain('4 tests, 0 failures');
    }),
  );
});
