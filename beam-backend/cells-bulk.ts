// Bulk operations of wasm2beam_cells: many rows of a leaf filled, written from a binary and read into some, as docs/abi.md
// tells. cells-copy.ts has those that copy.
import type { AssemblyTarget, Instruction, Source } from './assembly.ts';
import { add, atom, compute, failWithBadarg, int, move, range, test, x } from './cells-code.ts';
import { LEAF_ROWS, ROW_WORDS, WORD } from './memory-layout.ts';
import { CHUNK, ELEMENT, FIRST_ROW, get, getChunk, getRow, indices, set, testChunk, testRows } from './cells-rows.ts';

const NIL: Source = { kind: 'literal', term: { list: [] } };

/** fill_rows(Leaf, Row, Last, Word) -> ok: every word of the rows before Last. */
export function addFillRows(target: AssemblyTarget): void {
  const [loop, single, done, fail] = indices(4).map(() => target.newLabel());
  const [leaf, to, last, word, behind, number, rows] = [0, 1, 2, 3, 4, 5, 6];
  const start: Instruction[] = [
    ...testRows(fail, leaf, to, 4),
    { op: 'call_only', arity: 4, label: loop },
    ...failWithBadarg(fail),
  ];
  const body: Instruction[] = testChunk(single, to, last, behind);
  getChunk(target, body, leaf, number, rows);
  for (const row of indices(CHUNK, rows)) body.push(...indices(ROW_WORDS).map((i) => set(row, i, word)));
  body.push(
    move(x(behind), to),
    { op: 'call_only', arity: 4, label: loop },
    { op: 'label', label: single },
    test('is_lt', done, x(to, ELEMENT), x(last, ELEMENT)),
    ...getRow(done, leaf, x(to, ELEMENT), 4),
    ...indices(ROW_WORDS).map((i) => set(4, i, word)),
    compute('+', 4, x(to, ELEMENT), int(1), to),
    { op: 'call_only', arity: 4, label: loop },
    { op: 'label', label: done },
    move(atom('ok'), 0),
    { op: 'return' },
  );
  target.export('fill_rows', 4, add(target, 'fill_rows', 4, start));
  add(target, 'fill', 4, body, loop);
}

/** write_rows(Leaf, Row, Last, Binary) -> ok: the rows before Last become the bytes at the start of the binary. */
export function addWriteRows(target: AssemblyTarget): void {
  const [loop, done, fail, short] = indices(4).map(() => target.newLabel());
  const [leaf, to, last, bytes, row, words] = [0, 1, 2, 3, 4, 5];
  const match: Instruction = { op: 'bs_start_match', fail, from: x(bytes), live: 4, to: x(bytes) };
  const start: Instruction[] = [
    ...testRows(fail, leaf, to, 4),
    match,
    { op: 'call_only', arity: 4, label: loop },
    ...failWithBadarg(fail),
  ];
  const body: Instruction[] = [
    { op: 'takes_match', register: x(bytes) },
    test('is_lt', done, x(to, ELEMENT), x(last, ELEMENT)),
    { ...match, fail: short },
    ...getRow(short, leaf, x(to, ELEMENT), row),
    ...indices(ROW_WORDS, words).map((word): Instruction => ({
      op: 'bs_get_integer',
      fail: short,
      context: x(bytes),
      live: word,
      bits: 32,
      little: true,
      to: x(word),
    })),
    ...indices(ROW_WORDS).map((i) => set(row, i, words + i)),
    compute('+', 4, x(to, ELEMENT), int(1), to),
    { op: 'call_only', arity: 4, label: loop },
    { op: 'label', label: done },
    move(atom('ok'), 0),
    { op: 'return' },
    ...failWithBadarg(short),
  ];
  target.export('write_rows', 4, add(target, 'write_rows', 4, start));
  add(target, 'write', 4, body, loop);
}

/** Rows of a binary: as many as it may have without being kept outside of the heap. */
const READ_ROWS = 4;

/** read_rows(Leaf, Row, Last) -> [Binary]: the bytes of the rows before Last. Goes from the last one to the first. */
export function addReadRows(target: AssemblyTarget): void {
  const [loop, single, done, fail, missing] = indices(5).map(() => target.newLabel());
  const [list, first, last, leaf, rows] = [0, 1, 2, 3, 4];
  const start: Instruction[] = [
    ...testRows(fail, 0, 1, 3),
    move(x(0), leaf),
    move(NIL, list),
    { op: 'call_only', arity: 4, label: loop },
    ...failWithBadarg(fail),
  ];
  /** The rows from x(last) on, before those in the list. */
  const read = (count: number): Instruction[] => {
    const words = rows + count;
    return [
      ...indices(count, rows).flatMap((row, i) => [
        compute('+', row, x(last, ELEMENT), int(i), row),
        ...getRow(missing, leaf, x(row, ELEMENT), row),
      ]),
      ...indices(count).flatMap((row) =>
        indices(ROW_WORDS).map((i) => get(rows + row, i, words + ROW_WORDS * row + i)),
      ),
      {
        op: 'bs_create_bin',
        fail: 0,
        live: words + ROW_WORDS * count,
        to: x(rows),
        segments: indices(ROW_WORDS * count, words).map((word) => ({
          type: 'integer',
          bits: 32,
          little: true,
          value: x(word, WORD),
        })),
      },
      { op: 'test_heap', heap: { words: 2, floats: 0 }, live: rows + 1 },
      { op: 'put_list', head: x(rows), tail: x(list), to: x(list) },
      { op: 'call_only', arity: 4, label: loop },
    ];
  };
  const body: Instruction[] = [
    compute('-', 4, x(last, ELEMENT), int(READ_ROWS), 4),
    test('is_ge', single, x(4, range(FIRST_ROW - READ_ROWS, LEAF_ROWS)), x(first, ELEMENT)),
    move(x(4), last),
    ...read(READ_ROWS),
    { op: 'label', label: single },
    test('is_lt', done, x(first, ELEMENT), x(last, ELEMENT)),
    compute('-', 4, x(last, ELEMENT), int(1), last),
    ...read(1),
    { op: 'label', label: done },
    { op: 'return' },
    ...failWithBadarg(missing),
  ];
  target.export('read_rows', 3, add(target, 'read_rows', 3, start));
  add(target, 'read', 4, body, loop);
}
