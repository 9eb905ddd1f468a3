// A binary module whose sections can be given entries at either end, so that a real module gets an exported `run(n)`.
//
// Consumes and produces bytes; what nobody asked to change stays as it is. spec: binary/modules
import { ByteBuffer } from '../frontend/byte-buffer.ts';
import { decodeModule } from '../frontend/decode.ts';
import type { Module } from '../frontend/module.ts';
import { Reader } from '../frontend/reader.ts';

export const TYPE = 1;
export const IMPORT = 2;
export const FUNCTION = 3;
export const GLOBAL = 6;
export const EXPORT = 7;
export const CODE = 10;
const CUSTOM = 0;
const HEADER_BYTES = 8;

/** What a section gets: entries before those it has, and behind them. */
interface Change {
  readonly before: Uint8Array[];
  readonly behind: Uint8Array[];
  emptied: boolean;
}

export class Sections {
  readonly module: Module;
  private readonly changes = new Map<number, Change>();

  /** @throws WasmError for bytes that are no module */
  constructor(bytes: Uint8Array) {
    this.module = decodeModule(bytes);
  }

  /** Index of an exported function. Throws where there is none of the name. */
  function(name: string): number {
    const found = this.module.exports.find((at) => at.kind === 'func' && at.name === name);
    if (!found) throw new Error(`the module exports no function ${name}: it is not the one that was expected`);
    return found.index;
  }

  prepend(section: number, ...entries: Uint8Array[]): void {
    this.change(section).before.push(...entries);
  }

  append(section: number, ...entries: Uint8Array[]): void {
    this.change(section).behind.push(...entries);
  }

  /** Leaves a section without the entries that it had. */
  empty(section: number): void {
    this.change(section).emptied = true;
  }

  /** Appends a function that takes and gives an i32, exported as `run`. `body`: its locals and code. */
  addRun(body: ByteBuffer): void {
    const { types, functions } = this.module;
    this.append(TYPE, entry(0x60, 1, 0x7f, 1, 0x7f));
    this.append(FUNCTION, number(types.length));
    this.append(EXPORT, entry(3, ...Buffer.from('run'), 0, ...number(functions.length)));
    const code = new ByteBuffer();
    code.sized(body.view());
    this.append(CODE, code.view());
  }

  /** The module with all changes. Throws where a section is missing that shall be changed, or V8 refuses the result. */
  bytes(): Uint8Array {
    const { bytes, sections, customs } = this.module;
    const output = new ByteBuffer();
    output.raw(bytes.subarray(0, HEADER_BYTES));
    const changed = new Set<number>();
    for (const { id, start, end } of sections) {
      const contents = this.changes.has(id) ? this.contents(id, start, end) : bytes.subarray(start, end);
      changed.add(id);
      output.byte(id);
      output.sized(contents);
    }
    for (const id of this.changes.keys()) if (!changed.has(id)) throw new Error(`the module has no section ${id}`);
    for (const { name, start, end } of customs) {
      const contents = new ByteBuffer();
      contents.sized(Buffer.from(name));
      contents.raw(bytes.subarray(start, end));
      output.byte(CUSTOM);
      output.sized(contents.view());
    }
    const module = Uint8Array.from(output.view());
    if (!WebAssembly.validate(module)) throw new Error('V8 refuses the module with its new entries');
    return module;
  }

  private contents(id: number, start: number, end: number): Uint8Array {
    const { before, behind, emptied } = this.changes.get(id)!;
    const reader = new Reader(this.module.bytes, start, end);
    const count = reader.readU32();
    const contents = new ByteBuffer();
    contents.u32((emptied ? 0 : count) + before.length + behind.length);
    for (const added of before) contents.raw(added);
    if (!emptied) contents.raw(this.module.bytes.subarray(reader.position, end));
    for (const added of behind) contents.raw(added);
    return contents.view();
  }

  private change(section: number): Change {
    let change = this.changes.get(section);
    if (!change) this.changes.set(section, (change = { before: [], behind: [], emptied: false }));
    return change;
  }
}

/** An entry of a section, byte by byte. */
export const entry = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);

/** A number in unsigned LEB128. */
export function number(value: number): Uint8Array {
  const buffer = new ByteBuffer();
  buffer.u32(value);
  return buffer.view();
}
