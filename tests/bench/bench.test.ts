// The parts of the benchmark that could be wrong without anyone noticing: its figures and what it does to a module.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { aimRows, compareWithAims } from '../../bench/aims.ts';
import { compilingTables } from '../../bench/compile-report.ts';
import type { Compiling } from '../../bench/compile.ts';
import { KERNELS } from '../../bench/kernels.ts';
import type { KernelResult } from '../../bench/measure.ts';
import { plotKernels } from '../../bench/plot.ts';
import { failures, kernelTable, meanRatio, ratio } from '../../bench/report.ts';
import { geometricMean, median, percentile } from '../../bench/statistics.ts';
import { addQuickjsRun, PROGRAMS } from '../../bench/quickjs.ts';
import { addXxhashRun } from '../../bench/xxhash.ts';

describe('statistics', () => {
  it('takes the middle', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 1, 2, 4])).toBe(3);
    expect(() => median([])).toThrow(RangeError);
  });

  it('takes the nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile(hundred, 0.5)).toBe(50);
    expect(percentile([7], 0.99)).toBe(7);
  });

  it('has a mean for ratios', () => {
    expect(geometricMean([0.5, 2])).toBeCloseTo(1);
    expect(geometricMean([8, 2])).toBeCloseTo(4);
  });
});

describe('the report', () => {
  const results: KernelResult[] = ['fib', 'crc32'].map((name, i) => ({
    kernel: KERNELS.find((kernel) => kernel.name === name)!,
    n: 10,
    checksums: new Map(),
    engines: new Map([
      // Round by round the ratio is the same, whatever the machine did meanwhile.
      ['ours', { nanoseconds: [200, 400, 4000], repeats: 1, n: 10 }],
      ['v8', { nanoseconds: i === 0 ? [100, 200, 2000] : [25, 50, 500], repeats: 1, n: 10 }],
      ['broken', { failed: 'no luck' }],
    ]),
  }));

  it('divides round by round', () => {
    expect(ratio(results[0], 'ours', 'v8')).toBe(2);
    expect(ratio(results[0], 'ours', 'broken')).toBeUndefined();
    expect(ratio(results[0], 'ours', 'absent')).toBeUndefined();
    expect(meanRatio(results, 'ours', 'v8')).toEqual({ mean: expect.closeTo(4) as number, count: 2 });
    expect(meanRatio(results, 'ours', 'v8', 'memory')).toEqual({ mean: expect.closeTo(8) as number, count: 1 });
    expect(meanRatio(results, 'ours', 'broken')).toBeUndefined();
  });

  it('shows times of a unit and names what failed', () => {
    const lines = kernelTable(results, ['ours', 'v8', 'broken']);
    expect(lines[2]).toMatch(/^\| fib +\| fib\(12\.\.19\) \| +40\.0 \| +20\.0 \| +\| +2\.00 \| +\|$/);
    expect(lines.at(-1)).toMatch(/^\| geometric mean, all +\| .* 4\.00 \(2\) \| +\|$/);
    expect(failures(results)).toEqual(['fib on broken: no luck', 'crc32 on broken: no luck']);
  });

  it('plots a dot for each ratio', () => {
    const svg = plotKernels(results, ['ours', 'v8', 'broken'], 'v8');
    // Two engines in the legend, one of them measured on two kernels.
    expect(svg.match(/<circle/g)).toHaveLength(4);
  });
});

const compiled = (name: string, bytes: number, seconds: number, beamBytes: number, pause: number) => ({
  ...{ name, bytes, seconds, beamBytes, parts: 1, cpuSeconds: 1.5 * seconds, peakBytes: 200e6 },
  ...{ loadMilliseconds: pause, pauseMilliseconds: pause },
});
const COMPILING: Compiling = {
  real: [compiled('quickjs-wasi', 500_000, 2, 5_000_000, 5), compiled('small', 1000, 1, 25_000, 1)],
  parted: [compiled('small', 1000, 1, 25_000, 3), compiled('other', 1000, 1, 25_000, 7)],
  generated: [compiled('generated', 1_000_000, 2, 10_000_000, 9), compiled('generated', 10_000_000, 15, 1e8, 9)],
};

describe('the aims', () => {
  const rowsByAim = (...measured: Parameters<typeof compareWithAims>) =>
    new Map(aimRows(compareWithAims(...measured)).map(([aim, ...rest]) => [aim, rest]));

  it('are met, missed or not measured', () => {
    const kernel = KERNELS.find(({ group }) => group === 'integer')!;
    const series = (time: number) => ({ nanoseconds: [time], repeats: 1, n: 10 });
    const engines = new Map([['wasm2beam', series(400)] as const, ['v8', series(100)] as const]);
    const results = [{ kernel, n: 1, checksums: new Map<number, number>(), engines }];
    const part = { engines: [], results, missing: [], failed: [] };
    const rows = rowsByAim({ kernels: part }, undefined, undefined);
    expect(rows.get('kernels, by V8')).toEqual(['met', '6.00', '4.00']);
    expect(rows.get('integer kernels, by V8')).toEqual(['missed', '3.00', '4.00']);
    expect(rows.get('memory kernels, by V8')).toEqual(['not measured', '10.0', '']);
    expect(rows.get('an idle instance, bytes')).toEqual(['not measured', '10000', '']);
    expect(rows.get('loading a part, ms')).toEqual(['not measured', '100', '']);
  });

  it('of compiling are about the largest module and the worst figure', () => {
    const rows = rowsByAim({}, undefined, COMPILING);
    expect(rows.get('compiling QuickJS, s')).toEqual(['met', '3.00', '2.00']);
    expect(rows.get('memory for that, MB')).toEqual(['met', '1000', '200']);
    expect(rows.get('compiling 10 MB, s a MB')).toEqual(['missed', '1.00', '1.50']);
    expect(rows.get('by the same at a sixteenth of its size')).toEqual(['met', '1.00', '0.750']);
    expect(rows.get('bytes of .beam for a byte')).toEqual(['missed', '20.0', '25.0']);
    expect(rows.get('loading a part, ms')).toEqual(['met', '100', '7.00']);
  });
});

describe('the tables of compiling', () => {
  it('have a row a module', () => {
    const lines = compilingTables(COMPILING);
    expect(lines.filter((line) => line.startsWith('| quickjs'))).toEqual([
      expect.stringMatching(
        /^\| quickjs-wasi +\| 0\.50 +\| +2\.00 \| +3\.00 \| +0\.25 \| +200 \| +10\.0 \| +1 \| +5 \| +5 \|$/,
      ) as string,
    ]);
    expect(lines.filter((line) => line.startsWith('| --'))).toHaveLength(3);
  });
});

describe('the kernel xxhash', () => {
  const script = createRequire(import.meta.url).resolve('xxhash-wasm');
  const original = readFileSync(join(script, '../../workerd/xxhash.wasm'));

  it('hashes with the functions of the package', () => {
    const exports = new WebAssembly.Instance(new WebAssembly.Module(addXxhashRun(original))).exports as {
      run(n: number): number;
      xxh64(address: number, length: number, seed: bigint): bigint;
      mem: WebAssembly.Memory;
    };
    const checksum = exports.run(2);
    const bytes = new DataView(exports.mem.buffer, 16384, 16384);
    expect(bytes.getUint32(4000, true)).toBe((4000 * 40503) >>> 0);
    const hash = BigInt.asUintN(64, exports.xxh64(16384, 16384, exports.xxh64(16384, 16384, 0n)));
    expect(checksum >>> 0).toBe(Number((hash ^ (hash >> 32n)) & 0xffff_ffffn));
  });

  it('refuses another module', () => {
    const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    expect(() => addXxhashRun(empty)).toThrow('exports no function xxh64');
  });
});

describe('the kernels of QuickJS', () => {
  const original = readFileSync(createRequire(import.meta.url).resolve('quickjs-wasi/quickjs.wasm'));

  it.each(Object.entries(PROGRAMS))('%s gives what it gives in Node', (_, program) => {
    const module = new WebAssembly.Module(addQuickjsRun(original, program));
    // Without imports.
    const exports = new WebAssembly.Instance(module).exports as { run(n: number): number };
    const value = runInNewContext(`${program}; step()`) as number;
    expect(value).toBeGreaterThan(0);
    expect(exports.run(1) >>> 0).toBe(value);
    // The engine goes on living, and so does the program.
    expect(exports.run(2) >>> 0).toBe((value * 31 + value) % 2 ** 32);
  });

  it('refuses another module', () => {
    const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    expect(() => addQuickjsRun(empty, PROGRAMS.json)).toThrow('exports no function');
  });
});
