// Many random programs, one after the other, until time is over: what was found, how fast, and what was never executed.
import { OPERATIONS, type Mnemonic } from '../../ir/instructions.ts';
import { kindOf } from './compare.ts';
import { generate } from './generate.ts';
import type { Program } from './program.ts';
import { reduce } from './reduce.ts';
import type { Finding, Session } from './session.ts';
import { executedOf, NoOpinion } from './v8.ts';

/** So many programs are under way at once: this process makes some while the node runs others. */
const WINDOW = 6;
const PROGRAMS_PER_SEED = 1_000_000;

export interface RunOptions {
  /** Seed of the first program; the others follow. */
  readonly first: number;
  /** How many at most. */
  readonly count: number;
  readonly seconds: number;
  /** Ends the run early when so many kinds of disagreement were found. */
  readonly most: number;
  /** How long a disagreement is reduced; 0: not at all. */
  readonly reduceSeconds: number;
  readonly onFinding: (found: FoundProgram) => void;
}

export interface FoundProgram {
  /** Generates the program from which this one was reduced. */
  readonly seed: number;
  readonly kind: string;
  readonly finding: Finding;
  readonly program: Program;
}

export interface RunReport {
  readonly programs: number;
  /** Of those, programs on which V8 gave up. */
  readonly skipped: number;
  readonly disagreements: number;
  readonly seconds: number;
  readonly neverExecuted: readonly Mnemonic[];
}

/** The seed of the first program of a run with a seed. */
export const firstSeed = (seed: number): number => seed * PROGRAMS_PER_SEED;

class Run {
  private readonly session: Session;
  private readonly options: RunOptions;
  private readonly start = Date.now();
  private readonly kinds = new Set<string>();
  private pending: Mnemonic[] = OPERATIONS.map(({ mnemonic }) => mnemonic);
  private programs = 0;
  private skipped = 0;
  private disagreements = 0;

  constructor(session: Session, options: RunOptions) {
    this.session = session;
    this.options = options;
  }

  async all(): Promise<RunReport> {
    const { seconds, most, first, count } = this.options;
    const found: FoundProgram[] = [];
    const worker = async (): Promise<void> => {
      while (this.elapsed() < seconds && this.kinds.size < most && this.programs < count) {
        const one = await this.one(first + this.programs++);
        if (one) found.push(one);
      }
    };
    await Promise.all(Array.from({ length: WINDOW }, worker));
    const took = this.elapsed();
    for (const each of found) this.options.onFinding(await this.reduced(each));
    const { programs, skipped, disagreements } = this;
    return { programs, skipped, disagreements, seconds: took, neverExecuted: this.pending };
  }

  private elapsed(): number {
    return (Date.now() - this.start) / 1000;
  }

  /** The first program that shows a new kind of disagreement. */
  private async one(seed: number): Promise<FoundProgram | undefined> {
    const program = generate(seed);
    const finding = await this.session.judge(program);
    if (finding === 'skipped') this.skipped++;
    else this.watch(program);
    if (finding === undefined || finding === 'skipped') return undefined;
    this.disagreements++;
    const kind = `${finding.way}: ${kindOf(finding)}`;
    if (this.kinds.has(kind)) return undefined;
    this.kinds.add(kind);
    return { seed, kind, finding, program };
  }

  private watch(program: Program): void {
    if (this.pending.length === 0) return;
    try {
      const executed = new Set(executedOf(program, this.pending));
      this.pending = this.pending.filter((mnemonic) => !executed.has(mnemonic));
    } catch (error) {
      if (!(error instanceof NoOpinion)) throw error;
    }
  }

  private async reduced(found: FoundProgram): Promise<FoundProgram> {
    const { way } = found.finding;
    let { finding } = found;
    const shows = async (candidate: Program): Promise<boolean> => {
      const other = await this.session.judge(candidate, [way]);
      if (other === undefined || other === 'skipped' || `${way}: ${kindOf(other)}` !== found.kind) return false;
      finding = other;
      return true;
    };
    const { reduceSeconds } = this.options;
    const program = reduceSeconds > 0 ? await reduce(found.program, shows, reduceSeconds) : found.program;
    return { ...found, program, finding };
  }
}

/** Runs random programs through a session. */
export function runPrograms(session: Session, options: RunOptions): Promise<RunReport> {
  return new Run(session, options).all();
}
