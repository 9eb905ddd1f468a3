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
  // By target: where it gets its contents. Constants can be loaded last: nothing reads them.
  const pending = new Map<number, { from: Register; to: Register }>();
  const readers = new Map<number, number>();
  const constants: Move[] = [];
  for (const { from, to } of moves) {
    if (!isRegister(from)) constants.push({ from, to });
    else if (key(from) !== key(to)) {
      pending.set(key(to), { from, to });
      readers.set(key(from), (readers.get(key(from)) ?? 0) + 1);
    }
  }
  const ready = [...pending.values()].filter(({ to }) => !readers.get(key(to)));
  const finish = ({ from, to }: { from: Register; to: Register }): void => {
    pending.delete(key(to));
    const source = key(from);
    const left = readers.get(source)! - 1;
    readers.set(source, left);
    const blocked = pending.get(source);
    if (left === 0 && blocked) ready.push(blocked);
  };
  for (;;) {
    const move = ready.pop();
    if (move) {
      out.push({ op: 'move', ...move });
      finish(move);
      continue;
    }
    const cycle = pending.values().next().value;
    if (!cycle) break;
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
  for (const move of constants) out.push({ op: 'move', ...move });
}
