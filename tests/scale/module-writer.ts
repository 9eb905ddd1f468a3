// Writes large modules for tests: instructions by mnemonic, definitions in any order, sections in theirs.
//
// Consumes calls; produces the binary. Made for millions of instructions, where the byte lists of
// tests/frontend/binary.ts would be slow. Nothing is checked: V8 says whether the module is valid.
//
// spec: binary
import { ByteBuffer } from '../../frontend/byte-buffer.ts';
import { OPERATION, type Mnemonic, type ValueType } from '../../ir/instructions.ts';
import { HEADER, TYPE_CODE } from '../frontend/binary.ts';

/** The block type of a block without parameters and results. */
export const EMPTY = -64;

/** The block type of a block with one result, and the reference type of `ref.null`. */
export const typeOperand = (type: ValueType): number => TYPE_CODE[type] - 128;

/** Instructions of one body or constant expression. */
export class Code {
  readonly bytes = new ByteBuffer();

  /**
   * Appends an instruction. Operands are its immediates in binary order: numbers, bigints for i64 and for the bits of
   * f64, signed for constants, block types and reference types; of br_table the labels, the default label last.
   */
  op(mnemonic: Mnemonic, ...operands: readonly (number | bigint)[]): this {
    const { code, immediates } = OPERATION[mnemonic];
    const { bytes } = this;
    if (code > 0xff) bytes.byte(code >> 8);
    bytes.byte(code & 0xff);
    switch (immediates) {
      case 'i32':
      case 'block':
      case 'reftype':
        bytes.s32(Number(operands[0]));
        break;
      case 'i64':
        bytes.s64(BigInt(operands[0]));
        break;
      case 'f32':
        bytes.bits32(Number(operands[0]));
        break;
      case 'f64':
        bytes.bits64(BigInt(operands[0]));
        break;
      case 'labels':
        bytes.u32(operands.length - 1);
        for (const label of operands) bytes.u32(Number(label));
        break;
      default:
        for (const operand of operands) bytes.u32(Number(operand));
    }
    return this;
  }

  /** An f64 constant by its value. */
  f64(value: number): this {
    return this.op('f64.const', new BigUint64Array(Float64Array.of(value).buffer)[0]);
  }
}

const encoder = new TextEncoder();

function writeName(to: ByteBuffer, name: string): void {
  to.sized(encoder.encode(name));
}

/** Entries of one section. */
class Entries {
  readonly bytes = new ByteBuffer();
  count = 0;

  add(): ByteBuffer {
    this.count++;
    return this.bytes;
  }
}

type SectionName =
  'types' | 'imports' | 'functions' | 'tables' | 'memories' | 'globals' | 'exports' | 'elements' | 'code' | 'data';

const SECTION_IDS: Readonly<Record<SectionName, number>> = {
  types: 1,
  imports: 2,
  functions: 3,
  tables: 4,
  memories: 5,
  globals: 6,
  exports: 7,
  elements: 9,
  code: 10,
  data: 11,
};
const DATA_COUNT = 12;

export class ModuleWriter {
  private readonly sections = Object.fromEntries(
    Object.keys(SECTION_IDS).map((name) => [name, new Entries()]),
  ) as Record<SectionName, Entries>;
  private readonly typeIndices = new Map<string, number>();
  private functionCount = 0;

  /** Index of a function type; equal types are one. */
  type(parameters: readonly ValueType[], results: readonly ValueType[]): number {
    const key = `${parameters.join()}:${results.join()}`;
    const known = this.typeIndices.get(key);
    if (known !== undefined) return known;
    const to = this.sections.types.add();
    to.byte(0x60);
    for (const types of [parameters, results]) {
      to.u32(types.length);
      for (const type of types) to.byte(TYPE_CODE[type]);
    }
    this.typeIndices.set(key, this.typeIndices.size);
    return this.typeIndices.size - 1;
  }

  /** Imports come before all functions. The function's index. */
  importFunction(module: string, name: string, type: number): number {
    const to = this.sections.imports.add();
    writeName(to, module);
    writeName(to, name);
    to.byte(0);
    to.u32(type);
    return this.functionCount++;
  }

  /** The function's index; `code` without its last `end`. `locals`: runs of one type. */
  function(type: number, locals: readonly (readonly [number, ValueType])[], code: Code, exportName?: string): number {
    this.sections.functions.add().u32(type);
    const body = new ByteBuffer();
    body.u32(locals.length);
    for (const [count, local] of locals) {
      body.u32(count);
      body.byte(TYPE_CODE[local]);
    }
    body.append(code.bytes);
    body.byte(OPERATION.end.code);
    this.sections.code.add().sized(body.view());
    if (exportName !== undefined) this.export(exportName, 0, this.functionCount);
    return this.functionCount++;
  }

  /** `kind`: 0 function, 1 table, 2 memory, 3 global. */
  export(name: string, kind: number, index: number): void {
    const to = this.sections.exports.add();
    writeName(to, name);
    to.byte(kind);
    to.u32(index);
  }

  table(type: 'funcref' | 'externref', minimum: number): void {
    const to = this.sections.tables.add();
    to.byte(TYPE_CODE[type]);
    to.byte(0);
    to.u32(minimum);
  }

  memory(minimum: number, maximum: number): void {
    const to = this.sections.memories.add();
    to.byte(1);
    to.u32(minimum);
    to.u32(maximum);
  }

  /** A mutable global; `initial` without its last `end`. */
  global(type: ValueType, initial: Code): void {
    const to = this.sections.globals.add();
    to.byte(TYPE_CODE[type]);
    to.byte(1);
    to.append(initial.bytes);
    to.byte(OPERATION.end.code);
  }

  /** An active segment of table 0. */
  elements(at: number, functions: readonly number[]): void {
    const to = this.sections.elements.add();
    to.u32(0);
    to.append(new Code().op('i32.const', at).op('end').bytes);
    to.u32(functions.length);
    for (const index of functions) to.u32(index);
  }

  passiveData(bytes: Uint8Array): void {
    const to = this.sections.data.add();
    to.u32(1);
    to.sized(bytes);
  }

  finish(): Uint8Array {
    const file = new ByteBuffer();
    file.raw(Uint8Array.from(HEADER));
    for (const name of Object.keys(SECTION_IDS) as SectionName[]) {
      const { bytes, count } = this.sections[name];
      const { data } = this.sections;
      if (name === 'code' && data.count > 0) section(file, DATA_COUNT, data.count);
      if (count > 0) section(file, SECTION_IDS[name], count, bytes);
    }
    return file.view().slice();
  }
}

function section(file: ByteBuffer, id: number, count: number, entries = new ByteBuffer()): void {
  const contents = new ByteBuffer();
  contents.u32(count);
  contents.append(entries);
  file.byte(id);
  file.sized(contents.view());
}
