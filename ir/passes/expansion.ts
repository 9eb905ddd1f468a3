// What an expansion of a numeric instruction is, and which form of a word it goes on with.
import type { NumericMnemonic } from '../instructions.ts';
import type { Value } from '../ir.ts';
import type { Word, WordBuilder } from '../words.ts';

export type Expansion = (b: WordBuilder, args: readonly Word[], offset: number, mnemonic: NumericMnemonic) => Word[];

/** A raw value may grow to this before it is masked. */
export const ROOM = 2 ** 56;

const SIGN = 2 ** 31;

export const fits = ({ min, max }: Value): boolean => min > -ROOM && max < ROOM;

/**
 * The raw form where it is small enough to go on with, else the exact one. From another block always the exact one, lest
 * both live on. A constant as a signed number: machines have short forms for small ones.
 */
export function loose(b: WordBuilder, { raw, exact }: Word): Value {
  if (typeof exact.constant === 'number') return exact.constant < SIGN ? exact : b.int(exact.constant - 2 * SIGN);
  return raw.block === b.block && fits(raw) ? raw : exact;
}
