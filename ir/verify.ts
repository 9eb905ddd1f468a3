// Checks the invariants of the register IR. Tests run it after every pass.
//
// 1. Each block stands once in the function, has an edge to it from an earlier block (the entry: none at all) and ends
//    in a terminator. Edges go forward, but to loop headers, which dominate where those come from.
// 2. Each value is a constant, or defined once: by its block as a parameter, or by the instruction that it names. The
//    definition dominates every use.
// 3. Operators have the arguments, results and immediates of verify-operators.ts; edges fit the target's parameters;
//    nothing has a type of the other level; constants are of the form that ir.ts gives to their type.
// 4. Ranges lie within +-2^58 and contain what verify-ranges.ts computes; an edge's argument lies in its parameter's, by
//    its own range or by what verify-loops.ts finds.
import { Dominators } from './dominators.ts';
import { edges, terminatorArgs, type Block, type Edge, type Instruction, type IrFunction, type Value } from './ir.ts';
import { printInstruction, printTerminator } from './print.ts';
import { checkInstruction, isOf, typesOf, type Level } from './verify-operators.ts';
import { EdgeRanges } from './verify-loops.ts';
import { contains, Facts, SAFE } from './verify-ranges.ts';

/**
 * Checks one function in n log n steps.
 *
 * @param fn the function
 * @param level `wasm` as lowering leaves it, `words` after the pass of that name and later ones
 * @throws Error that names the function, the block and the instruction
 */
export function verifyFunction(fn: IrFunction, level: Level): void {
  new Verifier(fn, level).run();
}

class Verifier {
  private readonly fn: IrFunction;
  private readonly level: Level;
  private readonly dominators: Dominators;
  /** By value id: the value as it was defined before the place at hand. */
  private readonly defined: Value[] = [];
  private edgeRanges: EdgeRanges | undefined;
  private block: Block;
  private place: () => string = () => 'its start';

  constructor(fn: IrFunction, level: Level) {
    this.fn = fn;
    this.level = level;
    this.block = fn.blocks[0];
    this.checkBlocks();
    this.dominators = new Dominators(fn);
  }

  run(): void {
    const { fn, dominators } = this;
    let facts = new Facts();
    for (const [position, block] of fn.blocks.entries()) {
      [this.block, this.place] = [block, () => 'its start'];
      const parent = dominators.parent[position];
      if (parent < 0) this.fail('no way leads here');
      for (const param of block.params) this.define(param, undefined);
      // What holds at the end of the block before holds here where no other leads here: in a block that was cut.
      const before = fn.blocks[position - 1]?.terminator;
      const goesOn = parent === position - 1 && before?.kind === 'jump' && before.edge.target === block;
      if (!goesOn) facts = new Facts();
      for (const instruction of block.instructions) {
        for (const arg of instruction.args) this.use(arg, instruction);
        this.require(checkInstruction(instruction, this.level, { fn, facts }), instruction);
        for (const result of instruction.results) this.define(result, instruction);
        facts.pass(instruction);
      }
      this.checkTerminator(block);
    }
  }

  private checkBlocks(): void {
    const { blocks, blockCount } = this.fn;
    if (blocks.length === 0) throw new Error(`${this.fn.name}: no blocks`);
    const seen = new Set<number>();
    for (const block of blocks) {
      this.block = block;
      if (block.id < 0 || block.id >= blockCount || seen.has(block.id)) this.fail('the block has no id of its own');
      seen.add(block.id);
      if (!block.terminator) this.fail('no terminator');
    }
    const present = new Set(blocks);
    for (const block of blocks) {
      [this.block, this.place] = [block, () => printTerminator(block.terminator)];
      for (const { target } of edges(block.terminator!)) {
        if (!present.has(target)) this.fail(`b${target.id} is not in the function`);
        if (target === blocks[0]) this.fail('an edge to the entry');
      }
    }
  }

  private checkTerminator(block: Block): void {
    const { fn, level } = this;
    const terminator = block.terminator!;
    this.place = () => printTerminator(terminator);
    for (const value of terminatorArgs(terminator)) this.use(value);
    for (const edge of edges(terminator)) this.checkEdge(block, edge);
    const number = level === 'wasm' ? 'i32' : 'int';
    switch (terminator.kind) {
      case 'branch': {
        const { args, test } = terminator;
        if (args.length !== (level === 'wasm' ? 1 : 2)) this.fail('number of operands');
        if (level === 'wasm' && test !== 'ne') this.fail('a test other than ne');
        if (args.some(({ type }) => type !== number)) this.fail(`an operand that is no ${number}`);
        break;
      }
      case 'switch':
        if (terminator.index.type !== number) this.fail(`the index is no ${number}`);
        terminator.cases.forEach(({ value }, i, cases) => {
          if (!Number.isSafeInteger(value) || (i > 0 && value <= cases[i - 1].value)) this.fail('cases do not ascend');
        });
        break;
      case 'return':
        if (level === 'wasm' && terminator.values.length !== fn.results) this.fail(`${fn.results} values wanted`);
        break;
      case 'tail_call': {
        const { call } = terminator;
        if (call.operator !== 'call' && call.operator !== 'call_indirect') this.fail('no call');
        if (call.results.length > 0) this.fail('a tail call with results');
        this.require(checkInstruction(call, level, { fn, facts: new Facts() }), call);
        break;
      }
      case 'trap':
        if (terminator.reason === '') this.fail('no reason');
    }
  }

  private checkEdge(block: Block, edge: Edge): void {
    const { target, args } = edge;
    const { position } = this.dominators;
    if (position[target.id] <= position[block.id]) {
      if (!target.loop) this.fail(`an edge back to b${target.id}, which is no loop header`);
      if (!this.dominators.dominates(target, block)) this.fail(`an edge into the loop of b${target.id}`);
    }
    const { params } = target;
    if (args.length !== params.length) this.fail(`${args.length} arguments for b${target.id}, ${params.length} wanted`);
    args.forEach((arg, i) => {
      this.use(arg);
      const param = params[i];
      if (!isOf(arg.type, param.type)) this.fail(`argument ${i} for b${target.id} is ${arg.type}`);
      if (param.tupleSize > arg.tupleSize) this.fail(`argument ${i} for b${target.id} is no such tuple`);
      if (param.type !== 'int' || contains(param, arg) === undefined) return;
      this.edgeRanges ??= new EdgeRanges(this.fn, this.dominators);
      const range = contains(param, this.edgeRanges.of({ from: block, edge }, i));
      if (range !== undefined) this.fail(`argument ${i} for b${target.id}: ${range}`);
    });
  }

  // --- values ----------------------------------------------------------------------------------------------------------

  private define(value: Value, definition: Instruction | undefined): void {
    const { id, type, min, max, constant, block } = value;
    const name = `v${id}`;
    if (id < 0 || id >= this.fn.valueCount || this.defined[id]) this.fail(`${name} has no id of its own`, definition);
    if (constant !== undefined) this.fail(`${name} is a constant`, definition);
    if (block !== this.block) this.fail(`${name} names another block`, definition);
    if (value.definition !== definition) this.fail(`${name} names another definition`, definition);
    if (!typesOf(this.level).has(type)) this.fail(`${name} is ${type}, which the other level has`, definition);
    if (type === 'int' && !isRange(min, max)) this.fail(`${name} has the range ${min}..${max}`, definition);
    this.defined[id] = value;
  }

  private use(value: Value, at?: Instruction): void {
    const { id, constant, block } = value;
    if (constant !== undefined) {
      if (!isConstant(value, this.level)) this.fail(`v${id}: no constant of type ${value.type}`, at);
      return;
    }
    if (this.defined[id] !== value) this.fail(`v${id} is not defined before`, at);
    if (!this.dominators.dominates(block!, this.block)) this.fail(`v${id} is not defined on every way here`, at);
  }

  // --- failing -----------------------------------------------------------------------------------------------------------

  private require(problem: string | undefined, at: Instruction): void {
    if (problem !== undefined) this.fail(problem, at);
  }

  private fail(problem: string, at?: Instruction): never {
    throw new Error(`${this.fn.name}: b${this.block.id}: ${at ? printInstruction(at) : this.place()}: ${problem}`);
  }
}

const isRange = (min: number, max: number): boolean =>
  Number.isInteger(min) && Number.isInteger(max) && min <= max && min >= -SAFE && max <= SAFE;

const isUnsigned = (constant: unknown, bits: 32 | 64): boolean =>
  bits === 32
    ? typeof constant === 'number' && constant >>> 0 === constant
    : typeof constant === 'bigint' && BigInt.asUintN(64, constant) === constant;

function isConstant({ type, constant, min, max, block, definition }: Value, level: Level): boolean {
  if (block !== undefined || definition !== undefined || !typesOf(level).has(type)) return false;
  switch (type) {
    case 'i32':
    case 'f32':
      return isUnsigned(constant, 32);
    case 'i64':
    case 'f64':
      return isUnsigned(constant, 64);
    case 'int':
      return Number.isSafeInteger(constant) && min === constant && max === constant;
    case 'funcref':
      return constant === -1;
    case 'externref':
      return level === 'wasm' && constant === 0;
    case 'term':
      return true;
  }
}
