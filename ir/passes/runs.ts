// Gathers the float instructions of a block into runs, which the back end computes in float registers.
//
// Consumes the second level of the IR, in place. A run has no effect and no trap, so it may stand anywhere between the
// last of its operands and the first use of a result; it stands as late as it can, but not behind a call, across which
// its operands would have to be kept. Where the words of a float are wanted, those of others that can be had are made, too:
// they share a binary.
import { Instruction, type Block, type IrFunction, type Operator, type Value } from '../ir.ts';
import { edges, terminatorArgs } from '../ir.ts';

/** `index` of a float.test that the branch behind it decides by itself. */
export const ASKED_BY_BRANCH = 1;

/** Instructions of which runs consist. */
const IN_RUNS: ReadonlySet<Operator> = new Set<Operator>(['float.arith', 'float.from_bits', 'float.from_int']);

/** What a guard function of Erlang does as well where it stands alone. */
const ALONE: ReadonlySet<string> = new Set(['f64.add', 'f64.sub', 'f64.mul', 'f64.div', 'f64.neg', 'f32.neg']);

/** At three float registers an instruction and a few more, there are enough: 128. */
const LONGEST = 24;

/** Conversions to words that share a binary. */
const TOGETHER = 8;
/** How many instructions ahead they are looked for. */
const AHEAD = 200;

/** Instructions that a run does not wait behind. */
const CALLS: ReadonlySet<Operator> = new Set<Operator>(['call', 'call_protected', 'call_fun', 'runtime']);

/**
 * Replaces float instructions that stand together, or could, by a run of them; one alone stays as it is. Joins
 * conversions to words. Marks the comparisons of floats that only the branch behind them asks for.
 */
export function gatherRuns(fn: IrFunction): void {
  const isFloat = ({ operator }: Instruction): boolean =>
    IN_RUNS.has(operator) || operator === 'float.test' || operator === 'float.bits';
  const blocks = fn.blocks.filter(({ instructions }) => instructions.some(isFloat));
  if (blocks.length === 0) return;
  const uses = countUses(fn);
  for (const block of blocks) {
    gather(block, uses);
    markTest(block, uses);
  }
}

/** A branch on one comparison of floats, which stands right before it and has no other use. */
function markTest({ instructions, terminator }: Block, uses: Uint32Array): void {
  const last = instructions.at(-1);
  if (last?.operator !== 'float.test' || terminator?.kind !== 'branch') return;
  const [asked, zero] = terminator.args;
  const isOnBit = terminator.test === 'ne' || terminator.test === 'eq';
  if (isOnBit && asked === last.results[0] && zero.constant === 0 && uses[asked.id] === 1) last.index = ASKED_BY_BRANCH;
}

/** By value id: how often it is read. */
function countUses(fn: IrFunction): Uint32Array {
  const uses = new Uint32Array(fn.valueCount);
  const use = ({ id }: Value): void => {
    uses[id]++;
  };
  for (const block of fn.blocks) {
    for (const { args } of block.instructions) args.forEach(use);
    terminatorArgs(block.terminator!).forEach(use);
    for (const { args } of new Set(edges(block.terminator!))) args.forEach(use);
  }
  return uses;
}

function gather(block: Block, uses: Uint32Array): void {
  const instructions: Instruction[] = [];
  const waiting: Instruction[] = [];
  const made = new Set<Value>();
  const taken = new Set<Instruction>();
  const flush = (): void => {
    if (waiting.length > 1 || waiting.some(({ name }) => name !== '' && !ALONE.has(name))) {
      instructions.push(makeRun(waiting.slice(), uses));
    } else instructions.push(...waiting);
    waiting.length = 0;
    made.clear();
  };
  block.instructions.forEach((instruction, index) => {
    if (taken.has(instruction)) return;
    if (IN_RUNS.has(instruction.operator)) {
      waiting.push(instruction);
      for (const result of instruction.results) made.add(result);
      if (waiting.length === LONGEST) flush();
      return;
    }
    if (instruction.operator === 'float.bits') {
      const { conversions, before } = conversionsFrom(block.instructions, index, taken, LONGEST - waiting.length);
      waiting.push(...before);
      flush();
      instructions.push(conversions.length > 1 ? joinConversions(conversions) : instruction);
      for (const early of [...conversions, ...before]) taken.add(early);
      return;
    }
    if (CALLS.has(instruction.operator) || instruction.args.some((arg) => made.has(arg))) flush();
    instructions.push(instruction);
  });
  flush();
  block.instructions = instructions;
}

/**
 * The conversion to words at a place and others like it further on whose operands can be had there, and what of runs has
 * to be done before, at most `room` of it.
 */
function conversionsFrom(
  instructions: readonly Instruction[],
  index: number,
  taken: ReadonlySet<Instruction>,
  room: number,
): { conversions: Instruction[]; before: Instruction[] } {
  const conversions = [instructions[index]];
  const before: Instruction[] = [];
  const available = new Map<Value, Instruction>();
  // What is known only behind them, words of theirs first of all.
  const late = new Set<Value>(conversions[0].results);
  for (const at of instructions.slice(index + 1, index + AHEAD)) {
    if (CALLS.has(at.operator) || conversions.length === TOGETHER) break;
    if (taken.has(at)) continue;
    const isLate = at.args.some((arg) => late.has(arg));
    if (!isLate && IN_RUNS.has(at.operator)) {
      available.set(at.results[0], at);
      continue;
    }
    const wanted = new Set<Instruction>();
    if (!isLate && at.operator === 'float.bits' && at.name === conversions[0].name) {
      for (const arg of at.args) collect(arg, available, wanted);
      if (before.length + wanted.size <= room) {
        conversions.push(at);
        before.push(...wanted);
        for (const { results } of wanted) available.delete(results[0]);
      }
    }
    for (const result of at.results) late.add(result);
  }
  return { conversions, before };
}

/** Adds what makes a value, operands first. */
function collect(value: Value, available: ReadonlyMap<Value, Instruction>, to: Set<Instruction>): void {
  const instruction = available.get(value);
  if (!instruction || to.has(instruction)) return;
  for (const arg of instruction.args) collect(arg, available, to);
  to.add(instruction);
}

/** One instruction for several floats; each has its words in turn. */
function joinConversions(conversions: readonly Instruction[]): Instruction {
  const joined = new Instruction(
    'float.bits',
    conversions.flatMap(({ args }) => args),
    conversions.flatMap(({ results }) => results),
    0,
  );
  joined.name = conversions[0].name;
  for (const result of joined.results) result.definition = joined;
  return joined;
}

function makeRun(body: readonly Instruction[], uses: Uint32Array): Instruction {
  const inside = new Map<Value, number>();
  const operands = new Set<Value>();
  for (const { args, results } of body) {
    for (const arg of args) {
      const count = inside.get(arg);
      if (count !== undefined) inside.set(arg, count + 1);
      else if (arg.constant === undefined) operands.add(arg);
    }
    for (const result of results) inside.set(result, 0);
  }
  const results = [...inside].filter(([value, count]) => uses[value.id] > count).map(([value]) => value);
  const run = new Instruction('float.run', [...operands], results, 0);
  run.body = body;
  for (const result of results) result.definition = run;
  return run;
}
