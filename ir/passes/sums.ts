// Sums and products in machine integers, of one word and of two.
//
// An i64 goes on as a pair without its carry as long as it is only added to or multiplied: one carry serves a whole sum.
//
// spec: exec/numerics#op-iadd and following
import type { Value } from '../ir.ts';
import type { Pair, Word, WordBuilder } from '../words.ts';
import { fits, loose, type Expansion } from './expansion.ts';

const SIGN = 0x80000000;
/** Products stay below this, so that several can be added. */
const PRODUCT = 2 ** 55;

export const add32: Expansion = (b, [x, y]) => [b.masked(b.add(loose(b, x), loose(b, y)))];
export const sub32: Expansion = (b, [x, y]) => [b.masked(b.sub(loose(b, x), loose(b, y)))];

/** The i64 without its carry, where it has one and this is its block. */
function pairOf(b: WordBuilder, high: Word, low: Word): Omit<Pair, 'top'> {
  const { pair } = low;
  if (pair?.top === high && pair.low.block === b.block && fits(pair.low) && fits(pair.high)) return pair;
  return { high: loose(b, high), low: low.exact };
}

/** The words of high * 2^32 + low. */
function carried(b: WordBuilder, high: Value, low: Value): Word[] {
  const top = b.masked(b.add(high, b.shr(low, b.int(32))));
  return [top, { ...b.masked(low), pair: { high, low, top } }];
}

export const add64: Expansion = (b, [xh, xl, yh, yl]) => {
  const [x, y] = [pairOf(b, xh, xl), pairOf(b, yh, yl)];
  const low = b.add(x.low, y.low);
  return carried(b, b.add(x.high, y.high), low);
};

export const sub64: Expansion = (b, [xh, xl, yh, yl]) => {
  const [x, y] = [pairOf(b, xh, xl), pairOf(b, yh, yl)];
  const low = b.sub(x.low, y.low);
  return carried(b, b.sub(x.high, y.high), low);
};

/** A constant as a signed number, if that brings products into range; a product is right modulo 2^32 either way. */
const signedConstant = (b: WordBuilder, value: Value): Value =>
  typeof value.constant === 'number' && value.constant >= SIGN ? b.int(value.constant - 2 ** 32) : value;

/** A number congruent to the product modulo 2^32. */
function product32(b: WordBuilder, x: Word, y: Word): Value {
  const [left, right] = [signedConstant(b, x.exact), signedConstant(b, y.exact)];
  const direct = b.tryMul(left, right);
  if (direct) return direct;
  const [whole, split] = x.exact.constant !== undefined ? [y.exact, x.exact] : [x.exact, y.exact];
  const low = b.tryMul(whole, b.and(split, b.int(0xffff)))!;
  const high = b.tryMul(whole, b.shr(split, b.int(16)))!;
  return b.add(low, b.shl(b.and(high, b.int(0xffff)), b.int(16)));
}

export const mul32: Expansion = (b, [x, y]) => [b.masked(product32(b, x, y))];

/** A word to multiply with: whole, and in halves once those are asked for. */
class Factor {
  readonly whole: Value;
  private halves: { low: Value; high: Value } | undefined;

  constructor(whole: Value) {
    this.whole = whole;
  }

  split(b: WordBuilder): { low: Value; high: Value } {
    return (this.halves ??= { low: b.and(this.whole, b.int(0xffff)), high: b.shr(this.whole, b.int(16)) });
  }
}

const magnitude = ({ min, max }: Value): number => Math.max(-min, max);

/** A product as ones + 2^16 * rest. */
function product(b: WordBuilder, x: Value, factor: Factor, whole: Value): { ones: Value; rest: Value } {
  const direct = b.tryMul(x, whole);
  if (direct && magnitude(direct) < PRODUCT) return { ones: direct, rest: b.int(0) };
  const { low, high } = factor.split(b);
  return { ones: b.tryMul(x, low)!, rest: b.tryMul(x, high)! };
}

/** The low half of a number, as the high half of a word. */
const shiftedHalf = (b: WordBuilder, value: Value): Value => b.shl(b.and(value, b.int(0xffff)), b.int(16));

const outgrows = (x: Value, y: Value): boolean => magnitude(x) * magnitude(y) >= PRODUCT;

export const mul64: Expansion = (b, args) => {
  // What is split should be the constant.
  const [xh, xl, yh, yl] = args[1].exact.constant !== undefined ? [args[2], args[3], args[0], args[1]] : args;
  const [wide, factor, upperFactor] = [loose(b, xh), signedConstant(b, yl.exact), signedConstant(b, yh.exact)];
  const upper = magnitude(wide) * Math.min(magnitude(factor), 2 ** 16) < PRODUCT ? wide : xh.exact;
  const [high, low] = [yh.exact.constant, yl.exact.constant];
  const isLarge = outgrows(xl.exact, yl.exact) && outgrows(xl.exact, upperFactor) && outgrows(upper, factor);
  if (isLarge && typeof high === 'number' && typeof low === 'number') {
    return mulConstant(b, upper, xl.exact, high, low);
  }
  const [lowFactor, highFactor] = [new Factor(yl.exact), new Factor(yh.exact)];
  const ones = product(b, xl.exact, lowFactor, yl.exact);
  const left = product(b, xl.exact, highFactor, upperFactor);
  const right = product(b, upper, lowFactor, factor);
  const cross = b.add(b.add(left.ones, right.ones), shiftedHalf(b, b.add(left.rest, right.rest)));
  return carried(b, b.add(b.shr(ones.rest, b.int(16)), cross), b.add(ones.ones, shiftedHalf(b, ones.rest)));
};

/**
 * The product with a constant that is large in both words: of the low word with 23, 25 and 16 bits of it, of the high
 * word with 16 and 16. Halves would make six products of these five. Products come first, for none waits for another.
 */
function mulConstant(b: WordBuilder, xh: Value, xl: Value, yh: number, yl: number): Word[] {
  const ones = b.tryMul(xl, b.int(yl & 0x7fffff))!;
  const middle = b.tryMul(xl, b.int((yl >>> 23) + (yh & 0xffff) * 2 ** 9))!;
  const top = b.tryMul(xl, b.int(yh >>> 16))!;
  const cross = b.tryMul(xh, b.int(yl & 0xffff))!;
  const crossTop = b.tryMul(xh, b.int(yl >>> 16))!;
  const rest = shiftedHalf(b, b.add(top, crossTop));
  const high = b.add(b.add(b.shr(middle, b.int(9)), cross), rest);
  return carried(b, high, b.add(ones, b.shl(b.and(middle, b.int(0x1ff)), b.int(23))));
}
