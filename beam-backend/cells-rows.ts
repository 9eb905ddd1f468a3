// How the bulk operations of wasm2beam_cells find many rows of a leaf at once, and what they do with a row.
//
// A leaf's rows are found fastest by numbers that stand in the code: eight rows a turn, chosen by a tree of comparisons.
// The loader makes one load and one store of 16 bytes of two neighbours that are read into neighbours. Rows are counted
// from 0 in arguments; their elements of a leaf from 1.
import type { AssemblyTarget, Instruction, Label, Source } from './assembly.ts';
import { choose, compute, element, int, range, test, TUPLE, x } from './cells-code.ts';
import { LEAF_ROWS, ROW_WORDS, WORD } from './memory-layout.ts';

/** Rows of a turn. */
export const CHUNK = 8;
export const FIRST_ROW = 1;
export const ROW_BYTES = 4 * ROW_WORDS;
export const ROW = range(0, LEAF_ROWS);
/** One more than the last, which a loop comes to. */
export const ELEMENT = range(FIRST_ROW, LEAF_ROWS + FIRST_ROW);

export const known = (register: number, size: number = ROW_WORDS): Instruction => ({
  op: 'known_tuple',
  register: x(register),
  size,
});
export const get = (tuple: number, index: number, to: number): Instruction => ({
  op: 'get_tuple_element',
  from: x(tuple),
  index,
  to: x(to),
});
export const set = (row: number, index: number, from: number): Instruction => ({
  op: 'set_tuple_element',
  value: x(from, WORD),
  tuple: x(row, TUPLE),
  index,
});
export const indices = (length: number, first = 0): number[] => Array.from({ length }, (_, i) => first + i);

/** Refuses what is no tuple of that size. */
export const testTuple = (fail: Label, register: number, size: number): Instruction[] => [
  test('is_tuple', fail, x(register)),
  test('test_arity', fail, x(register), int(size)),
];

/** Refuses what is no leaf, and rows from x(row) to before x(row + 1) that it has not; elements take their place. */
export const testRows = (fail: Label, leaf: number, row: number, live: number): Instruction[] => [
  ...testTuple(fail, leaf, LEAF_ROWS),
  test('is_ge', fail, x(row), int(0)),
  test('is_ge', fail, x(row + 1), x(row)),
  test('is_ge', fail, int(LEAF_ROWS), x(row + 1)),
  compute('+', live, x(row, ROW), int(FIRST_ROW), row),
  compute('+', live, x(row + 1, ROW), int(FIRST_ROW), row + 1),
];

/** Arms of a tree of comparisons that meet behind it. */
export function chooseAndMeet(
  target: AssemblyTarget,
  body: Instruction[],
  register: number,
  [first, last]: readonly [number, number],
  arm: (index: number) => void,
): void {
  const end = target.newLabel();
  choose(target, body, x(register, range(first, last)), first, last, (index) => {
    arm(index);
    if (index < last) body.push({ op: 'jump', label: end });
  });
  body.push({ op: 'label', label: end });
}

/** Leaves for `single` unless a chunk begins at an element and ends before x(last). x(behind) and x(number) are changed: the element behind it, and its number. */
export const testChunk = (single: Label, at: number, last: number, behind: number): Instruction[] => {
  const number = behind + 1;
  return [
    compute('+', behind, x(at, ELEMENT), int(CHUNK), behind),
    test('is_ge', single, x(last, ELEMENT), x(behind, range(CHUNK, LEAF_ROWS + CHUNK + 1))),
    compute('band', number, x(at, ELEMENT), int(CHUNK - 1), number),
    test('is_eq_exact', single, x(number, range(0, CHUNK - 1)), int(FIRST_ROW)),
    compute('bsr', number, x(at, ELEMENT), int(Math.log2(CHUNK)), number),
  ];
};

/** The rows of the chunk of a leaf whose number is in a register, into registers from `to` on. */
export function getChunk(target: AssemblyTarget, body: Instruction[], leaf: number, number: number, to: number): void {
  body.push(known(leaf, LEAF_ROWS));
  chooseAndMeet(target, body, number, [0, LEAF_ROWS / CHUNK - 1], (chunk) =>
    body.push(...indices(CHUNK).map((i) => get(leaf, chunk * CHUNK + i, to + i))),
  );
  body.push(...indices(CHUNK, to).map((row) => known(row)));
}

/** The row of an element. */
export const getRow = (fail: Label, leaf: number, at: Source, to: number): Instruction[] => [
  element(fail, at, x(leaf, TUPLE), to),
  known(to),
];
