// The immediates of instructions, text to binary: one arm per kind, none per instruction.
//
// Consumes tokens from a cursor on, appends bytes in the order of the binary format.
//
// spec: text/instructions, binary/instructions
import type { Immediates, Operation } from '../ir/instructions.ts';
import { OPERATION } from '../ir/instructions.ts';
import type { ByteBuffer } from './byte-buffer.ts';
import { type IndexSpace, type ModuleContext, convertNumber, isIndex } from './wat-context.ts';
import { unexpected } from './wat-keywords.ts';
import { parseF32, parseF64, parseI32, parseI64, parseU32 } from './wat-numbers.ts';
import { KEYWORD, NUMBER, type Tokens } from './wat-tokens.ts';
import { readDeclarations, readHeapType, readTypeUse, typeIndex } from './wat-types.ts';

/** Where a sequence of instructions is read: the module around it, its locals, its labels and the next token. */
export interface Cursor {
  readonly context: ModuleContext;
  readonly tokens: Tokens;
  readonly locals: IndexSpace;
  /** Depth of the label at a token. */
  label(token: number): number;
  at: number;
}

/** Appends a code; prefixed ones in two parts. */
export function writeCode(out: ByteBuffer, code: number): void {
  if (code <= 0xff) return out.byte(code);
  out.byte(code >> 8);
  out.u32(code & 0xff);
}

function index(cursor: Cursor, space: IndexSpace): number {
  return space.resolve(cursor.tokens, cursor.at++);
}

/** An index that may be left out, which means 0. */
const optionalIndex = (cursor: Cursor, space: IndexSpace): number =>
  isIndex(cursor.tokens, cursor.at) ? index(cursor, space) : 0;

/** Two spaces' indices of which the first may be left out. */
function optionalFirst(cursor: Cursor, first: IndexSpace, second: IndexSpace): [number, number] {
  return isIndex(cursor.tokens, cursor.at + 1)
    ? [index(cursor, first), index(cursor, second)]
    : [0, index(cursor, second)];
}

/** Two indices of one space, or none, which means 0 and 0. */
function bothOrNone(cursor: Cursor, space: IndexSpace): [number, number] {
  return isIndex(cursor.tokens, cursor.at) ? [index(cursor, space), index(cursor, space)] : [0, 0];
}

function number<T>(cursor: Cursor, parse: (word: string) => T | undefined): T {
  const { tokens } = cursor;
  const kind = tokens.kind(cursor.at);
  if (kind !== NUMBER && kind !== KEYWORD) throw unexpected(tokens, cursor.at);
  const value = convertNumber(tokens, cursor.at, parse, tokens.text(cursor.at));
  cursor.at++;
  return value;
}

/** `offset=N` or `align=N`, or the default where the next token is not that. */
function memoryArgument(cursor: Cursor, prefix: string, otherwise: number): number {
  const { tokens, at } = cursor;
  if (tokens.kind(at) !== KEYWORD) return otherwise;
  const word = tokens.text(at);
  if (!word.startsWith(prefix)) return otherwise;
  const value = convertNumber(tokens, at, parseU32, word.slice(prefix.length), 'i32 ');
  cursor.at++;
  return value;
}

type Writer = (cursor: Cursor, out: ByteBuffer, operation: Operation) => void;

/** `block`, `loop` and `if` are control structure and are not read here. */
const WRITERS: Readonly<Record<Exclude<Immediates, 'block'>, Writer>> = {
  none: () => undefined,
  label: (cursor, out) => out.u32(cursor.label(cursor.at++)),
  labels: (cursor, out) => {
    const labels = [cursor.label(cursor.at++)];
    while (isIndex(cursor.tokens, cursor.at)) labels.push(cursor.label(cursor.at++));
    out.u32(labels.length - 1);
    for (const label of labels) out.u32(label);
  },
  function: (cursor, out) => out.u32(index(cursor, cursor.context.functions)),
  call_indirect: (cursor, out) => {
    const table = optionalIndex(cursor, cursor.context.tables);
    const use = readTypeUse(cursor.context, cursor.at, false);
    cursor.at = use.next;
    out.u32(typeIndex(cursor.context, use));
    out.u32(table);
  },
  types: (cursor, out) => {
    const { types, next } = readDeclarations(cursor.tokens, cursor.at, 'result', false);
    cursor.at = next;
    out.u32(types.length);
    for (const type of types) out.byte(type);
  },
  local: (cursor, out) => out.u32(index(cursor, cursor.locals)),
  global: (cursor, out) => out.u32(index(cursor, cursor.context.globals)),
  table: (cursor, out) => out.u32(optionalIndex(cursor, cursor.context.tables)),
  table_table: (cursor, out) => {
    for (const table of bothOrNone(cursor, cursor.context.tables)) out.u32(table);
  },
  table_elem: (cursor, out) => {
    const [table, segment] = optionalFirst(cursor, cursor.context.tables, cursor.context.elements);
    out.u32(segment);
    out.u32(table);
  },
  elem: (cursor, out) => out.u32(index(cursor, cursor.context.elements)),
  data: (cursor, out) => {
    cursor.context.usesData = true;
    out.u32(index(cursor, cursor.context.data));
  },
  memarg: (cursor, out, operation) => {
    const memory = optionalIndex(cursor, cursor.context.memories);
    const offset = memoryArgument(cursor, 'offset=', 0);
    const token = cursor.at;
    const alignment = memoryArgument(cursor, 'align=', operation.width!);
    const exponent = Math.log2(alignment);
    if (!Number.isInteger(exponent)) throw cursor.tokens.error(token, 'alignment must be a power of two');
    // Bit 6 says that a memory index follows, as the multi-memory proposal has it.
    out.u32(memory === 0 ? exponent : exponent | 0x40);
    if (memory !== 0) out.u32(memory);
    out.u32(offset);
  },
  memory: (cursor, out) => out.u32(optionalIndex(cursor, cursor.context.memories)),
  memory_memory: (cursor, out) => {
    for (const memory of bothOrNone(cursor, cursor.context.memories)) out.u32(memory);
  },
  data_memory: (cursor, out) => {
    cursor.context.usesData = true;
    const [memory, segment] = optionalFirst(cursor, cursor.context.memories, cursor.context.data);
    out.u32(segment);
    out.u32(memory);
  },
  i32: (cursor, out) => out.s32(number(cursor, parseI32)),
  i64: (cursor, out) => out.s64(number(cursor, parseI64)),
  f32: (cursor, out) => out.bits32(number(cursor, parseF32)),
  f64: (cursor, out) => out.bits64(number(cursor, parseF64)),
  reftype: (cursor, out) => out.byte(readHeapType(cursor.tokens, cursor.at++)),
};

/** Appends the instruction whose word is just before the cursor, with its immediates, which the cursor passes. */
export function writePlain(cursor: Cursor, out: ByteBuffer, operation: Operation): void {
  const typed = operation === OPERATION.select && cursor.tokens.isGroup(cursor.at, 'result');
  const { code, immediates } = typed ? OPERATION['select t'] : operation;
  if (immediates === 'block') throw new Error(`${operation.mnemonic} is control structure`);
  writeCode(out, code);
  WRITERS[immediates](cursor, out, operation);
}
