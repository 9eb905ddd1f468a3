// Random bodies: statements and control flow. Expressions are in generate-expression.ts.
//
// Every function that calls and every loop without a counter starts with a check of the fuel (global 0) that returns
// when it is used up, so that a program ends whatever it does.
import type { FunctionType } from '../../frontend/module.ts';
import { OPERATIONS, type Operation, type ValueType } from '../../ir/instructions.ts';
import { ExpressionGenerator } from './generate-expression.ts';
import { isFloat } from './values.ts';
import { allFunctionTypes } from './signatures.ts';
import { constant, OWN_GLOBALS, sequence, tree, type FunctionNode, type Program, type Tree } from './program.ts';
import type { Random } from './random.ts';
import type { Label } from './scope.ts';

const STORES = OPERATIONS.filter((op) => op.mnemonic.includes('.store'));
const BARE = OPERATIONS.filter((op) => op.numeric);
const COUNTED_TRIPS = 5;
const MOST_DEPTH = 7;
const PAGE = 65536;

export class CodeGenerator extends ExpressionGenerator {
  private depth = 0;
  private countedLoops = 0;

  constructor(random: Random, program: Program, type: FunctionType) {
    super(random, program, type);
    const wide = random.chance(8);
    const count = wide ? random.between(20, 60) : random.below(9);
    for (let i = 0; i < count; i++) this.scope.addLocal(this.anyType(), random.chance(50));
  }

  function(): FunctionNode {
    const { results } = this.type;
    const statements = [...this.statements(), ...this.observeLocals()];
    const tail = this.random.chance(15) ? this.tailCall(results) : undefined;
    const last = tail ? [tail] : results.map((type) => this.expression(type));
    const check = this.scope.callsOut || this.random.chance(30) ? [this.fuelCheck()] : [];
    const locals = this.scope.locals.slice(this.scope.parameters).map(({ type }) => type);
    return { type: this.type, locals, body: [...check, ...statements, ...last] };
  }

  /** A function so small that its body may come to stand in place of calls to it. */
  tinyFunction(): FunctionNode {
    this.scope.budget = this.random.between(2, 7);
    const statement = this.random.weighted<() => Tree | undefined>([
      [2, () => undefined],
      [2, () => this.assignLocal()],
      [1, () => this.assignGlobal()],
      [1, () => this.if()],
      [2, () => this.leaveIf()],
    ])();
    const statements = statement ? [statement] : [];
    const last = this.type.results.map((type) => this.expression(type));
    const check = this.scope.callsOut ? [this.fuelCheck()] : [];
    const locals = this.scope.locals.slice(this.scope.parameters).map(({ type }) => type);
    return { type: this.type, locals, body: [...check, ...statements, ...last] };
  }

  private observeLocals(): Tree[] {
    const { locals } = this.scope;
    const visible = [...locals.keys()].filter((i) => locals[i].exact || !isFloat(locals[i].type));
    return visible
      .filter(() => this.random.chance(50))
      .map((index) => this.observe(tree('local.get', [], [locals[index].type], { index })));
  }

  private statements(): Tree[] {
    const made: Tree[] = [];
    this.depth++;
    do {
      const statement = this.statement();
      made.push(statement.tree);
      if (statement.ends) {
        if (this.random.chance(30)) made[made.length - 1] = this.bareAfter(statement.tree);
        if (this.random.chance(60)) break;
      }
    } while (this.scope.budget > 0 && this.random.chance(80));
    this.depth--;
    return made;
  }

  /** Behind an instruction that never ends normally the stack has whatever is wanted. */
  private bareAfter(last: Tree): Tree {
    const { mnemonic } = this.random.pick(BARE);
    return sequence([last, tree(mnemonic, [], []), tree('drop', [], [])]);
  }

  private statement(): { tree: Tree; ends?: boolean } {
    const { random } = this;
    this.scope.budget--;
    const deep = this.depth > MOST_DEPTH || this.scope.budget < 0;
    const make = random.weighted<() => Tree | undefined>([
      [20, () => this.assignLocal()],
      [6, () => this.assignGlobal()],
      [this.program.memory ? 16 : 0, () => this.store()],
      [1, () => tree('drop', [this.expression(this.anyType())], [])],
      [6, () => this.observe(this.exact(this.anyType()))],
      [1, () => tree('nop', [], [])],
      [deep ? 0 : 6, () => this.if()],
      [deep ? 0 : 5, () => this.structured(random.chance(40) ? 'loop' : 'block')],
      [deep ? 0 : 4, () => this.countedLoop()],
      [3, () => this.branchIf()],
      [5, () => this.callStatement()],
      [this.program.memory ? 5 : 0, () => this.memoryStatement()],
      [this.program.tables.length > 0 ? 5 : 0, () => this.tableStatement()],
    ]);
    if (this.depth > 1 && random.chance(6)) return { tree: this.leave(), ends: true };
    return { tree: make() ?? tree('nop', [], []) };
  }

  /** An instruction that does not end normally. */
  private leave(): Tree {
    const { random } = this;
    return (
      random.weighted<() => Tree | undefined>([
        [6, () => this.branch(random.pick(this.scope.labels))],
        [8, () => this.branchTable()],
        [3, () => tree('return', this.expressions(this.type.results), [])],
        [1, () => (random.chance(20) ? tree('unreachable', [], []) : undefined)],
        [4, () => this.tailCall(this.type.results)],
      ])() ?? tree('return', this.expressions(this.type.results), [])
    );
  }

  private assignLocal(): Tree {
    const { random, scope } = this;
    const usable = [...scope.locals.keys()].filter((i) => !scope.locals[i].reserved);
    const index = usable.length > 0 && random.chance(92) ? random.pick(usable) : this.newLocal();
    const { type, exact } = scope.locals[index];
    return tree('local.set', [exact ? this.exact(type) : this.expression(type)], [], { index });
  }

  private newLocal(): number {
    return this.scope.addLocal(this.anyType(), this.random.chance(50));
  }

  private assignGlobal(): Tree | undefined {
    const { globals } = this.program;
    const usable = [...globals.keys()].filter((i) => i >= OWN_GLOBALS && globals[i].mutable);
    if (usable.length === 0) return undefined;
    const index = this.random.pick(usable);
    return tree('global.set', [this.exact(globals[index].type)], [], { index });
  }

  private store(): Tree {
    const op: Operation = this.random.pick(STORES);
    const { address, offset } = this.access(op.width!);
    const align = this.random.between(0, Math.log2(op.width!));
    return tree(op.mnemonic, [address, this.exact(op.parameters![1])], [], { offset, align });
  }

  private if(): Tree {
    const type = this.blockType();
    const condition = this.expression('i32');
    const operands = this.expressions(type.parameters);
    const label = { number: this.scope.newLabel(), types: type.results };
    const bodies = [this.body(type, label), this.random.chance(60) || type !== EMPTY ? this.body(type, label) : []];
    const node = tree('if', [...operands, condition], type.results, { bodies, label: label.number, type });
    return this.consume(node);
  }

  private leaveIf(): Tree {
    const condition = this.expression('i32');
    return tree('if', [condition], [], { bodies: [[this.leave()], []], label: this.scope.newLabel(), type: EMPTY });
  }

  private structured(op: 'block' | 'loop'): Tree {
    const type = this.blockType();
    const operands = this.expressions(type.parameters);
    const label = { number: this.scope.newLabel(), types: op === 'loop' ? type.parameters : type.results };
    const body = this.body(type, label);
    const start = op === 'loop' ? [this.fuelCheck()] : [];
    const node = tree(op, operands, type.results, { bodies: [[...start, ...body]], label: label.number, type });
    return this.consume(node);
  }

  /** A loop that runs one to five times, whatever its body does; nobody else branches to its label. */
  private countedLoop(): Tree | undefined {
    if (this.countedLoops >= 2) return undefined;
    this.countedLoops++;
    const index = this.scope.addLocal('i32', false, true);
    const counter = tree('local.get', [], ['i32'], { index, keep: true });
    const trips = { ...constant('i32', BigInt(this.random.between(1, COUNTED_TRIPS))), keep: true };
    const label = this.scope.newLabel();
    const body = this.statements();
    const less = tree('i32.sub', [counter, constant('i32', 1n)], ['i32'], { keep: true });
    const again = tree('br_if', [tree('local.tee', [less], ['i32'], { index, keep: true })], [], {
      targets: [label],
      keep: true,
    });
    this.countedLoops--;
    const loop = tree('loop', [], [], { bodies: [[...body, again]], label, type: EMPTY });
    return sequence([tree('local.set', [trips], [], { index, keep: true }), loop]);
  }

  /** Parameters go to new locals, results are computed at the end. */
  private body(type: FunctionType, label: Label): Tree[] {
    const targets = type.parameters.map((each) => this.scope.addLocal(each, false));
    const taken = targets.map((index) => tree('local.set', [], [], { index })).reverse();
    this.scope.labels.push(label);
    const statements = this.statements();
    const results = this.expressions(type.results);
    this.scope.labels.pop();
    return [...(taken.length > 0 ? [sequence(taken)] : []), ...statements, ...results];
  }

  /** A tree and, where it leaves values, what takes them from the stack. */
  private consume(node: Tree): Tree {
    if (node.results.length === 0) return node;
    const takers = [...node.results].reverse().map((type) => {
      const index = this.random.chance(80) ? this.random.pick([...this.scope.localsOf(type, false), -1]) : -1;
      return index < 0 ? tree('drop', [], []) : tree('local.set', [], [], { index });
    });
    return sequence([node, ...takers]);
  }

  private blockType(): FunctionType {
    const { random } = this;
    if (random.chance(60)) return EMPTY;
    const some = (most: number): ValueType[] => Array.from({ length: random.below(most + 1) }, () => this.anyType());
    return { parameters: random.chance(60) ? [] : some(3), results: some(3) };
  }

  private branch({ number, types }: Label): Tree {
    return tree('br', this.expressions(types), [], { targets: [number] });
  }

  private branchIf(): Tree {
    const { number, types } = this.random.pick(this.scope.labels);
    const operands = [...this.expressions(types), this.expression('i32')];
    return this.consume(tree('br_if', operands, types, { targets: [number] }));
  }

  private branchTable(): Tree {
    const { random, scope } = this;
    const first = random.pick(scope.labels);
    const same = scope.labels.filter(({ types }) => types.join() === first.types.join()).map(({ number }) => number);
    const targets = Array.from({ length: random.chance(5) ? 40 : random.between(1, 6) }, () => random.pick(same));
    const index = random.chance(70) ? this.masked('i32', 7) : this.expression('i32');
    return tree('br_table', [...this.expressions(first.types), index], [], { targets });
  }

  private callStatement(): Tree | undefined {
    const types = allFunctionTypes(this.program);
    const index = this.random.below(types.length);
    return this.consume(
      this.random.chance(60) ? this.call(index) : (this.callIndirect(types[index]) ?? this.call(index)),
    );
  }

  private tailCall(results: readonly ValueType[]): Tree | undefined {
    const types = allFunctionTypes(this.program);
    const fitting = [...types.keys()].filter((i) => types[i].results.join() === results.join());
    if (fitting.length === 0) return undefined;
    const index = this.random.pick(fitting);
    const called = this.random.chance(60) ? this.call(index) : (this.callIndirect(types[index]) ?? this.call(index));
    const op = called.op === 'call' ? 'return_call' : 'return_call_indirect';
    return { ...called, op, results: [] };
  }

  private fuelCheck(): Tree {
    const fuel = tree('global.get', [], ['i32'], { index: 0 });
    const less = tree('i32.sub', [fuel, constant('i32', 1n)], ['i32']);
    const empty = tree('i32.lt_s', [fuel, constant('i32')], ['i32']);
    const out = tree(
      'return',
      this.type.results.map((type) => constant(type)),
      [],
    );
    const leave = tree('if', [empty], [], { bodies: [[out], []], label: this.scope.newLabel(), type: EMPTY });
    return { ...sequence([tree('global.set', [less], [], { index: 0 }), leave]), keep: true };
  }

  private memoryStatement(): Tree | undefined {
    const { random } = this;
    const { data } = this.program;
    const most = random.pick([0, 0xf, 0x3f, 0x1fff]);
    const length = random.chance(97) ? this.masked('i32', most) : this.expression('i32');
    const op = random.pick(['memory.fill', 'memory.copy', 'memory.init', 'data.drop'] as const);
    if (op === 'memory.fill') return tree(op, [this.address(most), this.expression('i32'), length], []);
    if (op === 'memory.copy' && random.chance(50)) return this.overlappingCopy();
    if (op === 'memory.copy') return tree(op, [this.address(most), this.address(most), length], []);
    if (data.length === 0) return undefined;
    const index = random.below(data.length);
    if (op === 'data.drop') return random.chance(30) ? tree(op, [], [], { index }) : undefined;
    const size = data[index].bytes.length;
    const from = random.chance(95) ? constant('i32', BigInt(random.between(0, size >> 1))) : this.expression('i32');
    const part = random.chance(95) ? constant('i32', BigInt(random.below(size / 2 + 1))) : length;
    return tree(op, [this.address(size), from, part], [], { index });
  }

  /** Of bytes that a data segment has put there, where there is one. */
  private overlappingCopy(): Tree {
    const { random, program } = this;
    const active = program.data.filter(({ at, bytes }) => at && bytes.length > 0);
    const size = program.memory!.minimum * PAGE;
    const segment = active.length > 0 ? random.pick(active) : undefined;
    const start = segment ? Number(segment.at!.bits!) : random.below(size);
    const length = random.pick([7, 64, 5000, segment?.bytes.length ?? 100]);
    const move = random.pick([1, 4, 8, 33, 4096, random.below(5000)]);
    const [to, from] = random.chance(50) ? [start + move, start] : [start, start + move];
    const last = Math.max(to, from) + length;
    const operands = [to, from, last > size ? Math.max(0, length - (last - size)) : length];
    return tree(
      'memory.copy',
      operands.map((each) => constant('i32', BigInt.asUintN(32, BigInt(each)))),
      [],
    );
  }

  private tableStatement(): Tree | undefined {
    const { random } = this;
    const { tables, elements } = this.program;
    const index = random.below(tables.length);
    const { type } = tables[index];
    const op = random.pick(['table.set', 'table.fill', 'table.copy', 'table.init', 'elem.drop'] as const);
    const at = this.tableIndex(index);
    const length = random.chance(95) ? constant('i32', BigInt(random.below(3))) : this.expression('i32');
    if (op === 'table.set') return tree(op, [at, this.expression(type)], [], { index });
    if (op === 'table.fill') return tree(op, [at, this.expression(type), length], [], { index });
    const same = (items: readonly { readonly type: ValueType }[]): number[] =>
      [...items.keys()].filter((i) => items[i].type === type);
    if (op === 'table.copy') {
      const table = random.pick(same(tables));
      return tree(op, [at, this.tableIndex(table), length], [], { index, table });
    }
    const segments = same(elements);
    if (segments.length === 0) return undefined;
    const segment = random.pick(segments);
    if (op === 'elem.drop') return random.chance(30) ? tree(op, [], [], { index: segment }) : undefined;
    const from = constant('i32', BigInt(random.below(elements[segment].items.length + 1)));
    return tree(op, [at, from, length], [], { index: segment, table: index });
  }
}

const EMPTY: FunctionType = { parameters: [], results: [] };
