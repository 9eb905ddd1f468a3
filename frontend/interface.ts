// The functions around a module's own: stubs of imports, dispatchers of call_indirect, and what the embedder calls.
//
// Produces functions in the second level of the IR. Values of the embedder and of generated code, and the functions of
// the runtime that turn one into the other: docs/abi.md.
import { resultValues } from '../ir/passes/numeric.ts';
import { Instruction, IrFunction, type Value } from '../ir/ir.ts';
import {
  chunksOf,
  FUEL_CELL,
  FUEL_MAX,
  type Convention,
  type FunctionId,
  type FunctionSignature,
  type StateLayout,
} from '../ir/shape.ts';
import { atom, list, type Term } from '../ir/term.ts';
import type { ValueType } from '../ir/instructions.ts';
import { MASK, WordBuilder } from '../ir/words.ts';
import { signatureTerm, type RemoteFunction } from './describe.ts';

/** BEAM functions take at most 255 arguments; some are the instance and the like. */
export const PLAIN_PARAMETERS = 250;
/** The fun of an imported function takes at most so many: the runtime cannot make funs of any arity. docs/abi.md */
const HOST_PARAMETERS = 20;
/** What is left of the depth where no instance says so: a module without state. */
const DEFAULT_DEPTH = 100_000;
const DEPTH_MAX = 2 ** 40;
const CALLS_MAX = 2 ** 52 - 1;

export interface InterfaceContext {
  readonly moduleName: string;
  readonly layout: StateLayout;
  readonly hasMemory: boolean;
  /** Whether instructions are paid for with fuel. */
  readonly metered: boolean;
  /** Whether calls may leave the module: then cells hold the depth meanwhile, and must be put right afterwards. */
  readonly leaves: boolean;
}

/** Units of fuel for the instructions of a function that run in any case, and the offset of its body. */
export interface Price {
  readonly units: number;
  readonly offset: number;
}

type Ambient = Record<'state' | 'root' | 'depth', Value>;

export class InterfaceBuilder {
  private readonly context: InterfaceContext;

  constructor(context: InterfaceContext) {
    this.context = context;
  }

  /** The stub of an imported function, called like a function of the module. */
  importStub(name: string, index: number, type: FunctionSignature, bound: RemoteFunction | undefined): IrFunction {
    const b = begin(name);
    const words = parameters(b, type.parameters);
    const ambient = this.ambientParameters(b);
    this.saveDepth(b, ambient);
    const args = this.argumentsForApi(b, type.parameters, words, bound ? PLAIN_PARAMETERS : HOST_PARAMETERS);
    const result = b.fn.value('term');
    if (bound) b.runtime(bound.module, bound.name, args, [result], 0);
    else {
      const callee = this.stateGet(b, ambient.state, this.context.layout.import(index));
      b.append(new Instruction('call_fun', [...args, callee], [result], 0));
    }
    this.poll(b, ambient);
    this.returnFromApi(b, type.results, result);
    return b.fn;
  }

  /**
   * call_indirect of one type: finds the function that a reference names. It takes the reference last, so that a call of
   * a function of the module finds its arguments in place.
   */
  dispatcher(
    name: string,
    type: FunctionSignature,
    functions: readonly number[],
    conventions: readonly Convention[],
    prices: readonly number[] = [],
  ): IrFunction {
    const b = begin(name);
    const words = parameters(b, type.parameters);
    const ambient = this.ambientParameters(b);
    const reference = b.parameter(b.block, 'int', -1, 2 ** 53);
    const base = b.emit('state.get', [ambient.state], 'int', 0, 2 ** 53);
    base.definition!.index = this.context.layout.base;
    const entry = b.block;
    const foreign = b.fn.block();
    const cases = functions.map((index) => {
      const block = b.fn.block();
      b.start(block);
      this.pay(b, ambient.state, prices[index]);
      const call = new Instruction('call', [...words, ...pick(ambient, conventions[index])], [], 0);
      call.index = index;
      block.terminator = { kind: 'tail_call', call };
      return { value: index, edge: { target: block, args: [] } };
    });
    b.block = entry;
    const index = b.sub(reference, base);
    const otherwise = { target: foreign, args: [] };
    entry.terminator = { kind: 'switch', index, cases, otherwise };
    b.start(foreign);
    this.saveDepth(b, ambient);
    const args = this.listForApi(b, type.parameters, words);
    const result = b.fn.value('term');
    b.runtime('wasm2beam_table', 'call', [ambient.state, reference, b.term(signatureTerm(type)), args], [result], 0);
    this.poll(b, ambient);
    this.returnFromApi(b, type.results, result);
    return b.fn;
  }

  /**
   * What the embedder calls: values of the API in and out. `handle`: whether it takes the instance. `price`: units of
   * fuel that the function costs in any case, and where it begins.
   */
  entryPoint(
    name: string,
    type: FunctionSignature,
    callee: FunctionId,
    convention: Convention,
    handle: boolean,
    price?: Price,
  ): IrFunction {
    const b = begin(name);
    const instance = handle ? b.parameter(b.block, 'term') : undefined;
    const args = apiParameters(b, type);
    this.callFromApi(b, type, callee, convention, instance, args, [], price);
    return b.fn;
  }

  /** The same for a function that a reference names. */
  indirectEntryPoint(
    name: string,
    type: FunctionSignature,
    dispatcher: FunctionId,
    convention: Convention,
  ): IrFunction {
    const b = begin(name);
    const instance = b.parameter(b.block, 'term');
    const reference = b.parameter(b.block, 'int', -1, 2 ** 53);
    const args = apiParameters(b, type);
    this.callFromApi(b, type, dispatcher, convention, instance, args, [reference], undefined);
    return b.fn;
  }

  /** '$wasm2beam'(info): the description; '$wasm2beam'(inlined): the table of inlined calls, where there is one. */
  description(name: string, description: Term, inlined: Uint8Array | undefined): IrFunction {
    const b = begin(name);
    const asked = b.parameter(b.block, 'term');
    let answer = b.term(atom('undefined'));
    if (inlined)
      answer = b.emit('select.eq', [asked, b.term(atom('inlined')), b.term({ binary: inlined }), answer], 'term');
    answer = b.emit('select.eq', [asked, b.term(atom('info')), b.term(description), answer], 'term');
    b.block.terminator = { kind: 'return', values: [answer] };
    return b.fn;
  }

  /** '$wasm2beam'(whole), of a part of a module: what it is a part of. */
  membership(name: string): IrFunction {
    const b = begin(name);
    const asked = b.parameter(b.block, 'term');
    const whole = b.term(atom(this.context.moduleName));
    const answer = b.emit('select.eq', [asked, b.term(atom('whole')), whole, b.term(atom('undefined'))], 'term');
    b.block.terminator = { kind: 'return', values: [answer] };
    return b.fn;
  }

  // --- pieces ----------------------------------------------------------------------------------------------------------

  private callFromApi(
    b: WordBuilder,
    type: FunctionSignature,
    callee: FunctionId,
    convention: Convention,
    instance: Value | undefined,
    args: readonly Value[],
    trailing: readonly Value[],
    price: Price | undefined,
  ): void {
    const { layout, leaves, metered, moduleName } = this.context;
    const ambient: Partial<Ambient> = {};
    let cells: Value | undefined;
    if (instance) {
      ambient.state = b.fn.value('term');
      ambient.state.tupleSize = layout.size;
      ambient.state.role = 'state';
      b.runtime(
        metered ? 'wasm2beam_fuel' : 'wasm2beam_instance',
        'enter',
        [instance, b.term(atom(moduleName))],
        [ambient.state],
        0,
      );
    }
    if (instance) this.countCall(b, ambient.state!);
    const words = argumentsFromApi(b, type.parameters, args);
    if (convention.root) ambient.root = this.root(b, ambient.state!);
    if (convention.depth) {
      if (instance) {
        cells = this.stateGet(b, ambient.state!, layout.cells);
        cells.tupleSize = 1;
        cells.role = 'cells';
        ambient.depth = b.emit('cell.get', [cells], 'int', 0, DEPTH_MAX);
        ambient.depth.definition!.index = 1;
      } else ambient.depth = b.int(DEFAULT_DEPTH);
    }
    if (instance && price) this.pay(b, ambient.state!, price.units, price.offset);
    const packed = chunksOf(type.results) !== undefined;
    const results = packed ? [b.fn.value('term')] : resultValues(b, type.results);
    const protect = leaves && cells !== undefined;
    const all = [...words, ...pick(ambient as Ambient, convention), ...trailing];
    const operator = protect ? 'call_protected' : 'call';
    const call = new Instruction(operator, protect ? [...all, cells!, ambient.depth!] : all, results, 0);
    call.index = callee;
    b.append(call);
    const values = packed ? [unpack(b, type.results, results[0])] : this.toApi(b, type.results, results);
    const returned = values.length > 1 ? [b.emit('tuple', values, 'term')] : values;
    b.block.terminator = { kind: 'return', values: returned };
  }

  private countCall(b: WordBuilder, state: Value): void {
    const cells = this.stateGet(b, state, this.context.layout.calls);
    cells.tupleSize = 1;
    cells.role = 'cells';
    const count = b.emit('cell.get', [cells], 'int', 0, CALLS_MAX);
    count.definition!.index = 1;
    const set = new Instruction('cell.set', [cells, b.and(b.add(count, b.int(1)), b.int(CALLS_MAX))], [], 0);
    set.index = 1;
    b.append(set);
  }

  private ambientParameters(b: WordBuilder): Ambient {
    const state = b.parameter(b.block, 'term');
    state.tupleSize = this.context.layout.size;
    state.role = 'state';
    const root = this.context.hasMemory ? b.parameter(b.block, 'term') : state;
    if (this.context.hasMemory) {
      root.tupleSize = 1;
      root.role = 'root';
    }
    return { state, root, depth: b.parameter(b.block, 'int', 0, DEPTH_MAX) };
  }

  private stateGet(b: WordBuilder, state: Value, index: number): Value {
    const value = b.emit('state.get', [state], 'term');
    value.definition!.index = index;
    return value;
  }

  private root(b: WordBuilder, state: Value): Value {
    const root = b.fn.value('term');
    root.tupleSize = 1;
    root.role = 'root';
    const memory = this.stateGet(b, state, this.context.layout.memory);
    b.runtime('wasm2beam_memory', 'root', [memory], [root], 0);
    return root;
  }

  /** Whoever calls back in goes on counting from here. */
  private saveDepth(b: WordBuilder, { state, depth }: Ambient): void {
    const trap = new Instruction('trap_if', [depth, b.int(1)], [], 0);
    trap.test = 'lt';
    trap.text = 'call_stack_exhausted';
    b.append(trap);
    const cells = this.stateGet(b, state, this.context.layout.cells);
    cells.tupleSize = 1;
    cells.role = 'cells';
    const set = new Instruction('cell.set', [cells, b.emit('int.sub', [depth, b.int(1)], 'int', 0, DEPTH_MAX)], [], 0);
    set.index = 1;
    b.append(set);
  }

  /**
   * Pays for the instructions of a function that run in any case, as whoever calls it does. `offset`: the place that a
   * trap shows, where no frame of the module's own would.
   */
  private pay(b: WordBuilder, state: Value, price = 0, offset = 0): void {
    if (price === 0) return;
    const cells = this.stateGet(b, state, this.context.layout.cells);
    [cells.tupleSize, cells.role] = [FUEL_CELL, 'cells'];
    const left = b.emit('cell.get', [cells], 'int', 0, FUEL_MAX);
    left.definition!.index = FUEL_CELL;
    b.append(new Instruction('fuel.charge', [left, cells, state, b.int(price)], [], offset));
  }

  /** Whoever was called may have taken its time. */
  private poll(b: WordBuilder, { state }: Ambient): void {
    if (this.context.metered) b.runtime('wasm2beam_fuel', 'poll', [state], [], 0);
  }

  /** Arguments of an import: one by one, or more than `most` as one tuple. */
  private argumentsForApi(b: WordBuilder, types: readonly ValueType[], words: readonly Value[], most: number): Value[] {
    if (!chunksOf(types)) {
      const args = this.toApi(b, types, words);
      return args.length > most ? [b.emit('tuple', args, 'term')] : args;
    }
    const values = unpack(b, types, b.emit('tuple', [...words], 'term'));
    if (types.length > most) return [values];
    values.tupleSize = types.length;
    return types.map((_, index) => element(b, values, index, 0));
  }

  private listForApi(b: WordBuilder, types: readonly ValueType[], words: readonly Value[]): Value {
    if (!chunksOf(types)) return b.emit('list', this.toApi(b, types, words), 'term');
    const values = b.fn.value('term');
    b.runtime('erlang', 'tuple_to_list', [unpack(b, types, b.emit('tuple', [...words], 'term'))], [values], 0);
    return values;
  }

  private toApi(b: WordBuilder, types: readonly ValueType[], words: readonly Value[]): Value[] {
    let next = 0;
    return types.map((type) => {
      const word = words[next++];
      switch (type) {
        case 'i32':
          return b.signed(b.word(word));
        case 'i64':
          return call(b, 'from_i64', [word, words[next++]]);
        case 'funcref':
          return call(b, 'from_funcref', [word]);
        default:
          return word;
      }
    });
  }

  private returnFromApi(b: WordBuilder, types: readonly ValueType[], result: Value): void {
    if (types.length < 2) {
      // Whatever a function without result returns is nobody's concern.
      const values = types.flatMap((type) => fromApi(b, type, result));
      b.block.terminator = { kind: 'return', values };
      return;
    }
    // Already the tuple that functions of the module return.
    const packed = call(b, chunksOf(types) ? 'pack' : 'results', [typesTerm(b, types), result]);
    b.block.terminator = { kind: 'return', values: [packed] };
  }
}

function begin(name: string): WordBuilder {
  const b = new WordBuilder(new IrFunction(name, 0));
  b.fn.blocks.push(b.block);
  return b;
}

function parameters(b: WordBuilder, types: readonly ValueType[]): Value[] {
  const chunks = chunksOf(types);
  if (chunks) {
    return chunks.map(({ slots }) => {
      const chunk = b.parameter(b.block, 'term');
      chunk.tupleSize = slots;
      return chunk;
    });
  }
  return types.flatMap((type) => {
    switch (type) {
      case 'i32':
        return [b.parameter(b.block, 'int', 0, MASK)];
      case 'i64':
        return [b.parameter(b.block, 'int', 0, MASK), b.parameter(b.block, 'int', 0, MASK)];
      case 'funcref':
        return [b.parameter(b.block, 'int', -1, 2 ** 53)];
      default:
        return [b.parameter(b.block, type)];
    }
  });
}

/** What the embedder passes: values, or more than a BEAM function takes as one tuple. */
function apiParameters(b: WordBuilder, { parameters: types }: FunctionSignature): Value[] {
  const count = types.length > PLAIN_PARAMETERS ? 1 : types.length;
  return Array.from({ length: count }, () => b.parameter(b.block, 'term'));
}

/** The embedder's arguments as a function of the module takes them. */
function argumentsFromApi(b: WordBuilder, types: readonly ValueType[], args: readonly Value[]): Value[] {
  const chunks = chunksOf(types);
  if (!chunks) return types.flatMap((type, i) => fromApi(b, type, args[i]));
  const values = types.length > PLAIN_PARAMETERS ? args[0] : b.emit('tuple', [...args], 'term');
  const packed = call(b, 'pack', [typesTerm(b, types), values]);
  packed.tupleSize = chunks.length;
  return chunks.map(({ slots }, index) => element(b, packed, index, slots));
}

/** The embedder's values, as a tuple, of what is passed in tuples. */
const unpack = (b: WordBuilder, types: readonly ValueType[], packed: Value): Value =>
  call(b, 'unpack', [typesTerm(b, types), packed]);

const typesTerm = (b: WordBuilder, types: readonly ValueType[]): Value => b.term(list(types.map(atom)));

function element(b: WordBuilder, tuple: Value, index: number, size: number): Value {
  const value = b.emit('element', [tuple], 'term');
  value.tupleSize = size;
  value.definition!.index = index;
  return value;
}

const pick = (ambient: Ambient, { state, root, depth }: Convention): Value[] => [
  ...(state ? [ambient.state] : []),
  ...(root ? [ambient.root] : []),
  ...(depth ? [ambient.depth] : []),
];

function call(b: WordBuilder, name: string, args: Value[]): Value {
  const value = b.fn.value('term');
  b.runtime('wasm2beam_value', name, args, [value], 0);
  return value;
}

function fromApi(b: WordBuilder, type: ValueType, value: Value): Value[] {
  const words = resultValues(b, [type]);
  b.runtime('wasm2beam_value', `to_${type}`, [value], words, 0);
  return words;
}
