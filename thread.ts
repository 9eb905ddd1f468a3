// What a thread of the compiler runs: takes shares of the module, one after the other, and gives what becomes of them.
//
// threads.ts starts it; `next` is the number of the first share that nobody has taken yet.
import { parentPort, workerData } from 'node:worker_threads';
import { emitShare } from './beam-backend/compile.ts';
import { WasmError } from './frontend/errors.ts';
import { lowerModule } from './frontend/lower-module.ts';
import type { FunctionPlaces } from './ir/module.ts';
import type { Answer, Work } from './threads.ts';

const { work, next } = workerData as { readonly work: Work; readonly next: Int32Array };
const { wasm, graph, options, settles, otp, size, shares } = work;
let places: FunctionPlaces[] = [];
const settle = (one: FunctionPlaces): void => {
  places.push(one);
};
const module = lowerModule(wasm, graph, { ...options, ...(settles ? { settle } : {}) });

for (let share = Atomics.add(next, 0, 1); share < shares.length; share = Atomics.add(next, 0, 1)) {
  let answer: Answer;
  try {
    places = [];
    answer = { share, compiled: { ...emitShare(module, size, shares[share], otp), places } };
  } catch (error) {
    const { kind, text, offset, functionIndex } = error instanceof WasmError ? error : {};
    answer = { share, error: { kind, text: text ?? (error as Error).message, offset, functionIndex } };
  }
  parentPort!.postMessage(answer);
}
