// Several threads give the same files as one. It is the compiled compiler, as `make build` leaves it in dist/: threads run
// programs, not sources.
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import type * as Compiler from '../../compiler.ts';
import type * as Threads from '../../threads.ts';
import { withFolder } from '../harness/erlang.ts';
import { longBody } from './function-cases.ts';
import { wideCalls } from './hostile-cases.ts';
import { ordinaryModule } from './ordinary-module.ts';

const DIST = '../../dist/compiler.js';
const THREADS = '../../dist/threads.js';
const { compileInThreads, compileParts } = (await import(DIST)) as typeof Compiler;
const { threadsFor } = (await import(THREADS)) as typeof Threads;
const COMMAND = join(import.meta.dirname, '../../bin/wasm2beam');

/** Enough for several shares. */
const MODULE = ordinaryModule(700);
/** One function larger than a part, and one that calls it. */
const DIVIDED = longBody().bytes;

describe('threads', () => {
  test.each([
    ['one file', MODULE, Infinity, 1],
    ['parts', MODULE, 100_000, 5],
    ['parts of a function', DIVIDED, 100_000, 5],
  ])(
    'give the same bytes: %s',
    async (_, bytes, size, least) => {
      let pieces = 0;
      const options = { name: 'threads', source: 'threads.wasm' };
      const files = await compileInThreads(bytes, { ...options, progress: (done) => (pieces = done) }, size, 2);
      expect(pieces).toBeGreaterThan(1);
      expect(files.length).toBeGreaterThanOrEqual(least);
      const expected = compileParts(bytes, options, size);
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

  test.each([
    ['a body of 400 KB in 40 MB', 40, longBody().bytes],
    // Small, and the dearest there is for its size.
    ['10,000 calls that pass 64 values, in 300 MB', 300, wideCalls(10_000, 64)],
  ])(
    'without memory fail with a message: %s',
    async (_, megabytes, bytes) => {
      await withFolder(async (folder) => {
        const file = join(folder, 'large.wasm');
        writeFileSync(file, bytes);
        const args = [`--max-old-space-size=${megabytes}`, COMMAND, 'compile', file, '-o', join(folder, 'large.beam')];
        const { exitCode, stderr } = await execa('node', args, { reject: false });
        expect({ exitCode, stderr }).toEqual({
          exitCode: 1,
          stderr: 'wasm2beam: compiling this module takes more memory than there is',
        });
      });
    },
    120_000,
  );

  test('are as many as pay', () => {
    const threads = availableParallelism();
    const of = (...bodySizes: number[]) => threadsFor({ bodySizes });
    expect(of(1000, 1000)).toBe(0);
    expect(of(...new Array<number>(100).fill(6_000))).toBe(0);
    expect(of(...new Array<number>(threads * 1_100).fill(1_000))).toBe(threads > 1 ? threads : 0);
    expect(of(7_000_000)).toBeGreaterThan(0);
  });
});
