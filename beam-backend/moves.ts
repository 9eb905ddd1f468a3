// Moves that happen at once, as a sequence of instructions.
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
 * Orders parallel moves so that no source is overwritten before it is read; cycles are resolved by swaps.
 *
 * @param moves targets are distinct
 * @param out receives the instructions
 */
export function emitMoves(moves: readonly Move[], out: Instruction[]): void {
  const pending: RegisterMove[] = [];
  for (const move of moves) if (isRegisterMove(move) && key(move.from) !== key(move.to)) pending.push(move);
  if (pending.length === 1) out.push({ op: 'move', from: pending[0].from, to: pending[0].to });
  else if (pending.length > 1) order(pending, out);
  // Constants come last: nothing reads them.
  for (const { from, to } of moves) if (!isRegister(from)) out.push({ op: 'move', from, to });
}

/** Fewer moves than this are ordered by looking at all of them for each. */
const FEW = 12;

/** Registers' moves; each is made when nobody reads its target any more. */
function order(moves: RegisterMove[], out: Instruction[]): void {
  if (moves.length < FEW) orderFew(moves, out);
  else orderMany(moves, out);
}

function orderFew(pending: RegisterMove[], out: Instruction[]): void {
  while (pending.length > 0) {
    const free = findFree(pending);
    if (free >= 0) {
      out.push({ op: 'move', from: pending[free].from, to: pending[free].to });
      pending.splice(free, 1);
      continue;
    }
    const { from, to } = pending.shift()!;
    out.push({ op: 'swap', a: from, b: to });
    // What `to` held is now in `from`: its one reader finds it there, or is done if that is its place.
    const reader = pending.findIndex((move) => key(move.from) === key(to));
    if (key(pending[reader].to) === key(from)) pending.splice(reader, 1);
    else pending[reader] = { from, to: pending[reader].to };
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

function orderMany(moves: readonly RegisterMove[], out: Instruction[]): void {
  const readers = new Int16Array(KEYS);
  // One more than the position of the move into a register, 0 where there is none or it is done.
  const into = new Int16Array(KEYS);
  moves.forEach(({ from, to }, i) => {
    readers[slot(from)]++;
    into[slot(to)] = i + 1;
  });
  const ready = moves.filter(({ to }) => readers[slot(to)] === 0);
  for (let move = ready.pop(); move; move = ready.pop()) {
    out.push({ op: 'move', from: move.from, to: move.to });
    into[slot(move.to)] = 0;
    const source = slot(move.from);
    if (--readers[source] === 0 && into[source] > 0) ready.push(moves[into[source] - 1]);
  }
  // What is left are cycles: each register is read once. What the target of a swap held is now in its source: its one
  // reader finds it there, or is done if that is its place.
  const cycles = moves.filter(({ to }) => into[slot(to)] > 0).map(({ from, to }) => ({ from, to, done: false }));
  const reader = new Int16Array(KEYS);
  cycles.forEach(({ from }, i) => (reader[slot(from)] = i));
  for (const { from, to, done } of cycles) {
    if (done) continue;
    out.push({ op: 'swap', a: from, b: to });
    const next = cycles[reader[slot(to)]];
    if (key(next.to) === key(from)) next.done = true;
    else {
      reader[slot(from)] = reader[slot(to)];
      next.from = from;
    }
  }
}
