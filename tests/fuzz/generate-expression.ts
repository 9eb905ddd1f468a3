// Random expressions of a wanted type, drawn from the rows of the instruction table.
//
// `expression` may give a NaN with any bits where arithmetic made it; `exact` never does, and is what stores, globals
// and reinterpretations take. Addresses and divisors are mostly such that they do not trap.
import type { FunctionType } from '../../frontend/module.ts';
import { OPERATIONS, type NumberType, type Operation, type ValueType } from '../../ir/instructions.ts';
import { randomFunctionType, randomType } from './signatures.ts';
import { constant, functionTypeOf, OWN_GLOBALS, sequence, tree, type Program, type Tree } from './program.ts';
import type { Random } from './random.ts';
import { Scope } from './scope.ts';
import { bitsOf, CANONICAL_NAN, isFloat, isNumberType, randomNumber } from './values.ts';

const byResult = (operations: readonly Operation[]): Readonly<Record<NumberType, Operation[]>> => {
  const giving = (type: NumberType): Operation[] => operations.filter((op) => op.results![0] === type);
  return { i32: giving('i32'), i64: giving('i64'), f32: giving('f32'), f64: giving('f64') };
};
const NUMERIC = byResult(OPERATIONS.filter((op) => op.numeric));
const LOADS = byResult(OPERATIONS.filter((op) => op.mnemonic.includes('.load')));
/** Their results have fixed bits where their operands have. */
const KEEPS_BITS = /\.(abs|neg|copysign|reinterpret_\w+|convert_\w+)$/;
/** They look at all bits of a float operand. */
const READS_BITS = '.reinterpret_f';
const DIVIDES = /^i\d\d\.(div|rem)_/;
const TRUNCATES = /^i\d\d\.trunc_f/;
/** Odd, with bits all over. */
const MIXER = 0x9e3779b97f4a7c15n;
const PAGE = 65536;
const LEAF = 4096;

export class ExpressionGenerator {
  protected readonly random: Random;
  protected readonly program: Program;
  protected readonly type: FunctionType;
  protected readonly scope: Scope;
  private height = 0;

  constructor(random: Random, program: Program, type: FunctionType) {
    this.random = random;
    this.program = program;
    this.type = type;
    this.scope = new Scope(random, type);
  }

  protected anyType(): ValueType {
    return randomType(this.random);
  }

  protected expressions(types: readonly ValueType[]): Tree[] {
    return types.map((type) => this.expression(type));
  }

  /** A tree that gives one value of the type. */
  protected expression(type: ValueType): Tree {
    const { random, scope } = this;
    scope.budget--;
    if (scope.budget < 0 || this.height > 6) return this.leaf(type);
    this.height++;
    const number = isNumberType(type);
    const make = random.weighted<() => Tree | undefined>([
      [8, () => this.leaf(type)],
      [number ? 16 : 0, () => this.numeric(type as NumberType)],
      [number && this.program.memory ? 5 : 0, () => this.load(type as NumberType)],
      [2, () => this.select(type, () => this.expression(type))],
      [2, () => this.tee(type)],
      [5, () => this.callFor(type)],
      [1, () => this.block(type)],
      [type === 'i32' ? 2 : 0, () => this.query()],
      [number ? 0 : 3, () => this.tableGet(type)],
      [0.5, () => this.branchValue(type)],
      [0.2, () => this.diverge(type)],
    ]);
    const made = make() ?? this.leaf(type);
    this.height--;
    return made;
  }

  /** The same with fixed bits. */
  protected exact(type: ValueType): Tree {
    if (!isFloat(type)) return this.expression(type);
    const { random, scope } = this;
    scope.budget--;
    const locals = scope.localsOf(type, true);
    if (scope.budget < 0) return this.number(type);
    return random.weighted<() => Tree>([
      [3, () => this.number(type)],
      [
        3,
        () => (locals.length > 0 ? tree('local.get', [], [type], { index: random.pick(locals) }) : this.number(type)),
      ],
      [2, () => this.exactNumeric(type)],
      [3, () => this.load(type) ?? this.number(type)],
      [1, () => this.globalGet(type) ?? this.number(type)],
      [1, () => this.select(type, () => this.exact(type))],
      [5, () => this.canonical(type)],
    ])();
  }

  /** Any expression whose NaNs are made canonical. */
  private canonical(type: 'f32' | 'f64'): Tree {
    const index = this.scope.addLocal(type, false, true);
    const get = tree('local.get', [], [type], { index, keep: true });
    const same = tree(`${type}.eq`, [get, get], ['i32'], { keep: true });
    const nan = { ...constant(type, CANONICAL_NAN[type]), keep: true };
    const chosen = tree('select', [get, nan, same], [type], { keep: true });
    const set = tree('local.set', [this.expression(type)], [], { index, keep: true });
    return { ...sequence([set, chosen], [type]), keep: true };
  }

  private number(type: ValueType): Tree {
    if (!isNumberType(type)) return constant(type);
    const bits = randomNumber(this.random, type);
    if (!isFloat(type) && this.random.chance(20)) return this.opaque(type, bits);
    return constant(type, bits);
  }

  /** A constant that no compiler knows for one: a local, changed twice by the same bits but for these. */
  private opaque(type: 'i32' | 'i64', bits: bigint): Tree {
    const locals = this.scope.localsOf(type, undefined);
    if (locals.length === 0) return constant(type, bits);
    const get = tree('local.get', [], [type], { index: this.random.pick(locals) });
    return tree(`${type}.xor`, [get, tree(`${type}.xor`, [get, constant(type, bits)], [type])], [type]);
  }

  /** Makes a difference in a value one in the global that is looked at in the end. */
  protected observe(value: Tree): Tree {
    const wide = tree('i64.mul', [tree('global.get', [], ['i64'], { index: 1 }), constant('i64', MIXER)], ['i64']);
    return tree('global.set', [tree('i64.add', [wide, this.wideBits(value)], ['i64'])], [], { index: 1 });
  }

  private wideBits(value: Tree): Tree {
    const [type] = value.results;
    if (type === 'i64') return value;
    if (type === 'f64') return tree('i64.reinterpret_f64', [value], ['i64']);
    const word =
      type === 'i32' ? value : tree(type === 'f32' ? 'i32.reinterpret_f32' : 'ref.is_null', [value], ['i32']);
    return tree('i64.extend_i32_u', [word], ['i64']);
  }

  private leaf(type: ValueType): Tree {
    const { random } = this;
    const locals = this.scope.localsOf(type, undefined);
    if (locals.length > 0 && random.chance(60)) {
      return tree('local.get', [], [type], { index: random.pick(locals) });
    }
    if (random.chance(20)) return this.globalGet(type) ?? this.number(type);
    if (type === 'funcref' && random.chance(70)) return tree('ref.func', [], [type], { index: this.functionIndex() });
    return this.number(type);
  }

  private functionIndex(): number {
    return this.random.below(this.program.hosts.length + this.program.functions.length);
  }

  private globalGet(type: ValueType): Tree | undefined {
    const { globals } = this.program;
    const fitting = [...globals.keys()].filter((i) => i >= OWN_GLOBALS && globals[i].type === type);
    if (fitting.length === 0) return undefined;
    return tree('global.get', [], [type], { index: this.random.pick(fitting) });
  }

  private numeric(type: NumberType): Tree {
    const op: Operation = this.random.pick(NUMERIC[type]);
    return tree(op.mnemonic, this.operands(op), [type]);
  }

  private exactNumeric(type: 'f32' | 'f64'): Tree {
    const op = this.random.pick(NUMERIC[type].filter(({ mnemonic }) => KEEPS_BITS.test(mnemonic)));
    return tree(
      op.mnemonic,
      op.parameters!.map((each) => this.exact(each)),
      [type],
    );
  }

  private operands({ mnemonic, parameters }: Operation): Tree[] {
    const { random } = this;
    if (mnemonic.includes(READS_BITS)) return [this.exact(parameters![0])];
    if (TRUNCATES.test(mnemonic) && random.chance(92)) return [this.smallFloat(parameters![0] as 'f32' | 'f64')];
    const operands = parameters!.map((type, i) => {
      // The sign of a NaN can be seen by copying it.
      return i === 1 && mnemonic.endsWith('.copysign') ? this.exact(type) : this.expression(type);
    });
    if (DIVIDES.test(mnemonic) && random.chance(94)) {
      const type = parameters![1] as 'i32' | 'i64';
      if (mnemonic.endsWith('_s') && random.chance(5)) {
        const width = type === 'i32' ? 32n : 64n;
        return [this.opaque(type, 1n << (width - 1n)), this.opaque(type, (1n << width) - 1n)];
      }
      operands[1] = tree(`${type}.or`, [operands[1], constant(type, random.chance(70) ? 1n : 6n)], [type]);
    }
    return operands;
  }

  /** A float that mostly has an integer part of 32 bits. */
  private smallFloat(type: 'f32' | 'f64'): Tree {
    const { random } = this;
    const from = random.pick(['i32_s', 'i32_u', 'i64_s', 'i64_u'] as const);
    const int = from.startsWith('i32') ? 'i32' : 'i64';
    const whole = tree(`${type}.convert_${from}`, [this.masked(int, 0x7fffff)], [type]);
    return random.chance(50)
      ? whole
      : tree(`${type}.mul`, [whole, constant(type, bitsOf(type, random.word() / 2 ** 29))], [type]);
  }

  /** An integer expression with only these bits. */
  protected masked(type: 'i32' | 'i64', mask: number): Tree {
    return tree(`${type}.and`, [this.expression(type), constant(type, BigInt(mask))], [type]);
  }

  private load(type: NumberType): Tree | undefined {
    const { random } = this;
    if (!this.program.memory) return undefined;
    const op = random.pick(LOADS[type]);
    const { address, offset } = this.access(op.width!);
    return tree(op.mnemonic, [address], [type], { offset, align: random.between(0, Math.log2(op.width!)) });
  }

  /** Address operand and offset of an access; mostly within bounds, often at an edge: of a leaf, a page, the memory. */
  protected access(width: number): { address: Tree; offset: number } {
    const { random } = this;
    const size = (this.program.memory?.minimum ?? 0) * PAGE;
    const offset = random.weighted([
      [65, 0],
      [25, random.below(20)],
      [8, LEAF * random.between(1, 8) - random.below(9)],
      [0.5, random.pick([0xffff, 0x10000, 0x7fffffff, 0xffffffff, 0xfffffff8])],
    ]);
    const room = size - width - offset;
    if (room < 0 || random.chance(1)) return { address: this.expression('i32'), offset };
    const style = random.below(100);
    if (style < 35) {
      const edge = random.pick([0, size, LEAF * random.below(size / LEAF + 1), PAGE * random.below(size / PAGE + 1)]);
      const wanted = edge - offset + random.between(-8, 1);
      const address = random.chance(98) ? Math.min(Math.max(0, wanted), room) : Math.max(0, wanted);
      return { address: constant('i32', BigInt(address)), offset };
    }
    if (style < 85) {
      const masks = [0, 1, 0xff, 0x1fff, 0xffff, 0xfffc, 0x1ff8, size - PAGE].filter((mask) => mask <= room);
      return { address: this.masked('i32', random.pick(masks)), offset };
    }
    return { address: constant('i32', BigInt(random.between(0, room))), offset };
  }

  /** Where so many bytes start. */
  protected address(length: number): Tree {
    const { address, offset } = this.access(length);
    return offset > 0 && address.bits !== undefined
      ? constant('i32', BigInt.asUintN(32, address.bits + BigInt(offset)))
      : address;
  }

  private select(type: ValueType, value: () => Tree): Tree {
    const operands = [value(), value(), this.expression('i32')];
    if (isNumberType(type) && this.random.chance(70)) return tree('select', operands, [type]);
    return tree('select t', operands, [type], { valueType: type });
  }

  private tee(type: ValueType): Tree | undefined {
    const locals = this.scope.localsOf(type, false);
    if (locals.length === 0) return undefined;
    return tree('local.tee', [this.expression(type)], [type], { index: this.random.pick(locals) });
  }

  private callFor(type: ValueType): Tree | undefined {
    const { hosts, functions } = this.program;
    const fitting = Array.from({ length: hosts.length + functions.length }, (_, i) => i).filter(
      (i) => functionTypeOf(this.program, i).results.join() === type,
    );
    if (fitting.length === 0) return undefined;
    const index = this.random.pick(fitting);
    if (this.random.chance(60)) return this.call(index);
    return this.callIndirect(functionTypeOf(this.program, index));
  }

  protected call(index: number): Tree {
    this.scope.callsOut = true;
    const { parameters, results } = functionTypeOf(this.program, index);
    return tree('call', this.expressions(parameters), results, { index });
  }

  /** Of a table that may hold a function of that type; undefined where there is no table. */
  protected callIndirect(wanted: FunctionType): Tree | undefined {
    const { random } = this;
    const { tables, elements } = this.program;
    const usable = [...tables.keys()].filter((i) => tables[i].type === 'funcref');
    if (usable.length === 0) return undefined;
    this.scope.callsOut = true;
    const type = random.chance(95) ? wanted : { ...randomFunctionType(random), results: wanted.results };
    const key = (other: FunctionType): string => `${other.parameters.join()}:${other.results.join()}`;
    const places = elements.flatMap((segment) =>
      segment.at === undefined
        ? []
        : segment.items.flatMap((item, i) =>
            item.op === 'ref.func' && key(functionTypeOf(this.program, item.index!)) === key(type)
              ? [{ table: segment.table, at: BigInt.asUintN(32, segment.at!.bits! + BigInt(i)) }]
              : [],
          ),
    );
    const place = places.length > 0 && random.chance(95) ? random.pick(places) : undefined;
    if (!place && random.chance(80)) return undefined;
    const table = place?.table ?? random.pick(usable);
    const index = place ? constant('i32', place.at) : this.tableIndex(table);
    return tree('call_indirect', [...this.expressions(type.parameters), index], type.results, { type, table });
  }

  protected tableIndex(table: number): Tree {
    const { random } = this;
    const { minimum } = this.program.tables[table];
    if (random.chance(96) && minimum > 0) return constant('i32', BigInt(random.below(minimum)));
    return random.chance(50) ? constant('i32', BigInt(minimum)) : this.expression('i32');
  }

  private tableGet(type: ValueType): Tree | undefined {
    const { tables } = this.program;
    const fitting = [...tables.keys()].filter((i) => tables[i].type === type);
    if (fitting.length === 0) return undefined;
    const index = this.random.pick(fitting);
    return tree('table.get', [this.tableIndex(index)], [type], { index });
  }

  private query(): Tree | undefined {
    const { random } = this;
    const { memory, tables } = this.program;
    const op = random.pick(['memory.size', 'memory.grow', 'table.size', 'table.grow', 'ref.is_null'] as const);
    if (op === 'ref.is_null') return tree(op, [this.expression(random.pick(['funcref', 'externref']))], ['i32']);
    const delta = constant('i32', BigInt(random.pick([0, 1, 1, 2, 5, 2000, 0xffffffff])));
    if (op === 'memory.size') return memory && tree(op, [], ['i32']);
    if (op === 'memory.grow') return memory && tree(op, [delta], ['i32']);
    if (tables.length === 0) return undefined;
    const index = random.below(tables.length);
    if (op === 'table.size') return tree(op, [], ['i32'], { index });
    return tree(op, [this.expression(tables[index].type), delta], ['i32'], { index });
  }

  private block(type: ValueType): Tree {
    const { random, scope } = this;
    const label = scope.newLabel();
    const blockType = { parameters: [], results: [type] };
    const more = { label, type: blockType };
    if (random.chance(40)) {
      scope.labels.push({ number: label, types: [type] });
      const bodies = [[this.expression(type)], [this.expression(type)]];
      scope.labels.pop();
      return tree('if', [this.expression('i32')], [type], { ...more, bodies });
    }
    scope.labels.push({ number: label, types: [type] });
    const body = this.expression(type);
    scope.labels.pop();
    return tree('block', [], [type], { ...more, bodies: [[body]] });
  }

  /** A value that a conditional branch lets pass. */
  private branchValue(type: ValueType): Tree | undefined {
    const fitting = this.scope.labels.filter(({ types }) => types.join() === type);
    if (fitting.length === 0) return undefined;
    const { number } = this.random.pick(fitting);
    return tree('br_if', [this.expression(type), this.expression('i32')], [type], { targets: [number] });
  }

  /** Never gives a value, which is as good as any. */
  private diverge(type: ValueType): Tree {
    const label = this.random.pick(this.scope.labels);
    if (this.random.chance(10)) return tree('unreachable', [], [type]);
    return tree('br', this.expressions(label.types), [type], { targets: [label.number] });
  }
}
