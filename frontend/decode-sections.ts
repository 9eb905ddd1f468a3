// Reads the entries of each section of a module, apart from the sections' frame (decode.ts).
//
// Consumes a Reader that stands at an entry; produces the shapes of module.ts. Function bodies are measured, not
// walked; constant expressions are walked to find their end.
//
// spec: binary/modules
import type { ReferenceType } from '../ir/instructions.ts';
import { readInstruction } from './instruction-reader.ts';
import { exceeds, type Limit, LIMITS } from './limits.ts';
import type {
  Code,
  DataSegment,
  ElementSegment,
  Export,
  Expression,
  ExternKind,
  Global,
  Import,
  ImportDescription,
  LocalRun,
  SegmentMode,
} from './module.ts';
import type { Reader } from './reader.ts';
import { readGlobalType, readMemoryType, readReferenceType, readTableType, readValueType } from './types-reader.ts';

const NO_LOCALS: readonly LocalRun[] = Object.freeze([]);

const EXTERN_KINDS: readonly ExternKind[] = ['func', 'table', 'memory', 'global'];

/** The entries of a section, at most `limit.most`. spec: binary/conventions#vectors */
export function readVector<T>(reader: Reader, limit: Limit, readEntry: (reader: Reader) => T): T[] {
  const offset = reader.position;
  const count = reader.readLength();
  if (count > limit.most) throw exceeds(limit, count, offset);
  const entries: T[] = [];
  for (let i = 0; i < count; i++) entries.push(readEntry(reader));
  return entries;
}

/** Finds the `end` that belongs to the expression itself. spec: binary/instructions#expressions */
export function readExpression(reader: Reader): Expression {
  const start = reader.position;
  for (let depth = 1; depth > 0;) {
    const { op } = readInstruction(reader);
    if (op.immediates === 'block') depth++;
    else if (op.mnemonic === 'end') depth--;
  }
  return { start, end: reader.position };
}

function readExternKind(reader: Reader, what: string): ExternKind {
  const offset = reader.position;
  const byte = reader.readByte();
  const kind = EXTERN_KINDS[byte];
  if (kind !== undefined) return kind;
  const reason = byte === 4 ? ' (tag: the exception handling proposal is not supported)' : '';
  throw reader.malformed(`malformed ${what} kind${reason}`, offset);
}

function readImportDescription(reader: Reader): ImportDescription {
  const kind = readExternKind(reader, 'import');
  switch (kind) {
    case 'func':
      return { kind, type: reader.readU32() };
    case 'table':
      return { kind, table: readTableType(reader) };
    case 'memory':
      return { kind, memory: readMemoryType(reader) };
    case 'global':
      return { kind, global: readGlobalType(reader) };
  }
}

/** spec: binary/modules#import-section */
export function readImport(reader: Reader): Import {
  const offset = reader.position;
  const module = reader.readName();
  const name = reader.readName();
  return { module, name, description: readImportDescription(reader), offset };
}

/** spec: binary/modules#global-section */
export function readGlobal(reader: Reader): Global {
  const type = readGlobalType(reader);
  return { ...type, initial: readExpression(reader) };
}

/** spec: binary/modules#export-section */
export function readExport(reader: Reader): Export {
  const offset = reader.position;
  const name = reader.readName();
  const kind = readExternKind(reader, 'export');
  return { name, kind, index: reader.readU32(), offset };
}

const readFunctionIndex = (reader: Reader): number => reader.readU32();

/** spec: binary/modules#element-section */
export function readElementSegment(reader: Reader): ElementSegment {
  const offset = reader.position;
  const flags = reader.readU32();
  if (flags > 7) throw reader.malformed('malformed elements segment kind', offset);
  // Bit 0: passive or declarative; bit 1: an explicit table, or declarative; bit 2: expressions instead of indices.
  let mode: SegmentMode;
  if (flags & 1) {
    mode = { kind: flags & 2 ? 'declarative' : 'passive' };
  } else {
    const index = flags & 2 ? reader.readU32() : 0;
    mode = { kind: 'active', index, at: readExpression(reader) };
  }
  const typed = (flags & 3) !== 0;
  if (flags & 4) {
    const type: ReferenceType = typed ? readReferenceType(reader) : 'funcref';
    return { type, mode, items: { expressions: readVector(reader, LIMITS.items, readExpression) }, offset };
  }
  if (typed) {
    const at = reader.position;
    if (reader.readByte() !== 0) throw reader.malformed('malformed element kind', at);
  }
  return { type: 'funcref', mode, items: { functions: readVector(reader, LIMITS.items, readFunctionIndex) }, offset };
}

/** spec: binary/modules#data-section */
export function readDataSegment(reader: Reader): DataSegment {
  const offset = reader.position;
  const flags = reader.readU32();
  if (flags > 2) throw reader.malformed('malformed data segment kind', offset);
  let mode: SegmentMode;
  if (flags === 1) {
    mode = { kind: 'passive' };
  } else {
    const index = flags === 2 ? reader.readU32() : 0;
    mode = { kind: 'active', index, at: readExpression(reader) };
  }
  const length = reader.readLength();
  const start = reader.skip(length);
  return { mode, start, end: start + length, offset };
}

/** The runs that declare at least one local. spec: binary/modules#code-section */
function readLocals(reader: Reader, offset: number): readonly LocalRun[] {
  const count = reader.readLength();
  if (count === 0) return NO_LOCALS;
  const runs: LocalRun[] = [];
  let total = 0;
  for (let i = 0; i < count; i++) {
    const run = { count: reader.readU32(), type: readValueType(reader) };
    total += run.count;
    if (total > 0xffffffff) throw reader.malformed('too many locals', offset);
    if (run.count > 0 && total <= LIMITS.locals.most) runs.push(run);
  }
  if (total > LIMITS.locals.most) throw exceeds(LIMITS.locals, total, offset, reader.functionIndex);
  return runs;
}

/** One entry of the code section; the reader's functionIndex names it in errors. spec: binary/modules#code-section */
export function readCode(reader: Reader): Code {
  const offset = reader.position;
  const size = reader.readLength();
  if (size > LIMITS.bodyBytes.most) throw exceeds(LIMITS.bodyBytes, size, offset, reader.functionIndex);
  const end = reader.position + size;
  const locals = readLocals(reader, offset);
  if (reader.position > end) throw reader.malformed('unexpected end of section or function', end);
  const start = reader.position;
  reader.skip(end - start);
  return { locals, body: { start, end }, offset };
}
