// Random modules that are valid and end, and calls of their functions.
//
// Consumes a seed; produces a Program, the same for the same seed. What the module declares is drawn first, then the
// bodies, which may use all of it.
import type { FunctionType } from '../../frontend/module.ts';
import type { ValueType } from '../../ir/instructions.ts';
import { CodeGenerator } from './generate-code.ts';
import {
  constant,
  FUEL,
  tree,
  type Call,
  type DataNode,
  type ElementNode,
  type FunctionNode,
  type GlobalNode,
  type HostFunction,
  type LimitsNode,
  type Program,
  type TableNode,
  type Tree,
} from './program.ts';
import { Random } from './random.ts';
import { randomFunctionType, randomType, randomTypes } from './signatures.ts';
import { isNan, isNumberType, randomArgument, randomNumber } from './values.ts';

const CALLS_PER_FUNCTION = 5;
/** What most expressions give. */
const HANDY: readonly ValueType[] = ['i32', 'i32', 'i64', 'f64'];
/** Of a hundred. */
const TINY_FUNCTIONS = 30;

const list = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

function randomLimits(random: Random, most: number): LimitsNode {
  const minimum = random.weighted([
    [0.5, 0],
    [6, random.between(1, 2)],
    [2, random.between(1, most)],
  ]);
  return { minimum, maximum: minimum + random.below(4) };
}

function randomHost(random: Random, callback: number | undefined): HostFunction {
  const type = random.chance(90)
    ? { ...randomFunctionType(random) }
    : { parameters: randomTypes(random, 22), results: [] };
  const results = type.results.map((each) => (each === 'funcref' ? 'externref' : each));
  const row = (): bigint[] => results.map((each) => randomArgument(random, each) ?? 0n);
  return { type: { parameters: type.parameters, results }, rows: list(random.between(1, 3), row), callback };
}

function randomGlobal(random: Random, functions: number): GlobalNode {
  const type = randomType(random);
  if (type === 'funcref' && random.chance(60)) {
    const initial = tree('ref.func', [], ['funcref'], { index: random.below(functions) });
    return { type, mutable: random.chance(70), initial };
  }
  const initial = isNumberType(type) ? constant(type, randomNumber(random, type)) : constant(type);
  return { type, mutable: random.chance(80), initial };
}

/** Offsets of active segments are within bounds but for one in thirty. */
function segmentOffset(random: Random, size: number, length: number): Tree {
  const room = Math.max(0, size - length);
  const at = random.chance(3)
    ? size - length + random.between(1, 9)
    : random.chance(30)
      ? room
      : random.between(0, room);
  return constant('i32', BigInt.asUintN(32, BigInt(at)));
}

function randomElement(random: Random, tables: readonly TableNode[], functions: number): ElementNode {
  const table = random.below(tables.length);
  const { type, minimum } = tables[table];
  const length = random.between(0, Math.min(minimum, 12));
  const nulls = type === 'externref' || random.chance(40);
  const item = (): Tree =>
    nulls && (type === 'externref' || random.chance(30))
      ? constant(type)
      : tree('ref.func', [], ['funcref'], { index: random.below(functions) });
  const mode = random.weighted<ElementNode['mode']>([
    [5, 'active'],
    [4, 'passive'],
    [1, 'declarative'],
  ]);
  const at = mode === 'active' ? segmentOffset(random, minimum, length) : undefined;
  return { mode, type, table, at, items: list(length, item), plain: !nulls };
}

function randomData(random: Random, memory: LimitsNode): DataNode {
  const size = memory.minimum * 65536;
  const length = random.chance(20) ? random.between(0, Math.min(size, 9000)) : random.between(0, Math.min(size, 40));
  const at = random.chance(60) ? segmentOffset(random, size, length) : undefined;
  return { at, bytes: list(length, () => random.below(256)) };
}

/** For the memory: is byte `p` what it should be; makes reduced differences visible in a script. */
const PEEK: FunctionNode = {
  type: { parameters: ['i32'], results: ['i32'] },
  locals: [],
  body: [tree('i32.load8_u', [tree('local.get', [], ['i32'], { index: 0 })], ['i32'], { offset: 0, align: 0 })],
};

const CALLBACK: FunctionType = { parameters: [], results: [] };

/**
 * A program.
 *
 * @param seed any integer
 * @returns the same program for the same seed
 */
export function generate(seed: number): Program {
  const random = new Random(seed);
  const hostCount = random.weighted([
    [3, 0],
    [2, 1],
    [1, 2],
  ]);
  const functionCount = random.between(2, 6);
  const all = hostCount + functionCount;
  // The last function takes and gives nothing, for a host function to call.
  const hosts = list(hostCount, () => randomHost(random, random.chance(40) ? functionCount - 1 : undefined));
  // The first one of many has a type that expressions can call often.
  const handy = random.chance(85) ? { parameters: randomTypes(random, 3), results: [random.pick(HANDY)] } : undefined;
  const declared = list(functionCount, (i) =>
    i === functionCount - 1 ? CALLBACK : i === 0 && handy ? handy : randomFunctionType(random),
  );
  const memory = random.chance(90) ? randomLimits(random, random.chance(10) ? 30 : 3) : undefined;
  const tables: TableNode[] = list(random.below(4), (i) => ({
    type: i === 0 || random.chance(60) ? 'funcref' : 'externref',
    ...randomLimits(random, random.chance(15) ? 1100 : 12),
    minimum: random.chance(5) ? 1030 : random.between(0, 12),
    maximum: random.chance(5) ? 3000 : 1050,
  }));
  const fuel: GlobalNode = { type: 'i32', mutable: true, initial: constant('i32', BigInt(FUEL)) };
  const observed: GlobalNode = { type: 'i64', mutable: true, initial: constant('i64') };
  const globals = [fuel, observed, ...list(random.below(7), () => randomGlobal(random, all))];
  // JavaScript passes no bits of a NaN, and has no functions of the module yet.
  const importable = globals.findIndex(
    ({ type, initial }) => initial.op === 'ref.func' || isNan(type, initial.bits ?? 0n),
  );
  const shape: Program = {
    hosts,
    functions: declared.map((type) => ({ type, locals: [], body: [] })),
    tables,
    memory,
    globals,
    importedGlobals: random.chance(30) ? random.between(0, importable < 0 ? globals.length : importable) : 0,
    importsMemory: memory !== undefined && random.chance(25),
    elements: tables.length > 0 ? list(random.below(5), () => randomElement(random, tables, all)) : [],
    data: memory ? list(random.below(4), () => randomData(random, memory)) : [],
    start: random.chance(5) ? all - 1 : undefined,
    calls: [],
  };
  const functions = shape.functions.map(({ type }) => {
    const generator = new CodeGenerator(random, shape, type);
    return type === handy || random.chance(TINY_FUNCTIONS) ? generator.tinyFunction() : generator.function();
  });
  if (memory) functions.push(PEEK);
  const calls = list(random.between(3, CALLS_PER_FUNCTION * functionCount), (): Call => {
    const index = random.below(functionCount);
    return { function: index, args: declared[index].parameters.map((type) => randomArgument(random, type)) };
  });
  return { ...shape, functions, calls };
}
