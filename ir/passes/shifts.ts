// Shifts and rotations in machine integers, of one word and of two.
//
// spec: exec/numerics#op-ishl and following
import type { Value } from '../ir.ts';
import { Windows } from '../windows.ts';
import { MASK, type Word, type WordBuilder } from '../words.ts';
import { loose, ROOM, type Expansion } from './expansion.ts';

/** The shift amount modulo the width. */
const amount = (b: WordBuilder, by: Word, width: 32 | 64): Value => b.and(by.exact, b.int(width - 1));

/** The word shifted left, with bits above it while an int has room for them: the mask may turn out idle. */
function left(b: WordBuilder, x: Word, k: Value): Value {
  const wide = loose(b, x);
  // Numbers below zero are shifted by a call.
  if (wide.min >= 0 && wide.max * 2 ** k.max < ROOM) return b.shl(wide, k);
  return b.shlWord(b.and(x.exact, maskAfter(b, k)), k);
}

export const shl32: Expansion = (b, [x, by]) => [b.masked(left(b, x, amount(b, by, 32)))];

/** The bits of a word that a shift left by k keeps. */
const maskAfter = (b: WordBuilder, k: Value): Value => b.shr(b.int(MASK), k);

export const shrU32: Expansion = (b, [x, by]) => [b.word(b.shr(x.exact, amount(b, by, 32)))];
export const shrS32: Expansion = (b, [x, by]) => [b.masked(b.shr(b.signed(x), amount(b, by, 32)))];

export const rotate32 =
  (toLeft: boolean): Expansion =>
  (b, [x, by]) => {
    const k = toLeft ? amount(b, by, 32) : b.and(b.sub(b.int(32), amount(b, by, 32)), b.int(31));
    // The shift to the right asks for the exact form in any case.
    return [turned(b, b.word(x.exact), x, k, windowsOf(x, x), false)];
  };

const windowsOf = (high: Word, low: Word): Windows | undefined => (low.windows?.of(high) ? low.windows : undefined);

/** The high word of (high, low) shifted left by 0..31; `windows` of both, or of both the other way around. */
function turned(b: WordBuilder, high: Word, low: Word, k: Value, windows: Windows | undefined, swapped: boolean): Word {
  const rest = b.sub(b.int(32), k);
  if (typeof rest.constant === 'number' && windows && rest.constant <= Windows.REACH) {
    return b.masked(b.shr(windows.get(b, swapped), rest));
  }
  return b.masked(b.or(left(b, high, k), b.shr(low.exact, rest)));
}

/** A two-word shift left by 0..31 of (high, low); bits shifted out above are lost. */
function shiftPairLeft(b: WordBuilder, high: Word, low: Word, k: Value): Word[] {
  return [turned(b, high, low, k, windowsOf(high, low), false), b.masked(left(b, low, k))];
}

/** A two-word shift right by 0..31, `top` being the high word, signed for an arithmetic shift. */
function shiftPairRight(b: WordBuilder, high: Word, low: Word, k: Value, top: Value): Word[] {
  const windows = windowsOf(high, low);
  if (typeof k.constant === 'number' && windows && k.constant <= Windows.REACH) {
    return [b.masked(b.shr(top, k)), b.masked(b.shr(windows.get(b, false), k))];
  }
  const rest = b.sub(b.int(32), k);
  const bits = b.and(high.exact, b.sub(b.shl(b.int(1), k), b.int(1)));
  return [b.masked(b.shr(top, k)), b.masked(b.or(b.shlWord(bits, rest), b.shr(low.exact, k)))];
}

/** One of two i64 by whether the shift amount is below 32; decided here where the amount is known. */
function below32(b: WordBuilder, k: Value, then: () => Word[], otherwise: () => Word[]): Word[] {
  if (k.max < 32) return then();
  if (k.min >= 32) return otherwise();
  const [yes, no] = [then(), otherwise()];
  return yes.map((word, i) => {
    const [value, other] = [word.exact, no[i].exact];
    if (value === other) return word;
    const [min, max] = [Math.min(value.min, other.min), Math.max(value.max, other.max)];
    return b.word(b.emit('select.lt', [k, b.int(32), value, other], 'int', min, max));
  });
}

export const shl64: Expansion = (b, [xh, xl, , by]) => {
  const k = amount(b, by, 64);
  const small = b.and(k, b.int(31));
  return below32(
    b,
    k,
    () => shiftPairLeft(b, xh, xl, small),
    () => [b.masked(left(b, xl, small)), b.word(b.int(0))],
  );
};

export const shr64 =
  (signed: boolean): Expansion =>
  (b, [xh, xl, , by]) => {
    const k = amount(b, by, 64);
    const small = b.and(k, b.int(31));
    const top = signed ? b.signed(xh) : xh.exact;
    return below32(
      b,
      k,
      () => shiftPairRight(b, xh, xl, small, top),
      () => [b.masked(b.shr(top, b.int(32))), b.masked(b.shr(top, small))],
    );
  };

export const rotate64 =
  (toLeft: boolean): Expansion =>
  (b, [xh, xl, , by]) => {
    const k = toLeft ? amount(b, by, 64) : b.and(b.sub(b.int(64), amount(b, by, 64)), b.int(63));
    const small = b.and(k, b.int(31));
    const [high, low] = below32(
      b,
      k,
      () => [xh, xl],
      () => [xl, xh],
    );
    if (small.constant === 0) return [high, low];
    const windows = windowsOf(xh, xl);
    // Each word is cut from both, which asks for its exact form in any case.
    const [upper, lower] = [b.word(high.exact), b.word(low.exact)];
    return [turned(b, upper, lower, small, windows, high !== xh), turned(b, lower, upper, small, windows, high === xh)];
  };
