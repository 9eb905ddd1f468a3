// How V8 shall compile this program.
import { setFlagsFromString } from 'node:v8';

/** The first release of V8 in which nobody has looked for the flag: an unknown one is complained of. */
const UNKNOWN_V8 = 14;

/**
 * Keeps V8 from inlining much, for all threads: most modules are compiled before code that was made so thoroughly pays.
 * To be called first.
 */
export function tuneEngine(): void {
  if (parseInt(process.versions.v8) < UNKNOWN_V8) setFlagsFromString('--max-inlined-bytecode-size-cumulative=150');
}
