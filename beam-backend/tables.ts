// The numbered tables that code refers to: atoms, imports, literals and lines. Each gives an index to what it meets for
// the first time and the same index ever after, in order of first use, so that equal input makes equal files.
//
// Consumes names, terms and lines; produces the contents of the chunks AtU8, ImpT, LitT and Line.
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import type { Term } from './assembly.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { TAG, writeCompact } from './compact-terms.ts';
import { encodeTerm } from './external-term.ts';
import { type Locations, MOST_FILES } from '../ir/locations.ts';
import { LIMITS } from './opcodes.ts';

/** Atoms are numbered from 1, the module's name first. */
export class AtomTable {
  private readonly indices = new Map<string, number>();
  private readonly names = new ByteBuffer(1024);

  /** Throws RangeError for a name of more than 255 bytes of UTF-8: its length has one byte in the file. */
  index(name: string): number {
    const known = this.indices.get(name);
    if (known !== undefined) return known;
    const bytes = new TextEncoder().encode(name);
    if (bytes.length > LIMITS.atomBytes) throw new RangeError(`atom of ${bytes.length} bytes`);
    this.names.writeByte(bytes.length);
    this.names.writeBytes(bytes);
    this.indices.set(name, this.indices.size + 1);
    return this.indices.size;
  }

  /** In the order of their numbers. */
  entries(): string[] {
    return [...this.indices.keys()];
  }

  chunk(): Uint8Array {
    return counted(this.indices.size, this.names);
  }
}

export interface Import {
  readonly module: string;
  readonly name: string;
  readonly arity: number;
}

/** Imports are numbered from 0. */
export class ImportTable {
  private readonly atoms: AtomTable;
  /** Module to function to index by arity. */
  private readonly indices = new Map<string, Map<string, number[]>>();
  private readonly imports: Import[] = [];

  constructor(atoms: AtomTable) {
    this.atoms = atoms;
  }

  index(module: string, name: string, arity: number): number {
    let functions = this.indices.get(module);
    if (functions === undefined) this.indices.set(module, (functions = new Map<string, number[]>()));
    let arities = functions.get(name);
    if (arities === undefined) functions.set(name, (arities = []));
    return (arities[arity] ??= this.add(module, name, arity));
  }

  /** In the order of their numbers. */
  entries(): readonly Import[] {
    return this.imports;
  }

  chunk(): Uint8Array {
    const entries = new ByteBuffer(12 * this.imports.length);
    for (const { module, name, arity } of this.imports) {
      entries.writeUint32(this.atoms.index(module));
      entries.writeUint32(this.atoms.index(name));
      entries.writeUint32(arity);
    }
    return counted(this.imports.length, entries);
  }

  private add(module: string, name: string, arity: number): number {
    // Now, and not when the chunk is made: the order of atoms depends on nothing but first use.
    this.atoms.index(module);
    this.atoms.index(name);
    return this.imports.push({ module, name, arity }) - 1;
  }
}

/** Above this many bytes a literal is known by its digest, not by a copy of its bytes. */
const LONGEST_KEY = 128;

/** Literals are told apart by their external form: 0.0 and -0.0 are two, and so are 1 and 1.0. */
export class LiteralTable {
  private readonly indices = new Map<string, number>();
  /** Terms met before, the very objects: most literals are shared ones. */
  private readonly met = new WeakMap<object, number>();
  /** Floats, of which each use is another object; not zeros, which are two. */
  private readonly floats = new Map<number, number>();
  private readonly terms: Uint8Array[] = [];

  index(term: Term): number {
    if (typeof term !== 'object') return this.indexEncoded(encodeTerm(term));
    if ('float' in term && term.float !== 0) return this.indexFloat(term);
    let index = this.met.get(term);
    if (index === undefined) this.met.set(term, (index = this.indexEncoded(encodeTerm(term))));
    return index;
  }

  private indexFloat(term: Extract<Term, { readonly float: number }>): number {
    let index = this.floats.get(term.float);
    if (index === undefined) this.floats.set(term.float, (index = this.indexEncoded(encodeTerm(term))));
    return index;
  }

  /** The same for a term in the external format. */
  indexEncoded(bytes: Uint8Array): number {
    const key =
      bytes.length > LONGEST_KEY
        ? createHash('sha256').update(bytes).digest('base64')
        : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const known = this.indices.get(key);
    if (known !== undefined) return known;
    const index = this.terms.push(bytes) - 1;
    this.indices.set(key, index);
    return index;
  }

  /** In the external format, in the order of their numbers. */
  entries(): readonly Uint8Array[] {
    return this.terms;
  }

  /** Undefined without literals: an empty chunk is not written. */
  chunk(): Uint8Array | undefined {
    if (this.terms.length === 0) return undefined;
    const entries = new ByteBuffer(1024);
    for (const bytes of this.terms) {
      entries.writeUint32(bytes.length);
      entries.writeBytes(bytes);
    }
    const table = counted(this.terms.length, entries);
    const buffer = new ByteBuffer(table.length + 4);
    buffer.writeUint32(table.length);
    buffer.writeBytes(deflateSync(table));
    return buffer.view();
  }
}

/** Lines of instructions by their byte offset in the module. */
export interface Lines {
  /** The operand of one `line` instruction: 0 for offset 0 and for what no file can name. */
  index(offset: number): number;
}

/** Tells offsets apart and nothing else: files and lines are known where fragments are linked. */
export class OffsetTable implements Lines {
  private readonly indices = new Map<number, number>();
  /** How many `line` instructions there are. */
  instructions = 0;

  index(offset: number): number {
    this.instructions++;
    if (offset === 0) return 0;
    const known = this.indices.get(offset);
    if (known !== undefined) return known;
    this.indices.set(offset, this.indices.size + 1);
    return this.indices.size;
  }

  /** In the order of their numbers, from 1. */
  entries(): number[] {
    return [...this.indices.keys()];
  }
}

export class LineTable implements Lines {
  private readonly locations: Locations;
  /** Numbers by offset, and by file and line. */
  private readonly offsets = new Map<number, number>();
  private readonly indices: Map<number, number>[] = [];
  private count = 0;
  private readonly entries = new ByteBuffer(1024);
  /** File 0 is the loader's own guess at a name, so ours count from 1. */
  private readonly files = new Map<string, number>();
  private lastFile = 0;
  private instructions = 0;

  constructor(locations: Locations) {
    this.locations = locations;
  }

  index(offset: number): number {
    this.instructions++;
    return this.find(offset);
  }

  /** The numbers of offsets that so many instructions name. */
  add(offsets: readonly number[], instructions: number): number[] {
    this.instructions += instructions;
    return offsets.map((offset) => this.find(offset));
  }

  private find(offset: number): number {
    let index = this.offsets.get(offset);
    if (index === undefined) this.offsets.set(offset, (index = this.locate(offset)));
    return index;
  }

  private locate(offset: number): number {
    const location = this.locations(offset);
    if (!location) return 0;
    const file = this.files.get(location.file) ?? this.files.size + 1;
    if (file > MOST_FILES) return 0;
    this.files.set(location.file, file);
    const lines = (this.indices[file] ??= new Map<number, number>());
    const known = lines.get(location.line);
    if (known !== undefined) return known;
    if (file !== this.lastFile) writeCompact(this.entries, TAG.a, file);
    this.lastFile = file;
    writeCompact(this.entries, TAG.i, location.line);
    lines.set(location.line, ++this.count);
    return this.count;
  }

  chunk(): Uint8Array {
    const buffer = new ByteBuffer(this.locations.length + 64);
    buffer.writeUint32(0); // version
    buffer.writeUint32(0); // flags
    buffer.writeUint32(this.instructions);
    buffer.writeUint32(this.count);
    buffer.writeUint32(this.files.size);
    buffer.writeBytes(this.entries.view());
    for (const file of this.files.keys()) {
      const name = new TextEncoder().encode(file).subarray(0, 0xffff);
      buffer.writeUint16(name.length);
      buffer.writeBytes(name);
    }
    return buffer.view();
  }
}

function counted(count: number, entries: ByteBuffer): Uint8Array {
  const buffer = new ByteBuffer(4 + entries.length);
  buffer.writeUint32(count);
  buffer.writeBytes(entries.view());
  return buffer.view();
}
