// The register IR: static single assignment, blocks with parameters, acyclic but for edges to loop headers.
//
// It has two levels. Lowering writes the first: operators are the specification's mnemonics and values have Wasm types.
// The pass `words` turns it into the second: integers are machine integers with a known range (`int`), an i64 is two of
// them, and the state of the instance appears as ordinary values. `verify.ts` lists the invariants of both.
//
// Blocks of a function stand in an order in which every edge goes forward, except edges to loop headers.
import type { AccessMnemonic, NumericMnemonic, ValueType } from './instructions.ts';
import type { Term } from './term.ts';

/** `int`: a small integer within the value's range. `term`: any Erlang term. The rest: Wasm's types. */
export type Type = ValueType | 'int' | 'term';

/** Constants: i32 an unsigned word, i64 an unsigned bigint, f32 and f64 their bits, references their null, int a number. */
export type Constant = number | bigint | Term;

/** What a term is to code that stores in place: S, the root of memory 0, a leaf, an in-place tuple of small integers. */
export type Role = 'state' | 'root' | 'slot' | 'cells';

export class Value {
  readonly id: number;
  readonly type: Type;
  /** Inclusive bounds of an `int`; beyond 2^53 rounded outwards. */
  min: number;
  max: number;
  readonly constant: Constant | undefined;
  /** Above 0: a tuple of at least so many elements. */
  tupleSize = 0;
  /** Of a term; the verifier of stores follows it. */
  role: Role | undefined = undefined;
  /** Where it is defined: a parameter's block or the block of its instruction; undefined for a constant. */
  block: Block | undefined;
  /** The instruction that defines it; undefined for parameters and constants. */
  definition: Instruction | undefined;

  constructor(id: number, type: Type, min: number, max: number, constant?: Constant) {
    this.id = id;
    this.type = type;
    this.min = min;
    this.max = max;
    this.constant = constant;
    this.block = undefined;
    this.definition = undefined;
  }
}

/** Comparisons of two ints; the result of one as an instruction is 0 or 1. */
export type Test = 'lt' | 'ge' | 'eq' | 'ne';
export type IntOperator = 'add' | 'sub' | 'mul' | 'div' | 'rem' | 'and' | 'or' | 'xor' | 'shl' | 'shr';

/** Wasm instructions that stay instructions in the first level. */
export type WasmOperator =
  | NumericMnemonic
  | AccessMnemonic
  | 'memory.size'
  | 'memory.grow'
  | 'memory.fill'
  | 'memory.copy'
  | 'memory.init'
  | 'data.drop'
  | 'elem.drop'
  | 'table.get'
  | 'table.set'
  | 'table.size'
  | 'table.grow'
  | 'table.fill'
  | 'table.copy'
  | 'table.init'
  | 'global.get'
  | 'global.set'
  | 'ref.func'
  | 'ref.is_null'
  | 'select'
  | 'call'
  | 'call_indirect'
  | 'charge'; // units of fuel, `index`, for what follows: see frontend/meter.ts

/** Instructions of the second level. Arguments and immediates are described in verify.ts. */
export type WordOperator =
  | `int.${IntOperator | Test}`
  | 'select.lt'
  | 'select.ge'
  | 'select.eq'
  | 'select.ne'
  | 'trap_if'
  | 'state.get' // element `index` (from 1) of S
  | 'cell.get' // element `index` (from 1) of an in-place tuple
  | 'cell.set'
  | 'mem.load'
  | 'mem.load64' // to high and low word of eight bytes
  | 'mem.store'
  | 'mem.store64' // high and low word of eight bytes
  | 'mem.loads' // several of them, in `body`, side by side: their displacements count from the address
  | 'mem.stores'
  | 'root.refresh'
  | 'fuel.charge' // takes what its last argument says from the fuel at hand, in place; traps where there is not so much
  | 'table.element'
  | 'float.arith' // f64.add and the like: inline, with the runtime's function behind it
  | 'float.test'
  | 'float.choice' // min, max
  | 'float.magnitude' // abs
  | 'float.rounding' // ceil, floor, trunc
  | 'float.sign' // copysign
  | 'truncate' // words; traps
  | 'float.bits' // words of a float, likewise
  | 'float.from_bits' // a float from its words; the last argument is the table `scales` of S
  | 'float.from_int'
  | 'float.run' // float instructions without effect, in `body`: operands from outside, results that are wanted outside
  | 'list'
  | 'tuple'
  | 'element' // element `index` (from 0) of an immutable tuple
  | 'call' // a function of the module
  | 'call_protected' // the same; its last two arguments, cells and depth, are written back when it returns or raises
  | 'runtime' // a function of the runtime, or of the embedder: module and name
  | 'call_fun'; // arguments, then the fun

/** First level: values that do not fit registers, and values passed in tuples. */
export type FrameOperator =
  | 'frame.get' // words `index` and on of the frame
  | 'frame.set'
  | 'boxes.new' // a tuple for `index` terms
  | 'boxes.get'
  | 'boxes.set' // a new tuple
  | 'pack' // a tuple of words
  | 'unpack'; // words `index` and on of such a tuple

export type Operator = WasmOperator | WordOperator | FrameOperator;

/** See `index` of an instruction. */
export const WRAPS = 1;
/** Such an address is no farther from zero than this. */
export const WRAPPED_MAX = 2 ** 52;

const NO_BODY: readonly Instruction[] = [];

/** What an instruction needs beyond its arguments. Fields that an operator does not use keep their default. */
export class Instruction {
  readonly operator: Operator;
  args: Value[];
  results: Value[];
  /** Byte offset of the Wasm instruction, for stack traces; 0 for none. */
  readonly offset: number;
  /**
   * Index of a function, global, table, memory, segment or element; a type for call_indirect; float.test: a mark;
   * memory accesses of the second level: WRAPS where the address is to be taken modulo 2^32.
   */
  index: number;
  /** A second index. */
  index2: number;
  /** Memory accesses of the first level, and those in a body: constant added to the address. */
  displacement: number;
  /** Memory accesses: 1, 2, 4 or 8 bytes. */
  bytes: number;
  /** Traps: reason. Runtime calls: module. */
  text: string;
  /** Runtime calls: function. Float instructions: mnemonic. */
  name: string;
  /** trap_if and float.test: the test. */
  test: Test;
  /** float.run, mem.loads, mem.stores: what it consists of, in order. */
  body: readonly Instruction[];

  constructor(operator: Operator, args: Value[], results: Value[], offset: number) {
    this.operator = operator;
    this.args = args;
    this.results = results;
    this.offset = offset;
    this.index = 0;
    this.index2 = 0;
    this.displacement = 0;
    this.bytes = 0;
    this.text = '';
    this.name = '';
    this.test = 'ne';
    this.body = NO_BODY;
  }
}

export interface Edge {
  target: Block;
  args: Value[];
}

export type Terminator =
  | { readonly kind: 'jump'; readonly edge: Edge }
  /** First level: `ne` of one i32 to 0; second level: a comparison of two ints. */
  | { readonly kind: 'branch'; test: Test; args: Value[]; readonly then: Edge; readonly else: Edge }
  | {
      readonly kind: 'switch';
      index: Value;
      readonly cases: readonly { readonly value: number; readonly edge: Edge }[];
      readonly otherwise: Edge;
    }
  | { readonly kind: 'return'; values: Value[] }
  /** First level: operator `call` or `call_indirect`; second level: always `call`. */
  | { readonly kind: 'tail_call'; call: Instruction }
  | { readonly kind: 'trap'; readonly reason: string; readonly offset: number };

export class Block {
  readonly id: number;
  params: Value[] = [];
  instructions: Instruction[] = [];
  terminator: Terminator | undefined = undefined;
  /** Some edge goes back to it. */
  loop: boolean;

  constructor(id: number, loop: boolean) {
    this.id = id;
    this.loop = loop;
  }
}

/** One function: its parameters are those of the first block. */
export class IrFunction {
  readonly name: string;
  blocks: Block[] = [];
  /** Number of values returned. */
  results: number;
  /** Words of the activation's frame tuple; 0 where it needs none. */
  frameWords = 0;
  private values = 0;
  private blockIds = 0;

  constructor(name: string, results: number) {
    this.name = name;
    this.results = results;
  }

  /** How many value ids are given out: ids are 0 to valueCount - 1. */
  get valueCount(): number {
    return this.values;
  }

  value(type: Type, min = 0, max = 0): Value {
    return new Value(this.values++, type, min, max);
  }

  constant(type: Type, constant: Constant): Value {
    const range = typeof constant === 'number' ? constant : 0;
    return new Value(this.values++, type, range, range, constant);
  }

  get blockCount(): number {
    return this.blockIds;
  }

  /** A new block; the caller appends it to `blocks` in its place. */
  block(loop = false): Block {
    return new Block(this.blockIds++, loop);
  }
}

/** Edges that leave a block, in order; one that several cases share stands once. */
export function edges(terminator: Terminator): readonly Edge[] {
  switch (terminator.kind) {
    case 'jump':
      return [terminator.edge];
    case 'branch':
      return [terminator.then, terminator.else];
    case 'switch':
      return [...new Set([...terminator.cases.map((entry) => entry.edge), terminator.otherwise])];
    default:
      return NO_EDGES;
  }
}

const NO_EDGES: readonly Edge[] = Object.freeze([]);
const NO_VALUES: readonly Value[] = Object.freeze([]);

/** Values that a terminator reads itself, edges' arguments not included. */
export function terminatorArgs(terminator: Terminator): readonly Value[] {
  switch (terminator.kind) {
    case 'branch':
      return terminator.args;
    case 'switch':
      return [terminator.index];
    case 'return':
      return terminator.values;
    case 'tail_call':
      return terminator.call.args;
    default:
      return NO_VALUES;
  }
}

/** Arguments that the Wasm instruction of a float operator has, too. */
export const numericArgs = ({ operator, args }: Instruction): readonly Value[] =>
  operator === 'float.from_bits' ? args.slice(0, -1) : args;
