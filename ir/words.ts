// The builder of the second level: emits machine-integer instructions, folding constants, dropping masks that ranges
// make idle, and tracking the range of every result.
//
// Invariant: an int stays within +-2^58, so that no operation ever makes an Erlang bignum.
import type { Block, IrFunction } from './ir.ts';
import type { Windows } from './windows.ts';
import type { NumericMnemonic } from './instructions.ts';
import { Instruction, type Constant, type IntOperator, type Operator, type Test, type Type, type Value } from './ir.ts';

/** A 32-bit word: `exact` is 0..2^32-1, `raw` is congruent to it and may be cheaper. Floats and terms: both the same. */
export interface Word {
  readonly raw: Value;
  readonly exact: Value;
  /** Of the low word of an i64 that was computed. */
  readonly pair?: Pair;
  /** Of the low word of a number that is rotated more than once. */
  readonly windows?: Windows;
}

/** An i64 before its carry: high * 2^32 + low is congruent to it. Neither need be a word. */
export interface Pair {
  readonly high: Value;
  readonly low: Value;
  /** The high word of the same i64, by which whoever finds the pair at a low word knows that it is meant. */
  readonly top: Word;
}

export const MASK = 0xffffffff;
const TWO_31 = 0x80000000;
/** Ints stay below this in magnitude; a small integer has 59 bits and a sign. */
const SAFE = 2 ** 58;

/** The greatest power of two that is no more than a number from 1 on. The logarithm may be rounded upwards. */
function powerBelow(number: number): number {
  const power = 2 ** Math.floor(Math.log2(number));
  return power > number ? power / 2 : power;
}

/** The least 2^n - 1 that is no less. */
const ceilMask = (max: number): number => (max <= 0 ? 0 : 2 * powerBelow(max) - 1);

/** No more than the bound: a power of two where a double is no longer exact. */
const below = (bound: number): number => {
  if (Math.abs(bound) <= Number.MAX_SAFE_INTEGER) return bound;
  if (bound > 0) return powerBelow(bound);
  const power = powerBelow(-bound);
  return power < -bound ? -2 * power : -power;
};
/** No less than the bound. */
const above = (bound: number): number => -below(-bound);

/** Operators by name: strings that are put together anew would be compared byte by byte ever after. */
const INT: { readonly [O in IntOperator | Test]: `int.${O}` } = {
  add: 'int.add',
  sub: 'int.sub',
  mul: 'int.mul',
  div: 'int.div',
  rem: 'int.rem',
  and: 'int.and',
  or: 'int.or',
  xor: 'int.xor',
  shl: 'int.shl',
  shr: 'int.shr',
  lt: 'int.lt',
  ge: 'int.ge',
  eq: 'int.eq',
  ne: 'int.ne',
};

const FOLD: Record<IntOperator, (a: bigint, b: bigint) => bigint> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  rem: (a, b) => a % b,
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shl: (a, b) => a << b,
  shr: (a, b) => a >> b,
};

export class WordBuilder {
  readonly fn: IrFunction;
  block: Block;
  /** The table of scales, where the function has the state. */
  scales: () => Value | undefined = () => undefined;
  private readonly constants = new Map<number, Value>();

  constructor(fn: IrFunction) {
    this.fn = fn;
    this.block = fn.block();
  }

  start(block: Block): void {
    this.fn.blocks.push(block);
    this.block = block;
  }

  parameter(block: Block, type: Type, min = 0, max = 0): Value {
    const value = this.fn.value(type, min, max);
    value.block = block;
    block.params.push(value);
    return value;
  }

  append(instruction: Instruction): void {
    for (const result of instruction.results) {
      result.block = this.block;
      result.definition = instruction;
    }
    this.block.instructions.push(instruction);
  }

  /** An instruction with one result. */
  emit(operator: Operator, args: Value[], type: Type, min = 0, max = 0, offset = 0): Value {
    const value = this.fn.value(type, min, max);
    this.append(new Instruction(operator, args, [value], offset));
    return value;
  }

  /** A call of the runtime; a function with several results returns a tuple. */
  runtime(module: string, name: string, args: Value[], results: Value[], offset: number): void {
    const call = new Instruction('runtime', args, results, offset);
    call.text = module;
    call.name = name;
    this.append(call);
  }

  /** A float instruction that is done inline. */
  float(name: NumericMnemonic, args: Value[], type: 'f32' | 'f64'): Value {
    const value = this.emit('float.arith', args, type);
    value.definition!.name = name;
    return value;
  }

  /** A float from its bits, high word first. */
  floatFromBits(type: 'f32' | 'f64', words: Value[]): Value {
    const [high, low] = words.map(({ constant }) => constant as number | undefined);
    if (type === 'f32' && high !== undefined) return this.fn.constant('f32', high);
    if (high !== undefined && low !== undefined) {
      return this.fn.constant('f64', (BigInt(high) << 32n) | BigInt(low));
    }
    const name = type === 'f32' ? 'f32.reinterpret_i32' : 'f64.reinterpret_i64';
    const scales = this.scales();
    if (!scales) {
      const value = this.fn.value(type);
      this.runtime('wasm2beam_float', name.replace('.', '_'), words, [value], 0);
      return value;
    }
    const value = this.emit('float.from_bits', [...words, scales], type);
    value.definition!.name = name;
    return value;
  }

  /** The bits of a float, high word first: the very words that it was made from, where it was. */
  floatBits(type: 'f32' | 'f64', value: Value): Value[] {
    const { definition, constant } = value;
    if (typeof constant === 'number') return [this.int(constant)];
    if (typeof constant === 'bigint') {
      return [this.int(Number(constant >> 32n)), this.int(Number(constant & 0xffffffffn))];
    }
    if (definition?.operator === 'float.from_bits') return definition.args.slice(0, -1);
    const words = Array.from({ length: type === 'f32' ? 1 : 2 }, () => this.fn.value('int', 0, MASK));
    const bits = new Instruction('float.bits', [value], words, 0);
    bits.name = type === 'f32' ? 'i32.reinterpret_f32' : 'i64.reinterpret_f64';
    this.append(bits);
    return words;
  }

  int(value: number): Value {
    let constant = this.constants.get(value);
    if (!constant) {
      constant = this.fn.constant('int', value);
      this.constants.set(value, constant);
    }
    return constant;
  }

  term(constant: Constant): Value {
    return this.fn.constant('term', constant);
  }

  word(exact: Value): Word {
    return { raw: exact, exact };
  }

  /** A word whose exact form is the masked one, made only where somebody uses it. */
  masked(raw: Value): Word {
    return { raw, exact: this.and(raw, this.int(MASK)) };
  }

  add(a: Value, b: Value): Value {
    if (a.constant === 0) return b;
    if (b.constant === 0) return a;
    // (x + c) + d is x + (c + d)
    const inner = a.definition;
    if (typeof b.constant === 'number' && inner?.operator === 'int.add' && typeof inner.args[1].constant === 'number') {
      return this.add(inner.args[0], this.int(inner.args[1].constant + b.constant));
    }
    if (typeof a.constant === 'number') return this.binary('add', b, a, a.min + b.min, a.max + b.max);
    return this.binary('add', a, b, a.min + b.min, a.max + b.max);
  }

  sub(a: Value, b: Value): Value {
    if (typeof b.constant === 'number') return this.add(a, this.int(-b.constant));
    return this.binary('sub', a, b, a.min - b.max, a.max - b.min);
  }

  /** The product, or undefined where it might leave the range of ints. */
  tryMul(a: Value, b: Value): Value | undefined {
    const products = [a.min * b.min, a.min * b.max, a.max * b.min, a.max * b.max];
    const [min, max] = [Math.min(...products), Math.max(...products)];
    if (Math.max(-min, max) >= SAFE) return undefined;
    if (a.constant === 0 || b.constant === 0) return this.int(0);
    if (a.constant === 1) return b;
    if (b.constant === 1) return a;
    const power = powerOfTwo(b.constant);
    if (power !== undefined && a.min >= 0) return this.shl(a, this.int(power));
    return this.binary('mul', a, b, min, max);
  }

  /** Truncating division of numbers >= 0, or of a signed pair of 32-bit numbers. */
  div(a: Value, b: Value): Value {
    const power = powerOfTwo(b.constant);
    if (power !== undefined && a.min >= 0) return this.shr(a, this.int(power));
    const bound = Math.max(Math.abs(a.min), Math.abs(a.max));
    return this.binary('div', a, b, a.min < 0 || b.min < 0 ? -bound : 0, bound);
  }

  rem(a: Value, b: Value): Value {
    if (powerOfTwo(b.constant) !== undefined && a.min >= 0) return this.and(a, this.int((b.constant as number) - 1));
    const bound = Math.max(Math.abs(a.min), Math.abs(a.max));
    return this.binary('rem', a, b, a.min < 0 ? -bound : 0, Math.max(0, a.max));
  }

  and(a: Value, b: Value): Value {
    if (typeof a.constant === 'number' && typeof b.constant !== 'number') return this.and(b, a);
    const mask = b.constant;
    if (typeof mask === 'number' && mask >= 0) {
      if (mask === 0) return this.int(0);
      // A mask of ones that covers the whole range is idle.
      if (a.min >= 0 && a.max <= mask && ceilMask(mask) === mask) return a;
      const inner = a.definition;
      if (inner?.operator === 'int.and' && typeof inner.args[1].constant === 'number') {
        const both = Number(BigInt(inner.args[1].constant) & BigInt(mask));
        return this.and(inner.args[0], this.int(both));
      }
    }
    const max = Math.min(a.min >= 0 ? a.max : Infinity, b.min >= 0 ? b.max : Infinity);
    if (max !== Infinity) return this.binary('and', a, b, 0, max);
    const bound = ceilMask(Math.max(-a.min, a.max, -b.min, b.max)) + 1;
    return this.binary('and', a, b, -bound, bound);
  }

  or(a: Value, b: Value): Value {
    if (a.constant === 0) return b;
    if (b.constant === 0) return a;
    return this.bitwise('or', a, b);
  }

  xor(a: Value, b: Value): Value {
    if (a.constant === 0) return b;
    if (b.constant === 0) return a;
    return this.bitwise('xor', a, b);
  }

  private bitwise(operator: 'or' | 'xor', a: Value, b: Value): Value {
    const bound = ceilMask(Math.max(a.max, b.max, -a.min - 1, -b.min - 1));
    return this.binary(operator, a, b, a.min < 0 || b.min < 0 ? -bound - 1 : 0, bound);
  }

  /** Shift left where the operands' ranges keep the result an int. */
  shl(a: Value, by: Value): Value {
    if (by.constant === 0) return a;
    const min = a.min < 0 ? a.min * 2 ** by.max : a.min * 2 ** by.min;
    const max = a.max < 0 ? a.max * 2 ** by.min : a.max * 2 ** by.max;
    return this.binary('shl', a, by, min, max);
  }

  /** Shift left of bits so chosen that the result is a word. */
  shlWord(a: Value, by: Value): Value {
    return by.constant === 0 ? a : this.binary('shl', a, by, 0, MASK);
  }

  /** Arithmetic shift right: the floor of a / 2^by. */
  shr(a: Value, by: Value): Value {
    if (by.constant === 0) return a;
    const min = a.min < 0 ? a.min / 2 ** by.min : a.min / 2 ** by.max;
    const max = a.max < 0 ? a.max / 2 ** by.max : a.max / 2 ** by.min;
    if (Math.floor(min) === Math.floor(max)) return this.int(Math.floor(min));
    return this.binary('shr', a, by, Math.floor(min), Math.floor(max));
  }

  test(test: Test, a: Value, b: Value): Value {
    if (typeof a.constant === 'number' && typeof b.constant === 'number') {
      return this.int(Number(evaluate(test, a.constant, b.constant)));
    }
    return this.emit(INT[test], [a, b], 'int', 0, 1);
  }

  /** The 32 bits as a signed number. */
  signed(word: Word): Value {
    const { raw, exact } = word;
    if (raw.min >= -TWO_31 && raw.max < TWO_31) return raw;
    return this.sub(this.xor(exact, this.int(TWO_31)), this.int(TWO_31));
  }

  private binary(operator: IntOperator, a: Value, b: Value, min: number, max: number): Value {
    if (
      typeof a.constant === 'number' &&
      typeof b.constant === 'number' &&
      !((operator === 'div' || operator === 'rem') && b.constant === 0)
    ) {
      const folded = FOLD[operator](BigInt(a.constant), BigInt(b.constant));
      const number = Number(folded);
      if (Number.isSafeInteger(number)) return this.int(number);
    }
    return this.emit(INT[operator], [a, b], 'int', below(min), above(max));
  }
}

/** The exponent, of a constant that is a power of two. */
function powerOfTwo(constant: Constant | undefined): number | undefined {
  if (typeof constant !== 'number' || constant <= 0) return undefined;
  const power = Math.round(Math.log2(constant));
  return 2 ** power === constant ? power : undefined;
}

/** Whether a comparison of two numbers holds. */
export function evaluate(test: Test, a: number, b: number): boolean {
  switch (test) {
    case 'lt':
      return a < b;
    case 'ge':
      return a >= b;
    case 'eq':
      return a === b;
    case 'ne':
      return a !== b;
  }
}
