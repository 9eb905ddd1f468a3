// Element and data segments, as fields of their own or inside a table or memory, text to binary.
//
// spec: text/modules#element-segments, text/modules#data-segments, binary/modules#element-section
import { ByteBuffer } from './byte-buffer.ts';
import { OPERATION } from '../ir/instructions.ts';
import { IndexSpace } from './wat-context.ts';
import type { Field, FieldWriter } from './wat-fields.ts';
import { writeCode } from './wat-immediates.ts';
import { VALUE_TYPES } from './wat-keywords.ts';
import { CLOSE, OPEN, STRING } from './wat-tokens.ts';
import { readValueType } from './wat-types.ts';

const NO_LOCALS = new IndexSpace('local');
const PAGE = 65536;
const FUNCREF = VALUE_TYPES.get('funcref')!;

/** Bits of the number that begins an element segment. */
const NOT_ACTIVE = 1;
const EXPLICIT = 2; // with NOT_ACTIVE: declarative; else the table and the type are written out
const EXPRESSIONS = 4;

/** Appends the offset expression of an active segment. */
function writeOffset({ tokens, instructions }: FieldWriter, field: Field, out: ByteBuffer): void {
  const folded = field.shape.token('foldedOffset');
  if (folded !== undefined) {
    instructions.encode(folded, tokens.close(folded) + 1, NO_LOCALS, out);
    return;
  }
  const group = field.shape.token('Offset')!;
  instructions.encode(group + 2, tokens.close(group), NO_LOCALS, out);
}

function writeZeroOffset(out: ByteBuffer): void {
  writeCode(out, OPERATION['i32.const'].code);
  out.s32(0);
  writeCode(out, OPERATION.end.code);
}

/** The items of a segment as a vector, and how many they are. */
function itemsOf(
  { tokens, context, instructions }: FieldWriter,
  { shape }: Field,
): { count: number; items: ByteBuffer } {
  const items = new ByteBuffer();
  let count = 0;
  let at = shape.token('functions');
  if (at !== undefined) {
    for (; tokens.kind(at) !== CLOSE; at++, count++) items.u32(context.functions.resolve(tokens, at));
    return { count, items };
  }
  at = shape.token('expressions');
  for (; at !== undefined && tokens.kind(at) === OPEN; at = tokens.close(at) + 1, count++) {
    const isItem = tokens.isGroup(at, 'item');
    instructions.encode(isItem ? at + 2 : at, isItem ? tokens.close(at) : tokens.close(at) + 1, NO_LOCALS, items);
  }
  return { count, items };
}

/** A field `(elem ...)`. */
export function writeElements(writer: FieldWriter, field: Field): void {
  const { tokens, context, sections } = writer;
  const { shape } = field;
  const active = shape.has('Offset');
  const refType = shape.token('refType');
  const type = refType === undefined ? FUNCREF : readValueType(tokens, refType);
  const table = shape.has('TableUse') ? context.tables.resolve(tokens, shape.token('index')!) : 0;
  const explicit = shape.has('declare') || (active && (table !== 0 || type !== FUNCREF));
  const out = sections.elements.add(tokens.start(field.open));
  out.u32((active ? 0 : NOT_ACTIVE) | (explicit ? EXPLICIT : 0) | (refType === undefined ? 0 : EXPRESSIONS));
  if (active && explicit) out.u32(table);
  if (active) writeOffset(writer, field, out);
  if (!active || explicit) out.byte(refType === undefined ? 0x00 : type);
  const { count, items } = itemsOf(writer, field);
  out.u32(count);
  out.append(items);
}

/** A table with its elements: its type, appended to `out`, and an active segment that fills it. */
export function writeInlineElements(writer: FieldWriter, field: Field, out: ByteBuffer): void {
  const { tokens, sections } = writer;
  const type = readValueType(tokens, field.shape.token('refType')!);
  const expressions = field.shape.has('expressions');
  const { count, items } = itemsOf(writer, field);
  out.byte(type);
  out.byte(1);
  out.u32(count);
  out.u32(count);
  const segment = sections.elements.add(tokens.start(field.open));
  segment.u32(EXPLICIT | (expressions ? EXPRESSIONS : 0));
  segment.u32(field.index);
  writeZeroOffset(segment);
  segment.byte(expressions ? type : 0x00);
  segment.u32(count);
  segment.append(items);
}

/** The strings of a field from its slot on, as one. */
function stringsOf({ tokens }: FieldWriter, { shape }: Field): Uint8Array {
  const bytes = new ByteBuffer();
  for (let at = shape.token('strings'); at !== undefined && tokens.kind(at) === STRING; at++)
    bytes.raw(tokens.bytes(at));
  return bytes.view();
}

/** A field `(data ...)`. */
export function writeData(writer: FieldWriter, field: Field): void {
  const { tokens, context, sections } = writer;
  const { shape } = field;
  const memory = shape.has('MemoryUse') ? context.memories.resolve(tokens, shape.token('index')!) : 0;
  const active = shape.has('Offset');
  const out = sections.data.add(tokens.start(field.open));
  out.u32(active ? (memory === 0 ? 0 : 2) : 1);
  if (memory !== 0) out.u32(memory);
  if (active) writeOffset(writer, field, out);
  out.sized(stringsOf(writer, field));
}

/** A memory with its data: its limits, appended to `out`, and an active segment that fills it. */
export function writeInlineData(writer: FieldWriter, field: Field, out: ByteBuffer): void {
  const bytes = stringsOf(writer, field);
  const pages = Math.ceil(bytes.length / PAGE);
  out.byte(1);
  out.u32(pages);
  out.u32(pages);
  const segment = writer.sections.data.add(writer.tokens.start(field.open));
  segment.u32(field.index === 0 ? 0 : 2);
  if (field.index !== 0) segment.u32(field.index);
  writeZeroOffset(segment);
  segment.sized(bytes);
}
