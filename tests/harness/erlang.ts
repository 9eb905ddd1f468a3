// Erlang for tests: programs under tests/harness run in the virtual machine that is under test.
//
// The node comes from WASM2BEAM_ERL, else from the path. A program's failure fails the test with what it printed.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { OtpRelease } from '../../beam-backend/assembly.ts';

const ERL = process.env.WASM2BEAM_ERL ?? 'erl';
/** The folder of the runtime's compiled modules. */
export const RUNTIME =
  process.env.WASM2BEAM_EBIN ?? join(import.meta.dirname, '../../_build/default/lib/wasm2beam/ebin');

/** Runs an escript of this folder with arguments and standard input; gives the lines it printed. */
export async function runEscript(name: string, args: readonly string[], input = ''): Promise<string[]> {
  const script = join(import.meta.dirname, name);
  const boot = ['+B', '+S', '1', '-boot', 'no_dot_erlang', '-noshell', '-run', 'escript', 'start'];
  const { stdout } = await execa(ERL, [...boot, '-extra', script, ...args], { input });
  return stdout === '' ? [] : stdout.split('\n');
}

/** The Type chunk that the node under test reads. */
export async function otpRelease(): Promise<OtpRelease> {
  const expression = 'io:put_chars(erlang:system_info(otp_release)), halt().';
  const { stdout } = await execa(ERL, ['-boot', 'no_dot_erlang', '-noshell', '-eval', expression]);
  const release = Number(stdout);
  return release >= 27 ? 27 : release === 26 ? 26 : 25;
}

/** What OTP's validator (`.S`) and disassembler (`.beam`) have against files: a line for each that fails. */
export async function validateFiles(files: readonly string[]): Promise<string[]> {
  const answers = await runEscript('validate.escript', [], files.map((file) => `${file}\n`).join(''));
  if (answers.length !== files.length) throw new Error(`${files.length} files, ${answers.length} answers`);
  return answers.filter((answer) => !answer.startsWith('ok '));
}

/** Loads files (named without `.beam`) and evaluates Erlang expressions, each without its final point. */
export async function evaluate(files: readonly string[], expressions: readonly string[]): Promise<string[]> {
  return runEscript('evaluate.escript', files, expressions.map((expression) => `${expression}.\n`).join(''));
}

/**
 * What an Erlang program, without its final point, prints in a node of its own, line by line. At hand are the runtime, the
 * modules in `folder`, and `Told`, a fun that prints a term as a line.
 */
export async function runProgram(folder: string, program: string, flags: readonly string[] = []): Promise<string[]> {
  // Since OTP 26 maps are not printed in order unless that is asked for.
  const format = `case erlang:system_info(otp_release) of "25" -> "~0tp~n"; _ -> "~0tkp~n" end`;
  const whole = `Told = fun(Term) -> io:format(${format}, [Term]) end, ${program}, halt().`;
  const boot = ['-boot', 'no_dot_erlang', '-noinput', '-pa', RUNTIME, folder, '-eval', whole];
  const { stdout } = await execa(ERL, [...flags, ...boot]);
  return stdout.split('\n');
}

/** Calls `use` with a new folder that is removed afterwards. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'wasm2beam-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
