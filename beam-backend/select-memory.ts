// What loads and stores of the linear memory become: inline, or calls of wasm2beam_cells.
//
// Inline, an access has a slow path into wasm2beam_memory for what is not there yet, not aligned, or out of bounds.
import { WRAPS, type Instruction as IrInstruction, type Operator, type Value } from '../ir/ir.ts';
import type { Register, Source } from './assembly.ts';
import { emitInt, getElement, int, x } from './bifs.ts';
import {
  chooseOffset,
  chooseWord,
  findRow,
  getWord,
  mergeBytes,
  placeBytes,
  WORD,
  type AccessWriter,
  type RememberedLeaf,
} from './memory-layout.ts';
import { untyped } from './operand-types.ts';
import type { CodeWriter } from './writer.ts';

const WORD_MAX = 2 ** 32 - 1;

/** Whether an instruction can be an inline access, or several. */
export const isAccess = (operator: Operator): boolean => operator.startsWith('mem.');

/** X registers that an inline access needs besides its operands; undefined where it is a call. */
export function inlineTemporaries({ operator, args, bytes }: IrInstruction): number | undefined {
  const address = operator.startsWith('mem.load') ? args[0] : args[1];
  // An address that is known and not aligned never goes the usual way.
  if (typeof address.constant === 'number' && address.constant % bytes !== 0) return undefined;
  return operator === 'mem.store' && bytes < 4 ? 4 : 2;
}

export function accessWriter(e: CodeWriter): AccessWriter {
  return {
    out: e.out,
    live: e.live,
    newLabel: () => e.newLabel(),
    defer: (label, code) => {
      const live = e.live.count(e.position, 0, e.out);
      e.defer(label, () => code(live));
    },
    compute: (name, a, b, to) => {
      emitInt(e, name, [a, b], x(to));
      e.live.write(to);
    },
  };
}

/** A call of wasm2beam_cells: its last argument is the memory. */
function cellsCall(
  e: CodeWriter,
  at: IrInstruction,
  name: string,
  args: readonly Source[],
  state: Value,
  address: number,
): void {
  loadWithMemory(e, at, args, state, args.length, address);
  e.line(at.offset);
  e.out.push({ op: 'call_ext', arity: args.length + 1, module: 'wasm2beam_cells', name });
}

/** The runtime's function behind an inline access, which takes the memory first, then the address. */
function slowCall(e: CodeWriter, at: IrInstruction, name: string, state: Value, args: readonly Source[]): void {
  loadWithMemory(e, at, args, state, 0, 0);
  e.line(at.offset);
  e.out.push({ op: 'call_ext', arity: args.length + 1, module: 'wasm2beam_memory', name });
}

/**
 * Loads arguments into x0, x1, ..., the one with number `address` as what it is modulo 2^32, and the memory out of S among
 * them, into the register with number `memory`. Where S is in the frame it is read there, which spares a move.
 */
function loadWithMemory(
  e: CodeWriter,
  { index }: IrInstruction,
  args: readonly Source[],
  state: Value,
  memory: number,
  address: number,
): void {
  const from = e.register(state);
  const isFramed = from.kind === 'y';
  const to = x(memory);
  const word = args[address];
  const moves = args.with(address, untyped(word)).map((arg, i) => ({ from: arg, to: x(i < memory ? i : i + 1) }));
  e.move(isFramed ? moves : [...moves, { from, to }]);
  getElement(e, isFramed ? from : to, e.context.memory - 1, to);
  if (index !== WRAPS || word.kind === 'integer') return;
  const place = moves[address].to;
  const operands = [{ ...word, ...place }, int(WORD_MAX)];
  e.out.push({ op: 'gc_bif', name: 'band', fail: 0, live: moves.length + 1, args: operands, to: place });
}

/** The last two arguments, where there are more than so many. */
export function rememberedLeaf(
  e: CodeWriter,
  { args, index }: IrInstruction,
  count: number,
): RememberedLeaf | undefined {
  if (args.length === count) return undefined;
  return { leaf: e.register(args[count]), start: e.register(args[count + 1]), wraps: index === WRAPS };
}

/** Operators whose results lie anywhere, as far as a processor can tell. */
const SCATTERS: ReadonlySet<Operator> = new Set(['int.and', 'int.or', 'int.xor', 'int.shr', 'int.rem']);
/** And those whose results lie where their operands do. */
const COUNTS: ReadonlySet<Operator> = new Set(['int.add', 'int.sub', 'int.shl', 'int.mul']);
/** Operands that are looked at. */
const MAX_TERMS = 8;

/** Whether an address is one of a table: computed from bits, and not by counting. Where a loop begins tells nothing. */
function isScattered(e: CodeWriter, address: Value): boolean {
  const work = [address];
  for (let count = 0; count < MAX_TERMS; count++) {
    const value = work.pop();
    if (!value) return false;
    const { definition } = value;
    if (!definition || e.allocation.isParameter(value)) continue;
    const { operator, args } = definition;
    if (operator === 'int.and' && args[1].constant === WORD_MAX) work.push(args[0]);
    else if (SCATTERS.has(operator)) return true;
    else if (COUNTS.has(operator)) work.push(...args);
  }
  return false;
}

const LOADS = { 1: 'load8_u', 2: 'load16_u', 4: 'load32', 8: 'load64' } as const;
/** What returns the current root as well. */
const FETCHES = { 2: 'fetch16', 4: 'fetch32', 8: 'fetch64' } as const;

export function selectLoad(e: CodeWriter, at: IrInstruction, inline: boolean): void {
  const { bytes, results } = at;
  const [address, root, state] = at.args;
  const from = e.source(address);
  if (!inline) {
    cellsCall(e, at, LOADS[bytes as 1 | 2 | 4 | 8], [from, e.source(root)], state, 0);
    return e.takeResults(results);
  }
  const [row, scratch] = e.allocation.temporaries.get(at)!;
  // A leaf that is made for a load shall be found by the loads behind it.
  const refreshes = e.allocation.isLiveAfter(root, e.position);
  const names = refreshes ? FETCHES : LOADS;
  const path = e.slowPath(
    () => {
      if (bytes > 1) cellsCall(e, at, names[bytes as 2 | 4 | 8], [from, e.source(root)], state, 0);
      else slowCall(e, at, refreshes ? 'fetch' : 'load', state, [from, int(bytes)]);
    },
    refreshes ? [...results, root] : results,
  );
  const w = accessWriter(e);
  findRow(w, from, e.source(root), row, scratch, path.label, rememberedLeaf(e, at, 3));
  if (bytes === 8) {
    const halves = results.map((value, i) => ({ to: e.register(value), word: 1 - i }));
    // One of them may take the place of the row.
    if (halves[0].to.kind === 'x' && halves[0].to.index === row) halves.reverse();
    chooseWord(w, from, bytes, scratch, path.label, (first) => {
      halves.forEach(({ to, word }, i) => {
        // Else the loader may read both at once, and a processor waits for words that were written one by one.
        if (i > 0) e.out.push({ op: 'label', label: e.newLabel() });
        getElement(e, x(row), first + word, to);
      });
    });
  } else {
    const to = bytes === 4 ? e.register(results[0]) : x(row);
    if (from.kind !== 'integer' && isScattered(e, address)) {
      getWord(w, from as Register, bytes, row, scratch, path.label, to);
    } else chooseWord(w, from, bytes, scratch, path.label, (word) => getElement(e, x(row), word, to));
  }
  if (bytes < 4) {
    chooseOffset(w, from, bytes as 1 | 2, scratch, path.label, (bits) => {
      if (bits > 0) w.compute('bsr', x(row, WORD), int(bits), row);
    });
    emitInt(e, 'band', [x(row, WORD), int(2 ** (8 * bytes) - 1)], e.register(results[0]));
  }
  e.resume(path);
}

export function selectStore(e: CodeWriter, at: IrInstruction, inline: boolean): void {
  const { bytes } = at;
  const root = at.args[0];
  const words = bytes === 8 ? 2 : 1;
  const state = at.args[2 + words];
  const [from, ...values] = at.args.slice(1, 2 + words).map((arg) => e.source(arg));
  if (!inline) return callStore(e, at, root, [from, ...values], state);
  const [row, scratch, bits, mask] = e.allocation.temporaries.get(at)!;
  const path = e.slowPath(() => {
    const operands = values.map((source) => untyped(source));
    if (bytes > 1) cellsCall(e, at, `store${8 * bytes}`, [untyped(e.source(root)), from, ...operands], state, 1);
    else slowCall(e, at, 'store', state, [from, int(bytes), operands[0]]);
  }, [root]);
  const w = accessWriter(e);
  findRow(w, from, e.source(root), row, scratch, path.label, rememberedLeaf(e, at, 3 + words));
  const set = (word: number, value: Source): void =>
    void e.out.push({ op: 'set_tuple_element', value: untyped(value), tuple: x(row), index: word });
  if (bytes >= 4) {
    chooseWord(w, from, bytes, scratch, path.label, (word) => {
      values.toReversed().forEach((value, i) => set(word + i, value));
    });
  } else {
    const placed = placeBytes(w, from, values[0], bytes as 1 | 2, path.label, { bits, mask });
    chooseWord(w, from, bytes, scratch, path.label, (word) => set(word, mergeBytes(w, row, word, placed, scratch)));
  }
  e.resume(path);
}

function callStore(e: CodeWriter, at: IrInstruction, root: Value, args: readonly Source[], state: Value): void {
  const name = `store${8 * at.bytes}`;
  const [address, ...words] = args;
  const operands = words.map((source) => untyped(source));
  cellsCall(e, at, name, [untyped(e.source(root)), address, ...operands], state, 1);
  e.live.clear();
  e.live.write(0);
  if (!e.allocation.isLiveAfter(root, e.position)) return;
  e.move([{ from: x(0), to: untyped(e.register(root)) }]);
  e.defined(root);
}
