// What stack traces show as the place of an instruction: file and line of the source where the module tells them, else
// the byte offset; and what the calls were that the guest's compiler, or this one, had inlined there.
//
// A trace of the BEAM has room for one place a frame. It is that of the innermost call, and the table that this makes
// tells of the others by function, file and line. Where a function has inlined the same line twice the second file is
// called `CALLER.c:30 > FILE.c`, so that the two can be told apart. A module has few names of files: what comes from
// one too many is shown as a byte offset, and the table tells the file. What this compiler inlined, and a source does not
// tell apart, is shown as one of the bytes behind the first one of the call, where no instruction begins, or as its own
// byte, which is in no instruction of the function.
//
// Consumes functions as they are lowered; produces places for the back ends, and the table.
import { deflateSync } from 'node:zlib';
import type { IrFunction } from '../ir/ir.ts';
import type { FunctionPlaces } from '../ir/module.ts';
import { byteLocation, type Location, type Locations, MOST_LINES } from '../ir/locations.ts';
import type { Dwarf, SourcePlace } from './dwarf.ts';
import { type InlinedPlace, inlinedPlace } from './inline.ts';
import { type InlinedCall, InlinedCalls } from './inlined-calls.ts';
import type { Module } from './module.ts';
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

/** What a place may be shown as. A file that is called after callers gets its name only where it is needed. */
interface Candidate extends Location {
  readonly afterCallers?: boolean;
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

/** What is known of a module's code. */
export interface CodeFacts {
  readonly module: Module;
  readonly dwarf: Dwarf | undefined;
  /** Of a function, by index. */
  readonly nameOf: (index: number) => string;
  /** Whether files of the source may become atoms; else traces show byte offsets, and the table the rest. */
  readonly namesFiles: boolean;
}

export class SourceLocations {
  private readonly source: string;
  private readonly facts: CodeFacts;
  private readonly inlined: InlinedCalls;
  private readonly mostFiles: number;
  private readonly places = new Map<number, Location | undefined>();
  private readonly files = new Set<string>();
  private callerFiles = 0;
  /** By name of the function as traces show it, then by file and line. */
  private readonly claims = new Map<string, Map<string, Claim>>();

  /** @param source name of the file that byte offsets count in */
  constructor(source: string, facts: CodeFacts) {
    this.source = source;
    this.facts = facts;
    this.inlined = facts.dwarf?.inlined ?? new InlinedCalls();
    this.mostFiles = facts.namesFiles ? MOST_SOURCE_FILES : 0;
  }

  /** Settles the places of a function. */
  add({ name, offsets }: FunctionPlaces): void {
    for (const offset of offsets) this.place(name, offset);
  }

  /** The place of an instruction of a function that was added. */
  readonly locate: Locations = (offset) =>
    this.places.has(offset) ? this.places.get(offset) : byteLocation(this.source, offset);

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
    const inlined = inlinedPlace(this.facts.module, offset);
    if (inlined) this.places.set(offset, this.placeInlined(fn, inlined));
    else {
      const found = this.facts.dwarf?.find(offset);
      const bytes = byteLocation(this.source, offset);
      if (found && bytes) this.places.set(offset, this.claim(fn, found, this.candidates(found, bytes)));
    }
  }

  private placeInlined(fn: string, { call, callee, offset, callEnd }: InlinedPlace): Location | undefined {
    const [outer, inner] = [this.find(call), this.find(offset)];
    if (!outer || !inner) return undefined;
    const { file, line } = outer;
    const made = this.inlined.intern(this.facts.nameOf(callee), { file, line }, outer.inlined);
    const place = { ...inner, inlined: this.inlined.within(inner.inlined, made) };
    const bytes: Location[] = [];
    for (let byte = call + 1; byte < callEnd; byte++) bytes.push(byteLocation(this.source, byte) ?? outer);
    bytes.push(byteLocation(this.source, offset) ?? outer);
    const told = inner.file === this.source ? [] : this.candidates(place, bytes[0]).slice(0, 1);
    return this.claim(fn, place, [...told, ...bytes]);
  }

  /** What the source tells of an instruction, else its byte. */
  private find(offset: number): SourcePlace | undefined {
    const bytes = byteLocation(this.source, offset);
    return this.facts.dwarf?.find(offset) ?? (bytes && { ...bytes, inlined: undefined });
  }

  /** What a place may be shown as, the best first; `bytes` where its file has no name. */
  private candidates({ file, line, inlined }: SourcePlace, bytes: Location): Candidate[] {
    const plain = endOf(file);
    if (line > MOST_LINES || !this.nameFile(plain, false)) return [bytes];
    const named = inlined && callerFile(inlined, file);
    return named === undefined
      ? [{ file: plain, line }]
      : [
          { file: plain, line },
          { file: named, line, afterCallers: true },
        ];
  }

  /** The first candidate that stands for nothing else; where there is none, the first one, for several places. */
  private claim(fn: string, place: SourcePlace, candidates: readonly Candidate[]): Location {
    let claims = this.claims.get(fn);
    if (claims === undefined) this.claims.set(fn, (claims = new Map<string, Claim>()));
    const isPlace = ({ file, line, inlined }: SourcePlace): boolean =>
      inlined === place.inlined && line === place.line && file === place.file;
    for (const { file, line, afterCallers } of candidates) {
      if (afterCallers && !this.nameFile(file, true)) continue;
      const { location, places } = claimAs(claims, { file, line }, place);
      if (isPlace(places[0])) return location;
    }
    const { location, places } = claimAs(claims, candidates[0], place);
    if (!places.some(isPlace) && places.length < MOST_ALTERNATIVES) places.push(place);
    return location;
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
