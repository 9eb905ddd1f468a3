// Which functions are so small that their bodies stand in place of calls to them, and how the instructions there are
// told apart.
//
// Consumes a validated module. Such a function has no loops and calls nothing: so a body grows by a bounded number of
// bytes, and neither the depth of calls nor what a function needs (callgraph.ts) is another one for it.
import type { Immediates } from '../ir/instructions.ts';
import { readInstruction } from './instruction-reader.ts';
import { type Code, countImports, type FunctionType, type Module } from './module.ts';
import { Reader } from './reader.ts';
import { type Homes, scanLocals } from './scan.ts';

/** A function whose calls may become its body. */
export interface Inlinable {
  readonly type: FunctionType;
  readonly code: Code;
  readonly homes: Homes;
}

/** Of a body that is inlined; so many operands it has on the stack at most. */
export const MOST_INSTRUCTIONS = 20;
const MOST_BYTES = 64;
const MOST_PARAMETERS = 16;
/** Bytes that a body may grow by: as many as it has, within bounds. */
const LEAST_GROWTH = 64;
const MOST_GROWTH = 16 * 1024;
/** Accesses of a body that more may be added to: the back end has them inline in a loop of no more. */
export const MOST_ACCESSES = 64;

/** What comes from elsewhere or takes more than a few instructions, in each of a body's kinds of immediates. */
const LARGE: ReadonlySet<Immediates> = new Set<Immediates>([
  'function',
  'call_indirect',
  'labels',
  'memory',
  'memory_memory',
  'data_memory',
  'data',
  'table',
  'table_table',
  'table_elem',
  'elem',
]);

/** How many bytes of other bodies may stand in one. */
export const growthOf = ({ body }: Code): number =>
  Math.min(MOST_GROWTH, Math.max(LEAST_GROWTH, body.end - body.start));

/** The functions of a module that are small enough, by index. */
export function findInlinable(module: Module): ReadonlyMap<number, Inlinable> {
  const found = new Map<number, Inlinable>();
  const imported = countImports(module, 'func');
  module.code.forEach((code, position) => {
    const type = module.types[module.functions[imported + position]];
    const { start, end } = code.body;
    if (end - start > MOST_BYTES || type.parameters.length > MOST_PARAMETERS || type.results.length > 1) return;
    if (!isTiny(module, code)) return;
    found.set(imported + position, { type, code, homes: scanLocals(module, code, type.parameters, false) });
  });
  return found;
}

/** Whether a body is that of a tiny function, and does more than trap. */
function isTiny(module: Module, { body }: Code): boolean {
  const reader = new Reader(module.bytes, body.start, body.end);
  let open = 0;
  for (let count = 1; reader.position < reader.end; count++) {
    const { op } = readInstruction(reader);
    if (count > MOST_INSTRUCTIONS || op.mnemonic === 'loop' || LARGE.has(op.immediates)) return false;
    if (op.mnemonic === 'unreachable' && open === 0) return false;
    if (op.immediates === 'block') open++;
    else if (op.mnemonic === 'end') open--;
  }
  return true;
}

/** An instruction of a body that stands in place of a call. */
export interface InlinedPlace {
  /** Offset of the call. */
  readonly call: number;
  /** The function that was called. */
  readonly callee: number;
  /** Offset of the instruction in its own body. */
  readonly offset: number;
  /** Of the bytes of the call. */
  readonly callEnd: number;
}

/**
 * A number that stands for an instruction of an inlined body, where others have their byte offset: beyond all of those.
 *
 * @param call offset of the call
 * @param within how far behind the start of its body the instruction stands
 */
export const inlinedOffset = ({ bytes }: Module, call: number, within: number): number =>
  call + bytes.length * (1 + within);

/** What such a number stands for; undefined for a byte offset. */
export function inlinedPlace(module: Module, offset: number): InlinedPlace | undefined {
  const { bytes } = module;
  if (offset < bytes.length) return undefined;
  const call = offset % bytes.length;
  const reader = new Reader(bytes, call);
  const { index: callee } = readInstruction(reader);
  const { body } = module.code[callee - countImports(module, 'func')];
  const within = Math.floor(offset / bytes.length) - 1;
  return { call, callee, offset: body.start + within, callEnd: reader.position };
}
