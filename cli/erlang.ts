// The Erlang on this machine, as far as compiling wants to know it.
import { execFile } from 'node:child_process';
import { accessSync, constants, readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { OtpRelease } from '../compiler.ts';
import { erlangProgram } from '../wast/node.ts';
import { releaseOf } from '../wast/session.ts';

/** The release that files are written for where nothing else is said: that of the `erl` on the path, else 27. */
export async function installedRelease(): Promise<OtpRelease> {
  const release = Number(writtenRelease(erlangProgram()) ?? (await askedRelease(erlangProgram())));
  return Number.isInteger(release) && release >= 25 ? releaseOf(release) : 27;
}

/** What an installation says of itself beside its `bin`, which takes no time: starting Erlang takes 0.2 s. */
function writtenRelease(erlang: string): string | undefined {
  const path = erlang.includes('/') ? [''] : (process.env.PATH ?? '').split(delimiter);
  const program = path.map((folder) => join(folder, erlang)).find(isProgram);
  if (program === undefined) return undefined;
  try {
    const written = readFileSync(join(dirname(realpathSync(program)), '../releases/start_erl.data'), 'latin1');
    return /^\S+ (\d+)\s*$/.exec(written)?.[1];
  } catch {
    return undefined;
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function askedRelease(erlang: string): Promise<string | undefined> {
  const expression = 'io:put_chars(erlang:system_info(otp_release)), halt().';
  const args = ['-boot', 'no_dot_erlang', '-noinput', '-eval', expression];
  try {
    return (await promisify(execFile)(erlang, args, { timeout: 10_000 })).stdout;
  } catch {
    return undefined;
  }
}
