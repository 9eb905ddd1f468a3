// What the guides print in Elixir runs as it is printed: the blocks of a guide one after the other, beside the example
// program compiled as `Template`. Blocks marked `ex` are parts of other files, and of other projects.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../compiler.ts';
import { otpRelease, withFolder } from '../harness/erlang.ts';

const root = join(import.meta.dirname, '../..');
const GUIDES = join(root, 'docs/guides');
const ELIXIR_EBIN = join(root, 'erlang-shim/elixir/_build/dev/lib/wasm2beam/ebin');
const PATIENCE = 60_000;

const names = readdirSync(GUIDES).filter((name) => name.endsWith('.md'));
let beam: Uint8Array;

beforeAll(async () => {
  await withFolder(async (folder) => {
    const wasm = join(folder, 'template.wasm');
    const options = ['--target=wasm32', '-O2', '-nostdlib', '-Wl,--no-entry', '-o', wasm];
    await execa('clang', [...options, join(root, 'examples/template.c')]);
    beam = compile(readFileSync(wasm), { name: 'Elixir.Template', otp: await otpRelease() });
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
      writeFileSync(join(folder, 'guide.exs'), [...blocks, 'IO.puts("done")\n'].join('\n'));
      const { stdout } = await execa('elixir', ['-pa', ELIXIR_EBIN, '-pa', folder, 'guide.exs'], {
        cwd: folder,
        env: { ELIXIR_ERL_OPTIONS: '+fnu', XDG_CACHE_HOME: folder },
      });
      expect(stdout).toBe('done');
    });
  });
});
