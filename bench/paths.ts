// Where things lie, seen from the compiled benchmark in build/bench/js/bench.
import { join } from 'node:path';

/** The checkout. */
export const root = join(import.meta.dirname, '../../../..');
/** What the benchmark builds. */
export const build = join(root, 'build/bench');
/** The compiled runtime. */
export const runtime = join(root, '_build/default/lib/wasm2beam/ebin');
