// Where a byte offset of the guest stands in stack traces: file and line.
//
// The loader keeps a line below 2^24 - 1 only and drops others silently. So a location beyond counts from a multiple of
// LINES_A_FILE, which is then part of the file's name: `guest.wasm+10000000`, line 5, is line 10,000,005.

const LINES_A_FILE = 10_000_000;
const MOST_FILES = 254;

export interface Location {
  /** Which file: 0 is the source itself. */
  readonly part: number;
  readonly line: number;
}

/** The location of an offset; undefined for offset 0 and for what no file can name. */
export function locate(offset: number): Location | undefined {
  if (offset <= 0 || offset >= LINES_A_FILE * MOST_FILES) return undefined;
  const part = Math.floor(offset / LINES_A_FILE);
  return { part, line: offset - part * LINES_A_FILE };
}

/** The name of one file of a source. */
export const fileName = (source: string, part: number): string =>
  part === 0 ? source : `${source}+${part * LINES_A_FILE}`;
