// The example game is built, plays itself and passes its tests, by its one command; as a copy in build/, at the depth of
// examples/.
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'build/game');
const PATIENCE = 240_000;

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(root, 'build'), { recursive: true });
  const made = /\/(_build|wasm)(\/|$)/;
  cpSync(join(root, 'examples/game'), folder, {
    recursive: true,
    filter: (path) => !made.test(path.slice(root.length)),
  });
});

async function run(...args: string[]): Promise<string> {
  const { all } = await execa('./run.sh', args, { cwd: folder, all: true, stdin: 'ignore', env: { MIX_ENV: 'test' } });
  return all;
}

describe('the game', () => {
  it('plays itself to its end', { timeout: PATIENCE }, async () => {
    const output = await run();
    expect(output).toContain('Compiling 2 files (.wasm)');
    expect(output).toMatch(/Ann finds \d+ pieces of gold\n/);
    expect(output).toMatch(/an ogre hits Ann for \d+\n/);
    expect(output).toMatch(/\na goblin dies\n/);
    expect(output).toMatch(/Ann leaves the dungeon\n#{20}\n[^]*Ann got out with \d+ pieces of gold\.$/);
    expect(output).not.toContain('warning');
  });

  it('passes its tests', { timeout: PATIENCE }, async () => {
    expect(await run('test')).toContain('7 tests, 0 failures');
  });
});
