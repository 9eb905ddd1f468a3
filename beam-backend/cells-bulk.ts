// Bulk operations of wasm2beam_cells: many rows of a leaf at once, as docs/abi.md tells.
//
// Rows are counted from 0 in arguments; their elements of a leaf from 1. A copy has a loop of its own for each of the 16
// ways in which the source can lie beside the rows that it fills: by words, and by bytes within a word.
import type { AssemblyTarget, Instruction, Label } from './assembly.ts';
import { add, atom, choose, compute, element, failWithBadarg, int, move, range, test, TUPLE, x } from './cells-code.ts';
import { LEAF_ROWS, ROW_WORDS, WORD } from './memory-layout.ts';

const FIRST_ROW = 1;
const ROW = range(0, LEAF_ROWS);
/** One more than the last, which a loop comes to. */
const ELEMENT = range(FIRST_ROW, LEAF_ROWS + FIRST_ROW);
const ROW_BYTES = 4 * ROW_WORDS;

const known = (register: number): Instruction => ({ op: 'known_tuple', register: x(register), size: ROW_WORDS });
const get = (row: number, index: number, to: number): Instruction => ({
  op: 'get_tuple_element',
  from: x(row),
  index,
  to: x(to),
});
const set = (row: number, index: number, from: number): Instruction => ({
  op: 'set_tuple_element',
  value: x(from, WORD),
  tuple: x(row, TUPLE),
  index,
});

/** fill_rows(Leaf, Row, Last, Word) -> ok: every word of the rows before Last. */
export function addFillRows(target: AssemblyTarget): void {
  const loop = target.newLabel();
  const done = target.newLabel();
  const fail = target.newLabel();
  const start: Instruction[] = [
    compute('+', 4, x(1, ROW), int(FIRST_ROW), 1),
    compute('+', 4, x(2, ROW), int(FIRST_ROW), 2),
    { op: 'call_only', arity: 4, label: loop },
  ];
  const body: Instruction[] = [
    test('is_lt', done, x(1, ELEMENT), x(2, ELEMENT)),
    element(fail, x(1, ELEMENT), x(0, TUPLE), 4),
    ...Array.from({ length: ROW_WORDS }, (_, word) => set(4, word, 3)),
    compute('+', 4, x(1, ELEMENT), int(1), 1),
    { op: 'call_only', arity: 4, label: loop },
    { op: 'label', label: done },
    move(atom('ok'), 0),
    { op: 'return' },
    ...failWithBadarg(fail),
  ];
  target.export('fill_rows', 4, add(target, 'fill_rows', 4, start));
  add(target, 'fill', 4, body, loop);
}

// Registers of a copy: its arguments, with elements for rows; the row and the word before; what is at hand.
const [LEAF, TO, LAST, FROM, AT, NEXT, BEFORE, WORD_BEFORE, ROW_TO, ROW_FROM] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const [OTHER_WORD, LOW, HIGH] = [10, 11, 12];
const ARITY = 8;

/**
 * copy_rows(Leaf, Row, Last, From, Offset, Next) -> ok: the rows before Last become the bytes of the leaf From from
 * Offset on, and then those of the leaf Next from its start on. Goes upwards.
 */
export function addCopyRows(target: AssemblyTarget): void {
  const fail = target.newLabel();
  const body: Instruction[] = [
    compute('+', 6, x(TO, ROW), int(FIRST_ROW), TO),
    compute('+', 6, x(LAST, ROW), int(FIRST_ROW), LAST),
    compute('band', 6, x(AT, range(0, LEAF_ROWS * ROW_BYTES - 1)), int(ROW_BYTES - 1), BEFORE),
    compute('bsr', 7, x(AT, range(0, LEAF_ROWS * ROW_BYTES - 1)), int(Math.log2(ROW_BYTES)), AT),
    compute('+', 7, x(AT, range(0, LEAF_ROWS - 1)), int(FIRST_ROW), AT),
  ];
  const loops = Array.from({ length: ROW_BYTES }, () => target.newLabel());
  choose(target, body, x(BEFORE, range(0, ROW_BYTES - 1)), 0, ROW_BYTES - 1, (offset) => {
    body.push(move(int(0), WORD_BEFORE));
    if (offset === 0) body.push(move(int(0), BEFORE));
    else {
      body.push(element(fail, x(AT, ELEMENT), x(FROM, TUPLE), BEFORE), known(BEFORE));
      body.push(compute('+', 8, x(AT, ELEMENT), int(1), AT), get(BEFORE, offset >> 2, WORD_BEFORE));
    }
    body.push({ op: 'call_only', arity: ARITY, label: loops[offset] });
  });
  body.push(...failWithBadarg(fail));
  target.export('copy_rows', 6, add(target, 'copy_rows', 6, body));
  loops.forEach((loop, offset) => addCopyLoop(target, loop, offset));
}

/** One way to lie: `offset` bytes into a row begins what the next row of the target gets. */
function addCopyLoop(target: AssemblyTarget, loop: Label, offset: number): void {
  const [done, over, there, fail] = [target.newLabel(), target.newLabel(), target.newLabel(), target.newLabel()];
  const body: Instruction[] = [
    test('is_lt', done, x(TO, ELEMENT), x(LAST, ELEMENT)),
    element(fail, x(TO, ELEMENT), x(LEAF, TUPLE), ROW_TO),
    element(over, x(AT, ELEMENT), x(FROM, TUPLE), ROW_FROM),
    { op: 'label', label: there },
    known(ROW_FROM),
  ];
  const first = offset >> 2;
  const bits = 8 * (offset & 3);
  const getWord = (index: number, to: number): Instruction => {
    if (offset === 0 || index >= ROW_WORDS) return get(ROW_FROM, index % ROW_WORDS, to);
    return get(BEFORE, index, to);
  };
  if (offset > 0) body.push(known(BEFORE));
  for (let word = 0; word < ROW_WORDS; word++) {
    if (bits === 0) {
      body.push(getWord(first + word, LOW), set(ROW_TO, word, LOW));
      continue;
    }
    const [before, behind] = word % 2 === 0 ? [WORD_BEFORE, OTHER_WORD] : [OTHER_WORD, WORD_BEFORE];
    body.push(
      getWord(first + word + 1, behind),
      compute('bsr', 11, x(before, WORD), int(bits), LOW),
      compute('band', 12, x(behind, WORD), int(2 ** bits - 1), HIGH),
      compute('bsl', 13, x(HIGH, range(0, 2 ** bits - 1)), int(32 - bits), HIGH),
      compute('bor', 13, x(LOW, WORD), x(HIGH, WORD), LOW),
      set(ROW_TO, word, LOW),
    );
  }
  if (offset > 0) body.push(move(x(ROW_FROM), BEFORE));
  body.push(
    compute('+', ARITY, x(TO, ELEMENT), int(1), TO),
    compute('+', ARITY, x(AT, ELEMENT), int(1), AT),
    { op: 'call_only', arity: ARITY, label: loop },
    { op: 'label', label: over },
    test('is_tuple', fail, x(NEXT)),
    move(x(NEXT), FROM),
    move(int(FIRST_ROW), AT),
    element(fail, x(AT, ELEMENT), x(FROM, TUPLE), ROW_FROM),
    { op: 'jump', label: there },
    { op: 'label', label: done },
    move(atom('ok'), 0),
    { op: 'return' },
    ...failWithBadarg(fail),
  );
  add(target, 'copy', ARITY, body, loop);
}
