// The tables: times and ratios of kernels, with geometric means by group.
//
// A ratio is always the time of the first engine divided by that of the other one, taken round by round, its median
// shown: 4.00 means four times slower than that peer, 0.25 four times faster.
import type { Group } from './kernels.ts';
import type { KernelResult } from './measure.ts';
import { geometricMean, median } from './statistics.ts';

/** Median of the ratios of an engine's time to that of a peer, round by round; undefined where one of them has none. */
export function ratio(result: KernelResult, engine: string, peer: string): number | undefined {
  const [a, b] = [engine, peer].map((name) => result.engines.get(name));
  if (a === undefined || b === undefined || 'failed' in a || 'failed' in b) return undefined;
  return median(a.nanoseconds.map((time, round) => time / b.nanoseconds[round]));
}

/** Median nanoseconds of one unit; undefined where the engine has none. */
export function unitTime({ n, engines }: KernelResult, engine: string): number | undefined {
  const series = engines.get(engine);
  return series === undefined || 'failed' in series ? undefined : median(series.nanoseconds) / n;
}

/** Geometric mean of the ratios to a peer over the kernels of a group, or over all; undefined where there are none. */
export function meanRatio(
  results: readonly KernelResult[],
  engine: string,
  peer: string,
  group?: Group,
): { mean: number; count: number } | undefined {
  const ratios = results
    .filter(({ kernel }) => group === undefined || kernel.group === group)
    .map((result) => ratio(result, engine, peer))
    .filter((value) => value !== undefined);
  return ratios.length === 0 ? undefined : { mean: geometricMean(ratios), count: ratios.length };
}

/** The kernels' table as Markdown lines. */
export function kernelTable(results: readonly KernelResult[], engines: readonly string[]): string[] {
  const [first, ...peers] = engines;
  const rows = [
    ['kernel', 'unit', ...engines.map((name) => `${name} ns`), ...peers.map((name) => `/ ${name}`)],
    ...results.map((result) => [
      result.kernel.name,
      result.kernel.unit,
      ...engines.map((name) => showTime(unitTime(result, name))),
      ...peers.map((name) => showRatio(ratio(result, first, name))),
    ]),
  ];
  const groups = [...new Set(results.map(({ kernel }) => kernel.group))];
  for (const group of groups.length > 1 ? [...groups, undefined] : groups) {
    const means = peers.map((name) => meanRatio(results, first, name, group));
    const shown = means.map((mean) => (mean === undefined ? '' : `${showRatio(mean.mean)} (${mean.count})`));
    rows.push([`geometric mean, ${group ?? 'all'}`, '', ...engines.map(() => ''), ...shown]);
  }
  return table(rows);
}

/** What went wrong, a line each. */
export function failures(results: readonly KernelResult[]): string[] {
  return results.flatMap(({ kernel, engines }) =>
    [...engines].flatMap(([name, series]) =>
      'failed' in series ? [`${kernel.name} on ${name}: ${series.failed}`] : [],
    ),
  );
}

/** Rows as an aligned Markdown table; the first row is its head, all columns but the first two are figures. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) => {
    const cells = row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])));
    return `| ${cells.join(' | ')} |`;
  });
  const rule = widths.map((width, i) => (i < 2 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [lines[0], `| ${rule.join(' | ')} |`, ...lines.slice(1)];
}

/** Four significant digits are more than a shared machine can tell. */
export function showTime(nanoseconds: number | undefined): string {
  if (nanoseconds === undefined) return '';
  return nanoseconds >= 1000 ? String(Math.round(nanoseconds)) : nanoseconds.toPrecision(3);
}

function showRatio(value: number | undefined): string {
  if (value === undefined) return '';
  return value >= 0.1 ? value.toFixed(2) : value.toPrecision(2);
}
