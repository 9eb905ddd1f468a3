// The module wasm2beam_cells: in-place words in tuples, and the linear memory made of them, as docs/abi.md tells.
//
// Consumes nothing but the targeted release; produces a BEAM file. A store selects one of 1,024 set_tuple_element
// instructions by a balanced tree of comparisons, for an indirect jump costs more. Every value stored is a small
// integer and every tuple one that was made at run time. Here that is trusted, not proved: verify-stores.ts proves it of
// each call in generated code (Root is one, words are small); Erlang calls come from the runtime alone, and set/3 tests
// what it can. A leaf is an element of a root, which holds nothing else that is a tuple.
import type { AssemblyTarget, Instruction, Label, OperandType, OtpRelease, Register, Source } from './assembly.ts';
import { Assembler } from './assemble.ts';

export const CELLS_MODULE = { name: 'wasm2beam_cells', source: 'wasm2beam_cells', attributes: [] } as const;

/** Words in a leaf of the memory. */
const LEAF_WORDS = 1024;

const range = (min: number, max: number) => ({ kind: 'integer', min, max }) as const;
const TUPLE = { kind: 'tuple' } as const;
/** Two words and four more at the most; in any case less than this. */
const ADDRESS = range(0, 2 ** 34);
const WORD = range(0, 2 ** 32 - 1);
const WORD_INDEX = range(0, LEAF_WORDS - 1);
/** Of the root: behind the generation and one more for each 4 KiB. */
const LEAF_INDEX = range(2, 2 ** 21 + 2);
const BYTE_OFFSET = range(0, 3);

const x = (index: number, type?: OperandType): Register => ({ kind: 'x', index, ...(type ? { type } : {}) });
const int = (value: number): Source => ({ kind: 'integer', value });
const atom = (name: string): Source => ({ kind: 'atom', name });

/** The file for a release. Same release, same bytes. */
export function assembleCells(otp: OtpRelease): Uint8Array {
  const assembler = new Assembler(CELLS_MODULE, otp);
  writeCells(assembler);
  return assembler.finish();
}

/** Adds the module's functions and exports to an assembler or a printer. */
export function writeCells(target: AssemblyTarget): void {
  const write = target.newLabel();
  const put = target.newLabel();
  addGet(target);
  addSet(target, write);
  addWords(target);
  addPutWords(target, put);
  for (const bytes of [1, 2, 4] as const) {
    addLoad(target, bytes);
    addStore(target, bytes, write);
  }
  addLoadF64(target);
  addStore64(target);
  addWrite(target, write);
  addPut(target, put);
}

function add(
  target: AssemblyTarget,
  name: string,
  arity: number,
  body: readonly Instruction[],
  entry = target.newLabel(),
): Label {
  target.addFunction({
    name,
    arity,
    entry,
    instructions: [
      { op: 'label', label: target.newLabel() },
      { op: 'line', line: 0 },
      { op: 'func_info', name, arity },
      { op: 'label', label: entry },
      ...body,
    ],
  });
  return entry;
}

const test = (name: string, fail: Label, ...args: Source[]): Instruction => ({ op: 'test', name, fail, args });
const move = (from: Source, to: number): Instruction => ({ op: 'move', from, to: x(to) });
/** The operands' types keep the result small, so that it cannot fail and never collects garbage. */
const compute = (name: string, live: number, a: Source, b: Source, to: number): Instruction => ({
  op: 'gc_bif',
  name,
  fail: 0,
  live,
  args: [a, b],
  to: x(to),
});
const element = (fail: Label, index: Source, tuple: Source, to: number): Instruction => ({
  op: 'bif',
  name: 'element',
  fail,
  args: [index, tuple],
  to: x(to),
});

/** Raises badarg without the arguments: a report of them could print a whole memory. */
function failWithBadarg(fail: Label): Instruction[] {
  return [
    { op: 'label', label: fail },
    move(atom('badarg'), 0),
    { op: 'call_ext_only', arity: 1, module: 'erlang', name: 'error' },
  ];
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
    test('is_lt', fail, x(1), int(LEAF_WORDS + 1)),
    move(x(0), 4),
    compute('-', 5, x(1, range(1, LEAF_WORDS)), int(1), 5),
    move(atom('ok'), 0),
    { op: 'call_only', arity: 6, label: write },
    ...failWithBadarg(fail),
  ];
  target.export('set', 3, add(target, 'set', 3, body));
}

/** words(Leaf) */
function addWords(target: AssemblyTarget): void {
  const fail = target.newLabel();
  const body: Instruction[] = [
    test('is_tuple', fail, x(0)),
    { op: 'call_ext_only', arity: 1, module: 'erlang', name: 'tuple_to_list' },
    ...failWithBadarg(fail),
  ];
  target.export('words', 1, add(target, 'words', 1, body));
}

/** put_words(Leaf, Index, Words): refuses what is no whole leaf, and words beyond its end, then with all others written. */
function addPutWords(target: AssemblyTarget, put: Label): void {
  const fail = target.newLabel();
  const body: Instruction[] = [
    test('is_tuple', fail, x(0)),
    test('test_arity', fail, x(0), int(LEAF_WORDS)),
    element(fail, x(1), x(0), 3),
    compute('-', 4, x(1, range(1, LEAF_WORDS)), int(1), 3),
    { op: 'call_only', arity: 4, label: put },
    ...failWithBadarg(fail),
  ];
  target.export('put_words', 3, add(target, 'put_words', 3, body));
}

/**
 * The leaf of an address into register `leaf`, its word index into the one behind; those below are in use. A leaf that is
 * not there goes to `slow`, at the latest when it is read.
 */
function locate(address: number, root: number, leaf: number, slow: Label): Instruction[] {
  const index = leaf + 1;
  return [
    compute('bsr', leaf, x(address, ADDRESS), int(12), leaf),
    compute('+', leaf + 1, x(leaf, range(0, LEAF_INDEX.max - 2)), int(2), leaf),
    element(slow, x(leaf, LEAF_INDEX), x(root, TUPLE), leaf),
    compute('bsr', leaf + 1, x(address, ADDRESS), int(2), index),
    compute('band', leaf + 2, x(index, range(0, 2 ** 31)), int(LEAF_WORDS - 1), index),
  ];
}

/** Leaves for `slow` where an access of so many bytes would cross the end of its word. */
function testAlignment(address: number, scratch: number, bytes: 1 | 2 | 4, slow: Label): Instruction[] {
  if (bytes === 1) return [];
  const offset = compute('band', scratch, x(address, ADDRESS), int(3), scratch);
  const isIn =
    bytes === 4
      ? test('is_eq_exact', slow, x(scratch, BYTE_OFFSET), int(0))
      : test('is_lt', slow, x(scratch, BYTE_OFFSET), int(3));
  return [offset, isIn];
}

/** load8_u, load16_u, load32(Address, Root, Mem) */
function addLoad(target: AssemblyTarget, bytes: 1 | 2 | 4): void {
  const slow = target.newLabel();
  const body: Instruction[] = [
    ...testAlignment(0, 3, bytes, slow),
    ...locate(0, 1, 3, slow),
    compute('+', 5, x(4, WORD_INDEX), int(1), 4),
    element(slow, x(4, range(1, LEAF_WORDS)), x(3), 3),
  ];
  // One arm for each offset: shifting by a register costs more on OTP 25 than these two comparisons do.
  if (bytes < 4) body.push(compute('band', 4, x(0, ADDRESS), int(3), 4));
  choose(target, body, x(4, BYTE_OFFSET), 0, 4 - bytes, (offset) => {
    if (offset > 0) body.push(compute('bsr', 4, x(3, WORD), int(8 * offset), 3));
    const isWhole = offset === 4 - bytes;
    body.push(isWhole ? move(x(3), 0) : compute('band', 4, x(3, WORD), int(2 ** (8 * bytes) - 1), 0), { op: 'return' });
  });
  body.push({ op: 'label', label: slow }, move(x(0), 1), move(x(2), 0), move(int(bytes), 2), {
    op: 'call_ext_only',
    arity: 3,
    module: 'wasm2beam_memory',
    name: 'load',
  });
  const name = { 1: 'load8_u', 2: 'load16_u', 4: 'load32' }[bytes];
  target.export(name, 3, add(target, name, 3, body));
}

/** store8, store16, store32(Root, Address, Word, Mem) */
function addStore(target: AssemblyTarget, bytes: 1 | 2 | 4, write: Label): void {
  const slow = target.newLabel();
  // Word bxor ((((Word bsr Shift) bxor New) band Mask) bsl Shift): the bytes that differ are flipped.
  const merge: Instruction[] = [
    compute('+', 6, x(5, WORD_INDEX), int(1), 6),
    element(slow, x(6, range(1, LEAF_WORDS)), x(4), 6),
    compute('band', 7, x(1, ADDRESS), int(3), 7),
    compute('bsl', 8, x(7, BYTE_OFFSET), int(3), 7),
    compute('bsr', 8, x(6, WORD), x(7, range(0, 24)), 8),
    compute('bxor', 9, x(8, WORD), x(2, WORD), 2),
    compute('band', 9, x(2, WORD), int(bytes === 1 ? 0xff : 0xffff), 2),
    compute('bsl', 9, x(2, range(0, bytes === 1 ? 0xff : 0xffff)), x(7, range(0, 24)), 2),
    compute('bxor', 9, x(2, WORD), x(6, WORD), 2),
  ];
  const body: Instruction[] = [
    ...testAlignment(1, 4, bytes, slow),
    ...locate(1, 0, 4, slow),
    ...(bytes === 4 ? [test('is_tuple', slow, x(4))] : merge),
    { op: 'call_only', arity: 6, label: write },
    { op: 'label', label: slow },
    move(x(3), 0),
    move(x(2), 3),
    move(int(bytes), 2),
    { op: 'call_ext_only', arity: 4, module: 'wasm2beam_memory', name: 'store' },
  ];
  const name = `store${bytes * 8}`;
  target.export(name, 4, add(target, name, 4, body));
}

/** Exponent and sign of a double, the upper 12 bits, to what its mantissa is multiplied by; no float for what is not finite. */
const SCALES: Source = {
  kind: 'literal',
  term: {
    tuple: Array.from({ length: 4096 }, (_, bits) => {
      const exponent = bits & 2047;
      if (exponent === 2047) return 0;
      const scale = exponent === 0 ? 2 ** -1074 : 2 ** (exponent - 1075);
      return { float: bits < 2048 ? scale : -scale };
    }),
  },
};

/**
 * load_f64(Address, Root, Mem): the product of mantissa and scale is exact, and costs a third of what matching a binary
 * does. What is not aligned to words, crosses a leaf, or is not finite goes to wasm2beam_memory:load_f64(Mem, Address).
 */
function addLoadF64(target: AssemblyTarget): void {
  const slow = target.newLabel();
  const subnormal = target.newLabel();
  const mantissa = range(0, 2 ** 21 - 1);
  const body: Instruction[] = [
    ...testAlignment(0, 3, 4, slow),
    ...locate(0, 1, 3, slow),
    test('is_lt', slow, x(4, WORD_INDEX), int(LEAF_WORDS - 1)),
    compute('+', 5, x(4, WORD_INDEX), int(1), 5),
    compute('+', 6, x(4, WORD_INDEX), int(2), 4),
    element(slow, x(5, range(1, LEAF_WORDS)), x(3), 5),
    element(slow, x(4, range(2, LEAF_WORDS)), x(3), 4),
    compute('bsr', 6, x(4, WORD), int(20), 6),
    compute('+', 7, x(6, range(0, 4095)), int(1), 6),
    { op: 'move', from: SCALES, to: x(7) },
    element(slow, x(6, range(1, 4096)), x(7), 6),
    test('is_float', slow, x(6)),
    compute('band', 7, x(4, WORD), int(0xfffff), 3),
    compute('band', 7, x(4, WORD), int(0x7ff00000), 4),
    test('is_ne_exact', subnormal, x(4, WORD), int(0)),
    compute('bor', 7, x(3, mantissa), int(0x100000), 3),
    { op: 'label', label: subnormal },
    compute('bsl', 7, x(3, mantissa), int(32), 3),
    compute('+', 7, x(3, range(0, 2 ** 53 - 1)), x(5, WORD), 3),
    { op: 'test_heap', heap: { words: 0, floats: 1 }, live: 7 },
    { op: 'fconv', from: x(3, range(0, 2 ** 53 - 1)), to: { kind: 'fr', index: 0 } },
    { op: 'fmove', from: x(6, { kind: 'float' }), to: { kind: 'fr', index: 1 } },
    {
      op: 'fmul',
      args: [
        { kind: 'fr', index: 0 },
        { kind: 'fr', index: 1 },
      ],
      to: { kind: 'fr', index: 0 },
    },
    { op: 'fmove', from: { kind: 'fr', index: 0 }, to: x(0) },
    { op: 'return' },
    { op: 'label', label: slow },
    move(x(0), 1),
    move(x(2), 0),
    { op: 'call_ext_only', arity: 2, module: 'wasm2beam_memory', name: 'load_f64' },
  ];
  target.export('load_f64', 3, add(target, 'load_f64', 3, body));
}

/** store64(Root, Address, High, Low, Mem) -> Root: two words at once where the address is a multiple of eight. */
function addStore64(target: AssemblyTarget): void {
  const slow = target.newLabel();
  const body: Instruction[] = [
    compute('band', 5, x(1, ADDRESS), int(7), 5),
    test('is_eq_exact', slow, x(5, range(0, 7)), int(0)),
    ...locate(1, 0, 5, slow),
    test('is_tuple', slow, x(5)),
    compute('bsr', 7, x(6, WORD_INDEX), int(1), 6),
  ];
  choose(target, body, x(6, range(0, LEAF_WORDS / 2 - 1)), 0, LEAF_WORDS / 2 - 1, (pair) => {
    body.push(
      { op: 'set_tuple_element', value: x(3, WORD), tuple: x(5, TUPLE), index: 2 * pair },
      { op: 'set_tuple_element', value: x(2, WORD), tuple: x(5, TUPLE), index: 2 * pair + 1 },
      { op: 'return' },
    );
  });
  body.push({ op: 'label', label: slow }, move(x(4), 0), {
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
  choose(target, body, x(5, WORD_INDEX), 0, LEAF_WORDS - 1, arm);
  add(target, 'write', 6, body, entry);
}

/** put(Leaf, _, Words, WordIndex) -> ok: a run of stores that is entered at WordIndex and left at the end of Words. */
function addPut(target: AssemblyTarget, entry: Label): void {
  const end = target.newLabel();
  const fail = target.newLabel();
  const labels = Array.from({ length: LEAF_WORDS }, () => target.newLabel());
  const body: Instruction[] = [];
  choose(target, body, x(3, WORD_INDEX), 0, LEAF_WORDS - 1, (index) => body.push({ op: 'jump', label: labels[index] }));
  for (let index = 0; index < LEAF_WORDS; index++) {
    body.push(
      { op: 'label', label: labels[index] },
      test('is_nonempty_list', end, x(2)),
      { op: 'get_list', from: x(2), head: x(3), tail: x(2) },
      { op: 'set_tuple_element', value: x(3, WORD), tuple: x(0, TUPLE), index },
    );
  }
  body.push(
    { op: 'label', label: end },
    test('is_nil', fail, x(2)),
    move(atom('ok'), 0),
    { op: 'return' },
    ...failWithBadarg(fail),
  );
  add(target, 'put', 4, body, entry);
}

/** A balanced tree of comparisons of a register in first..last; `arm` writes what follows for one of its values. */
function choose(
  target: AssemblyTarget,
  body: Instruction[],
  value: Register,
  first: number,
  last: number,
  arm: (index: number) => void,
): void {
  if (first === last) return arm(first);
  const middle = Math.ceil((first + last) / 2);
  const above = target.newLabel();
  body.push(test('is_lt', above, value, int(middle)));
  choose(target, body, value, first, middle - 1, arm);
  body.push({ op: 'label', label: above });
  choose(target, body, value, middle, last, arm);
}
