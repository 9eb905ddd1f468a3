// Compiles the modules of recorded traces and has an Erlang node do to them what the host did to the originals in V8.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CompileOptions, compileParts, inspect } from '../../compiler.ts';
import { type Backend, BACKENDS, ModuleCompiler } from '../../wast/backend.ts';
import { encodeTerm } from '../../beam-backend/external-term.ts';
import { otpRelease, runEscript, RUNTIME, withFolder } from '../harness/erlang.ts';
import { record, type Trace } from './recorder.ts';

/** `erlc` takes minutes for larger functions; so many bytes of code. */
const LARGEST_FOR_ERLC = 10_000;
/** Both in `make test-all`. */
export const USUAL: readonly Backend[] = process.env.WASM2BEAM_TESTS === 'all' ? BACKENDS : ['direct'];

/** A back end, or how many bytes of code go into a part. */
type Way = Backend | { readonly size: number };

const canTake = (backend: Way, { bytes }: Pick<Trace, 'bytes'>): boolean =>
  backend !== 'core' || inspect(bytes).largestFunctions.every(({ size }) => size <= LARGEST_FOR_ERLC);

/**
 * Replays traces, all in one Erlang node.
 *
 * @param name of the BEAM modules; traces of one binary share a module
 * @returns for each trace `ok`, or what differed first
 */
export function replay(
  name: string,
  traces: readonly Pick<Trace, 'bytes' | 'finish'>[],
  way: Way = 'direct',
): Promise<string[]> {
  return withFolder(async (folder) => {
    const otp = await otpRelease();
    const modules = new Map<string, string>();
    const lines: string[] = [];
    const compiler = new ModuleCompiler(typeof way === 'string' ? way : 'direct');
    const compile = async (bytes: Uint8Array, options: CompileOptions): Promise<void> => {
      const parts =
        typeof way === 'string'
          ? [{ name: options.name, beam: await compiler.compile(bytes, options) }]
          : compileParts(bytes, options, way.size);
      for (const { name: part, beam } of parts) writeFileSync(join(folder, `${part}.beam`), beam);
    };
    try {
      for (const [i, trace] of traces.entries()) {
        const key = Buffer.from(trace.bytes).toString('latin1');
        const module = modules.get(key) ?? `${name}_${modules.size}`;
        const beam = join(folder, `${module}.beam`);
        if (!modules.has(key)) await compile(trace.bytes, { name: module, otp });
        modules.set(key, module);
        const file = join(folder, `${i}.trace`);
        writeFileSync(file, encodeTerm(trace.finish()));
        lines.push(`${module} ${beam} ${file}\n`);
      }
    } finally {
      compiler.close();
    }
    const answers = await runEscript('../modules/replay.escript', [RUNTIME], lines.join(''));
    return answers.map((answer) => answer.replace(/^ok .*/, 'ok'));
  });
}

/**
 * Uses a package in V8, then does the same to its modules on the BEAM and compares every answer and the memory.
 *
 * @param ways by which back ends, and in parts of which sizes; the second back end is spared functions too large for it
 * @returns what the action returned
 * @throws Error where an answer differs, or where nothing was called
 */
export async function compareWithV8<T>(
  name: string,
  action: (traces: Trace[]) => Promise<T> | T,
  ways: readonly Way[] = USUAL,
): Promise<T> {
  const { traces, result } = await record(action);
  if (!traces.some(({ calls }) => calls > 0)) throw new Error(`${name}: no WebAssembly function was called`);
  const wrong: string[] = [];
  for (const way of ways) {
    const taken = traces.filter((trace) => canTake(way, trace));
    const answers = taken.length > 0 ? await replay(name, taken, way) : [];
    if (answers.length !== taken.length) throw new Error(`${taken.length} traces, ${answers.length} answers`);
    const shown = typeof way === 'string' ? way : `in parts of ${way.size}`;
    answers.forEach((answer, i) => {
      if (answer !== 'ok') wrong.push(`${name}, ${shown}, instance ${traces.indexOf(taken[i])}: ${answer}`);
    });
  }
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return result;
}
