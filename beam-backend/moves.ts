// Moves that happen at once, as a sequence of instructions.
import type { Instruction, Register, Source } from './assembly.ts';

export interface Move {
  readonly from: Source;
  readonly to: Register;
}

const key = ({ kind, index }: Register): number => (kind === 'x' ? index : -1 - index);
const isRegister = (source: Source): source is Register => source.kind === 'x' || source.kind === 'y';

/**
 * Orders parallel moves so that no source is overwritten before it is read; cycles are resolved by swaps.
 *
 * @param moves targets are distinct
 * @param out receives the instructions
 */
export function emitMoves(moves: readonly Move[], out: Instruction[]): void {
  const pending: { from: Register; to: Register }[] = [];
  const constants: Move[] = [];
  for (const { from, to } of moves) {
    if (!isRegister(from)) constants.push({ from, to });
    else if (key(from) !== key(to)) pending.push({ from, to });
  }
  if (pending.length === 1) out.push({ op: 'move', ...pending[0] });
  else if (pending.length > 1) order(pending, out);
  // Constants come last: nothing reads them.
  for (const move of constants) out.push({ op: 'move', ...move });
}

/** Fewer moves than this are ordered by looking at all of them for each. */
const FEW = 12;

/** Registers' moves; each is made when nobody reads its target any more. */
function order(moves: { from: Register; to: Register }[], out: Instruction[]): void {
  if (moves.length < FEW) orderFew(moves, out);
  else orderMany(moves, out);
}

function orderFew(pending: { from: Register; to: Register }[], out: Instruction[]): void {
  const isRead = (register: number, by: number): boolean =>
    pending.some(({ from }, i) => i !== by && key(from) === register);
  while (pending.length > 0) {
    const free = pending.findIndex(({ to }, i) => !isRead(key(to), i));
    if (free >= 0) {
      out.push({ op: 'move', ...pending[free] });
      pending.splice(free, 1);
      continue;
    }
    const [{ from, to }] = pending.splice(0, 1);
    out.push({ op: 'swap', a: from, b: to });
    // What `to` held is now in `from`: its one reader finds it there, or is done if that is its place.
    const reader = pending.findIndex((move) => key(move.from) === key(to));
    if (key(pending[reader].to) === key(from)) pending.splice(reader, 1);
    else pending[reader] = { from, to: pending[reader].to };
  }
}

function orderMany(moves: readonly { from: Register; to: Register }[], out: Instruction[]): void {
  const pending = new Map<number, { from: Register; to: Register }>();
  const readers = new Map<number, number>();
  for (const move of moves) {
    pending.set(key(move.to), move);
    readers.set(key(move.from), (readers.get(key(move.from)) ?? 0) + 1);
  }
  const ready = moves.filter(({ to }) => !readers.has(key(to)));
  for (;;) {
    const move = ready.pop();
    if (move) {
      out.push({ op: 'move', ...move });
      pending.delete(key(move.to));
      const source = key(move.from);
      const left = readers.get(source)! - 1;
      readers.set(source, left);
      const blocked = left === 0 ? pending.get(source) : undefined;
      if (blocked) ready.push(blocked);
      continue;
    }
    const cycle = pending.values().next().value;
    if (!cycle) return;
    // What `to` held is now in `from`: its one reader finds it there, or is done if that is its place.
    out.push({ op: 'swap', a: cycle.from, b: cycle.to });
    pending.delete(key(cycle.to));
    for (const move of pending.values()) {
      if (key(move.from) !== key(cycle.to)) continue;
      if (key(move.to) === key(cycle.from)) pending.delete(key(move.to));
      else pending.set(key(move.to), { from: cycle.from, to: move.to });
      break;
    }
  }
}
