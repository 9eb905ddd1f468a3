// Which X registers hold a term at a point of the code: what OTP calls live and initialised.
//
// An instruction that may collect garbage names a number of live registers, and every register below that number must
// hold a term. The emitter asks here for that number; registers below it that hold nothing get a zero first.
import type { Instruction } from './assembly.ts';
import type { Allocation } from './allocate.ts';

export class LiveRegisters {
  private readonly allocation: Allocation;
  private readonly cursors: Int32Array;
  private held: Uint8Array;

  constructor(allocation: Allocation, slack: number) {
    this.allocation = allocation;
    this.cursors = new Int32Array(allocation.xCount);
    this.held = new Uint8Array(allocation.xCount + slack);
  }

  /** At the start of a block: what all its predecessors left. */
  restore(state: Uint8Array): void {
    this.held = state.slice();
  }

  snapshot(): Uint8Array {
    return this.held.slice();
  }

  write(index: number): void {
    this.held[index] = 1;
  }

  holds(index: number): boolean {
    return this.held[index] === 1;
  }

  /** After a call: only what it returned. */
  clear(): void {
    this.held.fill(0);
  }

  /** Registers from `count` on hold nothing any more. */
  truncate(count: number): void {
    this.held.fill(0, count);
  }

  /** Registers that hold a value read at position p or behind it. Positions must not decrease from call to call. */
  needed(position: number): number[] {
    return this.covered(2 * position, 2 * position);
  }

  /** Registers that hold a value read behind position p. */
  neededBehind(position: number): number[] {
    return this.covered(2 * position, 2 * position + 1);
  }

  /**
   * The live count for an instruction at position p, with at least `minimum`; fills holes below it by moves.
   */
  count(position: number, minimum: number, out: Instruction[]): number {
    const needed = this.needed(position);
    const live = Math.max(minimum, needed.length > 0 ? needed[needed.length - 1] + 1 : 0);
    this.fill(live, out);
    this.truncate(live);
    return live;
  }

  fill(live: number, out: Instruction[]): void {
    for (let index = 0; index < live; index++) {
      if (this.held[index]) continue;
      out.push({ op: 'move', from: { kind: 'integer', value: 0 }, to: { kind: 'x', index } });
      this.held[index] = 1;
    }
  }

  private covered(from: number, to: number): number[] {
    const { xIntervals } = this.allocation;
    const registers: number[] = [];
    for (let index = 0; index < xIntervals.length; index++) {
      if (!this.held[index]) continue;
      const intervals = xIntervals[index];
      let cursor = this.cursors[index];
      while (cursor < intervals.length && intervals[cursor + 1] < from) cursor += 2;
      this.cursors[index] = cursor;
      if (cursor < intervals.length && intervals[cursor] <= from && intervals[cursor + 1] >= to) registers.push(index);
    }
    return registers;
  }
}
