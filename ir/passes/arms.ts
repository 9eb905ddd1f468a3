// Moves what only one side of a select wants behind the branch that a select is: the other way does not pay for it.
//
// WebAssembly computes both values first, as a processor that has a conditional move would. Here a select is a branch
// and two moves in any case.
//
// Consumes and produces the second level of the IR, in place, after prune: comparisons are in the selects.
import {
  edges,
  type Instruction,
  terminatorArgs,
  type Block,
  type IrFunction,
  type Operator,
  type Test,
  type Value,
} from '../ir.ts';

const TEST: ReadonlyMap<Operator, Test> = new Map([
  ['select.lt', 'lt'],
  ['select.ge', 'ge'],
  ['select.eq', 'eq'],
  ['select.ne', 'ne'],
]);

/** What may move: arithmetic that neither fails nor reads anything that changes. */
const MOVABLE: ReadonlySet<Operator> = new Set([
  'int.add',
  'int.sub',
  'int.mul',
  'int.and',
  'int.or',
  'int.xor',
  'int.shl',
  'int.shr',
]);

/** Fewer instructions are not worth the jumps. */
const WORTH = 2;
/** How far before a select its operands are looked for: with many selects in a block, each way back is to be short. */
const REACH = 40;
/** And how many a block is divided at: each time what follows is copied. */
const MOST = 16;

const isSelect = ({ operator }: Instruction): boolean => TEST.has(operator);

export function sinkIntoArms(fn: IrFunction): void {
  if (!fn.blocks.some(({ instructions }) => instructions.some(isSelect))) return;
  const uses = countUses(fn);
  fn.blocks = fn.blocks.flatMap((block) => divide(fn, block, uses));
}

/** By value id: how many operands it is. */
export function countUses(fn: IrFunction): Uint32Array {
  const uses = new Uint32Array(fn.valueCount);
  const count = (values: readonly Value[]): void => {
    for (const { id } of values) uses[id]++;
  };
  for (const { instructions, terminator } of fn.blocks) {
    for (const { args } of instructions) count(args);
    count(terminatorArgs(terminator!));
    for (const { args } of edges(terminator!)) count(args);
  }
  return uses;
}

/** A block as it was, or with arms in it: itself, and for each select that was divided its two arms and what follows. */
function divide(fn: IrFunction, block: Block, uses: Uint32Array): Block[] {
  const blocks = [block];
  let current = block;
  for (let at = 0; at < current.instructions.length && blocks.length < 3 * MOST; at++) {
    if (!isSelect(current.instructions[at])) continue;
    const selects = sameQuestion(current.instructions, at);
    const [yes, no] = [2, 3].map((operand) => armOf(current.instructions, at, selects, operand, uses));
    if (yes.size + no.size < WORTH) {
      at += selects.length - 1;
      continue;
    }
    const join = fn.block();
    const [then, otherwise] = [makeArm(fn, current, yes, join, selects, 2), makeArm(fn, current, no, join, selects, 3)];
    join.params = selects.map(({ results }) => results[0]);
    join.instructions = current.instructions.slice(at + selects.length);
    join.terminator = current.terminator;
    const [a, b] = selects[0].args;
    current.instructions = current.instructions.slice(0, at).filter((before) => !yes.has(before) && !no.has(before));
    current.terminator = {
      kind: 'branch',
      test: TEST.get(selects[0].operator)!,
      args: [a, b],
      then: { target: then, args: [] },
      else: { target: otherwise, args: [] },
    };
    for (const param of join.params) [param.definition, param.block] = [undefined, join];
    for (const { results } of join.instructions) for (const result of results) result.block = join;
    blocks.push(then, otherwise, join);
    current = join;
    at = -1;
  }
  return blocks;
}

/** The selects from a position on that ask the same, without each other's results: the two words of an i64. */
function sameQuestion(instructions: readonly Instruction[], at: number): Instruction[] {
  const { operator, args } = instructions[at];
  const selects = [instructions[at]];
  const results = new Set<Value>(instructions[at].results);
  for (const other of instructions.slice(at + 1, at + 1 + MOST)) {
    if (other.operator !== operator || other.args[0] !== args[0] || other.args[1] !== args[1]) break;
    if (other.args.some((arg) => results.has(arg))) break;
    selects.push(other);
    results.add(other.results[0]);
  }
  return selects;
}

/** Instructions before a position whose results only one operand of the selects needs. */
function armOf(
  instructions: readonly Instruction[],
  at: number,
  selects: readonly Instruction[],
  operand: number,
  uses: Uint32Array,
): Set<Instruction> {
  const wanted = new Map<Value, number>();
  const want = (value: Value): void => void wanted.set(value, (wanted.get(value) ?? 0) + 1);
  for (const { args } of selects) want(args[operand]);
  const arm = new Set<Instruction>();
  for (let before = at - 1; before >= Math.max(0, at - REACH); before--) {
    const instruction = instructions[before];
    const { operator, args, results } = instruction;
    if (!MOVABLE.has(operator) || wanted.get(results[0]) !== uses[results[0].id]) continue;
    arm.add(instruction);
    args.forEach(want);
  }
  return arm;
}

function makeArm(
  fn: IrFunction,
  from: Block,
  moved: ReadonlySet<Instruction>,
  join: Block,
  selects: readonly Instruction[],
  operand: number,
): Block {
  const arm = fn.block();
  arm.instructions = from.instructions.filter((instruction) => moved.has(instruction));
  for (const { results } of arm.instructions) results[0].block = arm;
  arm.terminator = { kind: 'jump', edge: { target: join, args: selects.map(({ args }) => args[operand]) } };
  return arm;
}
