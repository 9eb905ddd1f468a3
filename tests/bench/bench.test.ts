// The parts of the benchmark that could be wrong without anyone noticing: its figures and what it does to a module.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { aimRows, compareWithAims } from '../../bench/aims.ts';
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

describe('the aims', () => {
  it('are met, missed or not measured', () => {
    const kernel = KERNELS.find(({ group }) => group === 'integer')!;
    const series = (time: number) => ({ nanoseconds: [time], repeats: 1, n: 10 });
    const engines = new Map([['wasm2beam', series(400)] as const, ['v8', series(100)] as const]);
    const results = [{ kernel, n: 1, checksums: new Map<number, number>(), engines }];
    const part = { engines: [], results, missing: [], failed: [] };
    const rows = new Map(aimRows(compareWithAims({ kernels: part }, undefined)).map(([aim, ...rest]) => [aim, rest]));
    expect(rows.get('kernels, by V8')).toEqual(['met', '6.00', '4.00']);
    expect(rows.get('integer kernels, by V8')).toEqual(['missed', '3.00', '4.00']);
    expect(rows.get('memory kernels, by V8')).toEqual(['not measured', '10.0', '']);
    expect(rows.get('an idle instance, bytes')).toEqual(['not measured', '10000', '']);
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
