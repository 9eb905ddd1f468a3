// Reads one instruction of the binary format: its row of the table and its immediates.
//
// Consumes a Reader that stands at an instruction; produces an Instruction whose fields have one meaning for each kind
// of immediates. There is one Instruction, which each reading fills anew, since a module has millions. Which block an
// `else` or `end` belongs to is the caller's to know.
//
// spec: binary/instructions
import { type Operation, OPERATION_BY_CODE, type ValueType } from '../ir/instructions.ts';
import { WasmError } from './errors.ts';
import type { FunctionType, Module } from './module.ts';
import {
  proposalOfMiscellaneousCode,
  proposalOfOpcode,
  proposalOfType,
  proposalOfVectorCode,
  UNSUPPORTED,
} from './proposals.ts';
import type { Reader } from './reader.ts';
import { readReferenceType, readValueType, valueTypeOf } from './types-reader.ts';

export interface Instruction {
  readonly op: Operation;
  /** Of its first byte in the module. */
  readonly offset: number;
  /** Label, function, local, global, table, memory, segment, or type of call_indirect; 0 where there is none. */
  readonly index: number;
  /**
   * call_indirect: table; table.copy, memory.copy: source; table.init: table; memory.init: memory; br_table: default
   * label; else 0.
   */
  readonly index2: number;
  /** br_table, without the default label. */
  readonly labels: readonly number[];
  /** Binary logarithm of the alignment of an access. */
  readonly align: number;
  /** Offset of an access, 0..2^32-1. */
  readonly displacement: number;
  /**
   * i32.const: -2^31..2^31-1; i64.const: a signed bigint; f32.const: its 32 bits, unsigned; f64.const: its 64 bits, an
   * unsigned bigint; else 0.
   */
  readonly value: number | bigint;
  /** Block type: a type index, or -0x40 (empty), or the code of a value type as a signed byte: -1 (i32) ... -0x11. */
  readonly block: number;
  /** select t: the vector; ref.null: the type alone. */
  readonly types: readonly ValueType[];
}

// The table of all codes is sparse; these two have no holes, so that a look-up is one load.
const SINGLE_BYTE = Array.from({ length: 0x100 }, (_, code) => OPERATION_BY_CODE[code]);
const PREFIXED = Array.from({ length: 0x100 }, (_, code) => OPERATION_BY_CODE[0xfc00 | code]);

/** The block type without parameters and results. */
const EMPTY_BLOCK = -0x40;
const NO_LABELS: readonly number[] = Object.freeze([]);
const NO_TYPES: readonly ValueType[] = Object.freeze([]);
const EMPTY_TYPE: FunctionType = Object.freeze({ parameters: NO_TYPES, results: NO_TYPES });

/** What a block type without an index stands for, by its code's negative. */
const SINGLE_RESULT: readonly (FunctionType | undefined)[] = Array.from({ length: 0x40 }, (_, negative) => {
  const type = valueTypeOf(0x80 - negative);
  return type && Object.freeze({ parameters: NO_TYPES, results: Object.freeze([type]) });
});

/**
 * The function type that a block type stands for.
 *
 * @param block as in {@link Instruction.block}
 * @throws WasmError 'invalid': unknown type. spec: valid/types#block-types
 */
export function blockType(module: Module, block: number): FunctionType {
  const type = block >= 0 ? module.types[block] : block === EMPTY_BLOCK ? EMPTY_TYPE : SINGLE_RESULT[-block];
  if (type === undefined) throw new WasmError('invalid', `unknown type ${block}`);
  return type;
}

function unsupported(reader: Reader, text: string, offset: number): WasmError {
  return new WasmError('unsupported', text, { offset, functionIndex: reader.functionIndex });
}

function illegalOpcode(reader: Reader, offset: number, byte: number, code?: number): WasmError {
  const proposal =
    code === undefined
      ? proposalOfOpcode(byte)
      : byte === 0xfd
        ? proposalOfVectorCode(code)
        : proposalOfMiscellaneousCode(code);
  if (proposal !== undefined) return unsupported(reader, proposal, offset);
  const shown = code === undefined ? '' : ` ${code.toString(16).padStart(2, '0')}`;
  return reader.malformed(`illegal opcode ${byte.toString(16).padStart(2, '0')}${shown}`, offset);
}

/** Instructions with a code of two parts. */
function readPrefixed(reader: Reader, prefix: number, offset: number): Operation {
  const code = reader.readU32();
  const op = prefix === 0xfc ? PREFIXED[code] : undefined;
  if (op === undefined) throw illegalOpcode(reader, offset, prefix, code);
  return op;
}

/** spec: binary/instructions#control-instructions */
function readBlock(reader: Reader): number {
  const offset = reader.position;
  const byte = offset < reader.end ? reader.bytes[offset] : 0;
  // A type index is never negative, so its last byte has bit 6 clear; a byte of a type has it set and bit 7 clear.
  if ((byte & 0xc0) !== 0x40) {
    const index = reader.readS33();
    if (index < 0) throw reader.malformed('malformed block type', offset);
    return index;
  }
  if (byte === 0x40) reader.readByte();
  else readValueType(reader);
  return byte - 0x80;
}

/** A byte that later versions use as a memory index. */
function readZero(reader: Reader): void {
  const offset = reader.position;
  if (reader.readByte() !== 0) throw reader.malformed(`zero byte expected (${UNSUPPORTED.memories})`, offset);
}

function readLabels(reader: Reader): readonly number[] {
  const count = reader.readLength();
  if (count === 0) return NO_LABELS;
  const labels: number[] = [];
  for (let i = 0; i < count; i++) labels.push(reader.readU32());
  return labels;
}

function readSelectTypes(reader: Reader): readonly ValueType[] {
  const count = reader.readLength();
  const types: ValueType[] = [];
  for (let i = 0; i < count; i++) types.push(readValueType(reader));
  return types;
}

/** The type of ref.null, which other proposals widen to heap types. */
function readNullType(reader: Reader): readonly ValueType[] {
  const offset = reader.position;
  const byte = offset < reader.end ? reader.bytes[offset] : 0x70;
  if (byte < 0x40) throw unsupported(reader, UNSUPPORTED.references, offset);
  if (byte === 0x63 || byte === 0x64 || proposalOfType(byte) === undefined) return [readReferenceType(reader)];
  throw unsupported(reader, proposalOfType(byte) ?? UNSUPPORTED.gc, offset);
}

function readAlignment(reader: Reader): number {
  const offset = reader.position;
  const align = reader.readU32();
  // Bit 6 announces a memory index; the rest is left to validation, which compares it with the width.
  if (align >= 0x40 && align < 0x80) throw unsupported(reader, UNSUPPORTED.memories, offset);
  if (align >= 0x80) throw reader.malformed('malformed memop flags', offset);
  return align;
}

/** The instruction that was read last. */
const LAST: { -readonly [Field in keyof Instruction]: Instruction[Field] } = {
  op: OPERATION_BY_CODE[0]!,
  offset: 0,
  index: 0,
  index2: 0,
  labels: NO_LABELS,
  align: 0,
  displacement: 0,
  value: 0,
  block: EMPTY_BLOCK,
  types: NO_TYPES,
};

/**
 * Reads one instruction and moves the reader past it.
 *
 * @returns the instruction, until another one is read
 * @throws WasmError 'malformed', or 'unsupported' with the name of the proposal that the instruction belongs to
 */
export function readInstruction(reader: Reader): Instruction {
  const offset = reader.position;
  const byte = reader.readByte();
  let op = SINGLE_BYTE[byte];
  let index = 0;
  let index2 = 0;
  let labels = NO_LABELS;
  let align = 0;
  let displacement = 0;
  let value: number | bigint = 0;
  let block = EMPTY_BLOCK;
  let types = NO_TYPES;
  if (op === undefined) {
    if (byte !== 0xfc && byte !== 0xfd) throw illegalOpcode(reader, offset, byte);
    op = readPrefixed(reader, byte, offset);
  }
  // The most frequent kinds first.
  switch (op.immediates) {
    case 'none':
      break;
    case 'local':
    case 'label':
    case 'function':
    case 'global':
    case 'table':
    case 'elem':
    case 'data':
      index = reader.readU32();
      break;
    case 'i32':
      value = reader.readS32();
      break;
    case 'memarg':
      align = readAlignment(reader);
      displacement = reader.readU32();
      break;
    case 'block':
      block = readBlock(reader);
      break;
    case 'i64':
      value = reader.readS64();
      break;
    case 'f32':
      value = reader.readF32Bits();
      break;
    case 'f64':
      value = reader.readF64Bits();
      break;
    case 'call_indirect':
    case 'table_table':
    case 'table_elem':
      index = reader.readU32();
      index2 = reader.readU32();
      break;
    case 'labels':
      labels = readLabels(reader);
      index2 = reader.readU32();
      break;
    case 'memory':
      readZero(reader);
      break;
    case 'memory_memory':
      readZero(reader);
      readZero(reader);
      break;
    case 'data_memory':
      index = reader.readU32();
      readZero(reader);
      break;
    case 'types':
      types = readSelectTypes(reader);
      break;
    case 'reftype':
      types = readNullType(reader);
      break;
  }
  LAST.op = op;
  LAST.offset = offset;
  LAST.index = index;
  LAST.index2 = index2;
  LAST.labels = labels;
  LAST.align = align;
  LAST.displacement = displacement;
  LAST.value = value;
  LAST.block = block;
  LAST.types = types;
  return LAST;
}
