// Copies within wasm2beam_cells, as docs/abi.md tells: rows of a leaf become what lies anywhere in one or two other leaves.
//
// What a row of the target gets begins at one of 16 bytes of a row of the source. Where it begins within the words is
// settled when they are read into registers, from one of 4 words on; where within a word, when they are shifted, by 0 to 3
// bytes. All words of a turn are read before one is stored, so that it may go up or down.
import type { AssemblyTarget, Instruction, Label, Term } from './assembly.ts';
import { add, atom, compute, element, failWithBadarg, int, move, range, test, TUPLE, x } from './cells-code.ts';
import { LEAF_ROWS, ROW_WORDS, WORD } from './memory-layout.ts';
import {
  chooseAndMeet,
  CHUNK,
  ELEMENT,
  FIRST_ROW,
  get,
  getChunk,
  indices,
  known,
  ROW,
  ROW_BYTES,
  set,
  testRows,
  testTuple,
} from './cells-rows.ts';

const OFFSET = range(0, LEAF_ROWS * ROW_BYTES - 1);
/** An element of the source, counted on from its first leaf into the next. */
const SOURCE = range(FIRST_ROW, 2 * LEAF_ROWS + FIRST_ROW);

/** The last element that a chunk of the source may begin at. */
const LAST_CHUNK = LEAF_ROWS + FIRST_ROW - CHUNK;

// Registers of a copy: its arguments, but for elements and a number of rows, and the offset within a row.
const [LEAF, TO, LEFT, FROM, AT, NEXT, STEP, WORDS, BYTES] = indices(9);
const ARITY = 9;
// What a turn copies.
const [ROW_TO, ROW_FROM, LEAF_FROM] = indices(3, ARITY);

/** Words and bytes of an offset within a row. `live` registers hold something. */
const splitOffset = (offset: number, words: number, bytes: number, live: number): Instruction[] => [
  compute('band', live, x(offset, OFFSET), int(ROW_BYTES - 1), words),
  compute('bsr', live + 1, x(words, range(0, ROW_BYTES - 1)), int(2), words),
  compute('band', live + 1, x(offset, OFFSET), int(3), bytes),
];

/**
 * copy_rows(Leaf, Row, Last, From, Offset, Next, Step) -> ok: the rows before Last become the bytes of the leaf From from
 * Offset on, and then those of the leaf Next from its start on. Goes upwards if Step is 1, downwards if it is -1.
 */
export function addCopyRows(target: AssemblyTarget): void {
  const [loop, fail, within] = indices(3).map(() => target.newLabel());
  const body: Instruction[] = [
    ...testRows(fail, LEAF, TO, 7),
    ...testTuple(fail, FROM, LEAF_ROWS),
    compute('-', 7, x(LEFT, ELEMENT), x(TO, ELEMENT), LEFT),
    compute('*', 7, x(LEFT, ROW), int(ROW_BYTES), 7),
    compute('+', 8, x(7, range(0, LEAF_ROWS * ROW_BYTES)), x(AT, OFFSET), 7),
    test('is_lt', within, int(LEAF_ROWS * ROW_BYTES), x(7, range(0, 2 * LEAF_ROWS * ROW_BYTES))),
    ...testTuple(fail, NEXT, LEAF_ROWS),
    { op: 'label', label: within },
    ...splitOffset(AT, WORDS, BYTES, 7),
    compute('bsr', ARITY, x(AT, OFFSET), int(Math.log2(ROW_BYTES)), AT),
    compute('+', ARITY, x(AT, ROW), int(FIRST_ROW), AT),
    { op: 'call_only', arity: ARITY, label: loop },
    ...failWithBadarg(fail),
  ];
  target.export('copy_rows', 7, add(target, 'copy_rows', 7, body));
  addCopyLoop(target, loop);
}

/** A turn copies a chunk of the target where it can, else a row. */
function addCopyLoop(target: AssemblyTarget, loop: Label): void {
  const [down, chunk, rowUp, rowDown, row, done, fail] = indices(7).map(() => target.newLabel());
  const again: Instruction = { op: 'call_only', arity: ARITY, label: loop };
  const body: Instruction[] = [
    test('is_lt', done, int(0), x(LEFT, ROW)),
    test('is_lt', down, int(0), x(STEP, range(-1, 1))),
    test('is_ge', rowUp, x(LEFT, ROW), int(CHUNK)),
    move(x(TO), ROW_TO),
    move(x(AT), ROW_FROM),
    ...testChunk(target, rowUp),
    compute('+', LEAF_FROM + 1, x(TO, ELEMENT), int(CHUNK), TO),
    compute('+', LEAF_FROM + 1, x(AT, SOURCE), int(CHUNK), AT),
    compute('-', LEAF_FROM + 1, x(LEFT, ROW), int(CHUNK), LEFT),
    { op: 'label', label: chunk },
  ];
  copyChunk(target, body);
  body.push(
    again,
    { op: 'label', label: down },
    test('is_ge', rowDown, x(LEFT, ROW), int(CHUNK)),
    compute('-', ROW_TO, x(LEFT, ROW), int(CHUNK), ROW_TO),
    compute('+', ROW_FROM, x(AT, SOURCE), x(ROW_TO, ROW), ROW_FROM),
    compute('+', ROW_FROM + 1, x(TO, ELEMENT), x(ROW_TO, ROW), ROW_TO),
    ...testChunk(target, rowDown),
    compute('-', LEAF_FROM + 1, x(LEFT, ROW), int(CHUNK), LEFT),
    { op: 'jump', label: chunk },
    { op: 'label', label: rowUp },
    move(x(TO), ROW_TO),
    move(x(AT), ROW_FROM),
    compute('+', ROW_FROM + 1, x(TO, ELEMENT), int(1), TO),
    compute('+', ROW_FROM + 1, x(AT, SOURCE), int(1), AT),
    compute('-', ROW_FROM + 1, x(LEFT, ROW), int(1), LEFT),
    { op: 'jump', label: row },
    { op: 'label', label: rowDown },
    compute('-', ROW_TO, x(LEFT, ROW), int(1), LEFT),
    compute('+', ROW_TO, x(TO, ELEMENT), x(LEFT, ROW), ROW_TO),
    compute('+', ROW_FROM, x(AT, SOURCE), x(LEFT, ROW), ROW_FROM),
    { op: 'label', label: row },
  );
  copyRow(target, body, fail);
  body.push(again, { op: 'label', label: done }, move(atom('ok'), 0), { op: 'return' }, ...failWithBadarg(fail));
  add(target, 'copy', ARITY, body, loop);
}

/** Leaves for `single` unless ROW_TO begins a chunk and its source lies in one leaf: that, and the element of it. */
function testChunk(target: AssemblyTarget, single: Label): Instruction[] {
  const found = target.newLabel();
  return [
    compute('band', LEAF_FROM, x(ROW_TO, ELEMENT), int(CHUNK - 1), LEAF_FROM),
    test('is_eq_exact', single, x(LEAF_FROM, range(0, CHUNK - 1)), int(FIRST_ROW)),
    move(x(FROM), LEAF_FROM),
    test('is_lt', found, int(LAST_CHUNK), x(ROW_FROM, SOURCE)),
    test('is_lt', single, int(LEAF_ROWS), x(ROW_FROM, SOURCE)),
    move(x(NEXT), LEAF_FROM),
    compute('-', LEAF_FROM + 1, x(ROW_FROM, SOURCE), int(LEAF_ROWS), ROW_FROM),
    { op: 'label', label: found },
  ];
}

/** The chunk of the target that begins at ROW_TO, from the row ROW_FROM of LEAF_FROM on. */
function copyChunk(target: AssemblyTarget, body: Instruction[]): void {
  const to = LEAF_FROM + 1;
  const from = to + CHUNK;
  const words = from + CHUNK + 1;
  const live = words + ROW_WORDS * CHUNK + 1;
  body.push(compute('bsr', to, x(ROW_TO, ELEMENT), int(Math.log2(CHUNK)), ROW_TO));
  getChunk(target, body, LEAF, ROW_TO, to);
  body.push(known(LEAF_FROM, LEAF_ROWS));
  chooseAndMeet(target, body, ROW_FROM, [FIRST_ROW, LAST_CHUNK], (first) => {
    const row = first - FIRST_ROW;
    body.push(...indices(first < LAST_CHUNK ? CHUNK + 1 : CHUNK).map((i) => get(LEAF_FROM, row + i, from + i)));
    if (first < LAST_CHUNK) return;
    // The row behind the leaf, if there is one; if not, nothing of it is needed.
    const none = target.newLabel();
    body.push(move(x(from + CHUNK - 1), from + CHUNK), element(none, int(FIRST_ROW), x(NEXT), from + CHUNK));
    body.push({ op: 'label', label: none });
  });
  body.push(...indices(CHUNK + 1, from).map((row) => known(row)));
  readWords(target, body, from, words, ROW_WORDS * CHUNK + 1, WORDS);
  chooseAndMeet(target, body, BYTES, [0, 3], (bytes) => {
    for (const i of indices(ROW_WORDS * CHUNK)) {
      const row = to + Math.floor(i / ROW_WORDS);
      body.push(...shiftWord(words + i, bytes, live), set(row, i % ROW_WORDS, words + i));
    }
  });
}

/** The row ROW_TO of the target, from ROW_FROM on. */
function copyRow(target: AssemblyTarget, body: Instruction[], fail: Label): void {
  const [first, second, words] = [ROW_FROM + 1, ROW_FROM + 2, ROW_FROM + 3];
  const [firstInNext, firstFound, secondInNext, none, secondFound] = indices(5).map(() => target.newLabel());
  const next = range(FIRST_ROW, LEAF_ROWS + FIRST_ROW);
  body.push(
    element(fail, x(ROW_TO, ELEMENT), x(LEAF, TUPLE), ROW_TO),
    known(ROW_TO),
    element(firstInNext, x(ROW_FROM, SOURCE), x(FROM, TUPLE), first),
    { op: 'jump', label: firstFound },
    { op: 'label', label: firstInNext },
    compute('-', first, x(ROW_FROM, SOURCE), int(LEAF_ROWS), first),
    element(fail, x(first, next), x(NEXT), first),
    { op: 'label', label: firstFound },
    known(first),
    compute('+', second, x(ROW_FROM, SOURCE), int(1), second),
    element(secondInNext, x(second, SOURCE), x(FROM, TUPLE), second),
    { op: 'jump', label: secondFound },
    { op: 'label', label: secondInNext },
    compute('-', words, x(second, SOURCE), int(LEAF_ROWS), second),
    element(none, x(second, next), x(NEXT), second),
    { op: 'jump', label: secondFound },
    // Where there is none, nothing of it is needed.
    { op: 'label', label: none },
    move(x(first), second),
    { op: 'label', label: secondFound },
    known(second),
  );
  shiftRow(target, body, first, WORDS, BYTES);
  body.push(...indices(ROW_WORDS).map((i) => set(ROW_TO, i, words + i)));
}

/** The words of a row that begins somewhere in one of two rows in registers, into those behind; one more is changed. */
function shiftRow(target: AssemblyTarget, body: Instruction[], rows: number, words: number, bytes: number): void {
  const to = rows + 2;
  readWords(target, body, rows, to, ROW_WORDS + 1, words);
  chooseAndMeet(target, body, bytes, [0, 3], (distance) =>
    body.push(...indices(ROW_WORDS, to).flatMap((word) => shiftWord(word, distance, to + ROW_WORDS + 1))),
  );
}

/** Words of rows in registers, from the one on whose number is in a register. */
function readWords(
  target: AssemblyTarget,
  body: Instruction[],
  rows: number,
  to: number,
  count: number,
  first: number,
): void {
  chooseAndMeet(target, body, first, [0, ROW_WORDS - 1], (word) =>
    body.push(
      ...indices(count).map((i) => get(rows + Math.floor((word + i) / ROW_WORDS), (word + i) % ROW_WORDS, to + i)),
    ),
  );
}

/** A word becomes the bytes from a distance on, of itself and of the word in the register behind it. */
function shiftWord(word: number, distance: number, live: number): Instruction[] {
  if (distance === 0) return [];
  const bits = 8 * distance;
  return [
    compute('bsr', live, x(word, WORD), int(bits), word),
    compute('band', live, x(word + 1, WORD), int(2 ** bits - 1), live),
    compute('bsl', live + 1, x(live, range(0, 2 ** bits - 1)), int(32 - bits), live),
    compute('bor', live + 1, x(word, WORD), x(live, WORD), word),
  ];
}

/**
 * copy_part(Row, First, End, From, Next, Offset) -> ok: the bytes of a row from First to before End become what lies there
 * if the row begins at Offset of the row From, which goes on in the row Next.
 */
export function addCopyPart(target: AssemblyTarget): void {
  const fail = target.newLabel();
  const [row, first, end, from, next, offset, words, bytes, rows] = indices(9);
  const body: Instruction[] = [
    ...[row, from, next].flatMap((register) => testTuple(fail, register, ROW_WORDS)),
    ...splitOffset(offset, words, bytes, 6),
    ...findMask(fail, first, end, 8),
    move(x(from), rows),
    move(x(next), rows + 1),
    known(rows),
    known(rows + 1),
  ];
  shiftRow(target, body, rows, words, bytes);
  body.push(...mergeRow(row, first, rows + 2, rows + 2 + ROW_WORDS + 1), ...failWithBadarg(fail));
  target.export('copy_part', 6, add(target, 'copy_part', 6, body));
}

/** put_part(Row, First, End, Word, Word, Word, Word) -> ok: the bytes of a row from First to before End become those there. */
export function addPutPart(target: AssemblyTarget): void {
  const fail = target.newLabel();
  const [row, first, end, words] = indices(4);
  const body: Instruction[] = [
    ...testTuple(fail, row, ROW_WORDS),
    ...findMask(fail, first, end, 7),
    ...mergeRow(row, first, words, 7),
    ...failWithBadarg(fail),
  ];
  target.export('put_part', 7, add(target, 'put_part', 7, body));
}

/** By the first byte times 16 and the one behind the last: the words of a row that has ones there. */
const MASKS: Term = {
  tuple: indices(ROW_BYTES).flatMap((first) =>
    indices(ROW_BYTES, 1).map((end) => ({
      tuple: indices(ROW_WORDS).map((word) =>
        indices(4)
          .filter((byte) => first <= 4 * word + byte && 4 * word + byte < end)
          .reduce((mask, byte) => mask + 255 * 2 ** (8 * byte), 0),
      ),
    })),
  ),
};

/** The mask of the bytes from x(first) to before x(end) takes the place of the former. */
function findMask(fail: Label, first: number, end: number, live: number): Instruction[] {
  return [
    test('is_ge', fail, x(first), int(0)),
    test('is_ge', fail, int(ROW_BYTES - 1), x(first)),
    test('is_ge', fail, x(end), int(1)),
    test('is_ge', fail, int(ROW_BYTES), x(end)),
    compute('*', live, x(first, range(0, ROW_BYTES - 1)), int(ROW_BYTES), first),
    compute('+', live, x(first, range(0, ROW_BYTES * (ROW_BYTES - 1))), x(end, range(1, ROW_BYTES)), first),
    element(fail, x(first, range(1, ROW_BYTES * ROW_BYTES)), { kind: 'literal', term: MASKS }, first),
    known(first),
  ];
}

/** Words go into a row where a mask has ones. */
function mergeRow(row: number, mask: number, words: number, live: number): Instruction[] {
  const [old, ones] = [live, live + 1];
  return [
    ...indices(ROW_WORDS).flatMap((i) => [
      get(row, i, old),
      get(mask, i, ones),
      compute('bxor', live + 2, x(words + i, WORD), x(old, WORD), words + i),
      compute('band', live + 2, x(words + i, WORD), x(ones, WORD), words + i),
      compute('bxor', live + 2, x(words + i, WORD), x(old, WORD), words + i),
      set(row, i, words + i),
    ]),
    move(atom('ok'), 0),
    { op: 'return' },
  ];
}
