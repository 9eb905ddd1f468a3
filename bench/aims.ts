// What the project aims at, beside what was measured. An aim that was not measured says so.
import type { NodeFigures } from './boundary.ts';
import type { Group } from './kernels.ts';
import { meanRatio, ratio, unitTime } from './report.ts';
import type { Part } from './results.ts';

export interface Aim {
  readonly aim: string;
  /** The figure must not exceed it. */
  readonly limit: number;
  /** What was measured; undefined where it was not. */
  readonly reached: number | undefined;
}

const ENGINE = 'wasm2beam';

/** All aims in order. Ratios are our time divided by the peer's. */
export function compareWithAims(parts: Readonly<Record<string, Part>>, node: NodeFigures | undefined): Aim[] {
  const kernels = parts.kernels?.results ?? [];
  const boundary = parts.boundary?.results ?? [];
  const mean = (peer: string, group?: Group): number | undefined => meanRatio(kernels, ENGINE, peer, group)?.mean;
  const measure = (name: string) => boundary.find(({ kernel }) => kernel.name === name);
  const boundaryRatio = (name: string, peer: string): number | undefined => {
    const result = measure(name);
    return result === undefined ? undefined : ratio(result, ENGINE, peer);
  };
  const instantiation = measure('instantiate');
  return [
    { aim: 'kernels, by V8', limit: 6, reached: mean('v8') },
    { aim: 'integer kernels, by V8', limit: 3, reached: mean('v8', 'integer') },
    { aim: 'memory kernels, by V8', limit: 10, reached: mean('v8', 'memory') },
    { aim: 'float kernels, by V8', limit: 10, reached: mean('v8', 'float') },
    { aim: 'kernels, by wasm3', limit: 1, reached: mean('wasm3') },
    { aim: 'kernels, by wasmi', limit: 1, reached: mean('wasmi') },
    { aim: 'kernels, by hand-written Erlang', limit: 1, reached: mean('erlang') },
    { aim: 'a host call, by the stronger NIF host', limit: 1 / 50, reached: boundaryRatio('host', 'nif_caller') },
    { aim: 'an export call, by the stronger NIF host', limit: 1 / 10, reached: boundaryRatio('export', 'nif_caller') },
    {
      aim: 'instantiation, ns',
      limit: 20_000,
      reached: instantiation === undefined ? undefined : unitTime(instantiation, ENGINE),
    },
    { aim: 'an idle instance, bytes', limit: 10_000, reached: node?.idleBytes.inOneProcess },
  ];
}

/** Rows of a table, its head first. */
export function aimRows(aims: readonly Aim[]): string[][] {
  return [
    ['aim', '', 'at most', 'reached'],
    ...aims.map(({ aim, limit, reached }) => {
      const verdict = reached === undefined ? 'not measured' : reached <= limit ? 'met' : 'missed';
      return [aim, verdict, showFigure(limit), reached === undefined ? '' : showFigure(reached)];
    }),
  ];
}

function showFigure(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}
