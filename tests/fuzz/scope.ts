// What is in scope while a function body is generated: locals, labels, and how much may still be written.
//
// A local of a float type is `exact` where every value that it ever holds has bits that the specification fixes; only
// such values may be observed through their bits, since the NaNs of arithmetic are any.
import type { FunctionType } from '../../frontend/module.ts';
import type { ValueType } from '../../ir/instructions.ts';
import type { Random } from './random.ts';

export interface Local {
  readonly type: ValueType;
  readonly exact: boolean;
  /** A loop counter or a scratch register: not for general use. */
  readonly reserved: boolean;
}

export interface Label {
  readonly number: number;
  /** What a branch to it takes along. */
  readonly types: readonly ValueType[];
}

export class Scope {
  readonly locals: Local[] = [];
  readonly labels: Label[] = [];
  readonly parameters: number;
  /** Trees that may still be made; below zero only leaves are. */
  budget: number;
  callsOut = false;
  private labelCount = 0;

  constructor(random: Random, { parameters, results }: FunctionType) {
    this.parameters = parameters.length;
    for (const type of parameters) this.addLocal(type, false);
    this.labels.push({ number: 0, types: results });
    this.budget = random.weighted([
      [6, random.between(10, 60)],
      [3, random.between(60, 200)],
      [1, random.between(200, 700)],
    ]);
  }

  addLocal(type: ValueType, exact: boolean, reserved = false): number {
    return this.locals.push({ type, exact, reserved }) - 1;
  }

  /** Indices of locals for general use of a type. */
  localsOf(type: ValueType, exact: boolean | undefined): number[] {
    return [...this.locals.keys()].filter((i) => {
      const local = this.locals[i];
      return local.type === type && !local.reserved && (exact === undefined || local.exact === exact);
    });
  }

  newLabel(): number {
    return ++this.labelCount;
  }
}
