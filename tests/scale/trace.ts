// What V8 makes of a generated module.
import { expect } from 'vitest';
import { encodeTerm } from '../../beam-backend/external-term.ts';
import { record } from '../modules/recorder.ts';
import type { Case } from './case.ts';

/** Calls the module in V8; the trace of it, as replay.escript takes it. */
export async function trace({ bytes, imports, calls }: Case): Promise<Uint8Array> {
  const { traces } = await record(() => {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
    for (const [name, ...args] of calls) {
      try {
        (exports[name] as (...args: unknown[]) => unknown)(...args);
      } catch (error) {
        if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      }
    }
  });
  expect(traces[0].calls).toBe(calls.length);
  return encodeTerm(traces[0].finish());
}
