// What comparisons say about values where control flows along an edge.
//
// Consumes a function of either level. Looks at the branch that the edge leaves, and at those before it as long as there
// is but one way to them; with dominators, before joins, too.
import { edges, type Block, type Edge, type IrFunction, type Test, type Value } from './ir.ts';

/** A comparison that holds. */
export interface Condition {
  readonly test: Test;
  readonly a: Value;
  readonly b: Value | 0;
  /** First level: both as signed words, else as unsigned ones. The second level compares ints as they are. */
  readonly signed: boolean;
}

/** An edge and where it comes from. */
export interface Entry {
  readonly from: Block;
  readonly edge: Edge;
}

/** Inclusive bounds. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Blocks that are looked at for an edge. */
const REACH = 8;

const INVERSE: Readonly<Record<Test, Test>> = { lt: 'ge', ge: 'lt', eq: 'ne', ne: 'eq' };

/** Comparisons of the first level: the test, whether signed, whether the operands change places. */
const COMPARISONS: ReadonlyMap<string, readonly [test: Test, signed: boolean, swapped: boolean]> = new Map([
  ['i32.eq', ['eq', false, false]],
  ['i32.ne', ['ne', false, false]],
  ['i32.lt_u', ['lt', false, false]],
  ['i32.lt_s', ['lt', true, false]],
  ['i32.gt_u', ['lt', false, true]],
  ['i32.gt_s', ['lt', true, true]],
  ['i32.ge_u', ['ge', false, false]],
  ['i32.ge_s', ['ge', true, false]],
  ['i32.le_u', ['ge', false, true]],
  ['i32.le_s', ['ge', true, true]],
  ['int.lt', ['lt', false, false]],
  ['int.ge', ['ge', false, false]],
  ['int.eq', ['eq', false, false]],
  ['int.ne', ['ne', false, false]],
]);

export class Conditions {
  /** By block id: the edges that lead to it. */
  private readonly entries: Entry[][];

  private readonly reach: number;
  private readonly dominator: (block: Block) => Block | undefined;

  /**
   * @param reach how many blocks are looked at for an edge
   * @param dominator the immediate dominator of a block; without it, joins end the search
   */
  constructor(fn: IrFunction, reach = REACH, dominator: (block: Block) => Block | undefined = () => undefined) {
    this.reach = reach;
    this.dominator = dominator;
    this.entries = Array.from({ length: fn.blockCount }, () => []);
    for (const from of fn.blocks) {
      for (const edge of edges(from.terminator!)) this.entries[edge.target.id].push({ from, edge });
    }
  }

  /** The edges that lead to a block. */
  to({ id }: Block): readonly Entry[] {
    return this.entries[id];
  }

  /** Comparisons that hold along an edge; the one closest to it comes first. */
  along(last: Entry): Condition[] {
    const found: Condition[] = [];
    const note = (entry: Entry): void => {
      const condition = conditionOf(entry);
      if (condition) found.push(condition);
    };
    note(last);
    let block: Block | undefined = last.from;
    for (let count = 1; block && count < this.reach; count++) {
      const before: readonly Entry[] = this.entries[block.id];
      if (before.length === 1) note(before[0]);
      block = before.length === 1 ? before[0].from : this.dominator(block);
    }
    return found;
  }
}

function conditionOf({ from, edge }: Entry): Condition | undefined {
  const terminator = from.terminator!;
  if (terminator.kind !== 'branch' || terminator.then === terminator.else) return undefined;
  const test = edge === terminator.then ? terminator.test : INVERSE[terminator.test];
  // One i32 that is not zero, or two ints.
  const [a, b] = terminator.args;
  const isAnswer = (b === undefined || b.constant === 0) && (test === 'ne' || test === 'eq');
  const comparison = isAnswer ? asked(a, test === 'ne') : undefined;
  return comparison ?? { test, a, b: b ?? 0, signed: false };
}

/** The comparison whose answer a value is, or its contrary; undefined for another value. */
function asked({ definition }: Value, isTrue: boolean): Condition | undefined {
  if (!definition) return undefined;
  const { operator, args } = definition;
  if (operator === 'i32.eqz') {
    return asked(args[0], !isTrue) ?? { test: isTrue ? 'eq' : 'ne', a: args[0], b: 0, signed: false };
  }
  const found = COMPARISONS.get(operator);
  if (!found) return undefined;
  const [test, signed, swapped] = found;
  const [a, b] = swapped ? [args[1], args[0]] : args;
  return { test: isTrue ? test : INVERSE[test], a, b, signed };
}

/** The bounds of a number in a range, given that a test of it and of another, or of the other and it, holds. */
export function bounded(range: Range, test: Test, other: Range, isSecond: boolean): Range {
  const { min, max } = range;
  switch (test) {
    case 'lt':
      return isSecond ? { min: Math.max(min, other.min + 1), max } : { min, max: Math.min(max, other.max - 1) };
    case 'ge':
      return isSecond ? { min, max: Math.min(max, other.max) } : { min: Math.max(min, other.min), max };
    case 'eq':
      return { min: Math.max(min, other.min), max: Math.min(max, other.max) };
    case 'ne':
      if (other.min !== other.max) return range;
      return { min: min === other.min ? min + 1 : min, max: max === other.max ? max - 1 : max };
  }
}
