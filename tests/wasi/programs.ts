// What the tests of WASI programs share: compiling them, running them by `wasm2beam run`, and by Node's own WASI as a
// second opinion.
import { join } from 'node:path';
import { execa } from 'execa';

const root = join(import.meta.dirname, '../..');
export const COMMAND = join(root, 'bin/wasm2beam');

/** Compiles a source file by the toolchain that set-up has found for its language; throws with what it printed. */
export async function compileProgram(source: string, output: string): Promise<void> {
  await execa(join(root, 'scripts/wasi-compile.sh'), [source, output]);
}

export interface Outcome {
  readonly status: number | undefined;
  readonly out: string;
  readonly err: string;
}

async function node(folder: string, args: readonly string[], input: string | Buffer): Promise<Outcome> {
  const options = { cwd: folder, reject: false, input, stripFinalNewline: false } as const;
  const { exitCode, stdout, stderr } = await execa('node', args, options);
  return { status: exitCode, out: stdout, err: stderr };
}

/** `wasm2beam run` in a folder, with arguments of its own and, behind `--`, of the program. */
export function runProgram(folder: string, args: readonly string[], input: string | Buffer = ''): Promise<Outcome> {
  return node(folder, [COMMAND, 'run', ...args], input);
}

/** The same by Node: the folder WORK is the program's `/work`, and its environment is NAME=Ann. */
export function runInNode(
  folder: string,
  [file, work, ...args]: readonly string[],
  input: string | Buffer = '',
): Promise<Outcome> {
  const script = join(import.meta.dirname, 'node-wasi.mjs');
  return node(folder, ['--no-warnings', script, file, work, ...args], input);
}
