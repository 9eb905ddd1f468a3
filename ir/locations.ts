// Where the code of the guest comes from, as stack traces show it.
//
// The loader keeps a line below 2^24 - 1 only, in one of 254 files, and drops others silently.

/** A place in a file. A stack trace shows it as `FILE:LINE`. */
export interface Location {
  readonly file: string;
  readonly line: number;
}

/** The place of the instruction at a byte offset of the module; undefined where none can be told, as for offset 0. */
export type Locations = (offset: number) => Location | undefined;

/** What the loader can name. */
export const MOST_FILES = 254;
export const MOST_LINES = 2 ** 24 - 2;

const LINES_A_FILE = 10_000_000;

/**
 * The offset itself as a line of the module. One beyond counts from a multiple of 10,000,000, which is then part of the
 * file's name: `guest.wasm+10000000`, line 5, is byte 10,000,005.
 */
export function byteLocation(source: string, offset: number): Location | undefined {
  if (offset <= 0 || offset >= LINES_A_FILE * MOST_FILES) return undefined;
  const base = offset - (offset % LINES_A_FILE);
  return { file: base === 0 ? source : `${source}+${base}`, line: offset - base };
}

/** Bytes as the only thing to tell. */
export const byteLocations =
  (source: string): Locations =>
  (offset) =>
    byteLocation(source, offset);
