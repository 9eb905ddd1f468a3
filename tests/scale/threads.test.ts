// Several threads give the same files as one. It is the compiled compiler, as `make build` leaves it in dist/: threads run
// programs, not sources.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import type * as Compiler from '../../compiler.ts';
import { withFolder } from '../harness/erlang.ts';
import { longBody } from './function-cases.ts';
import { ordinaryModule } from './ordinary-module.ts';

const DIST = '../../dist/compiler.js';
const { compileInThreads, compileParts } = (await import(DIST)) as typeof Compiler;
const COMMAND = join(import.meta.dirname, '../../bin/wasm2beam');

/** Enough for several threads. */
const MODULE = ordinaryModule(700);

describe('threads', () => {
  test.each([
    ['one file', Infinity, 1],
    ['parts', 100_000, 5],
  ])(
    'give the same bytes: %s',
    async (_, size, least) => {
      let pieces = 0;
      const options = { name: 'threads', source: 'threads.wasm' };
      const files = await compileInThreads(MODULE, { ...options, progress: (done) => (pieces = done) }, size);
      expect(pieces).toBeGreaterThan(1);
      expect(files.length).toBeGreaterThanOrEqual(least);
      const expected = compileParts(MODULE, options, size);
      expect(files.map(({ name }) => name)).toEqual(expected.map(({ name }) => name));
      files.forEach(({ beam }, i) => expect(Buffer.compare(beam, expected[i].beam)).toBe(0));
    },
    120_000,
  );

  test('give the same places of the source', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'inlined.wasm');
      const source = join(import.meta.dirname, '../insight/inlined.c');
      await execa('clang', ['--target=wasm32', '-nostdlib', '-Wl,--no-entry', '-O2', '-g', '-o', file, source]);
      const bytes = readFileSync(file);
      const [{ beam }] = await compileInThreads(bytes, { name: 'inlined' }, Infinity, 2);
      const [expected] = compileParts(bytes, { name: 'inlined' }, Infinity);
      expect(Buffer.compare(beam, expected.beam)).toBe(0);
      expect(Buffer.from(beam).includes('inlined.c')).toBe(true);
    });
  }, 120_000);

  test('without memory fail with a message', async () => {
    await withFolder(async (folder) => {
      const file = join(folder, 'large.wasm');
      writeFileSync(file, longBody().bytes);
      const args = ['--max-old-space-size=40', COMMAND, 'compile', file, '-o', join(folder, 'large.beam')];
      const { exitCode, stderr } = await execa('node', args, { reject: false });
      expect({ exitCode, stderr }).toEqual({
        exitCode: 1,
        stderr: 'wasm2beam: compiling this module takes more memory than there is',
      });
    });
  }, 120_000);
});
