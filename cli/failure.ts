// How a command fails: what goes to standard error, and the exit status.
import { Chalk, supportsColorStderr } from 'chalk';
import { CommanderError } from 'commander';

/** A trap, as a shell has it for a program that was aborted. */
export const TRAP_STATUS = 134;

/** A failure with its whole message, which is printed as it stands. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly status: number;

  constructor(message: string, status = 1) {
    super(message);
    this.status = status;
  }
}

const NO_COLOR = process.env.NO_COLOR !== undefined && process.env.NO_COLOR !== '';

/** For standard error, without colours where they are not wanted. https://no-color.org */
export const errorStyle = new Chalk({
  level: NO_COLOR || supportsColorStderr === false ? 0 : supportsColorStderr.level,
});
/** The same for standard output. */
export const style = NO_COLOR ? new Chalk({ level: 0 }) : new Chalk();

/** Prints what a command failed with, never a stack trace of JavaScript; gives the exit status. */
export function reportFailure(error: unknown): number {
  // Commander has printed its message already.
  if (error instanceof CommanderError) return error.exitCode;
  const message = error instanceof Error ? error.message : String(error);
  const known = error instanceof CommandFailure;
  process.stderr.write(`${known ? '' : `${errorStyle.red('wasm2beam:')} `}${message}\n`);
  return known ? error.status : 1;
}
