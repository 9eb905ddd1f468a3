// Ranges of ints, found anew from the operands: what the passes claim must contain it.
//
// Consumes one instruction of the second level and what is known before it; answers with what is wrong. Generated code
// tells the virtual machine each claimed range, and a false one can kill it.
//
// The claims that rest on more than the operands' ranges: a number less a constant, behind a trap_if that it is at least
// so large; a divisor, behind a trap_if on zero of it or of the word whose signed form it is; a shift left of exactly
// the bits that stay within a word, in the two forms (x and (2^32-1 shr k)) shl k and (x and ((1 shl k) - 1)) shl (32 - k).
import type { Instruction, IntOperator, Value } from './ir.ts';

/** Ints stay within +-SAFE. */
export const SAFE = 2 ** 58;
/** Shift amounts stay below this. */
const SHIFT_LIMIT = 64;
const WORD = 2 ** 32 - 1;
const SIGN = 2 ** 31;

interface Range {
  readonly min: number;
  readonly max: number;
}

/** What trap_if instructions of a block have proven so far. */
export class Facts {
  private readonly lower = new Map<Value, number>();
  private readonly nonzero = new Set<Value>();

  /** Notes what holds behind an instruction. */
  pass({ operator, test, args }: Instruction): void {
    if (operator !== 'trap_if') return;
    const [value, bound] = args;
    if (test === 'lt' && typeof bound.constant === 'number') {
      this.lower.set(value, Math.max(bound.constant, this.lower.get(value) ?? -Infinity));
    }
    if (test !== 'eq' || bound.constant !== 0) return;
    this.nonzero.add(value);
    // Some bits of a number are set only if it has any.
    if (value.definition?.operator === 'int.and') this.nonzero.add(value.definition.args[0]);
  }

  range(value: Value): Range {
    return { min: Math.max(value.min, this.lower.get(value) ?? -Infinity), max: value.max };
  }

  isNonzero(value: Value): boolean {
    const candidates = [value, signedWord(value) ?? value];
    return candidates.some((number) => number.min > 0 || number.max < 0 || this.nonzero.has(number));
  }
}

/** The word whose signed form, (word xor 2^31) - 2^31, a value is. */
function signedWord({ definition }: Value): Value | undefined {
  const flipped = isSum(definition, -SIGN) ? definition.args[0].definition : undefined;
  return flipped?.operator === 'int.xor' && flipped.args[1].constant === SIGN ? flipped.args[0] : undefined;
}

const isSum = (definition: Instruction | undefined, constant: number): definition is Instruction =>
  definition?.operator === 'int.add' && definition.args[1].constant === constant;

/** What is wrong with the result's range of an `int` arithmetic instruction; undefined if nothing is. */
export function checkRange({ operator, args, results }: Instruction, facts: Facts): string | undefined {
  const name = operator.slice('int.'.length) as IntOperator;
  const [a, b] = args;
  if ((name === 'shl' || name === 'shr') && (b.min < 0 || b.max >= SHIFT_LIMIT)) return 'shift amount out of range';
  if ((name === 'div' || name === 'rem') && !facts.isNonzero(b)) return 'the divisor may be zero';
  if (name === 'shl' && keepsWord(a, b)) return contains(results[0], { min: 0, max: WORD });
  return contains(results[0], INTERVALS[name](facts.range(a), facts.range(b)));
}

/** What is wrong with a claimed range that should contain another; undefined if it does. */
export function contains(claimed: Value, { min, max }: Range): string | undefined {
  if (claimed.min <= min && claimed.max >= max) return undefined;
  return `range ${claimed.min}..${claimed.max} does not contain ${min}..${max}`;
}

/** Of several numbers the least and the greatest. */
const spread = (...ends: number[]): Range => ({ min: Math.min(...ends), max: Math.max(...ends) });

/** The least 2^n - 1 that is no less than both ends' magnitudes (of a negative one: -x - 1). */
function ones(...ranges: Range[]): number {
  const top = Math.max(0, ...ranges.map(({ max }) => max), ...ranges.map(({ min }) => -min - 1));
  let power = 1;
  while (power <= top) power *= 2;
  return power - 1;
}

function bitwise(a: Range, b: Range): Range {
  const top = ones(a, b);
  return { min: a.min < 0 || b.min < 0 ? -top - 1 : 0, max: top };
}

function and(a: Range, b: Range): Range {
  if (a.min >= 0 || b.min >= 0) {
    return { min: 0, max: Math.min(a.min >= 0 ? a.max : Infinity, b.min >= 0 ? b.max : Infinity) };
  }
  return bitwise(a, b);
}

/** No farther from zero than the dividend; on its side where the sign is the dividend's. */
function quotient(a: Range, b: Range): Range {
  const bound = Math.max(-a.min, a.max);
  return { min: a.min < 0 || b.min < 0 ? -bound : 0, max: a.max <= 0 && b.min >= 0 ? 0 : bound };
}

const INTERVALS: Record<IntOperator, (a: Range, b: Range) => Range> = {
  add: (a, b) => ({ min: a.min + b.min, max: a.max + b.max }),
  sub: (a, b) => ({ min: a.min - b.max, max: a.max - b.min }),
  mul: (a, b) => spread(a.min * b.min, a.min * b.max, a.max * b.min, a.max * b.max),
  div: quotient,
  rem: (a, b) => {
    const bound = Math.max(-b.min, b.max) - 1;
    return { min: Math.max(Math.min(a.min, 0), -bound), max: Math.min(Math.max(a.max, 0), bound) };
  },
  and,
  or: bitwise,
  xor: bitwise,
  shl: (a, b) => spread(a.min * 2 ** b.min, a.min * 2 ** b.max, a.max * 2 ** b.min, a.max * 2 ** b.max),
  shr: (a, b) => spread(...[a.min, a.max].flatMap((end) => [b.min, b.max].map((by) => Math.floor(end / 2 ** by)))),
};

/** Whether a shift left moves no bit out of a word. */
function keepsWord(bits: Value, by: Value): boolean {
  const { definition } = bits;
  return isRest(bits, by) || (definition?.operator === 'int.and' && definition.args.some((mask) => isRest(mask, by)));
}

/** Whether a value has no more bits than a shift left keeps within a word. */
function isRest({ definition }: Value, by: Value): boolean {
  if (definition?.operator === 'int.shr') return definition.args[0].constant === WORD && definition.args[1] === by;
  // (1 shl k) - 1, shifted by 32 - k
  const power = isSum(definition, -1) ? definition.args[0].definition : undefined;
  if (power?.operator !== 'int.shl' || by.definition?.operator !== 'int.sub') return false;
  const [width, k] = by.definition.args;
  return power.args[0].constant === 1 && width.constant === 32 && k === power.args[1];
}
