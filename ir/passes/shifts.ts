// Shifts and rotations in machine integers, of one word and of two.
//
// spec: exec/numerics#op-ishl and following
import type { Value } from '../ir.ts';
import { MASK, type Word, type WordBuilder } from '../words.ts';
import { loose, type Expansion } from './expansion.ts';

/** The shift amount modulo the width. */
const amount = (b: WordBuilder, by: Word, width: 32 | 64): Value => b.and(by.exact, b.int(width - 1));

export const shl32: Expansion = (b, [x, by]) => {
  const k = amount(b, by, 32);
  const wide = loose(b, x);
  // Within reach of an int, mask afterwards; the mask may then turn out idle.
  if (Math.max(-wide.min, wide.max) * 2 ** k.max < 2 ** 57) return [b.masked(b.shl(wide, k))];
  return [b.word(b.shlWord(b.and(x.exact, maskAfter(b, k)), k))];
};

/** The bits of a word that a shift left by k keeps. */
const maskAfter = (b: WordBuilder, k: Value): Value => b.shr(b.int(MASK), k);

export const shrU32: Expansion = (b, [x, by]) => [b.word(b.shr(x.exact, amount(b, by, 32)))];
export const shrS32: Expansion = (b, [x, by]) => [b.masked(b.shr(b.signed(x), amount(b, by, 32)))];

export const rotate32 =
  (left: boolean): Expansion =>
  (b, [x, by]) => {
    const k = left ? amount(b, by, 32) : b.and(b.sub(b.int(32), amount(b, by, 32)), b.int(31));
    const high = b.shlWord(b.and(x.exact, maskAfter(b, k)), k);
    return [b.word(b.or(high, b.shr(x.exact, b.sub(b.int(32), k))))];
  };

/** A two-word shift left by 0..31 of (high, low); bits shifted out above are lost. */
function shiftPairLeft(b: WordBuilder, high: Value, low: Value, k: Value): [Value, Value] {
  const mask = maskAfter(b, k);
  const carried = b.shr(low, b.sub(b.int(32), k));
  return [b.or(b.shlWord(b.and(high, mask), k), carried), b.shlWord(b.and(low, mask), k)];
}

/** A two-word shift right by 0..31, `high` being signed for an arithmetic shift. */
function shiftPairRight(b: WordBuilder, high: Value, low: Value, k: Value): [Value, Value] {
  const carried = b.shlWord(b.and(high, b.sub(b.shl(b.int(1), k), b.int(1))), b.sub(b.int(32), k));
  return [b.shr(high, k), b.or(carried, b.shr(low, k))];
}

/** One of two values by whether the shift amount is below 32; decided here where the amount is known. */
function below32(b: WordBuilder, k: Value, then: () => Value[], otherwise: () => Value[]): Value[] {
  if (k.max < 32) return then();
  if (k.min >= 32) return otherwise();
  const [yes, no] = [then(), otherwise()];
  return yes.map((value, i) => {
    if (value === no[i]) return value;
    const [min, max] = [Math.min(value.min, no[i].min), Math.max(value.max, no[i].max)];
    return b.emit('select.lt', [k, b.int(32), value, no[i]], 'int', min, max);
  });
}

export const shl64: Expansion = (b, [xh, xl, , by]) => {
  const k = amount(b, by, 64);
  const small = b.and(k, b.int(31));
  const [high, low] = below32(
    b,
    k,
    () => shiftPairLeft(b, xh.exact, xl.exact, small),
    () => [b.shlWord(b.and(xl.exact, maskAfter(b, small)), small), b.int(0)],
  );
  return [b.word(high), b.word(low)];
};

export const shr64 =
  (signed: boolean): Expansion =>
  (b, [xh, xl, , by]) => {
    const k = amount(b, by, 64);
    const small = b.and(k, b.int(31));
    const top = signed ? b.signed(xh) : xh.exact;
    const [high, low] = below32(
      b,
      k,
      () => shiftPairRight(b, top, xl.exact, small),
      () => [b.shr(top, b.int(32)), b.shr(top, small)],
    );
    return [b.masked(high), b.masked(low)];
  };

export const rotate64 =
  (left: boolean): Expansion =>
  (b, [xh, xl, , by]) => {
    const k = left ? amount(b, by, 64) : b.and(b.sub(b.int(64), amount(b, by, 64)), b.int(63));
    const small = b.and(k, b.int(31));
    const [high, low] = below32(
      b,
      k,
      () => [xh.exact, xl.exact],
      () => [xl.exact, xh.exact],
    );
    const mask = maskAfter(b, small);
    const rest = b.sub(b.int(32), small);
    return [
      b.word(b.or(b.shlWord(b.and(high, mask), small), b.shr(low, rest))),
      b.word(b.or(b.shlWord(b.and(low, mask), small), b.shr(high, rest))),
    ];
  };
