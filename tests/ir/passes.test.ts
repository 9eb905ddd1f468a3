// Every pass leaves functions that the verifier accepts: on random modules, on the official tests, on real programs.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compile } from '../../compiler.ts';
import { parseScript } from '../../frontend/script.ts';
import { parseWat } from '../../frontend/wat.ts';
import { verifyFunction } from '../../ir/verify.ts';
import { everything } from '../frontend/binary.ts';
import { randomModule } from './random-module.ts';

const SUITE = process.env.WASM_TESTSUITE ?? join(import.meta.dirname, '../../../shared/spec');
const require = createRequire(import.meta.url);

/** Compiles a module and verifies each function after each pass; counts the functions by pass. */
function verifyPasses(bytes: Uint8Array): Record<string, number> {
  const counts: Record<string, number> = {};
  compile(bytes, {
    name: 'verified',
    observe: (pass, fn) => {
      counts[pass] = (counts[pass] ?? 0) + 1;
      verifyFunction(fn, pass === 'lower' ? 'wasm' : 'words');
    },
  });
  return counts;
}

describe('after every pass', () => {
  test('a module with an entry of every kind', () => {
    const { lower, words, prune } = verifyPasses(everything());
    expect([lower, words]).toEqual([3, 3]);
    expect(prune).toBeGreaterThan(3);
  });

  test.each(Array.from({ length: 20 }, (_, i) => 20 * i))('random modules from seed %i on', (first) => {
    for (let seed = first; seed < first + 20; seed++) {
      const { bytes } = parseWat(randomModule(seed));
      expect(WebAssembly.validate(bytes), `seed ${seed}`).toBe(true);
      expect(verifyPasses(bytes).lower, `seed ${seed}`).toBeGreaterThan(0);
    }
  });

  test.each(['xxhash-wasm/workerd/xxhash.wasm', 'source-map/lib/mappings.wasm', '@wasm-fmt/zig_fmt/zig_fmt.wasm'])(
    '%s',
    (path) => {
      const [scope, second] = path.split('/');
      const name = scope.startsWith('@') ? `${scope}/${second}` : scope;
      const file = require.resolve
        .paths(name)!
        .map((folder) => join(folder, path))
        .find(existsSync);
      expect(verifyPasses(readFileSync(file!)).lower).toBeGreaterThan(5);
    },
  );
});

describe.skipIf(!existsSync(SUITE))('after every pass, in the official tests', () => {
  const folder = join(SUITE, 'v2.0.0');
  const scripts = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.wast')) : [];

  test('are there', () => {
    expect(scripts.length).toBeGreaterThan(50);
  });

  test.each(scripts)('%s', (name) => {
    for (const command of parseScript(readFileSync(join(folder, name), 'utf8'))) {
      if (command.kind === 'module') verifyPasses(command.module.load().bytes);
    }
  });
});
