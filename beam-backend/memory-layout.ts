// Where a byte of the linear memory lies, and the instructions that find it: the one place in the compiler that knows.
//
// A root has a slot for each 4 KiB, 0 or a leaf: 256 rows of 4 words, each row an in-place tuple. Row and word of an
// address come from its bits. The word is chosen by a tree of comparisons, since a store in place needs the element's
// number in the instruction; a load is faster by it, too, for the processor goes on before the address is known.
import type { Instruction, Label, OperandType, Register, Source } from './assembly.ts';
import { LEAF_START } from '../ir/term.ts';
import { untyped } from './operand-types.ts';
import type { LiveRegisters, RegisterSet } from './registers.ts';

/** Words in a row, bytes in a word. */
export const ROW_WORDS = 4;
export const WORD_BYTES = 4;
export const ROW_BYTES = ROW_WORDS * WORD_BYTES;
const LEAF_BYTES = 4096;
export const LEAF_ROWS = LEAF_BYTES / ROW_BYTES;
export const LEAF_WORDS = LEAF_ROWS * ROW_WORDS;
/** Element 1 of the root is its generation. */
const LEAF_BIAS = 2;
const ROW_BIAS = 1;

const range = (min: number, max: number): OperandType => ({ kind: 'integer', min, max });
const int = (value: number): Source => ({ kind: 'integer', value });
export const WORD = range(0, 2 ** 32 - 1);
/** An address and its displacement, and a few more for the second of two words: in any case less than this. */
export const ADDRESS = range(0, 2 ** 34 - 1);
/** Where a leaf starts, less 16, so that rows count from 1: see LEAF_START. */
const START = range(LEAF_START.min, LEAF_START.max);
/** An address that is to be taken modulo 2^32, with what may be added to it; less a start, too. */
export const UNMASKED = range(-(2 ** 54), 2 ** 54 - 1);
/** Its row. */
const ROWS = range(-(2 ** 50), 2 ** 50 - 1);
/** Numbers of rows that lie near one of a leaf. */
const NEAR_ROWS = range(-(2 ** 10), 2 ** 10 - 1);
const LEAVES = ADDRESS.kind === 'integer' ? (ADDRESS.max + 1) / LEAF_BYTES : 0;

/** What writes the instructions. Registers are X registers. */
export interface AccessWriter {
  readonly out: Instruction[];
  /** Where somebody keeps account of them. */
  readonly live?: LiveRegisters;
  newLabel(): Label;
  /** An arithmetic function that can neither fail nor collect garbage. */
  compute(name: string, a: Source, b: Source, to: number): void;
  /** Where leaves are remembered: writes code off the usual way, given how many registers are live from now until then. */
  defer?(label: Label, code: (live: number) => void): void;
}

const x = (index: number, type?: OperandType): Register => ({ kind: 'x', index, ...(type ? { type } : {}) });

function element(w: Pick<AccessWriter, 'out' | 'live'>, fail: Label, index: Source, tuple: Source, to: number): void {
  w.out.push({ op: 'bif', name: 'element', fail, args: [index, tuple], to: x(to) });
  w.live?.write(to);
}

/** The leaf that an access in a loop found last, or NO_LEAF, in registers that receive the one that this one finds. */
export interface RememberedLeaf {
  readonly leaf: Register;
  /** See LEAF_START. */
  readonly start: Register;
  /** Whether the address is to be taken modulo 2^32. */
  readonly wraps: boolean;
}

/**
 * Finds the row of an address.
 *
 * @param address at most `ADDRESS`, unless it wraps; its type is the caller's
 * @param root a register with the type of a tuple
 * @param row register that receives the row
 * @param scratch a register that the code may change
 * @param slow where to go if the leaf is not there
 */
export function findRow(
  w: AccessWriter,
  address: Source,
  root: Source,
  row: number,
  scratch: number,
  slow: Label,
  remembered?: RememberedLeaf,
): void {
  findFirstRow(w, address, root, { row, scratch, number: remembered ? row : scratch, leaf: row }, slow, remembered);
}

/** X registers that finding rows takes. */
export interface RowRegisters {
  /** Receives the row. */
  readonly row: number;
  readonly scratch: number;
  /** Receives the number of the first row, where it is not known. */
  readonly number: number;
  /** Receives the leaf, where none is remembered. */
  readonly leaf: number;
}

/** The same, so that `findNeighbour` can go on from it. */
export function findFirstRow(
  w: AccessWriter,
  address: Source,
  root: Source,
  registers: RowRegisters,
  slow: Label,
  remembered: RememberedLeaf | undefined,
): void {
  const { row, number, leaf } = registers;
  if (remembered) findRowInLeaf(w, address, root, registers, slow, remembered);
  else {
    getLeaf(w, leafNumber(w, address, leaf), root, leaf, slow);
    if (address.kind !== 'integer') {
      w.compute('bsr', address, int(Math.log2(ROW_BYTES)), number);
      w.compute('band', x(number, ADDRESS), int(LEAF_ROWS - 1), number);
      w.compute('+', x(number, range(0, LEAF_ROWS - 1)), int(ROW_BIAS), number);
    }
    element(w, slow, rowNumber(address, number), x(leaf), row);
  }
  w.out.push({ op: 'known_tuple', register: x(row), size: ROW_WORDS });
}

/** Finds the row so many behind that of an address, which has been found. Where it is in another leaf this leaves for `slow`. */
export function findNeighbour(
  w: AccessWriter,
  address: Source,
  by: number,
  { row, scratch, number, leaf }: RowRegisters,
  slow: Label,
  remembered: RememberedLeaf | undefined,
): void {
  const tuple = remembered ? ({ ...remembered.leaf, type: { kind: 'tuple' } } as const) : x(leaf);
  const first = rowNumber(address, number);
  if (first.kind === 'integer') element(w, slow, int(first.value + by), tuple, row);
  else {
    w.compute('+', first, int(by), scratch);
    element(w, slow, x(scratch, NEAR_ROWS), tuple, row);
  }
  w.out.push({ op: 'known_tuple', register: x(row), size: ROW_WORDS });
}

/** The number of an address's row in its leaf, counted from 1: known, or in a register. */
const rowNumber = (address: Source, number: number): Source =>
  address.kind === 'integer'
    ? int(Math.floor((address.value % LEAF_BYTES) / ROW_BYTES) + ROW_BIAS)
    : x(number, range(ROW_BIAS, LEAF_ROWS - 1 + ROW_BIAS));

/** The number of an address's leaf, in a register where it is not known. */
function leafNumber(w: Pick<AccessWriter, 'compute'>, address: Source, to: number): Source {
  if (address.kind === 'integer') return int(Math.floor(address.value / LEAF_BYTES));
  w.compute('bsr', address, int(Math.log2(LEAF_BYTES)), to);
  return x(to, range(0, LEAVES - 1));
}

/** The slot with a number: a leaf, or else the next access of it fails. */
function getLeaf(
  w: Pick<AccessWriter, 'out' | 'live' | 'compute'>,
  number: Source,
  root: Source,
  to: number,
  slow: Label,
): void {
  if (number.kind === 'integer') return element(w, slow, int(number.value + LEAF_BIAS), root, to);
  w.compute('+', number, int(LEAF_BIAS), to);
  element(w, slow, x(to, range(LEAF_BIAS, LEAVES - 1 + LEAF_BIAS)), root, to);
}

/**
 * The row by its place in the leaf at hand, where it is one of its rows; off the usual way the leaf of the address is
 * taken first.
 */
function findRowInLeaf(
  w: AccessWriter,
  address: Source,
  root: Source,
  { row, scratch, number }: RowRegisters,
  slow: Label,
  { leaf, start, wraps }: RememberedLeaf,
): void {
  const [other, found] = [w.newLabel(), w.newLabel()];
  const known = { ...leaf, type: { kind: 'tuple' } } as const;
  w.compute('-', address, { ...start, type: START }, scratch);
  w.compute('bsr', x(scratch, UNMASKED), int(Math.log2(ROW_BYTES)), number);
  w.defer!(other, (live) => {
    const out = w.out;
    const compute = (name: string, a: Source, b: Source, to: Register): void =>
      void out.push({ op: 'gc_bif', name, fail: 0, live, args: [a, b], to });
    const deferred = { out, compute: (name: string, a: Source, b: Source, to: number) => compute(name, a, b, x(to)) };
    let whole = address;
    if (wraps) {
      compute('band', address, int(2 ** 32 - 1), x(scratch));
      whole = x(scratch, WORD);
    }
    getLeaf(deferred, leafNumber(deferred, whole, number), root, number, slow);
    out.push({ op: 'test', name: 'is_tuple', fail: slow, args: [x(number)] });
    out.push({ op: 'move', from: x(number), to: untyped(leaf) });
    compute('band', address, int(LEAF_BYTES - 1), x(number));
    compute('-', address, x(number, range(0, LEAF_BYTES - 1)), untyped(start));
    compute('-', { ...start, type: START }, int(ROW_BIAS * ROW_BYTES), untyped(start));
    compute('bsr', x(number, range(0, LEAF_BYTES - 1)), int(Math.log2(ROW_BYTES)), x(number));
    compute('+', x(number, range(0, LEAF_ROWS - 1)), int(ROW_BIAS), x(number));
    element(deferred, slow, x(number, range(ROW_BIAS, LEAF_ROWS - 1 + ROW_BIAS)), known, row);
    out.push({ op: 'jump', label: found });
  });
  element(w, other, x(number, ROWS), known, row);
  w.out.push({ op: 'label', label: found });
}

/**
 * Reads the word of an access of 4 or fewer bytes from its row by `element/2`: dearer than comparisons that can be
 * predicted, cheaper than others. One of 4 bytes that is not aligned leaves for `slow`.
 */
export function getWord(
  w: AccessWriter,
  address: Register,
  bytes: number,
  row: number,
  scratch: number,
  slow: Label,
  to: Register,
): void {
  if (bytes === WORD_BYTES) {
    w.compute('band', address, int(WORD_BYTES - 1), scratch);
    w.out.push({ op: 'test', name: 'is_eq_exact', fail: slow, args: [x(scratch, range(0, WORD_BYTES - 1)), int(0)] });
  }
  w.compute('bsr', address, int(Math.log2(WORD_BYTES)), scratch);
  w.compute('band', x(scratch, ADDRESS), int(ROW_WORDS - 1), scratch);
  w.compute('+', x(scratch, range(0, ROW_WORDS - 1)), int(1), scratch);
  const args = [x(scratch, range(1, ROW_WORDS)), x(row, { kind: 'tuple' })];
  w.out.push({ op: 'bif', name: 'element', fail: slow, args, to: untyped(to) });
}

/** The number of the word of an address within its row, counted from 0. */
const wordOf = (address: number): number => Math.floor((address % ROW_BYTES) / WORD_BYTES);

/**
 * Chooses the word of an access of 4 or fewer bytes, or the first of two words of one of 8. One of 4 or 8 that is not
 * aligned leaves for `slow`.
 *
 * @param arm writes the code for the word with its number from 0; what follows is behind all arms that do not return
 */
export function chooseWord(
  w: AccessWriter,
  address: Source,
  bytes: number,
  scratch: number,
  slow: Label,
  arm: (word: number) => void,
): void {
  if (address.kind === 'integer') return arm(wordOf(address.value));
  const step = Math.max(bytes, WORD_BYTES);
  w.compute('band', address, int(bytes < WORD_BYTES ? ROW_BYTES - WORD_BYTES : ROW_BYTES - 1), scratch);
  choose(
    w,
    x(scratch, range(0, ROW_BYTES - 1)),
    0,
    ROW_BYTES / step,
    step,
    bytes < WORD_BYTES ? undefined : slow,
    (index) => arm((index * step) / WORD_BYTES),
  );
}

/**
 * Chooses by the offset of a byte or of a half within its word. A half that is not aligned leaves for `slow`. `arm` gets
 * the number of bits below.
 */
export function chooseOffset(
  w: AccessWriter,
  address: Source,
  bytes: 1 | 2,
  scratch: number,
  slow: Label,
  arm: (bits: number) => void,
): void {
  if (address.kind === 'integer') return arm(8 * (address.value % WORD_BYTES));
  w.compute('band', address, int(WORD_BYTES - 1), scratch);
  const count = WORD_BYTES / bytes;
  choose(w, x(scratch, range(0, WORD_BYTES - 1)), 0, count, bytes, bytes === 1 ? undefined : slow, (index) =>
    arm(8 * bytes * index),
  );
}

/**
 * Chooses by the offset of an address within its row, one of `first`, `first` plus `step` and so on; any other leaves for
 * `slow`. `arm` gets the offset.
 */
export function chooseRowOffset(
  w: AccessWriter,
  address: Source,
  first: number,
  step: number,
  scratch: number,
  slow: Label,
  arm: (offset: number) => void,
): void {
  if (address.kind === 'integer') return arm(address.value % ROW_BYTES);
  w.compute('band', address, int(ROW_BYTES - 1), scratch);
  choose(w, x(scratch, range(0, ROW_BYTES - 1)), first, ROW_BYTES / step, step, slow, (index) =>
    arm(first + index * step),
  );
}

/** Registers with the bytes to be stored in their place within a word, and with ones where others are. */
export interface PlacedBytes {
  readonly bits: number;
  readonly mask: number;
}

/** Shifts the low bytes of a word to where the address has them within its word. */
export function placeBytes(
  w: AccessWriter,
  address: Source,
  value: Source,
  bytes: 1 | 2,
  slow: Label,
  placed: PlacedBytes,
): PlacedBytes {
  const ones = 2 ** (8 * bytes) - 1;
  const move = (from: number, to: number): void => {
    w.out.push({ op: 'move', from: int(from), to: x(to) });
    w.live?.write(to);
  };
  if (value.kind !== 'integer') w.compute('band', value, int(ones), placed.bits);
  chooseOffset(w, address, bytes, placed.mask, slow, (bits) => {
    if (value.kind === 'integer') move((value.value & ones) * 2 ** bits, placed.bits);
    else if (bits > 0) w.compute('bsl', x(placed.bits, range(0, ones)), int(bits), placed.bits);
    move(2 ** 32 - 1 - ones * 2 ** bits, placed.mask);
  });
  return placed;
}

/** A word of a row with placed bytes in it, into a register. */
export function mergeBytes(
  w: AccessWriter,
  row: number,
  word: number,
  { bits, mask }: PlacedBytes,
  to: number,
): Register {
  w.out.push({ op: 'get_tuple_element', from: x(row), index: word, to: x(to) });
  w.live?.write(to);
  w.compute('band', x(to, WORD), x(mask, WORD), to);
  w.compute('bor', x(to, WORD), x(bits, WORD), to);
  return x(to, WORD);
}

/**
 * A balanced tree of comparisons of a register that holds origin, origin + step, ...; what is no such number leaves for
 * `slow` if that is there. All arms meet behind.
 */
function choose(
  w: AccessWriter,
  value: Register,
  origin: number,
  count: number,
  step: number,
  slow: Label | undefined,
  arm: (index: number) => void,
): void {
  const { out } = w;
  const end = w.newLabel();
  const state = w.live?.snapshot();
  let met: RegisterSet | undefined;
  let meets = false;
  const leave = (index: number): void => {
    if (state) w.live!.restore(state);
    arm(index);
    if (out.at(-1)!.op === 'return') return;
    met = w.live?.meet(met);
    meets = true;
    if (index < count - 1) out.push({ op: 'jump', label: end });
  };
  const between = (first: number, last: number): void => {
    if (first === last) {
      if (slow !== undefined)
        out.push({ op: 'test', name: 'is_eq_exact', fail: slow, args: [value, int(origin + first * step)] });
      return leave(first);
    }
    const middle = (first + last + 1) >> 1;
    const above = w.newLabel();
    // Of two that are left, one test tells the first from all others.
    const isPair = slow !== undefined && last - first === 1;
    const test = isPair ? 'is_eq_exact' : 'is_lt';
    out.push({ op: 'test', name: test, fail: above, args: [value, int(origin + (isPair ? first : middle) * step)] });
    if (isPair) leave(first);
    else between(first, middle - 1);
    out.push({ op: 'label', label: above });
    between(middle, last);
  };
  between(0, count - 1);
  if (meets) out.push({ op: 'label', label: end });
  if (met) w.live!.restore(met);
}
