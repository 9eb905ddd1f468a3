// The fuzzer's own random numbers: the same seed gives the same sequence on every machine.
//
// Consumes a seed; produces choices. A 32-bit state per instance, mixed by multiplication (the 'mulberry' construction).

export class Random {
  private state: number;

  /** @param seed any integer; its low 32 bits count */
  constructor(seed: number) {
    this.state = seed | 0;
    // Neighbouring seeds are to differ from the first number on.
    for (let i = 0; i < 3; i++) this.word();
  }

  /** 0..2^32-1 */
  word(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** 0..2^64-1 */
  wide(): bigint {
    return (BigInt(this.word()) << 32n) | BigInt(this.word());
  }

  /** An integer from 0 to `count` - 1. */
  below(count: number): number {
    return Math.floor((this.word() / 2 ** 32) * count);
  }

  /** An integer from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** True in `percent` of a hundred cases. */
  chance(percent: number): boolean {
    return this.below(10_000) < percent * 100;
  }

  /** One of the items; there must be one. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }

  /** One of the values, each as often as its weight says. */
  weighted<T>(choices: readonly (readonly [number, T])[]): T {
    let at = (this.word() / 2 ** 32) * choices.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, value] of choices) {
      if (at < weight) return value;
      at -= weight;
    }
    throw new Error('no choice has a weight');
  }
}
