// Reads types of the binary format: value types, reference types, limits, tables, memories, globals, functions.
//
// Consumes a Reader that stands at the type; produces the shapes of module.ts. Throws WasmError, 'malformed' or, for a
// type that some proposal would know, 'unsupported'.
//
// spec: binary/types
import type { ReferenceType, ValueType } from '../ir/instructions.ts';
import { WasmError } from './errors.ts';
import { LIMITS, exceeds } from './limits.ts';
import type { FunctionType, GlobalType, Limits, TableType } from './module.ts';
import { proposalOfLimits, proposalOfType, proposalOfTypeForm, UNSUPPORTED } from './proposals.ts';
import type { Reader } from './reader.ts';

const VALUE_TYPES: readonly (ValueType | undefined)[] = (() => {
  const table = new Array<ValueType | undefined>(256).fill(undefined);
  table[0x7f] = 'i32';
  table[0x7e] = 'i64';
  table[0x7d] = 'f32';
  table[0x7c] = 'f64';
  table[0x70] = 'funcref';
  table[0x6f] = 'externref';
  return table;
})();

const NO_TYPES: readonly ValueType[] = Object.freeze([]);

function unsupported(reader: Reader, text: string, offset: number): WasmError {
  return new WasmError('unsupported', text, { offset, functionIndex: reader.functionIndex });
}

/** A byte that is a value type of Wasm 2.0 without v128, or undefined. */
export function valueTypeOf(byte: number): ValueType | undefined {
  return VALUE_TYPES[byte];
}

/** spec: binary/types#value-types */
export function readValueType(reader: Reader): ValueType {
  const offset = reader.position;
  const byte = reader.readByte();
  const type = VALUE_TYPES[byte];
  if (type !== undefined) return type;
  const proposal = proposalOfType(byte);
  if (proposal !== undefined) throw unsupported(reader, proposal, offset);
  throw reader.malformed(byte >= 0x80 ? 'integer representation too long' : 'malformed value type', offset);
}

/** spec: binary/types#reference-types */
export function readReferenceType(reader: Reader): ReferenceType {
  const offset = reader.position;
  const byte = reader.readByte();
  if (byte === 0x70) return 'funcref';
  if (byte === 0x6f) return 'externref';
  const proposal = byte === 0x7b ? undefined : proposalOfType(byte);
  if (proposal !== undefined) throw unsupported(reader, proposal, offset);
  throw reader.malformed('malformed reference type', offset);
}

/** A vector of value types, at most `limit.most` of them. spec: binary/types#result-types */
export function readValueTypes(reader: Reader, limit: (typeof LIMITS)['parameters']): readonly ValueType[] {
  const offset = reader.position;
  const count = reader.readLength();
  if (count > limit.most) throw exceeds(limit, count, offset);
  if (count === 0) return NO_TYPES;
  const types: ValueType[] = [];
  for (let i = 0; i < count; i++) types.push(readValueType(reader));
  return types;
}

/** spec: binary/types#function-types */
export function readFunctionType(reader: Reader): FunctionType {
  const offset = reader.position;
  const form = reader.readByte();
  if (form !== 0x60) {
    const proposal = proposalOfTypeForm(form);
    if (proposal !== undefined) throw unsupported(reader, proposal, offset);
    throw reader.malformed(form >= 0x80 ? 'integer representation too long' : 'malformed function type', offset);
  }
  const parameters = readValueTypes(reader, LIMITS.parameters);
  const results = readValueTypes(reader, LIMITS.results);
  return { parameters, results };
}

/** spec: binary/types#limits */
function readLimits(reader: Reader): Limits {
  const offset = reader.position;
  const flags = reader.readByte();
  if (flags > 1) {
    const proposal = proposalOfLimits(flags);
    if (proposal !== undefined) throw unsupported(reader, proposal, offset);
    throw reader.malformed(flags >= 0x80 ? 'integer representation too long' : 'integer too large', offset);
  }
  const minimum = reader.readU32();
  return flags === 0 ? { minimum, offset } : { minimum, maximum: reader.readU32(), offset };
}

/** spec: binary/types#memory-types */
export function readMemoryType(reader: Reader): Limits {
  return readLimits(reader);
}

/** spec: binary/types#table-types */
export function readTableType(reader: Reader): TableType {
  const offset = reader.position;
  // A table with an initial value for its elements.
  if (reader.bytes[offset] === 0x40 && offset < reader.end) throw unsupported(reader, UNSUPPORTED.references, offset);
  const element = readReferenceType(reader);
  return { element, ...readLimits(reader) };
}

/** spec: binary/types#global-types */
export function readGlobalType(reader: Reader): GlobalType {
  const type = readValueType(reader);
  const offset = reader.position;
  const mutability = reader.readByte();
  if (mutability > 1) throw reader.malformed('malformed mutability', offset);
  return { type, mutable: mutability === 1 };
}
