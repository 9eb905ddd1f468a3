// The operand stack and the locals of a function while it is lowered, and the block that instructions go to.
//
// Upper entries of the stack, and locals that scan.ts finds no register for, live in the frame, a tuple of words, or if
// they are externrefs in the boxes, a tuple of terms that a pseudo-local holds.
import type { ValueType } from '../ir/instructions.ts';
import type { Block, IrFunction } from '../ir/ir.ts';
import { Instruction, type Operator, type Terminator, type Type, type Value } from '../ir/ir.ts';
import { chunksOf, slotsOf, wordsOf } from '../ir/shape.ts';
import type { Inlinable } from './inline.ts';
import type { Code, Module } from './module.ts';
import { scanLocals, type Homes } from './scan.ts';

/** An operand: a value, or the type of one that lives in the frame at its position. */
export type Operand = Value | ValueType;

export interface LoweringOptions {
  /** Whether to keep few values alive at once. */
  readonly frugal?: boolean;
  /** Instructions are paid for with fuel: what callers pay of a function's first charge, by index; it may be empty. */
  readonly prices?: readonly number[];
  /** Functions whose bodies may stand in place of calls, by index: what findInlinable gives. */
  readonly inlinable?: ReadonlyMap<number, Inlinable>;
}

export class Operands {
  protected readonly fn: IrFunction;
  protected homes: Homes;
  /** Where externrefs live that find no register: a pseudo-local behind the others holds their tuple. */
  protected readonly boxes: Instruction;
  protected boxesLocal: number;
  protected readonly stack: Operand[] = [];
  /** Current values of the register locals, by position; shared with snapshots until the next write. */
  protected locals: Value[] = [];
  protected localsShared = false;
  protected block: Block;
  protected reachable = true;
  /** In a metered function: what is charged for the instructions from the last branch or label on. */
  protected charge: Instruction | undefined;
  /** Of the Wasm instruction at hand. */
  protected offset: number;
  private readonly metered: boolean;
  private readonly zeros = new Map<ValueType, Value>();
  private frameWords: number;

  constructor(module: Module, parameters: readonly ValueType[], code: Code, fn: IrFunction, options: LoweringOptions) {
    this.fn = fn;
    this.homes = scanLocals(module, code, parameters, options.frugal === true);
    this.metered = options.prices !== undefined;
    this.offset = code.body.start;
    this.frameWords = this.homes.words;
    this.block = fn.block();
    this.boxesLocal = this.homes.registers.length;
    this.boxes = new Instruction('boxes.new', [], [fn.value('term')], 0);
    this.boxes.index = this.homes.boxes;
  }

  /** Parameters and the first values of locals. */
  protected receive(parameters: readonly ValueType[]): void {
    const chunks = chunksOf(parameters);
    const values = chunks ? undefined : parameters.map((type) => this.parameter(this.block, type));
    const packed = chunks?.map(({ slots }) => this.chunk(this.block, slots));
    this.append(this.boxes);
    this.locals[this.boxesLocal] = this.boxes.results[0];
    this.homes.registers.forEach((type, position) => (this.locals[position] = this.zero(type)));
    for (const [index, { type, slot }] of this.homes.locals) {
      // The frame begins with zeros, and null is none.
      if (type === 'funcref' && slot >= 0 && index >= parameters.length) this.emitFrameSet(slot, this.zero(type));
    }
    values?.forEach((value, index) => this.setLocal(index, value));
    chunks?.forEach(({ from, to }, chunk) => {
      this.unpack(packed![chunk], parameters.slice(from, to), (value, i) => this.setLocal(from + i, value));
    });
  }

  /** Ends the function: its frame has its size. */
  protected finish(): void {
    this.fn.frameWords = this.frameWords;
  }

  protected startBlock(block: Block): void {
    this.fn.blocks.push(block);
    this.block = block;
    this.reachable = true;
    if (this.metered) this.append((this.charge = new Instruction('charge', [], [], this.offset)));
  }

  protected terminate(terminator: Terminator): void {
    this.block.terminator = terminator;
    this.reachable = false;
  }

  protected push(operand: Value): void {
    const position = this.stack.length;
    if (position < this.homes.operands) this.stack.push(operand);
    else {
      this.emitFrameSet(this.slotOf(position, operand.type), operand);
      this.stack.push(operand.type as ValueType);
    }
  }

  protected pop(): Value {
    const value = this.operand(this.stack.length - 1);
    this.stack.pop();
    return value;
  }

  protected pops(count: number): Value[] {
    const from = this.stack.length - count;
    const values: Value[] = [];
    for (let i = 0; i < count; i++) values.push(this.operand(from + i));
    for (let i = 0; i < count; i++) this.stack.pop();
    return values;
  }

  protected drop(): void {
    this.stack.pop();
  }

  protected operand(position: number): Value {
    const operand = this.stack[position];
    return typeof operand === 'string' ? this.emitFrameGet(this.slotOf(position, operand), operand) : operand;
  }

  protected registerOperands(from: number, count: number): Value[] {
    const values: Value[] = [];
    for (let position = from; position < from + count && position < this.homes.operands; position++) {
      values.push(this.operand(position));
    }
    return values;
  }

  /** Where an operand at this position of the stack lives; one of either kind has its own place. */
  protected slotOf(position: number, type: Type): number {
    const above = position - this.homes.operands;
    return type === 'externref' ? this.homes.boxes + above : this.homes.words + 2 * above;
  }

  protected getLocal(index: number): Value {
    const { type, position, slot } = this.homes.locals.get(index)!;
    return slot < 0 ? this.locals[position] : this.emitFrameGet(slot, type);
  }

  /** A parameter that the body does not name has no home and is dropped. */
  protected setLocal(index: number, value: Value): void {
    const home = this.homes.locals.get(index);
    if (!home) return;
    if (home.slot >= 0) this.emitFrameSet(home.slot, value);
    else this.replaceLocal(home.position, value);
  }

  protected replaceLocal(position: number, value: Value): void {
    if (this.localsShared) {
      this.locals = this.locals.slice();
      this.localsShared = false;
    }
    this.locals[position] = value;
  }

  protected snapshot(): Value[] {
    this.localsShared = true;
    return this.locals;
  }

  protected typeOfLocal(position: number): Type {
    return position === this.boxesLocal ? 'term' : this.homes.registers[position];
  }

  protected parameter(block: Block, type: Type): Value {
    const value = this.fn.value(type);
    value.block = block;
    block.params.push(value);
    return value;
  }

  protected nullOf(type: ValueType): Value {
    return this.fn.constant(type, type === 'funcref' ? -1 : 0);
  }

  protected zero(type: ValueType): Value {
    let value = this.zeros.get(type);
    if (!value) {
      if (type === 'funcref' || type === 'externref') value = this.nullOf(type);
      else value = this.fn.constant(type, type === 'i64' || type === 'f64' ? 0n : 0);
      this.zeros.set(type, value);
    }
    return value;
  }

  // --- instructions ------------------------------------------------------------------------------------------------

  protected append(instruction: Instruction): void {
    for (const result of instruction.results) {
      result.block = this.block;
      result.definition = instruction;
    }
    this.block.instructions.push(instruction);
  }

  protected emit(operator: Operator, args: Value[], type: ValueType, offset: number): Value {
    const value = this.fn.value(type);
    this.append(new Instruction(operator, args, [value], offset));
    return value;
  }

  protected emitFrameGet(slot: number, type: ValueType): Value {
    const value = this.fn.value(type);
    const boxed = type === 'externref';
    const args = boxed ? [this.locals[this.boxesLocal]] : [];
    const instruction = new Instruction(boxed ? 'boxes.get' : 'frame.get', args, [value], 0);
    instruction.index = slot;
    this.append(instruction);
    return value;
  }

  protected emitFrameSet(slot: number, value: Value): void {
    if (value.type === 'externref') {
      const boxes = this.fn.value('term');
      const instruction = new Instruction('boxes.set', [this.locals[this.boxesLocal], value], [boxes], 0);
      instruction.index = slot;
      this.append(instruction);
      this.replaceLocal(this.boxesLocal, boxes);
      this.boxes.index = Math.max(this.boxes.index, slot + 1);
      return;
    }
    this.frameWords = Math.max(this.frameWords, slot + wordsOf(value.type as ValueType));
    const instruction = new Instruction('frame.set', [value], [], 0);
    instruction.index = slot;
    this.append(instruction);
  }

  protected chunk(block: Block | undefined, slots: number): Value {
    const value = this.fn.value('term');
    value.tupleSize = slots;
    if (block) {
      value.block = block;
      block.params.push(value);
    }
    return value;
  }

  protected unpack(chunk: Value, types: readonly ValueType[], take: (value: Value, index: number) => void): void {
    let slot = 0;
    types.forEach((type, index) => {
      const value = this.fn.value(type);
      const instruction = new Instruction('unpack', [chunk], [value], 0);
      instruction.index = slot;
      this.append(instruction);
      slot += slotsOf(type);
      take(value, index);
    });
  }

  /** Takes operands off the stack as they are passed and returned: one by one, or in tuples. */
  protected popsPassed(types: readonly ValueType[]): Value[] {
    const chunks = chunksOf(types);
    if (!chunks) return this.pops(types.length);
    const base = this.stack.length - types.length;
    const packed = chunks.map(({ from, to, slots }) => {
      const value = this.chunk(undefined, slots);
      const values = Array.from({ length: to - from }, (_, i) => this.operand(base + from + i));
      this.append(new Instruction('pack', values, [value], 0));
      return value;
    });
    this.stack.length = base;
    return packed;
  }
}
