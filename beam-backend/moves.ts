// Moves that happen at once, as a sequence of instructions.
//
// OTP's loader makes one load of 16 bytes of a swap of neighbours, and of two moves in a row between neighbours; of two
// elements of a tuple that go to neighbours, and of two neighbours that go into a new tuple, too. A processor cannot take
// what such a load wants from stores of 8 bytes that it has just made: it waits until they are done. So there are no
// swaps, and an empty line, which leaves no code, stands between two such moves.
import type { Instruction, Register, Source } from './assembly.ts';

export interface Move {
  readonly from: Source;
  readonly to: Register;
}

/** X registers count from 0 up, Y registers from -1 down. */
const key = ({ kind, index }: Register): number => (kind === 'x' ? index : -1 - index);
const isRegister = (source: Source): source is Register => source.kind === 'x' || source.kind === 'y';

interface RegisterMove extends Move {
  readonly from: Register;
}
const isRegisterMove = (move: Move): move is RegisterMove => isRegister(move.from);

/**
 * Orders parallel moves so that no source is overwritten before it is read; a cycle goes through a spare register.
 *
 * @param moves targets are distinct
 * @param spare an X register that holds nothing and is in no move
 * @param out receives the instructions
 */
export function emitMoves(moves: readonly Move[], spare: number, out: Instruction[]): void {
  const pending: RegisterMove[] = [];
  for (const move of moves) if (isRegisterMove(move) && key(move.from) !== key(move.to)) pending.push(move);
  if (pending.length === 1) emitMove(pending[0], out);
  else if (pending.length > 1) order(pending, { kind: 'x', index: spare }, out);
  // Constants come last: nothing reads them.
  for (const { from, to } of moves) if (!isRegister(from)) out.push({ op: 'move', from, to });
}

/** Reads an element of a tuple, counted from 0. */
export function emitElement(from: Register, index: number, to: Register, out: Instruction[]): void {
  const last = out.at(-1);
  if (last?.op === 'get_tuple_element' && last.index === index - 1 && areNeighbours(last.to, to)) {
    out.push({ op: 'line', line: 0 });
  }
  out.push({ op: 'get_tuple_element', from, index, to });
}

/** Makes a tuple. X registers from `spare` on hold nothing. */
export function emitTuple(args: readonly Source[], spare: number, to: Register, out: Instruction[]): void {
  const apart = [...args];
  for (let i = 1, free = spare; i < apart.length; i++) {
    const [before, { kind }] = [apart[i - 1], apart[i]];
    if (!isRegister(before) || kind !== before.kind) continue;
    const source = apart[i] as Register;
    if (!areNeighbours(before, source)) continue;
    emitMove({ from: source, to: { kind: 'x', index: free } }, out);
    apart[i] = { kind: 'x', index: free++ };
  }
  out.push({ op: 'put_tuple', to, args: apart });
}

function emitMove({ from, to }: RegisterMove, out: Instruction[]): void {
  const last = out.at(-1);
  if (last?.op === 'move' && isRegister(last.from) && areNeighbours(last.from, from) && areNeighbours(last.to, to)) {
    out.push({ op: 'line', line: 0 });
  }
  out.push({ op: 'move', from, to });
}

const areNeighbours = (a: Register, b: Register): boolean => a.kind === b.kind && Math.abs(a.index - b.index) === 1;

/** Fewer moves than this are ordered by looking at all of them for each. */
const FEW = 12;

/** Registers' moves; each is made when nobody reads its target any more. */
function order(moves: RegisterMove[], spare: Register, out: Instruction[]): void {
  if (moves.length < FEW) orderFew(moves, spare, out);
  else orderMany(moves, spare, out);
}

function orderFew(pending: RegisterMove[], spare: Register, out: Instruction[]): void {
  while (pending.length > 0) {
    const free = findFree(pending);
    if (free >= 0) {
      emitMove(pending[free], out);
      pending.splice(free, 1);
      continue;
    }
    // Only cycles are left: what the first target holds has one reader, who finds it in the spare register.
    const { to } = pending[0];
    emitMove({ from: to, to: spare }, out);
    const reader = pending.findIndex((move) => key(move.from) === key(to));
    pending[reader] = { from: spare, to: pending[reader].to };
  }
}

/** The first move whose target no other one reads; -1 where each is read. */
function findFree(pending: readonly RegisterMove[]): number {
  for (let i = 0; i < pending.length; i++) {
    const target = key(pending[i].to);
    let isRead = false;
    for (let j = 0; j < pending.length && !isRead; j++) isRead = j !== i && key(pending[j].from) === target;
    if (!isRead) return i;
  }
  return -1;
}

/** Registers of either kind, by key from 0 up. */
const LOWEST = -1024;
const KEYS = 2048;
const slot = (register: Register): number => key(register) - LOWEST;

/** Zero between uses: how many moves are to read a register. */
const readers = new Int16Array(KEYS);
/** Likewise: one more than the position of the move into a register, 0 where there is none or it is done. */
const into = new Int16Array(KEYS);

function orderMany(moves: readonly RegisterMove[], spare: Register, out: Instruction[]): void {
  moves.forEach(({ from, to }, i) => {
    readers[slot(from)]++;
    into[slot(to)] = i + 1;
  });
  const make = (move: RegisterMove): void => {
    emitMove(move, out);
    into[slot(move.to)] = 0;
  };
  const ready = moves.filter(({ to }) => readers[slot(to)] === 0);
  for (let move = ready.pop(); move; move = ready.pop()) {
    make(move);
    const source = slot(move.from);
    if (--readers[source] === 0 && into[source] > 0) ready.push(moves[into[source] - 1]);
  }
  // What is left are cycles: each register is read once.
  for (const first of moves) {
    if (into[slot(first.to)] === 0) continue;
    emitMove({ from: first.to, to: spare }, out);
    let move = first;
    do {
      make(move);
      move = moves[into[slot(move.from)] - 1];
    } while (key(move.from) !== key(first.to));
    make({ from: spare, to: move.to });
  }
  for (const { from } of moves) readers[slot(from)] = 0;
}
