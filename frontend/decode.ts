// Decodes a binary module: the frame of its sections, their order and their lengths.
//
// Consumes any bytes; produces a Module, or a WasmError with an offset, in time and memory proportional to the input.
// Function bodies stay unread but for their locals: validation walks them.
//
// spec: binary/modules#binary-module
import {
  readCode,
  readDataSegment,
  readElementSegment,
  readExport,
  readGlobal,
  readImport,
  readVector,
} from './decode-sections.ts';
import { WasmError } from './errors.ts';
import { exceeds, LIMITS } from './limits.ts';
import type {
  Code,
  CustomSection,
  DataSegment,
  ElementSegment,
  Export,
  FunctionType,
  Global,
  Import,
  Limits,
  Module,
  Section,
  TableType,
} from './module.ts';
import { readNames } from './names.ts';
import { proposalOfSection } from './proposals.ts';
import { Reader } from './reader.ts';
import { readFunctionType, readMemoryType, readTableType } from './types-reader.ts';

const HEADER_BYTES = 8;
const CUSTOM = 0;

/** Section ids in the order in which they must stand: the data count (12) comes before the code (10). */
const SECTION_ORDER: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11];

/** What the sections say, in their own index spaces: the imports are not merged in yet. */
class Draft {
  types: FunctionType[] = [];
  imports: Import[] = [];
  functions: number[] = [];
  tables: TableType[] = [];
  memories: Limits[] = [];
  globals: Global[] = [];
  exports: Export[] = [];
  start: number | undefined;
  elements: ElementSegment[] = [];
  dataCount: number | undefined;
  code: Code[] = [];
  data: DataSegment[] = [];
  readonly customs: CustomSection[] = [];
  readonly sections: Section[] = [];
}

/** spec: binary/modules#binary-module */
function readHeader(reader: Reader): void {
  const { bytes } = reader;
  const magic = [0x00, 0x61, 0x73, 0x6d];
  if (bytes.length < magic.length) throw reader.malformed('unexpected end', bytes.length);
  if (magic.some((byte, i) => bytes[i] !== byte)) throw reader.malformed('magic header not detected', 0);
  if (bytes.length < HEADER_BYTES) throw reader.malformed('unexpected end', bytes.length);
  const version = [1, 0, 0, 0];
  if (version.some((byte, i) => bytes[magic.length + i] !== byte)) {
    const component = bytes[6] === 1 && bytes[7] === 0;
    const reason = component ? ' (the component model proposal is not supported)' : '';
    throw reader.malformed(`unknown binary version${reason}`, magic.length);
  }
  reader.position = HEADER_BYTES;
}

/** spec: binary/modules#code-section */
function readCodeSection(reader: Reader, imports: readonly Import[]): Code[] {
  reader.functionIndex = imports.reduce((count, { description }) => count + Number(description.kind === 'func'), 0);
  const code = readVector(reader, LIMITS.functions, () => {
    const entry = readCode(reader);
    reader.functionIndex = (reader.functionIndex ?? 0) + 1;
    return entry;
  });
  reader.functionIndex = undefined;
  return code;
}

function readSection(reader: Reader, id: number, draft: Draft): void {
  switch (id) {
    case 1:
      draft.types = readVector(reader, LIMITS.types, readFunctionType);
      break;
    case 2:
      draft.imports = readVector(reader, LIMITS.imports, readImport);
      break;
    case 3:
      draft.functions = readVector(reader, LIMITS.functions, () => reader.readU32());
      break;
    case 4:
      draft.tables = readVector(reader, LIMITS.tables, readTableType);
      break;
    case 5:
      // More than one is for validation to refuse, in its own words.
      draft.memories = readVector(reader, LIMITS.memories, readMemoryType);
      break;
    case 6:
      draft.globals = readVector(reader, LIMITS.globals, readGlobal);
      break;
    case 7:
      draft.exports = readVector(reader, LIMITS.exports, readExport);
      break;
    case 8:
      draft.start = reader.readU32();
      break;
    case 9:
      draft.elements = readVector(reader, LIMITS.elements, readElementSegment);
      break;
    case 10:
      draft.code = readCodeSection(reader, draft.imports);
      break;
    case 11:
      draft.data = readVector(reader, LIMITS.data, readDataSegment);
      break;
    case 12:
      draft.dataCount = reader.readU32();
      break;
  }
}

function sectionRank(reader: Reader, id: number, offset: number): number {
  const rank = SECTION_ORDER.indexOf(id);
  if (rank >= 0) return rank;
  const proposal = proposalOfSection(id);
  if (proposal !== undefined) throw new WasmError('unsupported', proposal, { offset });
  throw reader.malformed('malformed section id', offset);
}

function readSections(reader: Reader, draft: Draft): void {
  let previous = -1;
  while (reader.position < reader.end) {
    const offset = reader.position;
    const id = reader.readByte();
    const rank = id === CUSTOM ? previous : sectionRank(reader, id, offset);
    const size = reader.readU32();
    const start = reader.position;
    const end = start + size;
    if (end > reader.end) throw reader.malformed('length out of bounds', offset + 1);
    if (id === CUSTOM) {
      const name = new Reader(reader.bytes, start, end);
      draft.customs.push({ name: name.readName(), start: name.position, end });
      reader.position = end;
      continue;
    }
    if (rank <= previous) throw reader.malformed('unexpected content after last section', offset);
    previous = rank;
    // The contents may run past the section's end: that is found here, as the reference interpreter does, so that
    // errors inside them come first.
    readSection(reader, id, draft);
    if (reader.position !== end) throw reader.malformed('section size mismatch', Math.min(reader.position, end));
    draft.sections.push({ id, start, end });
  }
}

function checkCounts(reader: Reader, draft: Draft): void {
  if (draft.functions.length !== draft.code.length) {
    throw reader.malformed('function and code section have inconsistent lengths');
  }
  if (draft.dataCount !== undefined && draft.dataCount !== draft.data.length) {
    throw reader.malformed('data count and data section have inconsistent lengths');
  }
}

/** Puts the imports in front of the module's own definitions. spec: syntax/modules#indices */
function mergeImports(bytes: Uint8Array, draft: Draft): Module {
  const functions: number[] = [];
  const tables: TableType[] = [];
  const memories: Limits[] = [];
  const globals: Global[] = [];
  for (const { description } of draft.imports) {
    if (description.kind === 'func') functions.push(description.type);
    else if (description.kind === 'table') tables.push(description.table);
    else if (description.kind === 'memory') memories.push(description.memory);
    else globals.push(description.global);
  }
  const { types, imports, exports, elements, data, code, customs, sections } = draft;
  const count = functions.length + draft.functions.length;
  if (count > LIMITS.functions.most) throw exceeds(LIMITS.functions, count, HEADER_BYTES);
  return {
    bytes,
    types,
    imports,
    functions: functions.concat(draft.functions),
    tables: tables.concat(draft.tables),
    memories: memories.concat(draft.memories),
    globals: globals.concat(draft.globals),
    exports,
    ...(draft.start === undefined ? {} : { start: draft.start }),
    elements,
    data,
    ...(draft.dataCount === undefined ? {} : { dataCount: draft.dataCount }),
    code,
    customs,
    sections,
    names: readNames(bytes, customs, count),
  };
}

/**
 * Decodes a binary module of Wasm 2.0 (without v128, with the instructions of tail calls).
 *
 * @throws WasmError 'malformed', or 'unsupported' for other proposals and for what exceeds frontend/limits.ts
 */
export function decodeModule(bytes: Uint8Array): Module {
  if (bytes.length > LIMITS.moduleBytes.most) throw exceeds(LIMITS.moduleBytes, bytes.length, 0);
  const reader = new Reader(bytes);
  const draft = new Draft();
  readHeader(reader);
  readSections(reader, draft);
  checkCounts(reader, draft);
  return mergeImports(bytes, draft);
}
