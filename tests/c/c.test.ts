// C programs, compiled by clang at three levels of optimization and once more with all proposals that it knows of, called
// with many arguments; every result, trap and byte of memory must be as in V8.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { decodeModule } from '../../frontend/decode.ts';
import type { ValueType } from '../../ir/instructions.ts';
import { withFolder } from '../harness/erlang.ts';
import { BACKENDS } from '../../wast/backend.ts';
import { compareWithV8 } from '../modules/replay.ts';

const CALLS = 60;
/** On the Core Erlang back end too; the others are in `make test-all`. */
const SAMPLE: readonly string[] = ['int64.c', 'memory.c'];
const LEVELS = {
  O0: ['-O0'],
  O2: ['-O2'],
  Os: ['-Os'],
  'O2, newer instructions': ['-O2', '-mbulk-memory', '-msign-ext', '-mnontrapping-fptoint', '-mmutable-globals'],
};
const WARNINGS = ['-std=c11', '-Wall', '-Werror', '-Wno-implicit-fallthrough'];
/** At most 40 pages. */
const LINK = ['--target=wasm32', '-nostdlib', '-Wl,--no-entry', '-Wl,--max-memory=2621440'];

const INTEGERS = [0n, 1n, 2n, 3n, 7n, 10n, 31n, 32n, 63n, 64n, 100n, 255n, 1000n, 65535n, 65536n, 0x1234_5678n];
const EDGES = [31n, 32n, 33n, 52n, 53n, 59n, 60n, 63n].flatMap((n) => [(1n << n) - 1n, 1n << n, (1n << n) + 1n]);
const FLOATS = [
  ...[0, -0, 0.5, -0.5, 1, -1, 1.5, -1.5, 2.5, 3.1415926, 1e-3, 0.1, 16777217, 2147483647.5, -2147483648.9],
  ...[4294967295.5, 2 ** 53 + 2, 2 ** 63, -(2 ** 63), 2 ** 64, 1e20, -1e300],
  ...[5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 3.4028234663852886e38, 3.4028235677973366e38, 1e-45],
  ...[1.401298464324817e-45, 1.1754943508222875e-38, Infinity, -Infinity, NaN],
];

/** Numbers below a limit, the same in every run. */
function makeRandom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

function argument(type: ValueType, random: (limit: number) => number): number | bigint {
  const pick = <T>(values: readonly T[]): T => values[random(values.length)];
  const word = (): bigint => BigInt(random(2 ** 32));
  if (type === 'f32' || type === 'f64') return random(4) > 0 ? pick(FLOATS) : (random(2000) - 1000) / 8;
  const choices = [pick(INTEGERS), -pick(INTEGERS), pick(EDGES), -pick(EDGES), (word() << 32n) | word(), word() >> 20n];
  const value = pick(choices);
  return type === 'i64' ? BigInt.asIntN(64, value) : Number(BigInt.asIntN(32, value));
}

async function build(source: string, flags: readonly string[]): Promise<Uint8Array> {
  return withFolder(async (folder) => {
    const output = join(folder, 'out.wasm');
    await execa('clang', [...LINK, ...WARNINGS, ...flags, '-o', output, join(import.meta.dirname, source)]);
    return readFileSync(output);
  });
}

/** Calls each exported function of a module many times; how often it answered and how often it trapped. */
function callAll(bytes: Uint8Array, instance: WebAssembly.Instance): { answers: number; traps: number } {
  const counts = { answers: 0, traps: 0 };
  const { exports, types, functions } = decodeModule(bytes);
  for (const { name, kind, index } of exports) {
    if (kind !== 'func') continue;
    const random = makeRandom(index);
    const call = instance.exports[name] as (...args: (number | bigint)[]) => unknown;
    for (let i = 0; i < CALLS; i++) {
      try {
        call(...types[functions[index]].parameters.map((type) => argument(type, random)));
        counts.answers++;
      } catch (error) {
        if (!(error instanceof WebAssembly.RuntimeError)) throw error;
        counts.traps++;
      }
    }
  }
  return counts;
}

const sources = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.c'));

describe('C programs', () => {
  it.each(sources)('%s', async (source) => {
    // All levels in one Erlang node; a failure names the instance, counted as the levels are above.
    await compareWithV8(
      `c_${source.slice(0, -2)}`,
      async (traces) => {
        for (const flags of Object.values(LEVELS)) {
          const bytes = await build(source, flags);
          const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes));
          // At -O0 every result is kept in memory.
          if (source === 'floats.c') traces.at(-1)!.ignoreMemory();
          expect(callAll(bytes, instance).answers).toBeGreaterThan(100);
        }
      },
      SAMPLE.includes(source) ? BACKENDS : undefined,
    );
  });
});
