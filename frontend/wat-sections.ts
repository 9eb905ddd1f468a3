// A binary module under construction: the contents of its sections, and how they are put together.
//
// Consumes what wat-fields.ts appends field by field, produces the bytes of the module with the text positions of
// its parts.
//
// spec: binary/modules
import { ByteBuffer } from './byte-buffer.ts';
import type { TypeCodes } from './wat-context.ts';

/** A section that is a vector: its entries so far. */
export class Section {
  count = 0;
  readonly entries = new ByteBuffer();

  /** The buffer for one more entry, whose text begins at a character offset. */
  add(source: number): ByteBuffer {
    this.count++;
    this.entries.mark(source);
    return this.entries;
  }
}

export class ModuleSections {
  readonly imports = new Section();
  readonly functions = new Section();
  readonly tables = new Section();
  readonly memories = new Section();
  readonly globals = new Section();
  readonly exports = new Section();
  start: { readonly index: number; readonly source: number } | undefined;
  readonly elements = new Section();
  readonly code = new Section();
  readonly data = new Section();

  /** The module. Empty sections are left out. spec: binary/modules#binary-module */
  assemble(types: readonly TypeCodes[], needsDataCount: boolean, names: Names): ByteBuffer {
    const out = new ByteBuffer();
    out.raw(Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00));
    writeSection(out, 1, typeSection(types));
    writeSection(out, 2, this.imports);
    writeSection(out, 3, this.functions);
    writeSection(out, 4, this.tables);
    writeSection(out, 5, this.memories);
    writeSection(out, 6, this.globals);
    writeSection(out, 7, this.exports);
    if (this.start !== undefined) writeContent(out, 8, startContent(this.start));
    writeSection(out, 9, this.elements);
    if (needsDataCount) writeContent(out, 12, numberContent(this.data.count));
    writeSection(out, 10, this.code);
    writeSection(out, 11, this.data);
    if (names.module !== undefined || names.functions.length > 0) writeContent(out, 0, nameContent(names));
    return out;
  }
}

/** What the name section says, in ascending order of indices. */
export interface Names {
  readonly module?: string;
  readonly functions: readonly (readonly [index: number, name: string])[];
}

function writeContent(out: ByteBuffer, id: number, content: ByteBuffer): void {
  out.byte(id);
  out.u32(content.length);
  out.append(content);
}

function writeSection(out: ByteBuffer, id: number, section: Section): void {
  if (section.count === 0) return;
  const content = numberContent(section.count);
  content.append(section.entries);
  writeContent(out, id, content);
}

function numberContent(value: number): ByteBuffer {
  const content = new ByteBuffer();
  content.u32(value);
  return content;
}

function startContent(start: { readonly index: number; readonly source: number }): ByteBuffer {
  const content = new ByteBuffer();
  content.mark(start.source);
  content.u32(start.index);
  return content;
}

function typeSection(types: readonly TypeCodes[]): Section {
  const section = new Section();
  section.count = types.length;
  for (const { parameters, results } of types) {
    section.entries.byte(0x60);
    for (const list of [parameters, results]) section.entries.sized(Uint8Array.from(list));
  }
  return section;
}

const encoder = new TextEncoder();

/** spec: appendix/custom#name-section */
function nameContent({ module, functions }: Names): ByteBuffer {
  const content = new ByteBuffer();
  content.sized(encoder.encode('name'));
  if (module !== undefined) {
    const name = new ByteBuffer();
    name.sized(encoder.encode(module));
    content.byte(0);
    content.sized(name.view());
  }
  if (functions.length > 0) {
    const map = numberContent(functions.length);
    for (const [index, name] of functions) {
      map.u32(index);
      map.sized(encoder.encode(name));
    }
    content.byte(1);
    content.sized(map.view());
  }
  return content;
}
