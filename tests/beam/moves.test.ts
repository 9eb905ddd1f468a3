// Parallel moves in order: what each target holds at the end, and that no two of them become one load of 16 bytes.
import { describe, expect, it } from 'vitest';
import type { Instruction, Register } from '../../beam-backend/assembly.ts';
import { emitMoves, type Move } from '../../beam-backend/moves.ts';

const x = (index: number): Register => ({ kind: 'x', index });
const y = (index: number): Register => ({ kind: 'y', index });
const name = ({ kind, index }: Register): string => `${kind}${index}`;

/** Runs moves on registers that hold their own names; X registers from `spare` on hold nothing. */
function run(moves: readonly Move[], spare: number): { registers: Map<string, string>; out: Instruction[] } {
  const out: Instruction[] = [];
  emitMoves(moves, spare, out);
  const registers = new Map<string, string>();
  for (const at of out) {
    if (at.op !== 'move') continue;
    const { from } = at;
    const held = from.kind === 'x' || from.kind === 'y' ? (registers.get(name(from)) ?? name(from)) : from.kind;
    registers.set(name(at.to), held);
  }
  return { registers, out };
}

function isPair(a: Instruction, b: Instruction): boolean {
  if (a.op !== 'move' || b.op !== 'move') return false;
  const near = (one: Register, other: Register): boolean =>
    one.kind === other.kind && Math.abs(one.index - other.index) === 1;
  return a.from.kind !== 'integer' && near(a.from as Register, b.from as Register) && near(a.to, b.to);
}

describe('moves', () => {
  // A linear congruential generator: the same moves each time.
  let seed = 1;
  const random = (below: number): number => (seed = (seed * 1103515245 + 12345) % 2 ** 31) % below;

  it.each([3, 8, 11, 12, 40])('of %i registers at once', (count) => {
    for (let round = 0; round < 200; round++) {
      const all = Array.from({ length: count }, (_, i) => (i % 5 === 4 ? y(i) : x(i)));
      const targets = all.filter(() => random(4) > 0);
      // One in three rounds is a permutation: nothing but cycles.
      const shuffled = round % 3 === 0 ? targets.toSorted(() => random(3) - 1) : undefined;
      const moves = targets.map((to, i): Move => {
        const from = shuffled ? shuffled[i] : all[random(count)];
        return { from: !shuffled && random(8) === 0 ? { kind: 'integer', value: 7 } : from, to };
      });
      const { registers, out } = run(moves, count);
      for (const { from, to } of moves) {
        const wanted = from.kind === 'integer' ? 'integer' : name(from as Register);
        expect(registers.get(name(to)) ?? name(to)).toBe(wanted);
      }
      out.slice(1).forEach((at, i) => expect(isPair(out[i], at)).toBe(false));
    }
  });
});
