// From Wasm's types to machine integers: splits i64 in halves, expands numeric instructions, makes the state of the
// instance visible as values.
//
// Consumes the first level of the IR; produces the second.
import type { Range } from '../conditions.ts';
import type { LoadMnemonic, NumericMnemonic, StoreMnemonic, ValueType } from '../instructions.ts';
import { OPERATION } from '../instructions.ts';
import type { Block } from '../ir.ts';
import { Instruction, IrFunction, type Edge, type Terminator, type Type, type Value } from '../ir.ts';
import { FUEL_CELL, FUEL_MAX, type Convention, type FunctionId, type ModuleShape } from '../shape.ts';
import { atom } from '../term.ts';
import { withWindows } from '../windows.ts';
import { MASK, WordBuilder, type Word } from '../words.ts';
import { findCounters } from './counters.ts';
import type { Expansion } from './expansion.ts';
import { FuelAtHand } from './fuel-at-hand.ts';
import { EXPANSIONS, resultValues, signWord } from './numeric.ts';
import { Rotations } from './rotations.ts';
import { isWide, tupleOf, WordAccess } from './word-access.ts';

const EXPANSION: ReadonlyMap<string, Expansion> = new Map(Object.entries(EXPANSIONS));

/** Words of the frame that count as much as one nested call. */
const WORDS_A_CALL = 16;

/** A call's depth cost is at least 1; a function with a larger activation pays more. */
export interface FunctionContext {
  readonly shape: ModuleShape;
  readonly convention: Convention;
  /** Above 0 where the function is part of a cycle of calls: what one activation takes of the depth that is left. */
  readonly cost: number;
  /** Whether instructions are paid for with fuel. */
  readonly metered: boolean;
}

/**
 * Rewrites one function into machine integers.
 *
 * @param source the function in the first level
 * @param context its module and how it is called
 * @returns a new function in the second level
 */
export function splitWords(source: IrFunction, context: FunctionContext): IrFunction {
  return new Splitting(source, context).run();
}

class Splitting extends WordAccess {
  private readonly source: IrFunction;
  private readonly context: FunctionContext;
  private readonly blocks: Block[] = [];
  private root!: Value;
  /** What is left of the depth: for callees, and before this activation took its part. */
  private depth!: Value;
  private entryDepth!: Value;
  private readonly fuel: FuelAtHand;
  private readonly rotations = new Rotations();

  constructor(source: IrFunction, context: FunctionContext) {
    super(context.shape, new WordBuilder(new IrFunction(source.name, 0)));
    this.source = source;
    this.context = context;
    this.fuel = new FuelAtHand(source, context.metered, this.b, () => {
      const cells = this.stateGet(this.shape.layout.cells, FUEL_CELL);
      return { state: this.state, cells, left: this.cellGet(cells, FUEL_CELL, 0, FUEL_MAX) };
    });
  }

  run(): IrFunction {
    const { b, source } = this;
    const counters = findCounters(source);
    for (const block of source.blocks) {
      const copy = b.fn.block(block.loop);
      this.blocks[block.id] = copy;
      for (const param of block.params) {
        const words = this.parameter(copy, param.type, counters.get(param));
        words[0].exact.tupleSize = param.tupleSize;
        this.words[param.id] = words;
      }
    }
    source.blocks.forEach((block, position) => {
      b.start(this.blocks[block.id]);
      if (position === 0) this.enter();
      this.fuel.startBlock(block);
      this.rotations.count(block);
      for (const instruction of block.instructions) this.instruction(instruction);
      this.fuel.endBlock(block);
      b.block.terminator = this.terminator(block.terminator!);
    });
    return b.fn;
  }

  private parameter(block: Block, type: Type, counted?: Range): Word[] {
    const { b } = this;
    switch (type) {
      case 'i32':
        return [b.word(b.parameter(block, 'int', counted?.min ?? 0, counted?.max ?? MASK))];
      case 'i64':
        return [b.word(b.parameter(block, 'int', 0, MASK)), b.word(b.parameter(block, 'int', 0, MASK))];
      case 'funcref':
        return [b.word(b.parameter(block, 'int', -1, 2 ** 53))];
      default:
        return [b.word(b.parameter(block, type))];
    }
  }

  /** Ambient parameters, the depth check of a cycle, the frame. */
  private enter(): void {
    const { b } = this;
    const { convention } = this.context;
    const { frameWords } = this.source;
    // A large frame takes its part of the stack as well.
    const cost = this.context.cost > 0 ? Math.max(this.context.cost, 1 + Math.floor(frameWords / WORDS_A_CALL)) : 0;
    if (convention.state) {
      this.state = tupleOf(b.parameter(b.block, 'term'), this.shape.layout.size, 'state');
      b.scales = () => this.scales();
    }
    if (convention.root) this.root = tupleOf(b.parameter(b.block, 'term'), 1, 'root');
    if (convention.depth) this.entryDepth = this.depth = b.parameter(b.block, 'int', 0, 2 ** 40);
    if (cost > 0) {
      const trap = new Instruction('trap_if', [this.depth, b.int(cost)], [], 0);
      trap.test = 'lt';
      trap.text = 'call_stack_exhausted';
      b.append(trap);
      this.depth = b.emit('int.sub', [this.depth, b.int(cost)], 'int', 0, 2 ** 40);
    }
    if (frameWords > 0) {
      this.frame = tupleOf(b.fn.value('term'), frameWords, 'cells');
      b.runtime('erlang', 'make_tuple', [b.int(frameWords), b.int(0)], [this.frame], 0);
    }
  }

  // --- instructions --------------------------------------------------------------------------------------------------

  private instruction(at: Instruction): void {
    const { b } = this;
    if (this.context.metered) this.fuel.chargeLength(at, (arg) => this.exact(arg)[0]);
    const { operator, offset, args, results } = at;
    const expand = EXPANSION.get(operator);
    if (expand) {
      if (this.rotations.several(args[0])) this.words[args[0].id] = withWindows(this.wordsOf(args[0]));
      this.words[results[0].id] = expand(b, this.allWords(args), offset, operator as NumericMnemonic);
      return;
    }
    if (at.bytes > 0) return results.length > 0 ? this.load(at) : this.store(at);
    switch (operator) {
      case 'charge':
        return this.fuel.charge(b.int(at.index), offset);
      case 'select':
        return this.select(at);
      case 'memory.size':
        return this.define(results[0], [this.cellGet(this.stateGet(this.shape.layout.memoryCells, 2), 2, 0, 65536)]);
      case 'memory.grow':
        return this.memoryCall(at, [this.memory(), ...this.exacts(args)]);
      case 'memory.fill':
        return this.memoryCall(at, [this.memory(), ...this.exacts(args)]);
      case 'memory.copy': {
        const memory = this.memory();
        return this.memoryCall(at, [memory, memory, ...this.exacts(args)]);
      }
      case 'memory.init':
        return this.memoryCall(at, [this.state, this.memory(), b.int(at.index), ...this.exacts(args)]);
      case 'data.drop':
        return this.runtimeCall(at, 'wasm2beam_memory', 'data_drop', [this.state, b.int(at.index)]);
      case 'elem.drop':
        return this.tableCall(at, [at.index]);
      case 'table.get':
      case 'table.set':
      case 'table.size':
      case 'table.grow':
      case 'table.fill':
        return this.tableCall(at, [at.index]);
      case 'table.copy':
        return this.tableCall(at, [at.index, at.index2]);
      case 'table.init':
        // The runtime takes the table first, the binary format the segment.
        return this.tableCall(at, [at.index2, at.index]);
      case 'global.get':
        return this.globalGet(at);
      case 'global.set':
        return this.globalSet(at);
      case 'ref.func':
        return this.define(results[0], [
          b.emit('int.add', [this.stateInt(this.shape.layout.base), b.int(at.index)], 'int', 0, 2 ** 53),
        ]);
      case 'ref.is_null':
        return this.isNull(at);
      case 'frame.get':
        return this.frameGet(at);
      case 'frame.set':
        return this.frameSet(at);
      case 'boxes.new': {
        const boxes = tupleOf(b.fn.value('term'), at.index);
        if (at.index > 0) b.runtime('erlang', 'make_tuple', [b.int(at.index), b.term(atom('null'))], [boxes], 0);
        this.words[results[0].id] = [b.word(at.index > 0 ? boxes : b.term(atom('null')))];
        return;
      }
      case 'boxes.get':
        return this.runtimeCall(at, 'erlang', 'element', [b.int(at.index + 1), ...this.exacts(args)]);
      case 'boxes.set': {
        const boxes = b.fn.value('term');
        b.runtime('erlang', 'setelement', [b.int(at.index + 1), ...this.exacts(args)], [boxes], 0);
        return this.define(results[0], [boxes]);
      }
      case 'pack':
        return this.define(results[0], [tupleOf(b.emit('tuple', this.exacts(args), 'term'), results[0].tupleSize)]);
      case 'unpack':
        return this.unpack(at);
      case 'call':
      case 'call_indirect': {
        const values = this.callResults(results);
        const { call, convention } = this.call(at, values, this.depth);
        b.append(call);
        this.defineAll(results, values);
        this.afterCall(convention);
        this.fuel.lose();
        return;
      }
      default:
        throw new Error(`no second level for ${operator}`);
    }
  }

  private select({ args, results }: Instruction): void {
    const { b } = this;
    const condition = this.exact(args[0])[0];
    const [yes, no] = [this.exact(args[1]), this.exact(args[2])];
    if (typeof condition.constant === 'number') return this.define(results[0], condition.constant !== 0 ? yes : no);
    const words = yes.map((value, i) => {
      if (value === no[i]) return value;
      const [min, max] = [Math.min(value.min, no[i].min), Math.max(value.max, no[i].max)];
      return b.emit('select.ne', [condition, b.int(0), value, no[i]], value.type, min, max);
    });
    this.define(results[0], words);
  }

  private memoryCall(at: Instruction, args: Value[]): void {
    this.runtimeCall(at, 'wasm2beam_memory', at.operator.slice('memory.'.length), args);
    this.afterCall(this.context.convention);
  }

  private tableCall(at: Instruction, indices: readonly number[]): void {
    const name = at.operator === 'elem.drop' ? 'elem_drop' : at.operator.slice('table.'.length);
    const args = [this.state, ...indices.map((index) => this.b.int(index)), ...this.exacts(at.args)];
    this.runtimeCall(at, 'wasm2beam_table', name, args);
  }

  /** The memory may have another root by now. */
  private afterCall(callee: Convention): void {
    if (callee.root) this.b.append(new Instruction('root.refresh', [this.root, this.state], [], 0));
  }

  // --- memory: spec: exec/instructions#memory-instructions -------------------------------------------------------------

  private memory(): Value {
    return this.stateGet(this.shape.layout.memory);
  }

  private address(base: Value, displacement: number): Value {
    return this.b.add(this.exact(base)[0], this.b.int(displacement));
  }

  private loadWord(address: Value, bytes: number, offset: number): Value {
    const value = this.b.fn.value('int', 0, 2 ** (8 * bytes) - 1);
    const load = new Instruction('mem.load', [address, this.root, this.state], [value], offset);
    load.bytes = bytes;
    this.b.append(load);
    return value;
  }

  private load({ operator, args, results, displacement, bytes, offset }: Instruction): void {
    const { b } = this;
    const address = this.address(args[0], displacement);
    const type = OPERATION[operator as LoadMnemonic].results![0];
    if (bytes === 8) {
      const words = [b.fn.value('int', 0, MASK), b.fn.value('int', 0, MASK)];
      const load = new Instruction('mem.load64', [address, this.root, this.state], words, offset);
      load.bytes = bytes;
      b.append(load);
      return this.define(results[0], type === 'f64' ? [b.floatFromBits('f64', words)] : words);
    }
    const low = this.loadWord(address, bytes, offset);
    if (type === 'f32') return this.define(results[0], [b.floatFromBits('f32', [low])]);
    let word = b.word(low);
    if (operator.endsWith('_s')) {
      const sign = b.int(2 ** (8 * bytes - 1));
      const signed = b.sub(b.xor(low, sign), sign);
      word = b.masked(signed);
      if (isWide(type)) return void (this.words[results[0].id] = [signWord(b, signed), word]);
    }
    this.words[results[0].id] = isWide(type) ? [b.word(b.int(0)), word] : [word];
  }

  private store({ operator, args, displacement, bytes, offset }: Instruction): void {
    const { b } = this;
    const address = this.address(args[0], displacement);
    const type = OPERATION[operator as StoreMnemonic].parameters![1];
    const exact = this.exact(args[1]);
    const words = type === 'f32' || type === 'f64' ? this.b.floatBits(type, exact[0]) : exact;
    const operands = [this.root, address, ...(bytes === 8 ? words : [words.at(-1)!]), this.state];
    const store = new Instruction(bytes === 8 ? 'mem.store64' : 'mem.store', operands, [], offset);
    store.bytes = bytes;
    b.append(store);
  }

  private globalGet(at: Instruction): void {
    const { index, results } = at;
    const type = this.shape.globals[index];
    const size = type === 'externref' ? 0 : type === 'i64' || type === 'f64' ? 2 : 1;
    const cell = this.stateGet(this.shape.layout.global(index), size);
    switch (type) {
      case 'externref':
        return this.runtimeCall(at, 'wasm2beam_global', 'get', [cell]);
      case 'funcref':
        return this.define(results[0], [this.cellGet(cell, 1, -1, 2 ** 53)]);
      case 'i32':
        return this.define(results[0], [this.cellGet(cell, 1)]);
      case 'f32':
        return this.define(results[0], [this.b.floatFromBits('f32', [this.cellGet(cell, 1)])]);
      default: {
        const words = [this.cellGet(cell, 1), this.cellGet(cell, 2)];
        return this.define(results[0], type === 'f64' ? [this.b.floatFromBits('f64', words)] : words);
      }
    }
  }

  private globalSet(at: Instruction): void {
    const type = this.shape.globals[at.index];
    const slot = this.shape.layout.global(at.index);
    const exact = this.exact(at.args[0]);
    if (type === 'externref') {
      return this.runtimeCall(at, 'wasm2beam_global', 'set', [this.stateGet(slot), exact[0]]);
    }
    const words = type === 'f32' || type === 'f64' ? this.b.floatBits(type, exact[0]) : exact;
    const cell = this.stateGet(slot, words.length);
    words.forEach((word, i) => this.cellSet(cell, i + 1, word));
  }

  private isNull({ args, results }: Instruction): void {
    const { b } = this;
    const reference = this.exact(args[0])[0];
    if (args[0].type === 'funcref') return this.define(results[0], [b.test('lt', reference, b.int(0))]);
    const isNull = [reference, b.term({ atom: 'null' }), b.int(1), b.int(0)];
    this.define(results[0], [b.emit('select.eq', isNull, 'int', 0, 1)]);
  }

  private unpack({ index, args, results }: Instruction): void {
    const chunk = this.exact(args[0])[0];
    const values = resultValues(this.b, [results[0].type as ValueType]);
    values.forEach((value, i) => {
      const get = new Instruction('element', [chunk], [value], 0);
      get.index = index + i;
      this.b.append(get);
    });
    this.define(results[0], values);
  }

  // --- calls -----------------------------------------------------------------------------------------------------------

  private callResults(results: readonly Value[]): Value[] {
    if (results[0]?.type === 'term') return results.map(({ tupleSize }) => tupleOf(this.b.fn.value('term'), tupleSize));
    return resultValues(
      this.b,
      results.map((result) => result.type as ValueType),
    );
  }

  /** A call of a function of the module: its own, an import's stub, or a dispatcher. */
  private call(at: Instruction, results: Value[], depth: Value): { call: Instruction; convention: Convention } {
    const indirect = at.operator === 'call_indirect';
    const callee: FunctionId = indirect ? this.shape.dispatcher(at.index) : at.index;
    const convention = indirect ? this.shape.dispatch : this.shape.convention(at.index);
    const args = this.exacts(indirect ? at.args.slice(0, -1) : at.args);
    if (convention.state) args.push(this.state);
    if (convention.root) args.push(this.root);
    if (convention.depth) args.push(depth);
    // A dispatcher takes the function last, so that its arguments are in place for the call that it makes.
    if (indirect) args.push(this.tableElement(at));
    const call = new Instruction('call', args, results, at.offset);
    call.index = callee;
    return { call, convention };
  }

  private tableElement(at: Instruction): Value {
    const index = this.exact(at.args.at(-1)!)[0];
    const element = this.b.fn.value('int', -1, 2 ** 53);
    const get = new Instruction('table.element', [this.state, index], [element], at.offset);
    get.index = at.index2;
    get.index2 = this.shape.layout.table(at.index2);
    this.b.append(get);
    return element;
  }

  // --- terminators -------------------------------------------------------------------------------------------------------

  private terminator(source: Terminator): Terminator {
    switch (source.kind) {
      case 'jump':
        return { kind: 'jump', edge: this.edge(source.edge) };
      case 'branch': {
        const condition = this.exact(source.args[0])[0];
        return {
          kind: 'branch',
          test: 'ne',
          args: [condition, this.b.int(0)],
          then: this.edge(source.then),
          else: this.edge(source.else),
        };
      }
      case 'switch': {
        // Edges shared by several cases stay shared.
        const copies = new Map<Edge, Edge>();
        const copy = (edge: Edge): Edge => {
          if (!copies.has(edge)) copies.set(edge, this.edge(edge));
          return copies.get(edge)!;
        };
        const cases = source.cases.map(({ value, edge }) => ({ value, edge: copy(edge) }));
        return { kind: 'switch', index: this.exact(source.index)[0], cases, otherwise: copy(source.otherwise) };
      }
      case 'return':
        return { kind: 'return', values: this.exacts(source.values) };
      case 'tail_call':
        // Its activation ends here: the callee may use all the depth that it had.
        return { kind: 'tail_call', call: this.call(source.call, [], this.entryDepth).call };
      case 'trap':
        return source;
    }
  }

  private edge({ target, args }: Edge): Edge {
    return { target: this.blocks[target.id], args: this.exacts(args) };
  }
}
