// Threads that compile shares of one module, and their answers in order.
import { availableParallelism } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { CompiledShare, Share } from './beam-backend/compile.ts';
import type { OtpRelease } from './beam-backend/assembly.ts';
import type { CallGraph } from './frontend/callgraph.ts';
import { WasmError, type WasmErrorKind } from './frontend/errors.ts';
import type { LowerOptions } from './frontend/lower-module.ts';
import type { Module } from './frontend/module.ts';
import type { IrModule } from './ir/module.ts';

/** All that a thread must know: data that can be cloned. */
export interface Work {
  readonly wasm: Module;
  readonly graph: CallGraph;
  readonly options: Pick<LowerOptions, 'name' | 'source' | 'names' | 'prices' | 'inline'>;
  /** Whether places of instructions are asked for. */
  readonly settles: boolean;
  readonly otp: OtpRelease;
  readonly size: number;
  readonly shares: readonly Share[];
}

/** What became of one share. */
export type Answer =
  | { readonly share: number; readonly compiled: CompiledShare }
  | {
      readonly share: number;
      /** `kind` of a WasmError only. */
      readonly error: {
        readonly kind?: WasmErrorKind;
        readonly text: string;
        readonly offset?: number;
        readonly functionIndex?: number;
      };
    };

/** Below so many bytes of code a thread costs more than it brings: each optimizes the compiler anew. */
const BYTES_A_THREAD = 1024 * 1024;
/** What a byte of a body may take of the heap while it is compiled, at most: docs/limits.md. */
const HEAP_A_BYTE = 40 * 1024;
/** A generation of objects is what a large function leaves: this much is collected without copying all that lives. */
const YOUNG_GENERATION_MB = 128;

/** Beside sources that run as they are, as in tests, there is no program for a thread. */
const IS_BUILT = !import.meta.url.endsWith('.ts');

/**
 * How many threads are to compile a module; 0: the one that asks. A body that could take more memory than there is goes to a
 * thread in any case: one that runs out of memory is an error, while the one that asks would end the process.
 */
export function threadsFor({ bodySizes }: Pick<IrModule, 'bodySizes'>): number {
  if (!IS_BUILT) return 0;
  let bytes = 0;
  let longest = 0;
  for (const size of bodySizes) {
    bytes += size;
    longest = Math.max(longest, size);
  }
  const threads = Math.min(availableParallelism(), Math.floor(bytes / BYTES_A_THREAD));
  const isSafe = longest * HEAP_A_BYTE < getHeapStatistics().heap_size_limit;
  return threads > 1 ? threads : isSafe ? 0 : 1;
}

/**
 * Compiles the shares of a module.
 *
 * @param progress is told after each share how many are done, and how many there are
 * @returns what became of the shares, in their order; throws what went wrong first in that order
 */
export async function* compileShares(
  work: Work,
  threads: number,
  progress?: (shares: number, total: number) => void,
): AsyncGenerator<CompiledShare> {
  const answers: (Answer | undefined)[] = [];
  let failure: Error | undefined;
  let wake = (): void => undefined;
  const workers = startThreads(work, threads, {
    answer: (answer) => {
      answers[answer.share] = answer;
      wake();
    },
    fail: (error) => {
      failure ??= error;
      wake();
    },
  });
  try {
    for (let share = 0; share < work.shares.length; share++) {
      while (answers[share] === undefined && !failure) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const answer = answers[share];
      if (!answer) throw failure!;
      if ('error' in answer) throw asError(answer.error);
      answers[share] = undefined;
      yield answer.compiled;
      progress?.(share + 1, work.shares.length);
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function startThreads(
  work: Work,
  threads: number,
  on: { answer: (answer: Answer) => void; fail: (error: Error) => void },
): Worker[] {
  // All threads read the same bytes.
  const bytes = new Uint8Array(new SharedArrayBuffer(work.wasm.bytes.length));
  bytes.set(work.wasm.bytes);
  const next = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const workerData = { work: { ...work, wasm: { ...work.wasm, bytes } }, next };
  const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB };
  return Array.from({ length: threads }, () => {
    const worker = new Worker(new URL('./thread.js', import.meta.url), { workerData, resourceLimits });
    worker.on('message', on.answer);
    worker.on('error', (error: NodeJS.ErrnoException) => {
      const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      on.fail(isMemory ? new Error('compiling this module takes more memory than there is') : error);
    });
    return worker;
  });
}

function asError({ kind, text, offset, functionIndex }: Extract<Answer, { error: unknown }>['error']): Error {
  return kind === undefined ? new Error(text) : new WasmError(kind, text, { offset, functionIndex });
}
