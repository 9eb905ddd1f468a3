// What the project aims at, beside what was measured. An aim that was not measured says so.
import type { NodeFigures } from './boundary.ts';
import type { Compiled, Compiling } from './compile.ts';
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
export function compareWithAims(
  parts: Readonly<Record<string, Part>>,
  node: NodeFigures | undefined,
  compiling: Compiling | undefined,
): Aim[] {
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
    ...compilingAims(compiling),
  ];
}

function compilingAims(compiling: Compiling | undefined): Aim[] {
  const quickjs = compiling?.real.find(({ name }) => name.startsWith('quickjs'));
  const [smallest, largest] = [compiling?.generated[0], compiling?.generated.at(-1)];
  const secondsOfMb = ({ seconds, bytes }: Compiled): number => (seconds / bytes) * 1e6;
  const most = (modules: readonly Compiled[] | undefined, figure: (module: Compiled) => number): number | undefined =>
    modules && Math.max(...modules.map(figure));
  return [
    { aim: 'compiling QuickJS, s', limit: 3, reached: quickjs?.seconds },
    { aim: 'memory for that, MB', limit: 1000, reached: quickjs && quickjs.peakBytes / 1e6 },
    { aim: 'loading QuickJS, ms', limit: 2000, reached: quickjs?.loadMilliseconds },
    { aim: 'compiling 10 MB, s a MB', limit: 1, reached: largest && secondsOfMb(largest) },
    {
      aim: 'by the same at a sixteenth of its size',
      limit: 1,
      reached: largest && smallest && secondsOfMb(largest) / secondsOfMb(smallest),
    },
    { aim: 'bytes of .beam for a byte', limit: 20, reached: most(compiling?.real, (it) => it.beamBytes / it.bytes) },
    { aim: 'loading a part, ms', limit: 100, reached: most(compiling?.parted, (it) => it.pauseMilliseconds) },
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
