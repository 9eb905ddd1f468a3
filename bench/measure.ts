// Measures kernels on engines in turns: every round runs each kernel on each engine once, so that a machine whose speed
// drifts slows all of them alike.
//
// The size n of a kernel is chosen so that the first engine takes about a wanted time. All engines must then give the
// same checksum.
import type { Engine } from './engines.ts';
import type { Kernel } from './kernels.ts';
import { type Peer, PeerError } from './peer.ts';
import { median } from './statistics.ts';

/** What one engine did on one kernel: nanoseconds of each round (the median of some calls), or why there are none. */
export type Series = { readonly nanoseconds: number[]; repeats: number } | { readonly failed: string };

export interface KernelResult {
  readonly kernel: Kernel;
  readonly n: number;
  /** The unsigned result that the first engine gave. */
  readonly checksum: number;
  /** By name of the engine; engines that do not have the kernel are left out. */
  readonly engines: Map<string, Series>;
}

export interface Running {
  readonly engine: Engine;
  readonly peer: Peer;
}

/** Sizes below this many nanoseconds say too little about larger ones. */
const TRUSTED_SHARE = 0.1;
const MAX_GROWTH = 16;
/** A fast engine is called until about this much time is measured, at most so often. */
const ROUND_NANOSECONDS = 2e7;
const MAX_REPEATS = 20;
const MAX_SIZE = 2 ** 31 - 1;

/**
 * Measures.
 *
 * @param seconds wanted time of a call on the first engine that has the kernel
 * @param tell is called with a word on progress
 */
export async function measureKernels(
  kernels: readonly Kernel[],
  running: readonly Running[],
  { rounds, seconds, tell }: { rounds: number; seconds: number; tell: (text: string) => void },
): Promise<KernelResult[]> {
  const results: KernelResult[] = [];
  for (const kernel of kernels) {
    tell(`sizing ${kernel.name}`);
    results.push(await size(kernel, running, seconds * 1e9));
  }
  for (let round = 1; round <= rounds; round++) {
    for (const result of results) {
      tell(`round ${round} of ${rounds}: ${result.kernel.name}`);
      for (const one of running) await measure(result, one);
    }
  }
  return results;
}

/** Finds n and runs every engine once, which warms it up. */
async function size(kernel: Kernel, running: readonly Running[], wanted: number): Promise<KernelResult> {
  const able = running.filter(({ engine }) => engine.has(kernel));
  const engines = new Map<string, Series>(able.map(({ engine }) => [engine.name, { nanoseconds: [], repeats: 1 }]));
  let n = 1;
  let checksum = 0;
  for (const { engine, peer } of able) {
    try {
      let last = await peer.run(kernel.name, n);
      while (last.nanoseconds < wanted * TRUSTED_SHARE && n < MAX_SIZE) {
        const factor = Math.min(MAX_GROWTH, Math.max(2, (wanted / last.nanoseconds) * TRUSTED_SHARE * 2));
        n = Math.min(MAX_SIZE, Math.ceil(n * factor));
        last = await peer.run(kernel.name, n);
      }
      n = Math.max(1, Math.min(MAX_SIZE, Math.round((n * wanted) / last.nanoseconds)));
      checksum = (await peer.run(kernel.name, n)).checksum;
      break;
    } catch (error) {
      engines.set(engine.name, { failed: reason(error) });
    }
  }
  const result = { kernel, n, checksum, engines };
  for (const one of able) await warmUp(result, one);
  return result;
}

/** Calls once and decides how often a round calls. */
async function warmUp(result: KernelResult, one: Running): Promise<void> {
  await measure(result, one);
  const series = result.engines.get(one.engine.name)!;
  if ('failed' in series) return;
  const [nanoseconds] = series.nanoseconds.splice(0);
  series.repeats = Math.max(1, Math.min(MAX_REPEATS, Math.ceil(ROUND_NANOSECONDS / nanoseconds)));
}

async function measure({ kernel, n, checksum, engines }: KernelResult, { engine, peer }: Running): Promise<void> {
  const series = engines.get(engine.name);
  if (series === undefined || 'failed' in series) return;
  const times: number[] = [];
  try {
    for (let i = 0; i < series.repeats; i++) {
      const answer = await peer.run(kernel.name, n);
      if (answer.checksum !== checksum) {
        throw new PeerError(`checksum ${answer.checksum} instead of ${checksum} for n = ${n}`);
      }
      times.push(answer.nanoseconds);
    }
    series.nanoseconds.push(median(times));
  } catch (error) {
    engines.set(engine.name, { failed: reason(error) });
  }
}

function reason(error: unknown): string {
  if (error instanceof PeerError) return error.message;
  throw error;
}
