// What the registers of one BEAM function hold, as far as stores in place depend on it.
//
// Consumes an AssemblyFunction whose jumps have no cycle (loops are calls); visits its blocks once, each behind all that
// lead there, and keeps of each register what is known on every way. Throws where a store is not proved, tells a sink
// what is passed to other functions and returned. Time and memory grow with the instructions times the registers in use.
import { SHARED_NAME, type StateLayout } from '../ir/shape.ts';
import type { AssemblyFunction, Instruction, Label, OperandType, Register, Source, ValueKind } from './assembly.ts';
import { NO_LEAF } from '../ir/term.ts';
import { runtimeResult } from './runtime-results.ts';

/** `results`: what wasm2beam_value made for several results. A list: a tuple. */
export type Fact = ValueKind | 'results' | readonly Fact[];

/** What is told about calls and returns. A callee is a label, or `module:name` in another part. */
export interface FactSink {
  call(callee: Label | string, args: readonly Fact[], results: readonly ValueKind[]): void;
  tailCall(callee: Label | string, args: readonly Fact[]): void;
  returns(fact: Fact): void;
}

export interface StateFacts {
  /** Elements of S, counted from 1, that hold in-place tuples. */
  readonly inPlace: ReadonlySet<number>;
  readonly layout: Pick<StateLayout, 'base'>;
}

/** Small integers of every machine with 64 bits. */
const SMALL_MIN = -(2 ** 59);
const SMALL_END = 2 ** 59;

/** What is known where one of two things is. */
export function meetFacts(a: Fact, b: Fact): Fact {
  if (a === b) return a;
  if (typeof a === 'string' || typeof b === 'string' || a.length !== b.length) return 'other';
  return a.map((fact, i) => (fact === b[i] ? fact : 'other'));
}

/** Whether something is of a kind. */
export const holds = (fact: Fact, kind: ValueKind): boolean => kind === 'other' || fact === kind;

/** Of an element, counted from 0, of what is known to be a tuple of results or of saved registers. */
export function factOf(tuple: Fact, index: number): Fact {
  if (tuple === 'results') return 'int';
  return typeof tuple === 'string' ? 'other' : (tuple[index] ?? 'other');
}

/** Follows one function. Throws an Error that names the function and the instruction where a store is not proved. */
export function followFunction(fn: AssemblyFunction, state: StateFacts, sink: FactSink): void {
  new Follower(fn, state, sink).run();
}

/** By index; what is missing is not known. */
class Registers {
  readonly x: Fact[];
  y: Fact[];

  constructor(x: Fact[], y: Fact[]) {
    this.x = x;
    this.y = y;
  }

  copy(): Registers {
    return new Registers(this.x.slice(), this.y.slice());
  }

  meet(other: Registers): void {
    meetAll(this.x, other.x);
    meetAll(this.y, other.y);
  }
}

function meetAll(into: Fact[], from: readonly Fact[]): void {
  if (into.length > from.length) into.length = from.length;
  for (let i = 0; i < into.length; i++) if (into[i] !== from[i]) into[i] = meetFacts(into[i], from[i]);
}

class Follower {
  private readonly fn: AssemblyFunction;
  private readonly state: StateFacts;
  private readonly sink: FactSink;
  /** Where each label stands, and what is known there so far. */
  private readonly positions = new Map<Label, number>();
  private readonly arrivals = new Map<Label, Registers>();
  private now = new Registers([], []);
  /** Of the try that is open. */
  private handler: Label | undefined;

  constructor(fn: AssemblyFunction, state: StateFacts, sink: FactSink) {
    this.fn = fn;
    this.state = state;
    this.sink = sink;
    fn.instructions.forEach((instruction, index) => {
      if (instruction.op === 'label') this.positions.set(instruction.label, index);
    });
  }

  run(): void {
    const { fn, arrivals } = this;
    arrivals.set(fn.entry, new Registers([...(fn.parameters ?? [])], []));
    for (const label of this.order()) {
      const known = arrivals.get(label);
      if (known === undefined) throw this.failure(this.positions.get(label)!, 'is reached by a way not followed');
      arrivals.delete(label);
      this.now = known;
      this.block(this.positions.get(label)!);
    }
    if (arrivals.size > 0) throw this.failure(this.positions.get([...arrivals.keys()][0])!, 'is reached from behind');
  }

  /** Labels that can be reached, each behind all that lead there: a depth-first search's order of leaving, reversed. */
  private order(): Label[] {
    const left: Label[] = [];
    const seen = new Set<Label>([this.fn.entry]);
    const stack = [{ label: this.fn.entry, targets: this.successors(this.fn.entry) }];
    while (stack.length > 0) {
      const { label, targets } = stack[stack.length - 1];
      const next = targets.pop();
      if (next === undefined) {
        left.push(label);
        stack.pop();
      } else if (!seen.has(next)) {
        seen.add(next);
        stack.push({ label: next, targets: this.successors(next) });
      }
    }
    return left.reverse();
  }

  private successors(label: Label): Label[] {
    const { instructions } = this.fn;
    const found: Label[] = [];
    for (let index = this.positions.get(label)! + 1; index < instructions.length; index++) {
      const instruction = instructions[index];
      if (instruction.op === 'label') {
        found.push(instruction.label);
        return found;
      }
      for (const target of targetsOf(instruction)) if (this.positions.has(target)) found.push(target);
      if (ENDS.has(instruction.op)) return found;
    }
    return found;
  }

  private block(start: number): void {
    const { instructions } = this.fn;
    for (let index = start + 1; index < instructions.length; index++) {
      const instruction = instructions[index];
      if (instruction.op === 'label') return this.arrive(instruction.label);
      if (instruction.op !== 'jump') this.believe(instruction);
      for (const target of targetsOf(instruction)) this.arrive(target);
      this.step(instruction, index);
      if (ENDS.has(instruction.op)) return;
    }
  }

  /** The registers as they are now are those of a way to a label. */
  private arrive(label: Label): void {
    if (!this.positions.has(label)) return;
    const known = this.arrivals.get(label);
    if (known) known.meet(this.now);
    else this.arrivals.set(label, this.now.copy());
  }

  // --- registers -----------------------------------------------------------------------------------------------------

  private get(source: Source): Fact {
    switch (source.kind) {
      case 'x':
        return this.now.x[source.index] ?? 'other';
      case 'y':
        return this.now.y[source.index] ?? 'other';
      case 'integer':
        return isSmall(source.value, source.value) ? 'int' : 'other';
      case 'literal':
        return source.term === NO_LEAF ? 'slot' : 'other';
      default:
        return 'other';
    }
  }

  private set({ kind, index }: Register, fact: Fact): void {
    const registers = kind === 'x' ? this.now.x : this.now.y;
    while (registers.length < index) registers.push('other');
    registers[index] = fact;
  }

  private args(arity: number): Fact[] {
    return Array.from({ length: arity }, (_, index) => this.now.x[index] ?? 'other');
  }

  /** After a call: x0 alone holds something. */
  private returned(fact: Fact): void {
    this.now.x.length = 0;
    this.now.x.push(fact);
  }

  /** A register with a type of small integers is one from there on, whichever way is taken. */
  private believe(instruction: Instruction): void {
    if (instruction.op !== 'test' && instruction.op !== 'gc_bif' && instruction.op !== 'bif') return;
    for (const arg of instruction.args) {
      if ((arg.kind === 'x' || arg.kind === 'y') && isInt(arg.type) && this.get(arg) === 'other') this.set(arg, 'int');
    }
  }

  // --- instructions ----------------------------------------------------------------------------------------------------

  private step(at: Instruction, index: number): void {
    switch (at.op) {
      case 'set_tuple_element': {
        const [tuple, value] = [this.get(at.tuple), this.get(at.value)];
        if (tuple !== 'cells') throw this.failure(index, 'stores into what is not proved to be an in-place tuple');
        if (value !== 'int') throw this.failure(index, 'stores what is not proved to be a small integer');
        return;
      }
      case 'move':
        return this.set(at.to, this.get(at.from));
      case 'gc_bif':
        return this.set(at.to, isInt(at.to.type) || this.isSmallResult(at.name, at.args) ? 'int' : 'other');
      case 'bif':
        return this.set(at.to, at.name === 'element' ? this.element(this.get(at.args[1])) : 'other');
      case 'get_tuple_element': {
        const fact = this.tupleElement(this.get(at.from), at.index);
        return this.set(at.to, fact === 'other' && isInt(at.to.type) ? 'int' : fact);
      }
      case 'put_tuple': {
        const facts = at.args.map((arg) => this.get(arg));
        return this.set(at.to, facts);
      }
      case 'put_list':
      case 'get_hd':
      case 'get_tl':
      case 'bs_create_bin':
      case 'bs_start_match':
        return this.set(at.to, 'other');
      case 'bs_get_integer':
        return this.set(at.to, 'int');
      case 'get_list':
        this.set(at.head, 'other');
        return this.set(at.tail, 'other');
      case 'fmove':
        return at.to.kind === 'fr' ? undefined : this.set(at.to, 'other');
      case 'allocate':
      case 'allocate_heap':
      case 'deallocate':
        this.now.y = [];
        return;
      case 'trim':
        this.now.y = this.now.y.slice(at.slots);
        return;
      case 'init_yregs':
        for (const register of at.registers) this.set(register, 'other');
        return;
      case 'try':
        this.handler = at.label;
        return;
      case 'try_end':
        this.handler = undefined;
        return;
      case 'try_case':
        this.now.x.length = 0;
        return;
      case 'build_stacktrace':
        return this.returned('other');
      case 'return':
        return this.sink.returns(this.get({ kind: 'x', index: 0 }));
      default:
        return this.transfer(at, index);
    }
  }

  private transfer(at: Instruction, index: number): void {
    switch (at.op) {
      case 'call':
        this.sink.call(at.label, this.args(at.arity), at.results ?? []);
        return this.behindCall(at.results);
      case 'call_only':
      case 'call_last':
        return this.sink.tailCall(at.label, this.args(at.arity));
      case 'call_ext':
        return this.callRemote(at, index);
      case 'call_ext_only':
      case 'call_ext_last':
        this.checkRemote(at, index);
        if (SHARED_NAME.test(at.name)) return this.sink.tailCall(`${at.module}:${at.name}`, this.args(at.arity));
        if (at.module === 'erlang' && at.name === 'error') return;
        return this.sink.returns(this.remoteResult(at.module, at.name));
      case 'call_fun':
        return this.behindCall(undefined);
    }
  }

  private callRemote(at: Extract<Instruction, { op: 'call_ext' }>, index: number): void {
    const { module, name, arity, results } = at;
    this.checkRemote(at, index);
    if (SHARED_NAME.test(name)) {
      this.sink.call(`${module}:${name}`, this.args(arity), results ?? []);
      return this.behindCall(results);
    }
    const fact = this.remoteResult(module, name);
    // The table's kind tells whether it is a funcref, a small integer, or any term.
    const isGet = module === 'wasm2beam_table' && name === 'get' && results?.[0] === 'int';
    this.behindCall(undefined);
    this.returned(isGet ? 'int' : fact);
  }

  /** What a function of another module returns that is called with the registers as they are. */
  private remoteResult(module: string, name: string): Fact {
    if (module === 'erlang' && name === 'make_tuple') return this.now.x[1] === 'int' ? 'cells' : 'other';
    return runtimeResult(module, name);
  }

  /** wasm2beam_cells believes its callers. */
  private checkRemote({ module, name, arity }: { module: string; name: string; arity: number }, index: number): void {
    if (module !== 'wasm2beam_cells' || !name.startsWith('store')) return;
    const args = this.args(arity);
    if (args[0] !== 'root') throw this.failure(index, 'stores into what is not proved to be the memory');
    // Root, address, the words, the memory
    if (args.slice(1, -1).some((fact) => fact !== 'int')) {
      throw this.failure(index, 'stores what is not proved to be a small integer');
    }
  }

  /** An exception leaves from here, too; the stack is as it is now. */
  private behindCall(results: readonly ValueKind[] | undefined): void {
    this.now.x.length = 0;
    if (this.handler !== undefined) this.arrive(this.handler);
    this.returned(
      results === undefined || results.length === 0 ? 'other' : results.length === 1 ? results[0] : results,
    );
  }

  private tupleElement(tuple: Fact, index: number): Fact {
    if (tuple !== 'state')
      return tuple === 'root' ? (index === 0 ? 'int' : 'slot') : tuple === 'cells' ? 'int' : factOf(tuple, index);
    if (this.state.inPlace.has(index + 1)) return 'cells';
    return index + 1 === this.state.layout.base ? 'int' : 'other';
  }

  /** An element that was there, at an index that is not known: of a slot, it was a leaf, which has nothing but rows. */
  private element(tuple: Fact): Fact {
    if (tuple === 'slot') return 'cells';
    return tuple === 'cells' ? 'int' : tuple === 'root' ? 'slot' : 'other';
  }

  /** Whether a guard function with such operands gives a small integer if it does not fail. */
  private isSmallResult(name: string, args: readonly Source[]): boolean {
    const bounds = BOUNDS[name];
    const ranges = args.map((arg) => this.rangeOf(arg));
    if (bounds === undefined || ranges.length !== 2) return false;
    // The mask makes it small, whatever the integer.
    if (name === 'band') return ranges.some((range) => range !== undefined && range[0] >= 0) || ranges.every(Boolean);
    const [a, b] = ranges;
    return a !== undefined && b !== undefined && isSmall(...bounds(a, b));
  }

  private rangeOf(source: Source): Range | undefined {
    if (source.kind === 'integer') return [source.value, source.value];
    if (source.kind !== 'x' && source.kind !== 'y') return undefined;
    if (source.type?.kind === 'integer') return [source.type.min, source.type.max];
    return this.get(source) === 'int' ? [SMALL_MIN, SMALL_END - 1] : undefined;
  }

  private failure(index: number, what: string): Error {
    const { name, instructions } = this.fn;
    return new Error(
      `stores not proved: ${name}: instruction ${index}, ${JSON.stringify(instructions[index])}, ${what}`,
    );
  }
}

/** Inclusive. */
type Range = readonly [number, number];

const isSmall = (min: number, max: number): boolean => min >= SMALL_MIN && max < SMALL_END;
const isInt = (type: OperandType | undefined): boolean => type?.kind === 'integer' && isSmall(type.min, type.max);

const largest = (a: Range, b: Range): number => Math.max(-a[0] - 1, a[1], -b[0] - 1, b[1], 0);

function bitwise(a: Range, b: Range): Range {
  const bound = 2 ** Math.ceil(Math.log2(largest(a, b) + 1));
  return [-bound, bound - 1];
}

function products(a: Range, b: Range): Range {
  const all = [a[0] * b[0], a[0] * b[1], a[1] * b[0], a[1] * b[1]];
  return [Math.min(...all), Math.max(...all)];
}

/** Bounds of what a function of integers gives. */
const BOUNDS: Readonly<Record<string, (a: Range, b: Range) => Range>> = {
  '+': (a, b) => [a[0] + b[0], a[1] + b[1]],
  '-': (a, b) => [a[0] - b[1], a[1] - b[0]],
  '*': products,
  div: (a) => [-Math.max(-a[0], a[1]), Math.max(-a[0], a[1])],
  rem: (a) => [-Math.max(-a[0], a[1]), Math.max(-a[0], a[1])],
  band: bitwise,
  bor: bitwise,
  bxor: bitwise,
  bsl: (a, b) => products(a, [2 ** Math.max(b[0], 0), 2 ** b[1]]),
  bsr: (a) => [Math.min(a[0], 0), Math.max(a[1], 0)],
};

const ENDS: ReadonlySet<Instruction['op']> = new Set([
  'func_info',
  'select_val',
  'jump',
  'call_only',
  'call_last',
  'call_ext_only',
  'call_ext_last',
  'return',
  'badmatch',
  'raw_raise',
]);

/** Labels that an instruction may go on at with the registers that it finds. */
function targetsOf(at: Instruction): readonly Label[] {
  switch (at.op) {
    case 'test':
    case 'bif':
    case 'gc_bif':
    case 'bs_create_bin':
    case 'bs_start_match':
    case 'bs_get_integer':
      return at.fail === 0 ? [] : [at.fail];
    case 'jump':
    case 'try':
      return [at.label];
    case 'select_val':
      return [at.fail, ...at.cases.map(([, label]) => label)];
    default:
      return [];
  }
}
