// Finds the i32 parameters of loops that count, and between which numbers: their sums need no mask.
//
// A counter takes one constant step from turn to turn. A bound is guessed from the conditions on the way back, and proven: were
// the parameter within it, so were what the next turn gets. Only then the steps never wrap. `verify-loops.ts` proves the
// ranges that come of it once more, on the second level.
//
// Consumes the first level of the IR.
import { bounded, Conditions, type Condition, type Entry, type Range } from '../conditions.ts';
import type { IrFunction, Value } from '../ir.ts';

const MAX = 2 ** 32 - 1;
const SIGNED_MAX = 2 ** 31 - 1;
const WORD: Range = { min: 0, max: MAX };

export type Counters = ReadonlyMap<Value, Range>;

const NONE: Counters = new Map();

/** The ranges of the parameters that count; others may have any value. */
export function findCounters(fn: IrFunction): Counters {
  if (!fn.blocks.some(({ loop }) => loop)) return NONE;
  return new CounterSearch(fn).run();
}

/** A parameter of a loop's header, and what it gets: at first, and from the turn before. */
interface Candidate {
  readonly param: Value;
  readonly initial: Range;
  /** Signed, not 0. */
  readonly step: number;
  readonly turns: readonly Turn[];
  readonly entries: readonly Way[];
}

/** A way to the header: what it passes, and what holds there. */
interface Way {
  readonly args: readonly Value[];
  readonly conditions: readonly Condition[];
}

/** A way back for one of the parameters. */
interface Turn {
  readonly next: Value;
  readonly conditions: readonly Condition[];
}

class CounterSearch {
  private readonly fn: IrFunction;
  private readonly conditions: Conditions;
  private readonly found = new Map<Value, Range>();
  /** By block id: its position. */
  private readonly position: Int32Array;

  constructor(fn: IrFunction) {
    this.fn = fn;
    this.conditions = new Conditions(fn);
    this.position = new Int32Array(fn.blockCount);
    fn.blocks.forEach((block, index) => (this.position[block.id] = index));
  }

  run(): Counters {
    // Outer loops first: where an inner one begins may be a number of theirs.
    for (const header of this.fn.blocks) {
      if (!header.loop) continue;
      const isBack = ({ from }: Entry): boolean => this.position[from.id] >= this.position[header.id];
      const way = (entry: Entry): Way => ({ args: entry.edge.args, conditions: this.conditions.along(entry) });
      const edges = this.conditions.to(header);
      const entries = edges.filter((entry) => !isBack(entry)).map(way);
      const backs = edges.filter(isBack).map(way);
      header.params.forEach((param, index) => {
        if (param.type !== 'i32') return;
        const range = this.counted(param, index, entries, backs) ?? this.passed([...entries, ...backs], index);
        if (range.min > 0 || range.max < MAX) this.found.set(param, range);
      });
    }
    return this.found;
  }

  /** The range of what ways pass for a parameter. */
  private passed(ways: readonly Way[], index: number): Range {
    let [min, max] = [MAX, 0];
    for (const { args, conditions } of ways) {
      const range = this.known(args[index], conditions);
      min = Math.min(min, range.min);
      max = Math.max(max, range.max);
    }
    return { min, max };
  }

  /** The range of a counter; undefined for another parameter. */
  private counted(param: Value, index: number, entries: readonly Way[], backs: readonly Way[]): Range | undefined {
    const steps = backs.map(({ args }) => stepFrom(param, args[index]));
    const [step] = steps;
    if (!step || entries.length === 0 || steps.some((other) => other !== step)) return undefined;
    const turns = backs.map(({ args, conditions }) => ({ next: args[index], conditions }));
    return this.rangeOf({ param, initial: this.passed(entries, index), step, turns, entries });
  }

  /** The narrowest range that can be proven. */
  private rangeOf(candidate: Candidate): Range | undefined {
    const { initial, step } = candidate;
    for (const bound of this.guesses(candidate)) {
      const range = step > 0 ? { min: initial.min, max: bound } : { min: bound, max: initial.max };
      if (range.min > initial.min || range.max < initial.max || range.min > range.max) continue;
      if (candidate.turns.every((turn) => this.holds(candidate, range, turn))) return range;
    }
    return undefined;
  }

  /** Bounds on the side that the steps go to, the narrowest first. */
  private guesses({ param, initial, step, turns }: Candidate): number[] {
    const guesses = step > 0 ? [MAX - step, SIGNED_MAX - step, MAX - 1] : [-step];
    for (const { next, conditions } of turns) {
      for (const { a, b } of conditions) {
        for (const [value, other] of [[a, b] as const, [b, a] as const]) {
          if (value !== param && value !== next) continue;
          const { min, max } = this.known(other);
          const limit = step > 0 ? max : min;
          for (const more of [0, -1, 1, step, -step, step - 1, step + 1]) guesses.push(limit + more);
        }
      }
    }
    const edge = step > 0 ? initial.max : initial.min;
    const beyond = guesses.filter((guess) => guess >= 0 && guess <= MAX && (step > 0 ? guess >= edge : guess <= edge));
    return [...new Set(beyond)].sort((x, y) => (step > 0 ? x - y : y - x));
  }

  /** Whether a turn that begins with the parameter in a range passes a number in it, without a wrap. */
  private holds({ param, initial, step, entries }: Candidate, range: Range, { next, conditions }: Turn): boolean {
    let passed: Range = { min: range.min + step, max: range.max + step };
    if (passed.min < 0 || passed.max > MAX) return false;
    for (const condition of conditions) {
      const { test, a, b, signed } = condition;
      for (const [value, other, isSecond] of [[a, b, false] as const, [b, a, true] as const]) {
        if (value !== param && value !== next) continue;
        const delta = value === param ? step : 0;
        if (signed && passed.max - delta > SIGNED_MAX) continue;
        const limit = signed ? signedRange(this.known(other)) : this.known(other);
        const before = bounded({ min: passed.min - delta, max: passed.max - delta }, test, limit, isSecond);
        passed = { min: before.min + delta, max: before.max + delta };
        // Counting by one from below a number, it is met before it is passed.
        if (test === 'ne' && value === next && step === 1 && other !== 0 && this.isAbove(other, initial.max, entries)) {
          passed = { min: passed.min, max: Math.min(passed.max, this.known(other).max - 1) };
        }
      }
    }
    const { min, max } = aligned(passed, initial, step);
    return min > max || (min >= range.min && max <= range.max);
  }

  /** Whether a value from outside of the loop is more than a number, each time that the loop begins. */
  private isAbove(value: Value, number: number, entries: readonly Way[]): boolean {
    return entries.every(({ conditions }) => {
      const isAsked = conditions.some(({ a, b }) => a === value || b === value);
      return isAsked && this.known(value, conditions).min > number;
    });
  }

  /** What is known of a value, if conditions hold. */
  private known(value: Value | 0, conditions: readonly Condition[] = []): Range {
    if (value === 0) return { min: 0, max: 0 };
    if (typeof value.constant === 'number') return { min: value.constant, max: value.constant };
    let range = this.found.get(value) ?? WORD;
    for (const { test, a, b, signed } of conditions) {
      if (a !== value && b !== value) continue;
      const other = this.known(a === value ? b : a);
      if (!signed) range = bounded(range, test, other, b === value);
      else if (other.max <= SIGNED_MAX) range = signedBound(range, test, other, b === value);
    }
    return range.min > range.max ? WORD : range;
  }
}

/** A signed comparison with a number that is not negative: what is no less than it is not negative either. */
function signedBound(range: Range, test: Condition['test'], other: Range, isSecond: boolean): Range {
  if (range.max <= SIGNED_MAX || test === 'eq' || test === 'ne') return bounded(range, test, other, isSecond);
  const isNoLess = test === (isSecond ? 'lt' : 'ge');
  return isNoLess ? bounded({ min: range.min, max: SIGNED_MAX }, test, other, isSecond) : range;
}

/** The numbers that words in a range are when they are signed. */
const signedRange = ({ min, max }: Range): Range =>
  max <= SIGNED_MAX
    ? { min, max }
    : { min: min > SIGNED_MAX ? min - 2 ** 32 : -(2 ** 31), max: min > SIGNED_MAX ? max - 2 ** 32 : SIGNED_MAX };

/** Of a range only what so many steps from one number lead to. */
function aligned(range: Range, initial: Range, step: number): Range {
  const size = Math.abs(step);
  if (initial.min !== initial.max) return range;
  const from = (number: number): number => (((number - initial.min) % size) + size) % size;
  return { min: range.min + ((size - from(range.min)) % size), max: range.max - from(range.max) };
}

/** What a value adds to a parameter; undefined for another value. */
function stepFrom(param: Value, { definition }: Value): number | undefined {
  if (definition?.operator !== 'i32.add' && definition?.operator !== 'i32.sub') return undefined;
  const [a, b] = definition.args;
  if (a !== param || typeof b.constant !== 'number') return undefined;
  return definition.operator === 'i32.add' ? b.constant | 0 : -(b.constant | 0);
}
