// What accesses of the linear memory that lie side by side become: one search for rows and words, and one slow path.
//
// The usual way finds the row of the first, chooses by its offset there, and knows from then on in which row and word the
// others are. It finds all rows before it reads or writes any. Off it each access is a call of wasm2beam_cells, in
// order and with a line of its own.
import { WRAPS, type Instruction as IrInstruction, type Value } from '../ir/ir.ts';
import type { Register, Source } from './assembly.ts';
import { getElement, int, x } from './bifs.ts';
import { chooseRowOffset, findFirstRow, findNeighbour, ROW_BYTES, UNMASKED, WORD_BYTES } from './memory-layout.ts';
import { untyped } from './operand-types.ts';
import { accessWriter, rememberedLeaf } from './select-memory.ts';
import type { CodeWriter } from './writer.ts';

const WORD_MAX = 2 ** 32 - 1;

/** Words that the accesses have in all. */
function countWords(body: readonly IrInstruction[]): number {
  let count = 0;
  for (const { bytes } of body) count += bytes / WORD_BYTES;
  return count;
}

/** How many arguments stand before a leaf, if there is one. */
const operandsOf = ({ operator, body }: IrInstruction): number => 3 + (operator === 'mem.loads' ? 0 : countWords(body));

/** X registers that neighbours need besides their operands: those of the rows come last, at least as many as there are. */
export function neighbourTemporaries(at: IrInstruction): number {
  const { body, args } = at;
  let [lowest, highest] = [0, 0];
  for (const { displacement } of body) {
    lowest = Math.min(lowest, displacement);
    highest = Math.max(highest, displacement);
  }
  const rows = Math.min(body.length, 1 + Math.ceil((highest - lowest) / ROW_BYTES));
  return (args.length > operandsOf(at) ? 2 : 3) + rows;
}

/** Offsets in its row that the first can have where all are aligned. */
function offsetsOf(body: readonly IrInstruction[]): { first: number; step: number } {
  const wide = body.find(({ bytes }) => bytes > WORD_BYTES);
  const step = wide ? wide.bytes : WORD_BYTES;
  // Never negative: displacements are multiples of four.
  return { first: wide ? (step - (wide.displacement % step)) % step : 0, step };
}

const rowOf = ({ displacement }: IrInstruction, offset: number): number =>
  Math.floor((displacement + offset) / ROW_BYTES);

/** The rows that they lie in, counted from that of the first, which comes first. */
const rowsFrom = (body: readonly IrInstruction[], offset: number): number[] => [
  ...new Set(body.map((at) => rowOf(at, offset))),
];

/** An access with its row's register and the number of its first word there. */
interface Found {
  readonly member: IrInstruction;
  readonly row: number;
  readonly word: number;
}

/** Writes the usual way; `arm` writes the accesses once they are found. */
function reach(
  e: CodeWriter,
  at: IrInstruction,
  address: Source,
  root: Value,
  slow: number,
  arm: (found: readonly Found[]) => void,
): void {
  const { body } = at;
  const remembered = rememberedLeaf(e, at, operandsOf(at));
  const [leaf, number, ...others] = e.allocation.temporaries.get(at)!;
  const scratch = remembered ? leaf : others[0];
  const rows = remembered ? others : others.slice(1);
  const w = accessWriter(e);
  findFirstRow(w, address, e.source(root), { row: rows[0], scratch, number, leaf }, slow, remembered);
  const { first, step } = offsetsOf(body);
  chooseRowOffset(w, address, first, step, scratch, slow, (offset) => {
    const numbers = rowsFrom(body, offset);
    numbers.forEach((by, i) => {
      if (by !== 0) findNeighbour(w, address, by, { row: rows[i], scratch, number, leaf }, slow, remembered);
    });
    arm(
      body.map((member) => {
        const row = rowOf(member, offset);
        const word = (member.displacement + offset - row * ROW_BYTES) / WORD_BYTES;
        return { member, row: rows[numbers.indexOf(row)], word };
      }),
    );
  });
}

export function selectLoads(e: CodeWriter, at: IrInstruction): void {
  const { args, results } = at;
  const [address, root, state] = args;
  // As with single loads, a leaf that is made shall be found by those behind.
  const refreshes = e.allocation.isLiveAfter(root, e.position);
  const path = e.slowPath(
    (saved, first) => loadApart(e, at, { slot: saved as Register, first: first - 1 }, refreshes),
    refreshes ? [...results, root] : results,
    [address, root, state],
  );
  reach(e, at, e.source(address), root, path.label, (found) => readWords(e, found));
  e.resume(path);
}

/** Reads all words. One may take the place of a row: it waits until nobody else wants that, or the row goes elsewhere. */
function readWords(e: CodeWriter, found: readonly Found[]): void {
  let pending = found.flatMap(({ member, row, word }) =>
    member.results.toReversed().map((value, i) => ({ row, word: word + i, to: e.register(value) })),
  );
  while (pending.length > 0) {
    const next = pending.find(({ to }, at) => {
      const isRead = ({ row }: { row: number }, other: number): boolean => other !== at && row === to.index;
      return to.kind === 'y' || !pending.some(isRead);
    });
    if (next) {
      getElement(e, x(next.row), next.word, next.to);
      pending = pending.filter((other) => other !== next);
    } else {
      const spare = e.allocation.xCount + pending.length;
      const { index } = pending[0].to;
      e.out.push({ op: 'move', from: x(index), to: x(spare) });
      pending = pending.map((other) => (other.row === index ? { ...other, row: spare } : other));
    }
  }
}

export function selectStores(e: CodeWriter, at: IrInstruction): void {
  const { args, body } = at;
  const [root, address] = args;
  const count = countWords(body);
  const words = args.slice(2, 2 + count);
  const state = args[2 + count];
  const path = e.slowPath(
    (saved, first) => storeApart(e, at, { slot: saved as Register, first: first - 1 }),
    [root],
    [root, address, state, ...words],
  );
  reach(e, at, e.source(address), root, path.label, (found) => {
    for (const { member, row, word } of found) {
      wordsOf(body, words, member)
        .toReversed()
        .forEach((value, i) => {
          const source = untyped(e.source(value));
          e.out.push({ op: 'set_tuple_element', value: source, tuple: x(row), index: word + i });
        });
    }
  });
  e.resume(path);
}

/** The words that one of several stores has among those of all. */
function wordsOf(body: readonly IrInstruction[], words: readonly Value[], member: IrInstruction): readonly Value[] {
  let from = 0;
  for (const { bytes } of body.slice(0, body.indexOf(member))) from += bytes / WORD_BYTES;
  return words.slice(from, from + member.bytes / WORD_BYTES);
}

// --- off the usual way -------------------------------------------------------------------------------------------------

/** A tuple on the stack, of what a slow path saved. */
interface Saved {
  readonly slot: Register;
  /** Where the operands begin in it, counted from 0. */
  readonly first: number;
}

/** Elements of a tuple, from one on, to X registers. */
function fetch(e: CodeWriter, tuple: Register, from: number, to: number, count: number): void {
  for (let i = 0; i < count; i++) getElement(e, tuple, from + i, x(to + i));
}

/** Calls wasm2beam_cells with the address of the first access in a register and S in the last argument's. */
function callCells(
  e: CodeWriter,
  member: IrInstruction,
  name: string,
  address: Value,
  position: number,
  state: Value,
  arity: number,
): void {
  const compute = (operation: string, a: Register, b: Source): void =>
    void e.out.push({ op: 'gc_bif', name: operation, fail: 0, live: arity, args: [a, b], to: x(position) });
  const { displacement, index, offset } = member;
  e.known(x(arity - 1), state.tupleSize);
  getElement(e, x(arity - 1), e.context.memory - 1, x(arity - 1));
  if (typeof address.constant === 'number') {
    e.out.push({ op: 'move', from: int(address.constant + displacement), to: x(position) });
  } else {
    if (displacement !== 0) compute('+', x(position, UNMASKED), int(displacement));
    if (index === WRAPS) compute('band', x(position, UNMASKED), int(WORD_MAX));
  }
  e.line(offset);
  e.out.push({ op: 'call_ext', arity, module: 'wasm2beam_cells', name });
}

/**
 * Leaves a tuple of all words in x0, and of the root that the last load returns if it `refreshes`. What is saved is
 * meanwhile at the end of a chain, {what was before, result}.
 */
function loadApart(e: CodeWriter, { args, body }: IrInstruction, { slot, first }: Saved, refreshes: boolean): void {
  const [address, , state] = args;
  const operands = 3;
  const fetches = (i: number): boolean => refreshes && i === body.length - 1;
  body.forEach((member, i) => {
    let from = slot;
    if (i > 0) {
      e.out.push({ op: 'test_heap', heap: { words: 3, floats: 0 }, live: 1 });
      e.out.push({ op: 'put_tuple', to: slot, args: [slot, x(0)] });
    }
    for (let hops = i; hops > 0; hops--) {
      getElement(e, from, 0, x(operands));
      from = x(operands);
      e.known(from, hops > 1 ? 2 : first + operands);
    }
    fetch(e, from, first, 0, operands);
    callCells(e, member, `${fetches(i) ? 'fetch' : 'load'}${8 * member.bytes}`, address, 0, state, operands);
  });
  // The last one's result is in x0, the one before goes to x1 and so on.
  for (let i = 1; i < body.length; i++) {
    getElement(e, slot, 1, x(i));
    getElement(e, slot, 0, slot);
    e.known(slot, i < body.length - 1 ? 2 : first + operands);
  }
  let free = body.length;
  const parts = body.flatMap(({ bytes }, i) => {
    const result = x(body.length - 1 - i);
    const count = bytes / WORD_BYTES + Number(fetches(i));
    if (count === 1) return [result];
    e.known(result, count);
    fetch(e, result, 0, free, count);
    free += count;
    return Array.from({ length: count }, (_, part) => x(free - count + part));
  });
  e.out.push({ op: 'test_heap', heap: { words: parts.length + 1, floats: 0 }, live: free });
  e.out.push({ op: 'put_tuple', to: x(0), args: parts });
}

/** Leaves the root in x0. */
function storeApart(e: CodeWriter, { args, body }: IrInstruction, { slot, first }: Saved): void {
  const [, address] = args;
  const state = args[2 + countWords(body)];
  let word = first + 3;
  body.forEach((member, i) => {
    const words = member.bytes / WORD_BYTES;
    if (i === 0) getElement(e, slot, first, x(0));
    getElement(e, slot, first + 1, x(1));
    fetch(e, slot, word, 2, words);
    getElement(e, slot, first + 2, x(2 + words));
    callCells(e, member, `store${8 * member.bytes}`, address, 1, state, 3 + words);
    word += words;
  });
}
