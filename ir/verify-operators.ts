// What each operator takes and gives: number and types of arguments and results, immediates, ranges.
//
// Consumes one instruction, its function and what holds before it; answers with what is wrong. Rows of the first level
// come from the instruction table where the signature stands there; `any` marks what depends on the module.
import { INSTRUCTIONS, OPERATION, type Mnemonic, type ValueType } from './instructions.ts';
import { numericArgs, WRAPPED_MAX, WRAPS } from './ir.ts';
import type {
  FrameOperator,
  Instruction,
  IrFunction,
  Operator,
  Type,
  Value,
  WasmOperator,
  WordOperator,
} from './ir.ts';
import { FUEL_CELL, FUEL_MAX, wordsOf } from './shape.ts';
import { checkRange, contains, type Facts } from './verify-ranges.ts';

export type Level = 'wasm' | 'words';

/** Where an instruction stands. */
export interface Site {
  readonly fn: IrFunction;
  readonly facts: Facts;
}

type Kind = Type | 'any' | 'reference';
type Check = (at: Instruction, site: Site) => string | undefined;

interface Row {
  readonly args: readonly Kind[];
  /** Any number of arguments may come before the listed ones. */
  readonly variadic?: true;
  /** One argument of this type may come behind them. */
  readonly optional?: readonly Kind[];
  /** Absent: any number, of any type. */
  readonly results?: readonly Kind[];
  readonly check?: Check;
}

const WORD = { min: 0, max: 2 ** 32 - 1 };
/** The sum of an address, a displacement and the 4 of an upper half. */
export const ADDRESS_MAX = 2 ** 33 + 2;

const row = (args: readonly Kind[], results?: readonly Kind[], check?: Check): Row => ({ args, results, check });
/** With a leaf to remember and its start behind the arguments, if there is one. */
const accessRow = (args: readonly Kind[], results: readonly Kind[], check: Check): Row => ({
  args,
  optional: ['term', 'int'],
  results,
  check,
});
const variadic = (args: readonly Kind[], results?: readonly Kind[], check?: Check): Row => ({
  args,
  variadic: true,
  results,
  check,
});

// --- first level -------------------------------------------------------------------------------------------------------

/** Two words for an i64 or an f64; a reference to the host cannot live in a frame of integers. */
const frameSlot: Check = ({ index, args, results }, { fn }) => {
  const { type } = [...args, ...results][0];
  if (type === 'externref') return 'an externref in the frame';
  return index < 0 || index + wordsOf(type as ValueType) > fn.frameWords ? 'no such frame slot' : undefined;
};

/** Words of a passed tuple, from `index` on. */
const unpacked: Check = ({ index, args: [tuple], results: [{ type }] }) =>
  index < 0 || index + wordsOf(type as ValueType) > tuple.tupleSize ? 'no such words in the tuple' : undefined;

const packed: Check = ({ args, results: [tuple] }) => {
  const words = args.reduce((sum, { type }) => sum + wordsOf(type as ValueType), 0);
  return words === tuple.tupleSize ? undefined : `a tuple of ${words} words`;
};

const boxSlot: Check = ({ index }) => (index < 0 ? 'no such box' : undefined);

const sameTypes: Check = ({ args: [, a, b], results: [result] }) =>
  a.type === b.type && b.type === result.type ? undefined : 'the choices differ in type';

const access: Check = ({ operator, bytes, displacement }) => {
  if (bytes !== OPERATION[operator as Mnemonic].width) return `width is not ${bytes}`;
  return displacement >= 0 && displacement <= WORD.max ? undefined : 'displacement out of range';
};

const I32: Kind = 'i32';
const WASM_ROWS: Partial<Record<WasmOperator, Row>> & Record<FrameOperator, Row> = {
  'global.get': row([], ['any']),
  'global.set': row(['any'], []),
  'table.get': row([I32], ['reference']),
  'table.set': row([I32, 'reference'], []),
  'table.size': row([], [I32]),
  'table.grow': row(['reference', I32], [I32]),
  'table.fill': row([I32, 'reference', I32], []),
  'table.copy': row([I32, I32, I32], []),
  'table.init': row([I32, I32, I32], []),
  'elem.drop': row([], []),
  'ref.func': row([], ['funcref']),
  'ref.is_null': row(['reference'], [I32]),
  select: row([I32, 'any', 'any'], ['any'], sameTypes),
  call: variadic([]),
  call_indirect: variadic([I32]),
  charge: row([], [], ({ index }) => (index < 1 ? 'nothing to pay' : undefined)),
  'frame.get': row([], ['any'], frameSlot),
  'frame.set': row(['any'], [], frameSlot),
  'boxes.new': row([], ['term'], boxSlot),
  'boxes.get': row(['term'], ['externref'], boxSlot),
  'boxes.set': row(['term', 'externref'], ['term'], boxSlot),
  pack: variadic([], ['term'], packed),
  unpack: row(['term'], ['any'], unpacked),
};

function wasmRow(operator: Operator): Row | undefined {
  const own = WASM_ROWS[operator as WasmOperator];
  if (own || !(operator in INSTRUCTIONS)) return own;
  const { parameters, results, width } = OPERATION[operator as Mnemonic];
  return parameters && results ? row(parameters, results, width === undefined ? undefined : access) : undefined;
}

// --- second level ------------------------------------------------------------------------------------------------------

const arithmetic = row(['int', 'int'], ['int'], (at, { facts }) => checkRange(at, facts));
const comparison = row(['int', 'int'], ['int'], ({ results }) => contains(results[0], { min: 0, max: 1 }));

/** Of the two compared both are ints or none is; then the result covers both choices. */
const choice =
  (ordered: boolean): Check =>
  ({ args: [a, b, yes, no], results: [result] }) => {
    const ints = Number(a.type === 'int') + Number(b.type === 'int');
    if (ints === 1 || (ordered && ints === 0)) return 'operands that cannot be compared';
    if ((yes.type === 'int') !== (result.type === 'int') || (no.type === 'int') !== (result.type === 'int')) {
      return 'the choices differ in type';
    }
    return result.type === 'int' ? (contains(result, yes) ?? contains(result, no)) : undefined;
  };
const select = (ordered: boolean): Row => row(['any', 'any', 'any', 'any'], ['any'], choice(ordered));

const elementOf: Check = ({ index, args: [tuple] }) =>
  index >= 1 && index <= tuple.tupleSize ? undefined : `element ${index} of a tuple with ${tuple.tupleSize} or more`;

const isWithin = (value: Value, { min, max }: { min: number; max: number }): boolean =>
  value.min >= min && value.max <= max;

/** Some addresses may be beyond 32 bits, for they are taken modulo 2^32. */
const isAddress = (address: Value, index: number): boolean =>
  isWithin(address, index === WRAPS ? { min: -WRAPPED_MAX, max: WRAPPED_MAX } : { min: 0, max: ADDRESS_MAX });

const load: Check = ({ bytes, index, args: [address, root], results }) => {
  if (bytes !== 1 && bytes !== 2 && bytes !== 4) return 'width is not 1, 2 or 4';
  if (!isAddress(address, index)) return 'address out of range';
  if (root.tupleSize < 1) return 'the root is not known to be a tuple';
  return contains(results[0], { min: 0, max: 2 ** (8 * bytes) - 1 });
};

const load64: Check = ({ bytes, index, args: [address, root], results }) => {
  if (bytes !== 8) return 'width is not 8';
  if (!isAddress(address, index)) return 'address out of range';
  if (root.tupleSize < 1) return 'the root is not known to be a tuple';
  return contains(results[0], WORD) ?? contains(results[1], WORD);
};

const store: Check = ({ bytes, index, args: [root, address, word] }) => {
  if (bytes !== 1 && bytes !== 2 && bytes !== 4) return 'width is not 1, 2 or 4';
  if (!isAddress(address, index)) return 'address out of range';
  if (!isWithin(word, WORD)) return 'what is stored is no word';
  return root.tupleSize < 1 ? 'the root is not known to be a tuple' : undefined;
};

const store64: Check = ({ bytes, index, args: [root, address, ...words] }) => {
  if (bytes !== 8) return 'width is not 8';
  if (!isAddress(address, index)) return 'address out of range';
  if (!words.slice(0, 2).every((word) => isWithin(word, WORD))) return 'what is stored is no word';
  return root.tupleSize < 1 ? 'the root is not known to be a tuple' : undefined;
};

/** Each has its words, lies where all can be aligned at once, and is aligned if the address is known. */
const neighbours =
  (single: Operator, double: Operator): Check =>
  ({ operator, index, args, results, body }) => {
    const isLoad = operator === 'mem.loads';
    const [address, root] = isLoad ? args : [args[1], args[0]];
    if (address.type !== 'int') return 'no address';
    if (body.length < 2) return 'no neighbours';
    if (!isAddress(address, index)) return 'address out of range';
    if (root.tupleSize < 1) return 'the root is not known to be a tuple';
    let count = 0;
    let eight: number | undefined;
    for (const at of body) {
      if (at.operator !== (at.bytes === 8 ? double : single) || at.bytes < 4) return `${at.operator} among neighbours`;
      if (at.displacement % 4 !== 0) return 'a neighbour that is not aligned';
      if (at.bytes === 8) eight ??= at.displacement;
      if (at.bytes === 8 && (at.displacement - eight!) % 8 !== 0) return 'neighbours that are not aligned at once';
      if (typeof address.constant === 'number' && (address.constant + at.displacement) % at.bytes !== 0) {
        return 'a neighbour that is known and not aligned';
      }
      count += at.bytes / 4;
    }
    const words = isLoad ? results : args.slice(2, 2 + count);
    const isWord = (value: Value): boolean => value.type === 'int' && isWithin(value, WORD);
    if (words.length !== count || (!isLoad && !words.every(isWord))) return `${count} words wanted`;
    const rest = args.slice(isLoad ? 2 : 2 + count);
    const wanted: Kind[] = rest.length > 1 ? ['term', 'term', 'int'] : ['term'];
    if (rest.length !== wanted.length || !wanted.every((kind, i) => isOf(rest[i].type, kind)))
      return 'no state or leaf';
    return isLoad ? words.map((word) => contains(word, WORD)).find(Boolean) : undefined;
  };

const charge: Check = ({ args: [fuel, cells, , price] }) => {
  if (fuel.min !== 0 || fuel.max !== FUEL_MAX) return 'the fuel has another range';
  if (!isWithin(price, { min: 0, max: FUEL_MAX })) return 'the price is out of range';
  return cells.tupleSize < FUEL_CELL ? 'the cells are not known to hold the fuel' : undefined;
};

const wordTypes = (type: ValueType): Type[] => (type === 'i32' ? ['int'] : type === 'i64' ? ['int', 'int'] : [type]);

const float: Check = (at) => {
  const { operator, name, results } = at;
  const args = numericArgs(at);
  const operation = name in INSTRUCTIONS ? OPERATION[name as Mnemonic] : undefined;
  if (!operation?.numeric) return `no float instruction ${name}`;
  const wanted = operation.parameters!.flatMap(wordTypes);
  if (args.length !== wanted.length || !args.every(({ type }, i) => type === wanted[i])) return 'argument types';
  if (args.some((arg) => arg.type === 'int' && !isWithin(arg, WORD))) return 'an argument that is no word';
  const made = operation.results!.flatMap(wordTypes);
  if (results.length !== made.length || !results.every(({ type }, i) => type === made[i])) return 'result type';
  const bounds = operator === 'float.test' ? { min: 0, max: 1 } : WORD;
  return results.map((result) => (result.type === 'int' ? contains(result, bounds) : undefined)).find(Boolean);
};

/** One word of each f32, two of each f64. */
const bits: Check = ({ name, args, results }) => {
  const [type, words] = name === 'i32.reinterpret_f32' ? ['f32', 1] : ['f64', 2];
  if (words === 2 && name !== 'i64.reinterpret_f64') return `no conversion to bits ${name}`;
  if (args.length === 0 || !args.every((arg) => arg.type === type)) return 'argument types';
  if (results.length !== words * args.length || !results.every((result) => result.type === 'int')) return 'result type';
  return results.map((result) => contains(result, WORD)).find(Boolean);
};

/** What is read inside comes from outside or from before; what is wanted outside is made inside. */
const run: Check = ({ args, results, body }, site) => {
  const known = new Set<Value>(args);
  for (const instruction of body) {
    if (!instruction.operator.startsWith('float.')) return `${instruction.operator} in a run`;
    if (!instruction.args.every((arg) => arg.constant !== undefined || known.has(arg)))
      return 'an operand from nowhere';
    const wrong = checkInstruction(instruction, 'words', site);
    if (wrong !== undefined) return wrong;
    for (const result of instruction.results) known.add(result);
  }
  return results.every((result) => known.has(result)) ? undefined : 'a result that is not made inside';
};

const named: Check = ({ text, name }) => (text === '' || name === '' ? 'no function named' : undefined);

const WORD_ROWS: Record<WordOperator, Row> = {
  'int.add': arithmetic,
  'int.sub': arithmetic,
  'int.mul': arithmetic,
  'int.div': arithmetic,
  'int.rem': arithmetic,
  'int.and': arithmetic,
  'int.or': arithmetic,
  'int.xor': arithmetic,
  'int.shl': arithmetic,
  'int.shr': arithmetic,
  'int.lt': comparison,
  'int.ge': comparison,
  'int.eq': comparison,
  'int.ne': comparison,
  'select.lt': select(true),
  'select.ge': select(true),
  'select.eq': select(false),
  'select.ne': select(false),
  trap_if: row(['int', 'int'], [], ({ text }) => (text === '' ? 'no reason' : undefined)),
  'state.get': row(['term'], ['any'], elementOf),
  'cell.get': row(['term'], ['int'], elementOf),
  'cell.set': row(['term', 'int'], [], elementOf),
  'mem.load': accessRow(['int', 'term', 'term'], ['int'], load),
  'mem.load64': accessRow(['int', 'term', 'term'], ['int', 'int'], load64),
  'mem.store': accessRow(['term', 'int', 'int', 'term'], [], store),
  'mem.store64': accessRow(['term', 'int', 'int', 'int', 'term'], [], store64),
  'mem.loads': variadic([], undefined, neighbours('mem.load', 'mem.load64')),
  'mem.stores': variadic([], [], neighbours('mem.store', 'mem.store64')),
  'root.refresh': row(['term', 'term'], [], ({ args: [root] }) => (root.tupleSize < 1 ? 'not a root' : undefined)),
  'fuel.charge': row(['int', 'term', 'term', 'int'], [], charge),
  'table.element': row(['term', 'int'], ['int'], ({ args: [, index] }) =>
    isWithin(index, WORD) ? undefined : 'the index is no word',
  ),
  'float.arith': variadic([], ['any'], float),
  'float.test': variadic([], ['int'], float),
  'float.choice': variadic([], ['any'], float),
  'float.magnitude': variadic([], ['any'], float),
  'float.rounding': variadic([], ['any'], float),
  'float.sign': variadic([], ['any'], float),
  truncate: variadic([], undefined, float),
  'float.from_int': row(['int'], ['f64']),
  'float.bits': variadic([], undefined, bits),
  'float.from_bits': variadic(['term'], undefined, float),
  'float.run': variadic([], undefined, run),
  list: variadic([], ['term']),
  tuple: variadic([], ['term']),
  element: row(['term'], ['any'], ({ index }) => (index < 0 ? 'negative position' : undefined)),
  call: variadic([]),
  call_protected: variadic(['term', 'int'], undefined, ({ args }) =>
    args.at(-2)!.tupleSize < 1 ? 'the cells are not known to be a tuple' : undefined,
  ),
  runtime: variadic([], undefined, named),
  call_fun: variadic(['term']),
};

// --- both --------------------------------------------------------------------------------------------------------------

const WASM_TYPES: ReadonlySet<Type> = new Set<Type>(['i32', 'i64', 'f32', 'f64', 'funcref', 'externref', 'term']);
const WORD_TYPES: ReadonlySet<Type> = new Set<Type>(['int', 'term', 'f32', 'f64', 'externref']);

/** The types that values of a level have. */
export const typesOf = (level: Level): ReadonlySet<Type> => (level === 'wasm' ? WASM_TYPES : WORD_TYPES);

/** Whether a value of one type may stand where another is wanted: in the second level any externref is a term. */
export function isOf(type: Type, wanted: Kind): boolean {
  if (wanted === 'any' || type === wanted) return true;
  if (wanted === 'reference') return type === 'funcref' || type === 'externref';
  return (wanted === 'term' || wanted === 'externref') && (type === 'term' || type === 'externref');
}

/** What is wrong with an instruction, its operands' definitions apart; undefined if nothing is. */
export function checkInstruction(at: Instruction, level: Level, site: Site): string | undefined {
  const own = level === 'wasm' ? wasmRow(at.operator) : WORD_ROWS[at.operator as WordOperator];
  if (!own) return 'no operator of this level';
  const { args, results } = at;
  const extra = own.optional !== undefined && args.length > own.args.length ? own.optional.length : 0;
  if (extra > 0 && !own.optional!.every((kind, i) => isOf(args.at(i - extra)!.type, kind))) return 'no leaf';
  const before = args.length - own.args.length - extra;
  if (before < 0 || (before > 0 && !own.variadic)) return `${args.length} arguments, ${own.args.length} wanted`;
  const wrong = own.args.findIndex((kind, i) => !isOf(args[before + i].type, kind));
  if (wrong >= 0) return `argument ${before + wrong} is ${args[before + wrong].type}, ${own.args[wrong]} wanted`;
  if (own.results) {
    const { length } = own.results;
    if (results.length !== length) return `${results.length} results, ${length} wanted`;
    const other = own.results.findIndex((kind, i) => !isOf(results[i].type, kind));
    if (other >= 0) return `result ${other} is ${results[other].type}, ${own.results[other]} wanted`;
  }
  return own.check?.(at, site);
}
