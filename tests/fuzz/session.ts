// One program after the other through V8 and the ways: the heart of the fuzzer.
import type { OtpRelease } from '../../beam-backend/assembly.ts';
import { firstDifference, type Difference } from './compare.ts';
import { countInstructions } from './counted.ts';
import { encode } from './encode.ts';
import { ErlangNode } from './node.ts';
import type { Program } from './program.ts';
import { NoOpinion, observeV8 } from './v8.ts';
import { closeWays, WAYS } from './ways.ts';

export interface Finding extends Difference {
  readonly way: string;
}

export class Session {
  readonly node: ErlangNode;
  /** How many programs were run in each way. */
  readonly runs: Record<string, number> = {};
  /** How many programs could have been. */
  private readonly chances: Record<string, number> = {};
  private readonly ways: readonly string[];
  private readonly otp: OtpRelease;

  /** @param ways names of {@link WAYS} */
  constructor(ways: readonly string[], otp: OtpRelease, codePaths: readonly string[]) {
    this.ways = ways;
    this.otp = otp;
    this.node = new ErlangNode(codePaths);
  }

  /**
   * Runs a program in V8 and in other ways.
   *
   * @param ways where not given: those of the session, slow ones not each time
   * @returns the first disagreement; undefined where there is none; 'skipped' where V8 has no answer
   * @throws what V8 says of a program that is not valid
   */
  async judge(program: Program, ways: readonly string[] = this.ways): Promise<Finding | 'skipped' | undefined> {
    const bytes = encode(program);
    const expected = answerOfV8(program, bytes);
    if (!expected) return 'skipped';
    let counted: readonly string[] | undefined;
    for (const way of ways) {
      const { metered } = WAYS[way];
      if (ways === this.ways && !this.isDue(way, bytes.length)) continue;
      this.runs[way] = (this.runs[way] ?? 0) + 1;
      if (metered) counted ??= answerOfV8(program, countInstructions(bytes)) ?? [];
      const wanted = metered ? counted! : expected;
      // To count takes V8 more stack.
      if (wanted.length === 0) continue;
      const difference = firstDifference(wanted, await this.observe(way, program, bytes));
      if (difference) return { way, ...difference };
    }
    return undefined;
  }

  /** Whether a program is one of the many that a way takes. */
  private isDue(way: string, size: number): boolean {
    const { every, mostBytes } = WAYS[way];
    if (size > mostBytes) return false;
    this.chances[way] = (this.chances[way] ?? 0) + 1;
    return this.chances[way] % every === 0;
  }

  stop(): void {
    this.node.stop();
    closeWays();
  }

  private async observe(way: string, program: Program, bytes: Uint8Array): Promise<string[]> {
    let beam: Uint8Array;
    try {
      beam = await WAYS[way].build(bytes, this.otp);
    } catch (error) {
      return [
        `compiler: ${error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 3).join(' ') : String(error)}`,
      ];
    }
    return this.node.run(program, beam, WAYS[way].metered === true);
  }
}

/** What V8 observes; undefined where it gives up. */
function answerOfV8(program: Program, bytes: Uint8Array): readonly string[] | undefined {
  try {
    return observeV8(program, bytes).lines;
  } catch (error) {
    if (error instanceof NoOpinion) return undefined;
    throw error;
  }
}
