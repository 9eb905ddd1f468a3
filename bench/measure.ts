// Measures kernels on engines in turns: every round runs each kernel on each engine once, so that a machine whose speed
// drifts slows all of them alike.
//
// The size n of a kernel is chosen so that the first engine takes about a wanted time. An engine that is very much slower
// gets a smaller one, its times being scaled. All engines must give the checksum that the first one gives for that size.
import type { Engine } from './engines.ts';
import type { Kernel } from './kernels.ts';
import { type Peer, PeerError } from './peer.ts';
import { median } from './statistics.ts';

/** What one engine did on one kernel. */
export interface Times {
  /** One of each round, the median of its calls, scaled to the kernel's n. */
  readonly nanoseconds: number[];
  /** Calls in a round. */
  readonly repeats: number;
  /** The size that was run. */
  readonly n: number;
}

/** Times, or why there are none. */
export type Series = Times | { readonly failed: string };

export interface KernelResult {
  readonly kernel: Kernel;
  readonly n: number;
  /** The unsigned results by size. */
  readonly checksums: Map<number, number>;
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
/** An engine that would take so many times the wanted time gets a smaller size, found by a probe of this share of n. */
const MAX_SLOWNESS = 20;
const PROBE_SHARE = 1 / 1024;

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

/** Finds the sizes and runs every engine at least once, which warms it up. */
async function size(kernel: Kernel, running: readonly Running[], wanted: number): Promise<KernelResult> {
  const able = running.filter(({ engine }) => engine.has(kernel));
  const result = { kernel, n: 1, checksums: new Map<number, number>(), engines: new Map<string, Series>() };
  let reference: Peer | undefined;
  for (const { engine, peer } of able) {
    try {
      if (reference === undefined) {
        result.n = await findSize(kernel, peer, wanted);
        reference = peer;
      }
      result.engines.set(engine.name, await plan(result, peer, reference, wanted));
    } catch (error) {
      result.engines.set(engine.name, { failed: reason(error) });
    }
  }
  return result;
}

/** The size that takes an engine the wanted nanoseconds. */
async function findSize({ name }: Kernel, peer: Peer, wanted: number): Promise<number> {
  let n = 1;
  let last = await peer.run(name, n);
  while (last.nanoseconds < wanted * TRUSTED_SHARE && n < MAX_SIZE) {
    const factor = Math.min(MAX_GROWTH, Math.max(2, (wanted / last.nanoseconds) * TRUSTED_SHARE * 2));
    n = Math.min(MAX_SIZE, Math.ceil(n * factor));
    last = await peer.run(name, n);
  }
  return Math.max(1, Math.min(MAX_SIZE, Math.round((n * wanted) / last.nanoseconds)));
}

/** Decides which size an engine runs and how often a round calls it; the reference gives the checksum of that size. */
async function plan(
  { kernel, n, checksums }: KernelResult,
  peer: Peer,
  reference: Peer,
  wanted: number,
): Promise<Times> {
  const probe = Math.ceil(n * PROBE_SHARE);
  const { nanoseconds: probed } = await peer.run(kernel.name, probe);
  const slowness = (probed * (n / probe)) / wanted;
  const size = slowness < MAX_SLOWNESS ? n : Math.max(1, Math.round(n / slowness));
  if (!checksums.has(size)) checksums.set(size, (await reference.run(kernel.name, size)).checksum);
  const { nanoseconds } = await peer.run(kernel.name, size);
  const repeats = Math.max(1, Math.min(MAX_REPEATS, Math.ceil(ROUND_NANOSECONDS / nanoseconds)));
  return { nanoseconds: [], repeats, n: size };
}

async function measure({ kernel, n, checksums, engines }: KernelResult, { engine, peer }: Running): Promise<void> {
  const series = engines.get(engine.name);
  if (series === undefined || 'failed' in series) return;
  const expected = checksums.get(series.n)!;
  const times: number[] = [];
  try {
    for (let i = 0; i < series.repeats; i++) {
      const { checksum, nanoseconds } = await peer.run(kernel.name, series.n);
      if (checksum !== expected) {
        throw new PeerError(`checksum ${checksum} instead of ${expected} for n = ${series.n}`);
      }
      times.push(nanoseconds);
    }
    series.nanoseconds.push(median(times) * (n / series.n));
  } catch (error) {
    engines.set(engine.name, { failed: reason(error) });
  }
}

function reason(error: unknown): string {
  if (error instanceof PeerError) return error.message;
  throw error;
}
