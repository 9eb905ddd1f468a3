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

  chunk(): Uint8Array {
    return counted(this.indices.size, this.names);
  }
}

export class ImportTable {
  private readonly atoms: AtomTable;
  /** Module to function to index by arity. */
  private readonly indices = new Map<string, Map<string, number[]>>();
  private readonly entries = new ByteBuffer(1024);
  private count = 0;

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

  chunk(): Uint8Array {
    return counted(this.count, this.entries);
  }

  private add(module: string, name: string, arity: number): number {
    this.entries.writeUint32(this.atoms.index(module));
    this.entries.writeUint32(this.atoms.index(name));
    this.entries.writeUint32(arity);
    return this.count++;
  }
}

/** Above this many bytes a literal is known by its digest, not by a copy of its bytes. */
const LONGEST_KEY = 128;

/** Literals are told apart by their external form: 0.0 and -0.0 are two, and so are 1 and 1.0. */
export class LiteralTable {
  private readonly indices = new Map<string, number>();
  /** Terms met before, the very objects: most literals are shared ones. */
  private readonly met = new WeakMap<object, number>();
  private readonly entries = new ByteBuffer(1024);

  index(term: Term): number {
    if (typeof term !== 'object') return this.find(term);
    let index = this.met.get(term);
    if (index === undefined) this.met.set(term, (index = this.find(term)));
    return index;
  }

  private find(term: Term): number {
    const bytes = encodeTerm(term);
    const key =
      bytes.length > LONGEST_KEY
        ? createHash('sha256').update(bytes).digest('base64')
        : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const known = this.indices.get(key);
    if (known !== undefined) return known;
    this.entries.writeUint32(bytes.length);
    this.entries.writeBytes(bytes);
    const index = this.indices.size;
    this.indices.set(key, index);
    return index;
  }

  /** Undefined without literals: an empty chunk is not written. */
  chunk(): Uint8Array | undefined {
    if (this.indices.size === 0) return undefined;
    const table = counted(this.indices.size, this.entries);
    const buffer = new ByteBuffer(table.length + 4);
    buffer.writeUint32(table.length);
    buffer.writeBytes(deflateSync(table));
    return buffer.view();
  }
}

export class LineTable {
  private readonly locations: Locations;
  private readonly indices = new Map<string, number>();
  private readonly entries = new ByteBuffer(1024);
  /** File 0 is the loader's own guess at a name, so ours count from 1. */
  private readonly files = new Map<string, number>();
  private lastFile = 0;
  private instructions = 0;

  constructor(locations: Locations) {
    this.locations = locations;
  }

  /** The operand of one `line` instruction: 0 for offset 0 and for what no file can name. */
  index(offset: number): number {
    this.instructions++;
    const location = this.locations(offset);
    if (!location) return 0;
    const file = this.files.get(location.file) ?? this.files.size + 1;
    if (file > MOST_FILES) return 0;
    this.files.set(location.file, file);
    const key = `${file}:${location.line}`;
    const known = this.indices.get(key);
    if (known !== undefined) return known;
    if (file !== this.lastFile) writeCompact(this.entries, TAG.a, file);
    this.lastFile = file;
    writeCompact(this.entries, TAG.i, location.line);
    this.indices.set(key, this.indices.size + 1);
    return this.indices.size;
  }

  chunk(): Uint8Array {
    const buffer = new ByteBuffer(this.entries.length + 64);
    buffer.writeUint32(0); // version
    buffer.writeUint32(0); // flags
    buffer.writeUint32(this.instructions);
    buffer.writeUint32(this.indices.size);
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
