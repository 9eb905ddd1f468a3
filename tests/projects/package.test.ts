// The npm package, installed into an empty folder, has all that compiles and runs a module, also as the dependency of a
// Mix project that is built there.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { withFolder } from '../harness/erlang.ts';

const root = join(import.meta.dirname, '../..');
const PATIENCE = 240_000;
const DEPENDENCY = 'path: "../../erlang-shim/elixir"';

it('is complete', { timeout: PATIENCE }, () =>
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

    const project = join(folder, 'shop');
    mkdirSync(project);
    for (const path of ['lib', 'test', 'wasm']) {
      cpSync(join(root, 'examples/mix_shop', path), join(project, path), { recursive: true });
    }
    const mixfile = readFileSync(join(root, 'examples/mix_shop/mix.exs'), 'utf8');
    expect(mixfile).toContain(DEPENDENCY);
    const installed = 'path: "../node_modules/wasm2beam/erlang-shim/elixir"';
    writeFileSync(join(project, 'mix.exs'), mixfile.replace(DEPENDENCY, installed));
    const { stdout } = await execa('mix', ['test'], { cwd: project, env: { ELIXIR_ERL_OPTIONS: '+fnu' } });
    expect(stdout).toContain('4 tests, 0 failures');

    await execa('node_modules/.bin/wasm2beam', ['compile', 'shop/wasm/ints.wat', '--module', 'ints'], { cwd: folder });
    expect(readFileSync(join(folder, 'ints.beam')).subarray(0, 4).toString('latin1')).toBe('FOR1');
  }),
);
