// Float formats, and the table by which the bits of a float become one: it is element `scales` of S.
//
// A finite float is its mantissa times a scale, which sign and exponent tell; the product is exact.
import type { Term } from './assembly.ts';

export interface FloatFormat {
  /** Bits of the mantissa in the word that holds sign and exponent above them, the highest bit not written. */
  readonly fraction: number;
  /**
   * Sign and exponent as a number are this far from the place of the scale in the table. It counts from 1: for 0 there is
   * none, and the number stands for itself.
   */
  readonly bias: number;
  readonly exponents: number;
  /** The smallest number above zero. */
  readonly least: number;
}

export const DOUBLE: FloatFormat = { fraction: 20, bias: 0, exponents: 2048, least: 2 ** -1074 };
export const SINGLE: FloatFormat = { fraction: 23, bias: 4096, exponents: 256, least: 2 ** -149 };

/** 0 or 1, by sign, where the float is zero or subnormal; an atom where it is not finite. */
function scalesOf({ exponents, least }: FloatFormat): Term[] {
  return Array.from({ length: 2 * exponents }, (_, index) => {
    const exponent = index % exponents;
    const negative = index >= exponents;
    if (exponent === 0) return Number(negative);
    if (exponent === exponents - 1) return { atom: 'none' };
    const scale = 2 ** (exponent - 1 + Math.log2(least));
    return { float: negative ? -scale : scale };
  });
}

export const SCALES: Term = { tuple: [...scalesOf(DOUBLE).slice(1), ...scalesOf(SINGLE)] };
