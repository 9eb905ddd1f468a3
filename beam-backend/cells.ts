// The module wasm2beam_cells: in-place words in tuples, and the linear memory made of them, as docs/abi.md tells.
//
// Consumes nothing but the targeted release; produces a BEAM file. A store selects one of several set_tuple_element
// instructions by a balanced tree of comparisons, for an indirect jump costs more. Every value stored is a small
// integer and every tuple one that was made at run time. Here that is trusted, not proved: verify-stores.ts proves it of
// each call in generated code (Root is one, words are small); Erlang calls come from the runtime alone, and set/3 tests
// what it can. A row is an element of a leaf, which is an element of a root.
import type { AssemblyTarget, Instruction, Label, OtpRelease } from './assembly.ts';
import { Assembler } from './assemble.ts';
import { SCALES } from './float-formats.ts';
import {
  access,
  add,
  atom,
  choose,
  compute,
  element,
  failWithBadarg,
  int,
  move,
  range,
  test,
  TUPLE,
  x,
} from './cells-code.ts';
import { addFillRows, addReadRows, addWriteRows } from './cells-bulk.ts';
import { addCopyPart, addCopyRows, addPutPart } from './cells-copy.ts';
import { addUnalignedLoad, addUnalignedLoad64, addUnalignedStore, addUnalignedStore64 } from './cells-unaligned.ts';
import {
  ADDRESS,
  chooseOffset,
  chooseWord,
  findRow,
  LEAF_ROWS,
  mergeBytes,
  placeBytes,
  ROW_WORDS,
  WORD,
} from './memory-layout.ts';

export const CELLS_MODULE = { name: 'wasm2beam_cells', source: 'wasm2beam_cells', attributes: [] } as const;

/** Elements that `set` reaches. */
const REACH = 1024;

/** The file for a release. Same release, same bytes. */
export function assembleCells(otp: OtpRelease): Uint8Array {
  const assembler = new Assembler(CELLS_MODULE, otp);
  writeCells(assembler);
  return assembler.finish();
}

/** Adds the module's functions and exports to an assembler or a printer. */
export function writeCells(target: AssemblyTarget): void {
  const write = target.newLabel();
  addGet(target);
  addSet(target, write);
  addScales(target);
  addNew(target);
  addFillRows(target);
  addWriteRows(target);
  addReadRows(target);
  addCopyRows(target);
  addCopyPart(target);
  addPutPart(target);
  for (const bytes of [1, 2, 4] as const) {
    addLoad(target, bytes);
    addStore(target, bytes);
  }
  addLoad64(target);
  addStore64(target);
  for (const bytes of [2, 4, 8] as const) addFetch(target, bytes);
  addWrite(target, write);
}

/** get(Tuple, Index) */
function addGet(target: AssemblyTarget): void {
  const fail = target.newLabel();
  const body = [element(fail, x(1), x(0), 0), { op: 'return' } as const, ...failWithBadarg(fail)];
  target.export('get', 2, add(target, 'get', 2, body));
}

/** Integers that every machine with 64 bits holds as immediates. */
const SMALL_LIMIT = 2 ** 53 - 1;

/** set(Tuple, Index, Word): refuses what is no small integer, and an index that the tuple or the tree has not. */
function addSet(target: AssemblyTarget, write: Label): void {
  const fail = target.newLabel();
  const body: Instruction[] = [
    test('is_integer', fail, x(2)),
    test('is_lt', fail, x(2), int(SMALL_LIMIT)),
    test('is_lt', fail, int(-SMALL_LIMIT), x(2)),
    element(fail, x(1), x(0), 3),
    test('is_lt', fail, x(1), int(REACH + 1)),
    move(x(0), 4),
    compute('-', 5, x(1, range(1, REACH)), int(1), 5),
    move(atom('ok'), 0),
    { op: 'call_only', arity: 6, label: write },
    ...failWithBadarg(fail),
  ];
  target.export('set', 3, add(target, 'set', 3, body));
}

/** scales(): the table of float-formats.ts, the same for all instances. */
function addScales(target: AssemblyTarget): void {
  target.export('scales', 0, add(target, 'scales', 0, [move({ kind: 'literal', term: SCALES }, 0), { op: 'return' }]));
}

/** new() -> Leaf, all zeros. Nothing of it is a literal. */
function addNew(target: AssemblyTarget): void {
  const zeros = Array.from({ length: ROW_WORDS }, () => int(0));
  const rows = Array.from({ length: LEAF_ROWS }, (_, row) => x(row));
  const body: Instruction[] = [
    { op: 'test_heap', heap: { words: LEAF_ROWS * (ROW_WORDS + 1) + LEAF_ROWS + 1, floats: 0 }, live: 0 },
    ...rows.map((to) => ({ op: 'put_tuple', to, args: zeros }) as const),
    { op: 'put_tuple', to: x(0), args: rows },
    { op: 'return' },
  ];
  target.export('new', 0, add(target, 'new', 0, body));
}

/** load8_u, load16_u, load32(Address, Root, Mem) */
function addLoad(target: AssemblyTarget, bytes: 1 | 2 | 4): void {
  const slow = target.newLabel();
  const body: Instruction[] = [];
  const w = access(target, body, 3);
  const address = x(0, ADDRESS);
  findRow(w, address, x(1, TUPLE), 3, 4, slow);
  chooseWord(w, address, bytes, 4, slow, (word) => {
    body.push({ op: 'get_tuple_element', from: x(3), index: word, to: x(bytes === 4 ? 0 : 4) });
    if (bytes === 4) body.push({ op: 'return' });
  });
  // One arm for each offset: shifting by a register costs more on OTP 25 than two comparisons do.
  if (bytes !== 4) {
    chooseOffset(w, address, bytes, 3, slow, (bits) => {
      if (bits > 0) w.compute('bsr', x(4, WORD), int(bits), 4);
      if (bits + 8 * bytes < 32) w.compute('band', x(4, WORD), int(2 ** (8 * bytes) - 1), 4);
      body.push(move(x(4), 0), { op: 'return' });
    });
  }
  body.push({ op: 'label', label: slow });
  addRestOfLoad(target, body, bytes, 'load');
  const name = { 1: 'load8_u', 2: 'load16_u', 4: 'load32' }[bytes];
  target.export(name, 3, add(target, name, 3, body));
}

/** Of a load from what is not aligned, or from a leaf that is not there. */
function addRestOfLoad(
  target: AssemblyTarget,
  body: Instruction[],
  bytes: 1 | 2 | 4 | 8,
  name: 'load' | 'fetch',
): void {
  const missing = target.newLabel();
  if (bytes === 8) addUnalignedLoad64(target, body, missing, name === 'fetch');
  else if (bytes > 1) addUnalignedLoad(target, body, bytes as 2 | 4, missing, name === 'fetch');
  body.push({ op: 'label', label: missing }, move(x(0), 1), move(x(2), 0));
  const whole = bytes === 8 ? [] : [move(int(bytes), 2)];
  body.push(...whole, {
    op: 'call_ext_only',
    arity: 2 + whole.length,
    module: 'wasm2beam_memory',
    name: bytes === 8 ? `${name}64` : name,
  });
}

/** fetch16, fetch32, fetch64(Address, Root, Mem): for inline loads that did not find what they look for. */
function addFetch(target: AssemblyTarget, bytes: 2 | 4 | 8): void {
  const body: Instruction[] = [];
  addRestOfLoad(target, body, bytes, 'fetch');
  const name = `fetch${8 * bytes}`;
  target.export(name, 3, add(target, name, 3, body));
}

/**
 * Reads two words: the low one into `low`, the high one into the register before it. They are in one row where the
 * address, in x0, is a multiple of eight, and looked up one by one where it is one of four. Registers from 3 to 6 are used.
 */
function addPair(target: AssemblyTarget, body: Instruction[], slow: Label): { high: number; low: number } {
  const apart = target.newLabel();
  const both = target.newLabel();
  const [address, second, root] = [x(0, ADDRESS), x(4, ADDRESS), x(1, TUPLE)];
  const aligned = access(target, body, 3);
  findRow(aligned, address, root, 3, 4, apart);
  chooseWord(aligned, address, 8, 4, apart, (word) => {
    body.push(
      { op: 'get_tuple_element', from: x(3), index: word + 1, to: x(4) },
      { op: 'get_tuple_element', from: x(3), index: word, to: x(3) },
    );
  });
  body.push({ op: 'jump', label: both }, { op: 'label', label: apart });
  const w = access(target, body, 3);
  findRow(w, address, root, 3, 4, slow);
  chooseWord(w, address, 4, 4, slow, (word) =>
    body.push({ op: 'get_tuple_element', from: x(3), index: word, to: x(3) }),
  );
  w.compute('+', address, int(4), 4);
  findRow(w, second, root, 5, 6, slow);
  chooseWord(w, second, 4, 6, slow, (word) =>
    body.push({ op: 'get_tuple_element', from: x(5), index: word, to: x(4) }),
  );
  body.push({ op: 'label', label: both });
  return { high: 4, low: 3 };
}

/** load64(Address, Root, Mem) -> {High, Low} */
function addLoad64(target: AssemblyTarget): void {
  const slow = target.newLabel();
  const body: Instruction[] = [];
  const { high, low } = addPair(target, body, slow);
  body.push(
    { op: 'test_heap', heap: { words: 3, floats: 0 }, live: 5 },
    { op: 'put_tuple', to: x(0), args: [x(high), x(low)] },
    { op: 'return' },
    { op: 'label', label: slow },
  );
  addRestOfLoad(target, body, 8, 'load');
  target.export('load64', 3, add(target, 'load64', 3, body));
}

/** store8, store16, store32(Root, Address, Word, Mem) */
function addStore(target: AssemblyTarget, bytes: 1 | 2 | 4): void {
  const slow = target.newLabel();
  const body: Instruction[] = [];
  const w = access(target, body, 4);
  const address = x(1, ADDRESS);
  findRow(w, address, x(0, TUPLE), 4, 5, slow);
  const merge = bytes !== 4 ? placeBytes(w, address, x(2, WORD), bytes, slow, { bits: 6, mask: 7 }) : undefined;
  chooseWord(w, address, bytes, 5, slow, (word) => {
    const value = merge ? mergeBytes(w, 4, word, merge, 2) : x(2, WORD);
    body.push({ op: 'set_tuple_element', value, tuple: x(4, TUPLE), index: word }, { op: 'return' });
  });
  body.push({ op: 'label', label: slow });
  const missing = target.newLabel();
  if (bytes > 1) {
    addUnalignedStore(target, body, bytes as 2 | 4, missing);
    body.push({ op: 'label', label: missing });
  }
  body.push(move(x(3), 0), move(x(2), 3), move(int(bytes), 2), {
    op: 'call_ext_only',
    arity: 4,
    module: 'wasm2beam_memory',
    name: 'store',
  });
  const name = `store${bytes * 8}`;
  target.export(name, 4, add(target, name, 4, body));
}

/**
 * store64(Root, Address, High, Low, Mem) -> Root: two words at once where the address is a multiple of eight, one by one
 * where of four.
 */
function addStore64(target: AssemblyTarget): void {
  const slow = target.newLabel();
  const apart = target.newLabel();
  const body: Instruction[] = [];
  const [address, second, root] = [x(1, ADDRESS), x(6, ADDRESS), x(0, TUPLE)];
  const set = (row: number, index: number, from: number): Instruction => ({
    op: 'set_tuple_element',
    value: x(from, WORD),
    tuple: x(row, TUPLE),
    index,
  });
  const aligned = access(target, body, 5);
  findRow(aligned, address, root, 5, 6, apart);
  chooseWord(aligned, address, 8, 6, apart, (word) =>
    body.push(set(5, word, 3), set(5, word + 1, 2), { op: 'return' }),
  );
  // Both words have been found before one is stored.
  body.push({ op: 'label', label: apart });
  const w = access(target, body, 5);
  findRow(w, address, root, 5, 6, slow);
  w.compute('+', address, int(4), 6);
  findRow(w, second, root, 7, 8, slow);
  chooseWord(w, address, 4, 8, slow, (word) => body.push(set(5, word, 3)));
  chooseWord(w, second, 4, 8, slow, (word) => body.push(set(7, word, 2), { op: 'return' }));
  const missing = target.newLabel();
  body.push({ op: 'label', label: slow });
  addUnalignedStore64(target, body, missing);
  body.push({ op: 'label', label: missing }, move(x(4), 0), {
    op: 'call_ext_only',
    arity: 4,
    module: 'wasm2beam_memory',
    name: 'store64',
  });
  target.export('store64', 5, add(target, 'store64', 5, body));
}

/** write(Result, _, Word, _, Tuple, WordIndex) -> Result: the element behind WordIndex becomes Word. */
function addWrite(target: AssemblyTarget, entry: Label): void {
  const body: Instruction[] = [];
  const arm = (index: number): void => {
    body.push({ op: 'set_tuple_element', value: x(2, WORD), tuple: x(4, TUPLE), index }, { op: 'return' });
  };
  choose(target, body, x(5, range(0, REACH - 1)), 0, REACH - 1, arm);
  add(target, 'write', 6, body, entry);
}
