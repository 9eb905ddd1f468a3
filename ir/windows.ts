// Two words of a number that is rotated more than once, laid side by side: a word cut from both is then one shift.
import type { Block, Value } from './ir.ts';
import type { Word, WordBuilder } from './words.ts';

/**
 * Two words side by side, as far as an int has room: a shift right by up to REACH gives a word that is cut from both,
 * with bits above it.
 */
export class Windows {
  static readonly REACH = 24;
  private readonly high: Word;
  private readonly low: Word;
  private block: Block | undefined;
  private forwards: Value | undefined;
  private backwards: Value | undefined;

  constructor(high: Word, low: Word) {
    this.high = high;
    this.low = low;
  }

  /** Whether these are of this number. */
  of(high: Word): boolean {
    return this.high === high;
  }

  /** The high word above the low one, or the other way around; made where it is first asked for in a block. */
  get(b: WordBuilder, swapped: boolean): Value {
    if (this.block !== b.block) this.forwards = this.backwards = undefined;
    this.block = b.block;
    if (swapped) return (this.backwards ??= Windows.join(b, this.low, this.high));
    return (this.forwards ??= Windows.join(b, this.high, this.low));
  }

  private static join(b: WordBuilder, above: Word, below: Word): Value {
    return b.or(b.shl(b.and(above.exact, b.int(2 ** Windows.REACH - 1)), b.int(32)), below.exact);
  }
}

/** The words of a number, the last with windows of itself and the one before; a single word is both. */
export function withWindows(words: readonly Word[]): readonly Word[] {
  const [high, low] = [words[0], words.at(-1)!];
  if (low.windows?.of(high)) return words;
  const copy: { -readonly [K in keyof Word]: Word[K] } = { ...low };
  copy.windows = new Windows(high === low ? copy : high, copy);
  return high === low ? [copy] : [high, copy];
}
