// The Erlang on this machine, as far as compiling wants to know it.
import { execa } from 'execa';
import type { OtpRelease } from '../compiler.ts';
import { erlangProgram } from '../wast/node.ts';
import { releaseOf } from '../wast/session.ts';

/** The release that files are written for where nothing else is said: that of the `erl` on the path, else 27. */
export async function installedRelease(): Promise<OtpRelease> {
  const expression = 'io:put_chars(erlang:system_info(otp_release)), halt().';
  const { stdout, failed } = await execa(erlangProgram(), ['-boot', 'no_dot_erlang', '-noinput', '-eval', expression], {
    reject: false,
    timeout: 10_000,
  });
  const release = Number(stdout);
  return failed || !Number.isInteger(release) || release < 25 ? 27 : releaseOf(release);
}
