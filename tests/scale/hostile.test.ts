// Hostile input, all the way: the command compiles what was made to cost much within a bounded heap, and says what is wrong
// with damaged modules in a line, never by a stack trace of JavaScript.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { compile } from '../../compiler.ts';
import { WasmError } from '../../frontend/errors.ts';
import { mutate } from '../fuzz/mutate.ts';
import { Random } from '../fuzz/random.ts';
import { withFolder } from '../harness/erlang.ts';
import { HOSTILE } from './hostile-cases.ts';

const COMMAND = join(import.meta.dirname, '../../bin/wasm2beam');
const HEAP_MB = 1_500;
/** For a machine that is busy; each takes a few seconds. */
const PATIENCE = 300_000;

interface Outcome {
  readonly status: number | undefined;
  readonly message: string;
}

async function compileFile(bytes: Uint8Array): Promise<Outcome> {
  return withFolder(async (folder) => {
    writeFileSync(join(folder, 'hostile.wasm'), bytes);
    const args = [`--max-old-space-size=${HEAP_MB}`, COMMAND, 'compile', 'hostile.wasm'];
    const { exitCode, stderr } = await execa('node', args, { cwd: folder, reject: false, timeout: PATIENCE });
    return { status: exitCode, message: stderr };
  });
}

describe('what was made to cost much is compiled', () => {
  test.each(HOSTILE)(
    '$name',
    async ({ make }) => {
      expect(await compileFile(make())).toEqual({ status: 0, message: '' });
    },
    PATIENCE,
  );
});

describe('damaged modules', () => {
  const packages = join(import.meta.dirname, '../../node_modules');
  const modules = ['xxhash-wasm/workerd/xxhash.wasm', 'source-map/lib/mappings.wasm', '@wasm-fmt/zig_fmt/zig_fmt.wasm'];
  const originals = modules.map((path) => readFileSync(join(packages, path)));

  test(
    'are compiled or refused with a place',
    () => {
      const random = new Random(5);
      let refused = 0;
      for (let i = 0; i < 300; i++) {
        try {
          compile(mutate(random, originals[i % 2]), { name: 'damaged' });
        } catch (error) {
          if (!(error instanceof WasmError)) throw error;
          expect(error.offset).toBeTypeOf('number');
          refused++;
        }
      }
      expect(refused).toBeGreaterThan(100);
    },
    PATIENCE,
  );

  test(
    'are told of in a line by the command',
    async () => {
      const random = new Random(6);
      for (let i = 0; i < 30; i++) {
        const { status, message } = await compileFile(mutate(random, originals[i % originals.length]));
        if (status === 0) expect(message).toBe('');
        else {
          expect(status).toBe(1);
          expect(message).toMatch(/^hostile\.wasm: [^\n]+ \(at offset 0x[0-9a-f]+\)$/);
        }
      }
    },
    PATIENCE,
  );
});
