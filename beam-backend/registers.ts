// Which X registers hold a term at a point of the code: what OTP calls live and initialised.
//
// An instruction that may collect garbage names a number of live registers, and every register below that number must
// hold a term. The emitter asks here for that number; registers below it that hold nothing get a zero first.
import type { Instruction } from './assembly.ts';
import type { Allocation } from './allocate.ts';

/** A set of X registers, 32 to a number. */
export type RegisterSet = number[];

export class LiveRegisters {
  private readonly allocation: Allocation;
  private readonly cursors: number[];
  private held: RegisterSet;

  constructor(allocation: Allocation, slack: number) {
    this.allocation = allocation;
    this.cursors = new Array<number>(allocation.xCount).fill(0);
    this.held = new Array<number>((allocation.xCount + slack + 31) >> 5).fill(0);
  }

  /** At the start of a block: what all its predecessors left. */
  restore(state: RegisterSet): void {
    this.held = state.slice();
  }

  snapshot(): RegisterSet {
    return this.held.slice();
  }

  /** What holds something now and did so in another state, if there is one. */
  meet(other: RegisterSet | undefined): RegisterSet {
    return other ? this.held.map((held, index) => held & other[index]) : this.snapshot();
  }

  write(index: number): void {
    this.held[index >> 5] |= 1 << (index & 31);
  }

  holds(index: number): boolean {
    return ((this.held[index >> 5] >> (index & 31)) & 1) === 1;
  }

  /** What it holds is not needed any more. */
  drop(index: number): void {
    this.held[index >> 5] &= ~(1 << (index & 31));
  }

  /** After a call: only what it returned. */
  clear(): void {
    this.held.fill(0);
  }

  /** Registers from `count` on hold nothing any more. */
  truncate(count: number): void {
    const { held } = this;
    const last = count >> 5;
    held[last] &= (1 << (count & 31)) - 1;
    for (let i = last + 1; i < held.length; i++) held[i] = 0;
  }

  /** How many X registers an instruction at position p may not lose. Positions must not decrease from call to call. */
  needed(position: number): number {
    for (let index = this.allocation.xCount - 1; index >= 0; index--) {
      if (this.holds(index) && this.covers(index, 2 * position, 2 * position)) return index + 1;
    }
    return 0;
  }

  /** Registers that hold a value read at position p or behind it. */
  neededFrom(position: number): number[] {
    return this.covered(2 * position, 2 * position);
  }

  /** Registers that hold a value read behind position p. */
  neededBehind(position: number): number[] {
    return this.covered(2 * position, 2 * position + 2);
  }

  private covered(from: number, to: number): number[] {
    const registers: number[] = [];
    for (let index = 0; index < this.allocation.xCount; index++) {
      if (this.holds(index) && this.covers(index, from, to)) registers.push(index);
    }
    return registers;
  }

  /**
   * The live count for an instruction at position p, with at least `minimum`; fills holes below it by moves.
   */
  count(position: number, minimum: number, out: Instruction[]): number {
    const live = Math.max(minimum, this.needed(position));
    this.fill(live, out);
    this.truncate(live);
    return live;
  }

  fill(live: number, out: Instruction[]): void {
    for (let index = 0; index < live; index++) {
      if (this.holds(index)) continue;
      out.push({ op: 'move', from: { kind: 'integer', value: 0 }, to: { kind: 'x', index } });
      this.write(index);
    }
  }

  /** Whether a value lives in the register from one step to another. */
  private covers(index: number, from: number, to: number): boolean {
    const intervals = this.allocation.xIntervals[index];
    let cursor = this.cursors[index];
    while (cursor < intervals.length && intervals[cursor + 1] < from) cursor += 2;
    this.cursors[index] = cursor;
    return cursor < intervals.length && intervals[cursor] <= from && intervals[cursor + 1] >= to;
  }
}
