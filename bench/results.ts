// What was measured, as JSON: every round of every engine, so that other figures can be taken from it later.
import { cpus, loadavg } from 'node:os';
import type { NodeFigures } from './boundary.ts';
import type { Compiling } from './compile.ts';
import type { KernelResult } from './measure.ts';
import { meanRatio, ratio } from './report.ts';

/** One set of engines and what they were measured with. */
export interface Part {
  readonly engines: readonly { readonly name: string; readonly description: string; readonly version: string }[];
  readonly results: readonly KernelResult[];
  /** Engines, or kernels of an engine, that could not be had, a line each. */
  readonly missing: readonly string[];
  readonly failed: readonly string[];
}

/** A value for JSON.stringify. Times are nanoseconds of run(n); ratios are the first engine's time by the other's. */
export function resultsObject(
  parts: Readonly<Record<string, Part>>,
  node: NodeFigures | undefined,
  compiling: Compiling | undefined,
): object {
  return {
    machine: {
      processor: cpus()[0]?.model,
      cores: cpus().length,
      system: `${process.platform} ${process.arch}`,
      load: loadavg()[0],
    },
    ...Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, partObject(part)])),
    node,
    compiling,
  };
}

function partObject({ engines, results, missing, failed }: Part): object {
  const [first, ...peers] = engines.map(({ name }) => name);
  return {
    engines,
    missing,
    failed,
    geometricMeans: Object.fromEntries(peers.map((peer) => [peer, meanRatio(results, first, peer)])),
    measures: results.map((result) => ({
      name: result.kernel.name,
      group: result.kernel.group,
      unit: result.kernel.unit,
      n: result.n,
      checksums: Object.fromEntries(result.checksums),
      engines: Object.fromEntries(result.engines),
      ratios: Object.fromEntries(peers.map((peer) => [peer, ratio(result, first, peer)])),
    })),
  };
}
