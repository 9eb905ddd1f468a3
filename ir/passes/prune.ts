// Moves comparisons into the branches and selects that ask them, decides branches on constants, removes what nobody
// uses, leads edges past blocks that only jump on, and turns the comparisons whose 0 or 1 is still wanted into
// arithmetic.
//
// Consumes and produces the second level of the IR, in place.
import {
  edges,
  terminatorArgs,
  Instruction,
  type Block,
  type Edge,
  type IrFunction,
  type Operator,
  type Terminator,
  type Test,
  type Value,
} from '../ir.ts';
import { evaluate } from '../words.ts';

/** What a comparison asks, and what selects by it. */
const TESTED = { 'int.lt': 'lt', 'int.ge': 'ge', 'int.eq': 'eq', 'int.ne': 'ne' } as const;
const SELECT = { lt: 'select.lt', ge: 'select.ge', eq: 'select.eq', ne: 'select.ne' } as const;
const INVERSE: Record<Test, Test> = { lt: 'ge', ge: 'lt', eq: 'ne', ne: 'eq' };

/** Instructions without effect besides their results. */
const PURE: ReadonlySet<Operator> = new Set([
  'int.add',
  'int.sub',
  'int.mul',
  'int.div',
  'int.rem',
  'int.and',
  'int.or',
  'int.xor',
  'int.shl',
  'int.shr',
  'int.lt',
  'int.ge',
  'int.eq',
  'int.ne',
  'select.lt',
  'select.ge',
  'select.eq',
  'select.ne',
  'float.arith',
  'float.test',
  'float.choice',
  'float.magnitude',
  'float.rounding',
  'float.sign',
  'float.bits',
  'float.from_bits',
  'float.from_int',
  'state.get',
  'cell.get',
  'element',
  'list',
  'tuple',
]);
export const isPure = (operator: Operator): boolean => PURE.has(operator);

export function prune(fn: IrFunction): void {
  for (const block of fn.blocks) fuse(block);
  threadJumps(fn);
  dropUnreachable(fn);
  sweep(fn);
  for (const block of fn.blocks) materialise(fn, block);
}

/** A question about an int, traced back to the comparison that made it. */
function trace(test: Test, a: Value, b: Value): { test: Test; args: [Value, Value] } {
  for (;;) {
    const definition = a.definition;
    if (b.constant !== 0 || (test !== 'eq' && test !== 'ne') || !definition) return { test, args: [a, b] };
    const inner = definition.operator;
    if (inner !== 'int.lt' && inner !== 'int.ge' && inner !== 'int.eq' && inner !== 'int.ne')
      return { test, args: [a, b] };
    const asked = TESTED[inner];
    test = test === 'ne' ? asked : INVERSE[asked];
    [a, b] = definition.args as [Value, Value];
  }
}

function fuse(block: Block): void {
  const { instructions } = block;
  for (let position = 0; position < instructions.length; position++) {
    const instruction = instructions[position];
    const { operator, args } = instruction;
    if (operator !== 'select.ne') continue;
    const asked = trace('ne', args[0], args[1]);
    const select = new Instruction(
      SELECT[asked.test],
      [...asked.args, args[2], args[3]],
      instruction.results,
      instruction.offset,
    );
    select.results[0].definition = select;
    instructions[position] = select;
  }
  const terminator = block.terminator!;
  if (terminator.kind === 'branch') {
    const { test, args } = trace(terminator.test, terminator.args[0], terminator.args[1]);
    terminator.test = test;
    terminator.args = args;
    const [a, b] = args;
    if (typeof a.constant === 'number' && typeof b.constant === 'number') {
      const edge = evaluate(test, a.constant, b.constant) ? terminator.then : terminator.else;
      block.terminator = { kind: 'jump', edge };
    }
  }
  if (terminator.kind === 'switch') block.terminator = narrow(terminator);
}

/** A switch without the ways that the range of its index excludes; a jump where one way is left. */
function narrow({ index, ...all }: Extract<Terminator, { kind: 'switch' }>): Terminator {
  const { min, max } = index;
  const cases = all.cases.filter(({ value }) => value >= min && value <= max);
  const otherwise = cases.length === max - min + 1 ? cases.pop()!.edge : all.otherwise;
  if (cases.length === 0) return { kind: 'jump', edge: otherwise };
  return { kind: 'switch', index, cases, otherwise };
}

/**
 * Edges to a block that only jumps on lead where it leads. The way around an `if` without `else` is such a block; it
 * stands behind the whole of the `if`, and would keep what it passes on in registers until there.
 */
function threadJumps(fn: IrFunction): void {
  // By block id.
  const onward = new Array<Edge | undefined>(fn.blockCount).fill(undefined);
  let found = false;
  // Backwards: the way on from a block's target is known by then.
  for (let i = fn.blocks.length - 1; i > 0; i--) {
    const block = fn.blocks[i];
    const terminator = block.terminator!;
    if (terminator.kind !== 'jump' || block.loop || block.params.length + block.instructions.length > 0) continue;
    onward[block.id] = onward[terminator.edge.target.id] ?? terminator.edge;
    found = true;
  }
  if (!found) return;
  for (const block of fn.blocks) {
    for (const edge of edges(block.terminator!)) {
      const further = onward[edge.target.id];
      if (further) [edge.target, edge.args] = [further.target, further.args.slice()];
    }
  }
}

/** Blocks that a decided branch left without a way to them. */
function dropUnreachable(fn: IrFunction): void {
  const reached = new Uint8Array(fn.blockCount);
  let count = 0;
  const work: Block[] = [];
  const reach = (block: Block): void => {
    if (reached[block.id] === 1) return;
    reached[block.id] = 1;
    count++;
    work.push(block);
  };
  reach(fn.blocks[0]);
  for (let block = work.pop(); block; block = work.pop()) {
    for (const { target } of edges(block.terminator!)) reach(target);
  }
  if (count < fn.blocks.length) fn.blocks = fn.blocks.filter(({ id }) => reached[id] === 1);
}

/** Mark and sweep over values; a block parameter counts as used only if its value is. */
function sweep(fn: IrFunction): void {
  const used = new Uint8Array(fn.valueCount);
  const work: Value[] = [];
  const use = (value: Value): void => {
    if (used[value.id] || value.constant !== undefined) return;
    used[value.id] = 1;
    work.push(value);
  };
  // By block id: what each edge to it passes.
  const incoming = new Array<Value[][] | undefined>(fn.blockCount).fill(undefined);
  for (const block of fn.blocks) {
    for (const { operator, args } of block.instructions) if (!isPure(operator)) for (const arg of args) use(arg);
    for (const arg of terminatorArgs(block.terminator!)) use(arg);
    for (const { target, args } of edges(block.terminator!)) {
      if (target.params.length > 0) (incoming[target.id] ??= []).push(args);
    }
  }
  for (let value = work.pop(); value; value = work.pop()) {
    if (value.definition) for (const arg of value.definition.args) use(arg);
    else {
      const passed = value.block && incoming[value.block.id];
      if (!passed) continue;
      const position = value.block!.params.indexOf(value);
      for (const args of passed) use(args[position]);
    }
  }
  const [entry] = fn.blocks;
  const keeps = (value: Value): boolean => used[value.id] === 1;
  for (const block of fn.blocks) {
    block.instructions = block.instructions.filter(({ operator, results }) => !isPure(operator) || results.some(keeps));
  }
  for (const block of fn.blocks) {
    for (const edge of edges(block.terminator!)) {
      if (edge.target === entry) continue;
      const { params } = edge.target;
      if (!params.every(keeps)) edge.args = edge.args.filter((_, i) => keeps(params[i]));
    }
  }
  for (const block of fn.blocks)
    if (block !== entry && !block.params.every(keeps)) block.params = block.params.filter(keeps);
}

/**
 * A comparison as arithmetic: the sign of a difference, shifted down, is -1 or 0. (A branch and two moves would be one
 * more misprediction.)
 */
function materialise(fn: IrFunction, block: Block): void {
  if (!block.instructions.some(({ operator }) => isTest(operator))) return;
  const instructions: Instruction[] = [];
  const emit = (operator: Operator, args: Value[], min: number, max: number): Value => {
    const value = fn.value('int', min, max);
    value.block = block;
    value.definition = new Instruction(operator, args, [value], 0);
    instructions.push(value.definition);
    return value;
  };
  for (const instruction of block.instructions) {
    const { operator, args, results } = instruction;
    if (!isTest(operator)) {
      instructions.push(instruction);
      continue;
    }
    const [a, b] = args;
    const one = fn.constant('int', 1);
    let difference: Value;
    if (operator === 'int.eq' || operator === 'int.ne') {
      // Zero is the only number >= 0 whose predecessor is negative.
      const span = 2 ** 54;
      const distance = b.constant === 0 && a.min >= 0 ? a : emit('int.xor', [a, b], 0, span);
      difference = emit('int.sub', [distance, one], -1, span);
    } else difference = emit('int.sub', [a, b], a.min - b.max, a.max - b.min);
    const sign = emit('int.shr', [difference, fn.constant('int', 58)], -1, 0);
    const yes = operator === 'int.lt' || operator === 'int.eq';
    const last = yes
      ? new Instruction('int.and', [sign, one], results, 0)
      : new Instruction('int.add', [sign, one], results, 0);
    results[0].definition = last;
    instructions.push(last);
  }
  block.instructions = instructions;
}

const isTest = (operator: Operator): boolean =>
  operator === 'int.lt' || operator === 'int.ge' || operator === 'int.eq' || operator === 'int.ne';
