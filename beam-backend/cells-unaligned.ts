// Unaligned accesses of wasm2beam_cells: what lies in two or three words, each of which may be in a row and a leaf of its own.
//
// All words are found before one is stored. A leaf that is not there leaves for `missing`, with the arguments as they
// were. Aligned addresses are taken, too: the word behind is then one of the same.
import type { AssemblyTarget, Instruction, Label } from './assembly.ts';
import { access, int, move, range, TUPLE, x } from './cells-code.ts';
import { ADDRESS, chooseOffset, chooseWord, findRow, mergeBytes, WORD, type AccessWriter } from './memory-layout.ts';

const WORD_MAX = 2 ** 32 - 1;
const ones = (bits: number): number => 2 ** bits - 1;

/** Puts the address of the byte `distance` behind another one into a register, its row into the next; one more is changed. */
function rowBehind(w: AccessWriter, address: number, distance: number, root: number, to: number, missing: Label): void {
  w.compute('+', x(address, ADDRESS), int(distance), to);
  findRow(w, x(to, ADDRESS), x(root, TUPLE), to + 1, to + 2, missing);
}

/** Reads the word of such a byte into a register. */
function wordBehind(w: AccessWriter, distance: number, to: number, missing: Label): void {
  rowBehind(w, 0, distance, 1, to, missing);
  chooseWord(w, x(to, ADDRESS), 1, to + 2, missing, (word) =>
    w.out.push({ op: 'get_tuple_element', from: x(to + 1), index: word, to: x(to) }),
  );
}

/** Where a load has the root. */
const ROOT = 1;

const returnTuple = (registers: readonly number[], live: number): Instruction[] => [
  { op: 'test_heap', heap: { words: registers.length + 1, floats: 0 }, live },
  { op: 'put_tuple', to: x(0), args: registers.map((register) => x(register)) },
  { op: 'return' },
];

/** The word that begins `bits` above the start of one word and ends in the next: its low `size` bits. */
function cutWord(w: AccessWriter, low: number, high: number, bits: number, size: number, to: number): void {
  if (bits + size <= 32) {
    if (bits > 0) w.compute('bsr', x(low, WORD), int(bits), low);
    return w.compute('band', x(low, WORD), int(ones(size)), to);
  }
  const rest = bits + size - 32;
  w.compute('bsr', x(low, WORD), int(bits), low);
  w.compute('band', x(high, WORD), int(ones(rest)), to);
  w.compute('bsl', x(to, range(0, ones(rest))), int(32 - bits), to);
  w.compute('bor', x(to, WORD), x(low, WORD), to);
}

/** The rest of load16_u or load32(Address, Root, Mem); or of fetch16 or fetch32, which return the root as well. */
export function addUnalignedLoad(
  target: AssemblyTarget,
  out: Instruction[],
  bytes: 2 | 4,
  missing: Label,
  withRoot: boolean,
): void {
  const w = access(target, out, 3);
  wordBehind(w, 0, 3, missing);
  wordBehind(w, bytes - 1, 4, missing);
  chooseOffset(w, x(0, ADDRESS), 1, 5, missing, (bits) => {
    cutWord(w, 3, 4, bits, 8 * bytes, 0);
    if (withRoot) out.push(...returnTuple([0, ROOT], 2));
    else out.push({ op: 'return' });
  });
}

/** The rest of load64(Address, Root, Mem), or of fetch64. */
export function addUnalignedLoad64(
  target: AssemblyTarget,
  out: Instruction[],
  missing: Label,
  withRoot: boolean,
): void {
  const w = access(target, out, 3);
  [0, 4, 7].forEach((distance, i) => wordBehind(w, distance, 3 + i, missing));
  chooseOffset(w, x(0, ADDRESS), 1, 6, missing, (bits) => {
    // A cut shifts its lower word: the one in the middle is needed twice.
    out.push(move(x(4), 6));
    const arm = access(target, out, 7);
    cutWord(arm, 3, 6, bits, 32, 7);
    cutWord(arm, 4, 5, bits, 32, 8);
    out.push(...returnTuple(withRoot ? [8, 7, ROOT] : [8, 7], 9));
  });
}

/** Puts the bits of a register where the mask behind it has none, into the word whose address and row are in registers. */
function mergeWord(w: AccessWriter, at: number, bits: number, missing: Label): void {
  chooseWord(w, x(at, ADDRESS), 1, at + 2, missing, (word) => {
    const value = mergeBytes(w, at + 1, word, { bits, mask: bits + 1 }, at + 2);
    w.out.push({ op: 'set_tuple_element', value, tuple: x(at + 1, TUPLE), index: word });
  });
}

/** Bits of a word moved up, as far as they stay in the word, and what is left of the word they go into. */
function placeLow(w: AccessWriter, to: number, from: number, size: number, bits: number): void {
  const kept = Math.min(size, 32 - bits);
  w.compute('band', x(from, WORD), int(ones(kept)), to);
  if (bits > 0) w.compute('bsl', x(to, range(0, ones(kept))), int(bits), to);
  w.out.push(move(int(WORD_MAX - ones(kept) * 2 ** bits), to + 1));
}

/** Those that go into the word behind: none, perhaps. */
function placeHigh(w: AccessWriter, to: number, from: number, size: number, bits: number): void {
  const rest = Math.max(0, bits + size - 32);
  if (rest === 0) w.out.push(move(int(0), to));
  else {
    w.compute('band', x(from, WORD), int(ones(size)), to);
    w.compute('bsr', x(to, WORD), int(32 - bits), to);
  }
  w.out.push(move(int(WORD_MAX - ones(rest)), to + 1));
}

/** The rest of store16 or store32(Root, Address, Word, Mem) -> Root. */
export function addUnalignedStore(target: AssemblyTarget, out: Instruction[], bytes: 2 | 4, missing: Label): void {
  const w = access(target, out, 4);
  const [low, high, parts] = [4, 7, 10];
  rowBehind(w, 1, 0, 0, low, missing);
  rowBehind(w, 1, bytes - 1, 0, high, missing);
  chooseOffset(w, x(1, ADDRESS), 1, parts, missing, (bits) => {
    // All registers below its first hold something by then.
    const arm = (to: number): [AccessWriter, number] => [access(target, out, to), to];
    placeLow(...arm(parts), 2, 8 * bytes, bits);
    placeHigh(...arm(parts + 2), 2, 8 * bytes, bits);
  });
  const merging = access(target, out, parts + 4);
  mergeWord(merging, low, parts, missing);
  mergeWord(merging, high, parts + 2, missing);
  out.push({ op: 'return' });
}

/** The rest of store64(Root, Address, High, Low, Mem) -> Root. */
export function addUnalignedStore64(target: AssemblyTarget, out: Instruction[], missing: Label): void {
  const w = access(target, out, 5);
  const [low, middle, high, parts] = [5, 8, 11, 14];
  rowBehind(w, 1, 0, 0, low, missing);
  rowBehind(w, 1, 4, 0, middle, missing);
  rowBehind(w, 1, 7, 0, high, missing);
  chooseOffset(w, x(1, ADDRESS), 1, parts, missing, (bits) => {
    // All registers below its first hold something by then.
    const arm = (to: number): [AccessWriter, number] => [access(target, out, to), to];
    placeLow(...arm(parts), 3, 32, bits);
    placeHigh(...arm(parts + 2), 3, 32, bits);
    placeLow(...arm(parts + 4), 2, 32, bits);
    placeHigh(...arm(parts + 6), 2, 32, bits);
  });
  const merging = access(target, out, parts + 8);
  mergeWord(merging, low, parts, missing);
  mergeWord(merging, middle, parts + 2, missing);
  mergeWord(merging, middle, parts + 4, missing);
  mergeWord(merging, high, parts + 6, missing);
  out.push({ op: 'return' });
}
