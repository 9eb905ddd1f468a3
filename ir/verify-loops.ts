// Whether what an edge passes lies in its parameter's range, where the ranges of ints alone do not tell: what the branches
// before it say, and that a counter meets a number before it passes it. For the verifier, on the second level.
//
// The claims are those of `passes/counters.ts`; here they are derived from the ints, whose sums have claimed ranges.
import { bounded, Conditions, type Condition, type Entry, type Range } from './conditions.ts';
import type { Dominators } from './dominators.ts';
import type { Block, IrFunction, Value } from './ir.ts';

/** Later passes put blocks between a branch and the edge that it was found for. */
const REACH = 64;
const SIGN = 2 ** 31;
const WORD_MAX = 2 ** 32 - 1;

export class EdgeRanges {
  private readonly conditions: Conditions;

  constructor(fn: IrFunction, dominators: Dominators) {
    const { position, parent } = dominators;
    const dominator = ({ id }: Block): Block | undefined => {
      const index = position[id];
      return index > 0 && parent[index] >= 0 ? fn.blocks[parent[index]] : undefined;
    };
    this.conditions = new Conditions(fn, REACH, dominator);
  }

  /** The range of what an edge passes for the parameter with an index. */
  of(entry: Entry, index: number): Range {
    const arg = entry.edge.args[index];
    const conditions = this.conditions.along(entry);
    const range = narrowed(arg, conditions);
    const { target } = entry.edge;
    const step = target.loop ? stepOf(target.params[index], arg) : 0;
    if (step === 0) return range;
    // All ways back take the same step, and the others pass numbers.
    const others = this.conditions
      .to(target)
      .filter(({ edge }) => stepOf(target.params[index], edge.args[index]) !== step);
    const starts = others.map((other) => narrowed(other.edge.args[index], this.conditions.along(other)));
    const highest = Math.max(...starts.map(({ max }) => max));
    const [first] = starts;
    let { min, max } = range;
    if (starts.every((start) => start.min === start.max && (start.min - first.min) % step === 0)) {
      min += modulo(first.min - min, Math.abs(step));
      max -= modulo(max - first.min, Math.abs(step));
    }
    // From below a number that the loop does not change, by one each turn, until it is met.
    for (const { test, a, b } of conditions) {
      const number = a === arg ? b : a;
      if (test !== 'ne' || step !== 1 || number === 0 || (a !== arg && b !== arg)) continue;
      const isAbove = others.every((other) => {
        const along = this.conditions.along(other);
        return along.some((at) => at.a === number || at.b === number) && narrowed(number, along).min > highest;
      });
      if (isAbove) max = Math.min(max, number.max - 1);
    }
    return { min, max };
  }
}

const modulo = (number: number, size: number): number => ((number % size) + size) % size;

/** What a value adds to a parameter; 0 where it does not. */
function stepOf(param: Value, value: Value): number {
  const { base, offset } = linear(value);
  return base === param ? offset : 0;
}

/** A value as another one and a number. */
function linear(value: Value): { base: Value; offset: number } {
  let [base, offset] = [value, 0];
  for (;;) {
    const { definition } = base;
    if (definition?.operator !== 'int.add' && definition?.operator !== 'int.sub') return { base, offset };
    const [inner, { constant }] = definition.args;
    if (typeof constant !== 'number') return { base, offset };
    offset += definition.operator === 'int.add' ? constant : -constant;
    base = inner;
  }
}

/** The range of a value where conditions hold, of it or of what differs from it by a number or in its sign bit. */
function narrowed(value: Value, conditions: readonly Condition[]): Range {
  const { base, offset } = linear(value);
  let range: Range = { min: value.min, max: value.max };
  for (const { test, a, b } of conditions) {
    for (const [one, other, isSecond] of [[a, b, false] as const, [b, a, true] as const]) {
      if (one === 0 || one.constant !== undefined) continue;
      const limit = other === 0 ? { min: 0, max: 0 } : other;
      const flipped = flippedWord(one);
      if (flipped === value) range = meet(range, unflipped(bounded(one, test, limit, isSecond)));
      const asked = linear(one);
      if (asked.base !== base) continue;
      const by = offset - asked.offset;
      const { min, max } = bounded({ min: range.min - by, max: range.max - by }, test, limit, isSecond);
      range = { min: min + by, max: max + by };
    }
  }
  return range;
}

const meet = (a: Range, b: Range): Range => ({ min: Math.max(a.min, b.min), max: Math.min(a.max, b.max) });

/** The word that was given the other sign bit, so that it orders as a signed one. */
function flippedWord({ definition }: Value): Value | undefined {
  if (definition?.operator !== 'int.xor' || definition.args[1].constant !== SIGN) return undefined;
  const [word] = definition.args;
  return word.min >= 0 && word.max <= WORD_MAX ? word : undefined;
}

/** Words whose flipped ones are in a range. */
function unflipped({ min, max }: Range): Range {
  if (min >= SIGN) return { min: min - SIGN, max: max - SIGN };
  return max < SIGN ? { min: min + SIGN, max: max + SIGN } : { min: 0, max: WORD_MAX };
}
