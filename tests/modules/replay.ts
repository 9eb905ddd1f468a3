// Compiles the modules of recorded traces and has an Erlang node do to them what the host did to the originals in V8.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../../compiler.ts';
import { encodeTerm } from '../../beam-backend/external-term.ts';
import { otpRelease, runEscript, withFolder } from '../harness/erlang.ts';
import { record, type Trace } from './recorder.ts';

const root = join(import.meta.dirname, '../..');
const EBIN = join(root, '_build/default/lib/wasm2beam/ebin');

/**
 * Replays traces, all in one Erlang node.
 *
 * @param name of the BEAM modules; traces of one binary share a module
 * @returns for each trace `ok`, or what differed first
 */
export function replay(name: string, traces: readonly Trace[]): Promise<string[]> {
  return withFolder(async (folder) => {
    const otp = await otpRelease();
    const modules = new Map<string, string>();
    const lines = traces.map((trace, i) => {
      const key = Buffer.from(trace.bytes).toString('latin1');
      const module = modules.get(key) ?? `${name}_${modules.size}`;
      const beam = join(folder, `${module}.beam`);
      if (!modules.has(key)) writeFileSync(beam, compile(trace.bytes, { name: module, otp }));
      modules.set(key, module);
      const file = join(folder, `${i}.trace`);
      writeFileSync(file, encodeTerm(trace.finish()));
      return `${module} ${beam} ${file}\n`;
    });
    const answers = await runEscript('../modules/replay.escript', [EBIN], lines.join(''));
    return answers.map((answer) => answer.replace(/^ok .*/, 'ok'));
  });
}

/**
 * Uses a package in V8, then does the same to its modules on the BEAM and compares every answer and the memory.
 *
 * @returns what the action returned
 * @throws Error where an answer differs, or where nothing was called
 */
export async function compareWithV8<T>(name: string, action: (traces: Trace[]) => Promise<T> | T): Promise<T> {
  const { traces, result } = await record(action);
  if (!traces.some(({ calls }) => calls > 0)) throw new Error(`${name}: no WebAssembly function was called`);
  const answers = await replay(name, traces);
  if (answers.length !== traces.length) throw new Error(`${traces.length} traces, ${answers.length} answers`);
  const wrong = answers.flatMap((answer, i) => (answer === 'ok' ? [] : [`${name}, instance ${i}: ${answer}`]));
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return result;
}
