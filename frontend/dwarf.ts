// The source of a module's code, as far as its custom sections in the format DWARF tell it.
//
// Consumes the sections `.debug_*`, which are untrusted and serve debugging only: whatever is wrong with them, it is
// never an error. Reading them takes steps in proportion to their size, and a question a few.
//
// DWARF for WebAssembly: addresses are offsets within the contents of the code section.
import { type InlinedCall, InlinedCalls } from './inlined-calls.ts';
import type { Module } from './module.ts';
import { readLines, type FileNames, type LineRows } from './dwarf-line.ts';
import { Budget } from './dwarf-reader.ts';
import { type Inlined, type InlinedRange, UnitReader } from './dwarf-units.ts';
import type { Location } from '../ir/locations.ts';

export interface SourcePlace extends Location {
  /** The innermost call that was inlined here. */
  readonly inlined: InlinedCall | undefined;
}

const CODE_SECTION = 10;
const PREFIX = '.debug_';
/** Calls inlined in one another that a place may have. */
const MOST_CALLS = 100;
const UNKNOWN = '?';

/** What the module's custom sections say of its source; undefined where it has none. */
export function readDwarf(module: Module): Dwarf | undefined {
  const sections = new Map<string, Uint8Array>();
  let size = 0;
  for (const { name, start, end } of module.customs) {
    if (!name.startsWith(PREFIX) || sections.has(name.slice(PREFIX.length))) continue;
    sections.set(name.slice(PREFIX.length), module.bytes.subarray(start, end));
    size += end - start;
  }
  const code = module.sections.find(({ id }) => id === CODE_SECTION);
  if (!sections.has('line') || code === undefined) return undefined;
  const budget = new Budget(size);
  const units = new UnitReader(sections, budget);
  const folders = units.folders();
  const rows = readLines(sections, new Budget(size), (offset) => folders.get(offset));
  return new Dwarf(code.start, rows, units);
}

export class Dwarf {
  private readonly codeStart: number;
  private readonly rows: LineRows;
  private readonly units: UnitReader;
  private readonly pieces: Pieces;
  private readonly calls = new Map<Inlined, InlinedCall>();
  /** All that it tells of. */
  readonly inlined = new InlinedCalls();

  constructor(codeStart: number, rows: LineRows, units: UnitReader) {
    this.codeStart = codeStart;
    this.rows = rows;
    this.units = units;
    this.pieces = flatten(units.pieces);
  }

  /** Where the instruction at a byte offset of the module comes from. */
  find(offset: number): SourcePlace | undefined {
    const { addresses, lines, files, owners, tables } = this.rows;
    const address = offset - this.codeStart;
    const row = lastAtMost(addresses, address);
    if (row < 0 || lines[row] === 0) return undefined;
    const file = tables[owners[row]].name(files[row]);
    if (file === undefined) return undefined;
    return { file, line: lines[row], inlined: this.inlinedAt(address) };
  }

  private inlinedAt(address: number): InlinedCall | undefined {
    const { starts, inlined } = this.pieces;
    const piece = lastAtMost(starts, address);
    return piece < 0 ? undefined : this.callOf(inlined[piece]);
  }

  private callOf(inlined: Inlined | undefined): InlinedCall | undefined {
    if (inlined === undefined || inlined.depth > MOST_CALLS) return undefined;
    let call = this.calls.get(inlined);
    if (call === undefined) {
      const { unit, callFile, callLine, parent } = inlined;
      const table: FileNames | undefined = this.rows.byOffset.get(unit.lineTable ?? -1);
      const name = this.units.nameOf(inlined) ?? UNKNOWN;
      const outer = this.callOf(parent);
      call = this.inlined.intern(name, { file: table?.name(callFile) ?? UNKNOWN, line: callLine }, outer);
      this.calls.set(inlined, call);
    }
    return call;
  }
}

/** Code cut into pieces: from each start to the next one, what was inlined innermost. */
interface Pieces {
  readonly starts: readonly number[];
  readonly inlined: readonly (Inlined | undefined)[];
}

/** Ranges that lie within one another, as inlined calls do; one that reaches out of another is cut. */
function flatten(ranges: readonly InlinedRange[]): Pieces {
  const sorted = [...ranges].sort((a, b) => a.low - b.low || b.high - a.high || a.inlined.depth - b.inlined.depth);
  const starts: number[] = [];
  const inlined: (Inlined | undefined)[] = [];
  const open: { high: number; inlined: Inlined }[] = [];
  const begin = (at: number): void => {
    if (starts.at(-1) === at) inlined.pop();
    else starts.push(at);
    inlined.push(open.at(-1)?.inlined);
  };
  const closeUpTo = (limit: number): void => {
    for (let top = open.at(-1); top !== undefined && top.high <= limit; top = open.at(-1)) {
      open.pop();
      begin(top.high);
    }
  };
  for (const { low, high, inlined: call } of sorted) {
    closeUpTo(low);
    open.push({ high: Math.min(high, open.at(-1)?.high ?? high), inlined: call });
    begin(low);
  }
  closeUpTo(Infinity);
  return { starts, inlined };
}

/** The index of the last value that is at most `value`, or -1. */
function lastAtMost(sorted: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
