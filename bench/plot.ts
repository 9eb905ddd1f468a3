// The plot of the kernels: a row a kernel, a dot an engine, its time as a multiple of V8's on a logarithmic axis.
import { ratio } from './report.ts';
import type { KernelResult } from './measure.ts';

const WIDTH = 860;
const LEFT = 120;
const RIGHT = 24;
const TOP = 64;
const ROW = 24;
const RADIUS = 5;
/** Told apart also without red or green; the engine that the plot is about comes first and is drawn last. */
const COLOURS = ['#0b5fa5', '#e08214', '#7b3294', '#5aae61', '#999999', '#d6604d'];

/** Axis from a power of ten to a power of ten around all values, marked at 1, 2 and 5 of each. */
function axis(values: readonly number[]): { low: number; high: number; marks: number[] } {
  const low = Math.floor(Math.log10(Math.min(1, ...values)));
  const high = Math.ceil(Math.log10(Math.max(10, ...values)));
  const powers = Array.from({ length: high - low }, (_, i) => 10 ** (low + i));
  return { low, high, marks: [...powers.flatMap((power) => [power, 2 * power, 5 * power]), 10 ** high] };
}

/**
 * The plot as SVG.
 *
 * @param engines names, the one that the plot is about first
 * @param reference the engine whose time is 1; it has no dots
 */
export function plotKernels(results: readonly KernelResult[], engines: readonly string[], reference: string): string {
  const shown = engines.filter((name) => name !== reference);
  const rows = results.map((result) => ({
    name: result.kernel.name,
    dots: shown.map((name) => ratio(result, name, reference)),
  }));
  const values = rows.flatMap(({ dots }) => dots.filter((value) => value !== undefined));
  const { low, high, marks } = axis(values);
  const x = (value: number): number =>
    Math.round((LEFT + ((Math.log10(value) - low) / (high - low)) * (WIDTH - LEFT - RIGHT)) * 10) / 10;
  const y = (row: number): number => TOP + row * ROW + ROW / 2;
  const bottom = TOP + rows.length * ROW;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + 40}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${bottom + 40}" fill="#ffffff"/>`,
    `<text x="${LEFT}" y="20" font-size="15">Time of each kernel as a multiple of V8's (less is better)</text>`,
    ...shown.map((name, i) => legend(name, LEFT + i * 120, COLOURS[i])),
    ...marks.map((mark) => {
      const stroke = mark === 1 ? '#444444' : '#dddddd';
      const at = x(mark);
      return (
        `<line x1="${at}" y1="${TOP}" x2="${at}" y2="${bottom}" stroke="${stroke}"/>` +
        `<text x="${at}" y="${bottom + 18}" text-anchor="middle">${mark}</text>`
      );
    }),
    ...rows.flatMap(({ name, dots }, row) => [
      `<text x="${LEFT - 8}" y="${y(row) + 4}" text-anchor="end">${name}</text>`,
      ...dots.flatMap((value, i) => (value === undefined ? [] : [dot(x(value), y(row), COLOURS[i])])).reverse(),
    ]),
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}

function dot(x: number, y: number, colour: string): string {
  return `<circle cx="${x}" cy="${y}" r="${RADIUS}" fill="${colour}" fill-opacity="0.85"/>`;
}

function legend(name: string, x: number, colour: string): string {
  return `${dot(x + RADIUS, 42, colour)}<text x="${x + 16}" y="46">${name}</text>`;
}
