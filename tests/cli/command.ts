// The command line as a user meets it: the compiled one, as `make build` leaves it in dist/.
import { join } from 'node:path';
import { execa } from 'execa';

const COMMAND = join(import.meta.dirname, '../../bin/wasm2beam');

/** What a command ended with and printed, without the last line feed. */
export interface Outcome {
  readonly status: number | undefined;
  readonly out: string;
  readonly err: string;
}

/** Runs the command in a folder; with variables beside those of the environment, or without those that are undefined. */
export async function runCommand(
  folder: string,
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = {},
): Promise<Outcome> {
  const { exitCode, stdout, stderr } = await execa('node', [COMMAND, ...args], {
    cwd: folder,
    reject: false,
    stdin: 'ignore',
    env: environment,
  });
  return { status: exitCode, out: stdout, err: stderr };
}

export const success = (out: string): Outcome => ({ status: 0, out, err: '' });
export const failed = (err: string, status = 1, out = ''): Outcome => ({ status, out, err });
