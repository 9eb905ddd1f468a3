// What stack traces show as the place of an instruction: file and line of the source where the module tells them, else
// the byte offset; and what the calls were that the guest's compiler had inlined there.
//
// A trace of the BEAM has room for one place a frame. It is that of the innermost call, and the table that this makes
// tells of the others by function, file and line. Where a function has inlined the same line twice the second file is
// called `CALLER.c:30 > FILE.c`, so that the two can be told apart. A module has few names of files: what comes from
// one too many is shown as a byte offset, and the table tells the file.
//
// Consumes functions as they are lowered; produces places for the back ends, and the table.
import { deflateSync } from 'node:zlib';
import type { IrFunction } from '../ir/ir.ts';
import type { FunctionPlaces } from '../ir/module.ts';
import { byteLocation, type Location, type Locations, MOST_LINES } from '../ir/locations.ts';
import type { Dwarf, InlinedCall, SourcePlace } from './dwarf.ts';
import { ByteBuffer } from './byte-buffer.ts';

/** Files that are called after callers, and in all files of the source: some are left for byte offsets. */
const MOST_CALLER_FILES = 50;
const MOST_SOURCE_FILES = 240;
/** A file's name becomes an atom, of at most so many bytes. */
const FILE_BYTES = 255;
/** Of what one place stands for, told in the table. */
const MOST_ALTERNATIVES = 8;

/** What a function of the module shows as one place, and the places that this stands for. */
interface Claim {
  readonly location: Location;
  readonly places: SourcePlace[];
}

/** The places that a function in the second level of the IR needs. */
export function placesOf({ name, blocks }: IrFunction): FunctionPlaces {
  const offsets: number[] = [];
  for (const { instructions, terminator } of blocks) {
    for (const { offset } of instructions) offsets.push(offset);
    if (terminator?.kind === 'trap') offsets.push(terminator.offset);
    else if (terminator?.kind === 'tail_call') offsets.push(terminator.call.offset);
  }
  return { name, offsets };
}

export class SourceLocations {
  private readonly source: string;
  private readonly dwarf: Dwarf;
  private readonly mostFiles: number;
  private readonly places = new Map<number, Location | undefined>();
  private readonly files = new Set<string>();
  private callerFiles = 0;
  /** By name of the function as traces show it, then by file and line. */
  private readonly claims = new Map<string, Map<string, Claim>>();

  /**
   * @param source name of the file that byte offsets count in
   * @param namesFiles whether files of the source may become atoms; else traces show byte offsets, and the table the rest
   */
  constructor(source: string, dwarf: Dwarf, namesFiles: boolean) {
    this.source = source;
    this.dwarf = dwarf;
    this.mostFiles = namesFiles ? MOST_SOURCE_FILES : 0;
  }

  /** Settles the places of a function. */
  add({ name, offsets }: FunctionPlaces): void {
    for (const offset of offsets) this.place(name, offset);
  }

  /** The place of an instruction of a function that was added. */
  readonly locate: Locations = (offset) => this.places.get(offset);

  /**
   * The table of inlined calls, deflated: strings, each with its length before it, and their size in all before them;
   * then for each function a reference to its name, the size of its entries, and those: file and line as the trace has
   * them, how many places they stand for, for each file, line and how many calls, and for each call name, file and line
   * of the caller. Numbers are LEB128, a string is its position among the strings. Undefined where it would be empty.
   */
  table(): Uint8Array | undefined {
    const strings = new StringTable();
    const functions = new ByteBuffer();
    for (const [name, claims] of this.claims) {
      const entries = new ByteBuffer();
      for (const claim of claims.values()) if (!isPlain(claim)) writeClaim(entries, strings, claim);
      if (entries.length === 0) continue;
      functions.u32(strings.reference(name));
      functions.u32(entries.length);
      functions.raw(entries.view());
    }
    if (functions.length === 0) return undefined;
    const table = new ByteBuffer();
    table.u32(strings.bytes.length);
    table.raw(strings.bytes.view());
    table.raw(functions.view());
    return deflateSync(table.view());
  }

  private place(fn: string, offset: number): void {
    if (offset <= 0 || this.places.has(offset)) return;
    const found = this.dwarf.find(offset);
    const bytes = byteLocation(this.source, offset);
    this.places.set(offset, found && bytes ? this.claim(fn, found, bytes) : bytes);
  }

  private claim(fn: string, place: SourcePlace, bytes: Location): Location {
    const { file, line, inlined } = place;
    if (line > MOST_LINES) return bytes;
    let claims = this.claims.get(fn);
    if (claims === undefined) this.claims.set(fn, (claims = new Map<string, Claim>()));
    const plain = endOf(file);
    if (!this.nameFile(plain, false)) return claimAs(claims, bytes, place).location;
    const first = claimAs(claims, { file: plain, line }, place);
    if (first.places[0].inlined === inlined) return first.location;
    const named = inlined && callerFile(inlined, file);
    if (named !== undefined && this.nameFile(named, true)) {
      const second = claimAs(claims, { file: named, line }, place);
      if (second.places[0].inlined === inlined) return second.location;
    }
    const isKnown = first.places.some((one) => one.inlined === inlined);
    if (!isKnown && first.places.length < MOST_ALTERNATIVES) first.places.push(place);
    return first.location;
  }

  /** Whether a file may be called so. */
  private nameFile(name: string, afterCallers: boolean): boolean {
    if (this.files.has(name)) return true;
    if (this.files.size >= this.mostFiles || (afterCallers && this.callerFiles >= MOST_CALLER_FILES)) return false;
    this.files.add(name);
    if (afterCallers) this.callerFiles++;
    return true;
  }
}

function claimAs(claims: Map<string, Claim>, location: Location, place: SourcePlace): Claim {
  const key = `${location.line}:${location.file}`;
  let claim = claims.get(key);
  if (claim === undefined) claims.set(key, (claim = { location, places: [place] }));
  return claim;
}

const encoder = new TextEncoder();
const fits = (name: string): boolean => encoder.encode(name).length <= FILE_BYTES;

/** The name of a file after those who call into it, where that is short enough. */
function callerFile(inlined: InlinedCall, file: string): string | undefined {
  let name = file;
  for (let call: InlinedCall | undefined = inlined; call !== undefined; call = call.outer) {
    name = `${call.caller.file}:${call.caller.line} > ${name}`;
    if (!fits(name)) return undefined;
  }
  return name;
}

/** As much of a path as fits, from its end. */
function endOf(path: string): string {
  if (fits(path)) return path;
  const characters = [...path].slice(-FILE_BYTES);
  while (!fits(`...${characters.join('')}`)) characters.shift();
  return `...${characters.join('')}`;
}

class StringTable {
  readonly bytes = new ByteBuffer();
  private readonly positions = new Map<string, number>();

  reference(text: string): number {
    let position = this.positions.get(text);
    if (position === undefined) {
      this.positions.set(text, (position = this.bytes.length));
      const bytes = encoder.encode(text);
      this.bytes.u32(bytes.length);
      this.bytes.raw(bytes);
    }
    return position;
  }
}

/** Whether the trace says it all. */
const isPlain = ({ location, places }: Claim): boolean =>
  places.every(({ file, line, inlined }) => inlined === undefined && file === location.file && line === location.line);

function writeClaim(entries: ByteBuffer, strings: StringTable, { location, places }: Claim): void {
  const write = ({ file, line }: Location): void => {
    entries.u32(strings.reference(file));
    entries.u32(line);
  };
  write(location);
  entries.u32(places.length);
  for (const place of places) {
    write(place);
    const calls: InlinedCall[] = [];
    for (let call = place.inlined; call !== undefined; call = call.outer) calls.push(call);
    entries.u32(calls.length);
    for (const { name, caller } of calls) {
      entries.u32(strings.reference(name));
      write(caller);
    }
  }
}
