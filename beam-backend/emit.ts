// From a procedure with registers to BEAM instructions: blocks, edges, the stack frame.
//
// Consumes a procedure of the second level of the IR; produces an AssemblyFunction. What single operators become is in
// select.ts. Slow paths and traps are collected and stand behind the code, so that the usual way falls through.
import { type Block, type Edge, type Instruction as IrInstruction, type Terminator, type Value } from '../ir/ir.ts';
import type { Division, Procedure } from '../ir/procedures.ts';
import { FRAMED, Allocation, type Place, type Scratch, type Zone } from './allocate.ts';
import type { AssemblyFunction, AssemblyTarget, Instruction, Label, OperandType, Register, Source } from './assembly.ts';
import { constantSource } from './constants.ts';
import { emitMoves, type Move } from './moves.ts';
import { LiveRegisters } from './registers.ts';
import { demandOf, selectInstruction } from './select.ts';

/** What the emitter must know of the module. */
export interface EmitContext {
  readonly target: AssemblyTarget;
  /** Label of a function's first procedure. */
  readonly functionLabel: (id: number) => Label;
  /** Elements of S that hold memory 0 and its cells. */
  readonly memory: number;
  readonly memoryCells: number;
}

/** Everything about one function that its procedures share. */
export interface FunctionCode {
  readonly name: string;
  readonly division: Division;
  readonly labels: ReadonlyMap<Procedure, Label>;
  readonly scratch: Scratch;
}

/** A slow path and where the usual way meets it again. */
export interface SlowPath {
  readonly label: Label;
  readonly back: Label;
  readonly result: Value;
  /** X registers from here on hold nothing behind it. */
  readonly top: number;
}

const TRAP_CONTEXT = { list: [{ tuple: [{ atom: 'error_info' }, { map: [[{ atom: 'module' }, { atom: 'wasm2beam_trap' }]] }] }] } as const;

export class ProcedureEmitter {
  readonly context: EmitContext;
  readonly allocation: Allocation;
  readonly live: LiveRegisters;
  readonly out: Instruction[] = [];
  /** Loads of a hot procedure are inline, those of others are calls. */
  readonly inlineLoads: boolean;
  /** Position and zone of the instruction at hand. */
  position = 0;
  zone: Zone = 0;
  private readonly fn: FunctionCode;
  private readonly procedure: Procedure;
  private readonly labels = new Map<Block, Label>();
  private readonly states = new Map<Block, Uint8Array>();
  private readonly deferred: (() => void)[] = [];
  private frameSlots = 0;
  private saveSlot: number | undefined;
  private tagSlot: number | undefined;

  constructor(context: EmitContext, fn: FunctionCode, procedure: Procedure) {
    this.context = context;
    this.fn = fn;
    this.procedure = procedure;
    const size = procedure.blocks.reduce((sum, block) => sum + block.instructions.length, 0);
    this.inlineLoads = procedure.loop || size < 40;
    this.allocation = new Allocation(procedure, fn.division, fn.scratch, (at) => demandOf(at, this.inlineLoads));
    this.live = new LiveRegisters(this.allocation, 260);
    this.planFrame();
  }

  /** The frame: values, then where needed a slot for what a slow path saves and one for the tag of a try. */
  private planFrame(): void {
    this.frameSlots = this.allocation.frameSlots;
    let slowPaths = false;
    let tries = false;
    for (const block of this.procedure.blocks) {
      if (this.allocation.zone(block) !== FRAMED) continue;
      for (const at of block.instructions) {
        const demand = demandOf(at, this.inlineLoads);
        slowPaths ||= demand.slowPath;
        tries ||= at.operator === 'call_protected';
      }
    }
    if (slowPaths) this.saveSlot = this.frameSlots++;
    if (tries) this.tagSlot = this.frameSlots++;
  }

  emit(): AssemblyFunction {
    const { procedure, out, fn, context } = this;
    const arity = procedure.params.length;
    if (arity > 255) throw new Error(`${fn.name}: ${arity} values live into a procedure`);
    const entry = fn.labels.get(procedure)!;
    out.push(
      { op: 'label', label: context.target.newLabel() },
      { op: 'line', line: 0 },
      { op: 'func_info', name: fn.name, arity },
      { op: 'label', label: entry },
    );
    procedure.params.forEach((param, index) => {
      this.live.write(index);
      if (param.tupleSize > 0) this.known({ kind: 'x', index }, param.tupleSize);
    });
    this.zone = this.allocation.zone(procedure.entry);
    if (this.zone === FRAMED) this.enterFrame();
    procedure.blocks.forEach((block, index) => this.emitBlock(block, procedure.blocks[index + 1]));
    for (let next = this.deferred.shift(); next; next = this.deferred.shift()) next();
    return { name: fn.name, arity, entry, instructions: out };
  }

  /** The procedure begins with a frame: parameters move from where they arrive. */
  private enterFrame(): void {
    const { procedure, allocation } = this;
    this.out.push({ op: 'allocate', slots: this.frameSlots, live: procedure.params.length });
    const moves: Move[] = [];
    procedure.params.forEach((param, index) => {
      if (!allocation.isUsed(param)) return;
      const to = this.registerOf(param, FRAMED);
      if (to.kind === 'y') moves.push({ from: { kind: 'x', index }, to });
    });
    this.move(moves);
    this.initialise(moves);
  }

  private initialise(moves: readonly Move[]): void {
    const written = new Set(moves.filter(({ to }) => to.kind === 'y').map(({ to }) => to.index));
    const registers = Array.from({ length: this.frameSlots }, (_, index) => ({ kind: 'y' as const, index }));
    const rest = registers.filter(({ index }) => !written.has(index));
    if (rest.length > 0) this.out.push({ op: 'init_yregs', registers: rest });
  }

  private emitBlock(block: Block, next: Block | undefined): void {
    const { out, allocation } = this;
    if (block !== this.procedure.entry) {
      out.push({ op: 'label', label: this.labelOf(block) });
      this.live.restore(this.states.get(block)!);
      this.states.delete(block);
    }
    this.zone = allocation.zone(block);
    this.position = allocation.starts.get(block)!;
    for (const instruction of block.instructions) {
      this.position++;
      selectInstruction(this, instruction);
    }
    this.position++;
    this.emitTerminator(block.terminator!, next);
  }

  private labelOf(block: Block): Label {
    let label = this.labels.get(block);
    if (label === undefined) this.labels.set(block, (label = this.context.target.newLabel()));
    return label;
  }

  // --- operands ----------------------------------------------------------------------------------------------------

  source(value: Value): Source {
    return value.constant === undefined ? this.registerOf(value, this.zone) : constantSource(value);
  }

  register(value: Value): Register {
    return this.registerOf(value, this.zone);
  }

  private registerOf(value: Value, zone: Zone): Register {
    return typed(this.allocation.place(value, zone), typeOf(value));
  }

  /** Notes that the value's register has been written. */
  defined(value: Value): void {
    const { kind, index } = this.allocation.place(value, this.zone);
    if (kind === 'x') this.live.write(index);
    if (value.tupleSize > 0) this.known({ kind, index }, value.tupleSize);
  }

  known(register: Register, size: number): void {
    this.out.push({ op: 'known_tuple', register, size });
  }

  move(moves: readonly Move[]): void {
    emitMoves(moves, this.out);
    for (const { to } of moves) if (to.kind === 'x') this.live.write(to.index);
  }

  line(offset: number): void {
    if (offset > 0) this.out.push({ op: 'line', line: offset });
  }

  /** Code that stands behind the procedure's: run later, with the registers as they are now. */
  defer(label: Label, code: () => void): void {
    const { position, zone } = this;
    const state = this.live.snapshot();
    this.deferred.push(() => {
      [this.position, this.zone] = [position, zone];
      this.live.restore(state);
      this.out.push({ op: 'label', label });
      code();
    });
  }

  newLabel(): Label {
    return this.context.target.newLabel();
  }

  // --- calls ---------------------------------------------------------------------------------------------------------

  /** Loads arguments into x0, x1, ... */
  loadArguments(args: readonly Source[]): void {
    this.move(args.map((from, index) => ({ from, to: { kind: 'x', index } })));
  }

  /** Takes what a call returned to where it belongs. */
  takeResults(results: readonly Value[]): void {
    this.live.clear();
    this.live.write(0);
    const x0: Register = { kind: 'x', index: 0 };
    if (results.length <= 1) {
      for (const result of results) {
        if (!this.allocation.isUsed(result)) continue;
        this.move([{ from: x0, to: this.registerOf(result, this.zone) }]);
        this.defined(result);
      }
      return;
    }
    this.known(x0, results.length);
    const wanted = results.map((result, index) => ({ result, index })).filter(({ result }) => this.allocation.isUsed(result));
    // x0 holds the tuple: what goes there comes last.
    const isX0 = ({ result }: { result: Value }): boolean => {
      const { kind, index } = this.allocation.place(result, this.zone);
      return kind === 'x' && index === 0;
    };
    for (const { result, index } of [...wanted.filter((at) => !isX0(at)), ...wanted.filter(isX0)]) {
      this.out.push({ op: 'get_tuple_element', from: x0, index, to: this.register(result) });
      this.defined(result);
    }
  }

  /**
   * A call that hardly ever happens, off the way: X registers that are needed behind it are saved in a tuple.
   * To be asked for before the code of the usual way is written, which ends in `resume`.
   *
   * @param code emits the call with everything that it needs in registers; returns with its result in x0
   * @param result where the result goes: the value to be defined, or one whose contents it replaces
   */
  slowPath(code: () => void, result: Value): SlowPath {
    const path = { label: this.newLabel(), back: this.newLabel(), result, top: 0 };
    const target = this.register(result);
    const isTarget = (index: number): boolean => target.kind === 'x' && target.index === index;
    const saved = this.live.neededBehind(this.position).filter((index) => !isTarget(index));
    const needed = this.live.needed(this.position);
    const live = needed.length > 0 ? needed[needed.length - 1] + 1 : 0;
    path.top = saved.length > 0 ? saved[saved.length - 1] + 1 : 0;
    const idle: number[] = [];
    for (let index = 0; index < path.top; index++) {
      if (this.live.holds(index) && !saved.includes(index) && !isTarget(index)) idle.push(index);
    }
    this.defer(path.label, () => {
      const { out } = this;
      const framed = this.zone === FRAMED;
      const slot: Register = { kind: 'y', index: framed ? this.saveSlot! : 0 };
      this.live.fill(live, out);
      this.save(saved, slot, live);
      code();
      out.push({ op: 'move', from: { kind: 'x', index: 0 }, to: target });
      saved.forEach((register, index) => {
        out.push({ op: 'get_tuple_element', from: slot, index, to: { kind: 'x', index: register } });
      });
      // The usual way comes here with something in these; nobody reads it.
      for (const index of idle) out.push({ op: 'move', from: { kind: 'integer', value: 0 }, to: { kind: 'x', index } });
      if (!framed) out.push({ op: 'deallocate', slots: saved.length > 0 ? 1 : 0 });
      out.push({ op: 'jump', label: path.back });
    });
    return path;
  }

  /** The usual way goes on here, and the slow path comes back. */
  resume({ back, result, top }: SlowPath): void {
    this.out.push({ op: 'label', label: back });
    this.live.truncate(top);
    this.defined(result);
  }

  private save(saved: readonly number[], slot: Register, live: number): void {
    const { out } = this;
    const framed = this.zone === FRAMED;
    const heap = { words: saved.length + 1, floats: 0 };
    if (saved.length === 0) {
      if (!framed) out.push({ op: 'allocate', slots: 0, live });
      return;
    }
    if (framed) out.push({ op: 'test_heap', heap, live });
    else out.push({ op: 'allocate_heap', slots: 1, heap, live });
    out.push({ op: 'put_tuple', to: slot, args: saved.map((index) => ({ kind: 'x', index })) });
  }

  /** Raises a trap here: the stack trace must show this function. */
  raise(reason: string, offset: number): void {
    const args: Source[] = [
      { kind: 'literal', term: { tuple: [{ atom: 'wasm_trap' }, { atom: reason }] } },
      { kind: 'atom', name: 'none' },
      { kind: 'literal', term: TRAP_CONTEXT },
    ];
    this.loadArguments(args);
    this.line(offset);
    const error = { arity: 3, module: 'erlang', name: 'error' };
    if (this.zone === FRAMED) this.out.push({ op: 'call_ext_last', ...error, deallocate: this.frameSlots });
    else this.out.push({ op: 'call_ext_only', ...error });
  }

  /** Guards a call by a try, so that `restore` runs before an exception goes on. */
  protect(call: () => void, restore: () => void): void {
    const tag = { kind: 'y' as const, index: this.tagSlot! };
    const label = this.newLabel();
    this.out.push({ op: 'try', tag, label });
    call();
    this.out.push({ op: 'try_end', tag });
    this.defer(label, () => {
      this.out.push({ op: 'try_case', tag });
      restore();
      this.out.push({ op: 'raw_raise' });
    });
  }

  // --- edges and terminators -------------------------------------------------------------------------------------------

  private emitTerminator(terminator: Terminator, next: Block | undefined): void {
    switch (terminator.kind) {
      case 'jump':
        return this.emitEdge(terminator.edge, next);
      case 'branch':
        return this.emitBranch(terminator, next);
      case 'switch':
        return this.emitSwitch(terminator);
      case 'return':
        return this.emitReturn(terminator.values);
      case 'tail_call':
        return this.emitTailCall(terminator.call);
      case 'trap':
        return this.raise(terminator.reason, terminator.offset);
    }
  }

  /** Whether an edge needs no code: nothing moves, and the frame stays as it is. */
  private isPlain({ target, args }: Edge): boolean {
    if (this.fn.division.startsAt.has(target) || this.allocation.zone(target) !== this.zone) return false;
    return args.every((arg, i) => {
      const param = target.params[i];
      if (arg.constant !== undefined) return !this.allocation.isUsed(param);
      const [from, to] = [this.allocation.place(arg, this.zone), this.allocation.place(param, this.zone)];
      return from.kind === to.kind && from.index === to.index;
    });
  }

  private arrive(target: Block): void {
    const state = this.live.snapshot();
    const known = this.states.get(target);
    if (known) for (let i = 0; i < known.length; i++) known[i] &= state[i];
    else this.states.set(target, state);
  }

  private emitEdge(edge: Edge, next: Block | undefined): void {
    const { target, args } = edge;
    const procedure = this.fn.division.startsAt.get(target);
    if (procedure) {
      const values = [...args, ...this.fn.division.liveIn[target.id]];
      this.loadArguments(values.map((value) => this.source(value)));
      return this.leave(values.length, this.fn.labels.get(procedure)!);
    }
    const { allocation } = this;
    const zone = allocation.zone(target);
    const moves: Move[] = [];
    args.forEach((arg, i) => {
      const param = target.params[i];
      if (allocation.isUsed(param)) moves.push({ from: this.source(arg), to: this.registerOf(param, zone) });
    });
    if (zone !== this.zone) {
      for (const value of this.fn.division.liveIn[target.id]) {
        if (allocation.moves(value)) moves.push({ from: this.source(value), to: this.registerOf(value, zone) });
      }
    }
    if (zone === FRAMED && this.zone !== FRAMED) {
      const live = this.live.count(this.position, 0, this.out);
      this.out.push({ op: 'allocate', slots: this.frameSlots, live });
    }
    this.move(moves);
    if (zone === FRAMED && this.zone !== FRAMED) this.initialise(moves);
    if (zone !== FRAMED && this.zone === FRAMED) this.out.push({ op: 'deallocate', slots: this.frameSlots });
    this.arrive(target);
    if (target !== next) this.out.push({ op: 'jump', label: this.labelOf(target) });
  }

  private leave(arity: number, label: Label): void {
    if (this.zone === FRAMED) this.out.push({ op: 'call_last', arity, label, deallocate: this.frameSlots });
    else this.out.push({ op: 'call_only', arity, label });
  }

  /** A label to reach an edge by: the target's own where the edge needs no code, else one for its code behind. */
  private edgeLabel(edge: Edge): Label {
    if (this.isPlain(edge)) {
      this.arrive(edge.target);
      return this.labelOf(edge.target);
    }
    const label = this.newLabel();
    if (!this.fn.division.startsAt.has(edge.target)) {
      // What the edge leaves in registers must be known before its target is emitted: its code comes here, not later.
      throw new Error('an edge with moves within the procedure has its code in place');
    }
    this.defer(label, () => this.emitEdge(edge, undefined));
    return label;
  }

  private emitBranch(terminator: Extract<Terminator, { kind: 'branch' }>, next: Block | undefined): void {
    let { then, else: otherwise } = terminator;
    let { test } = terminator;
    // The test jumps when it fails; what comes next should be where it does not.
    const wantsSwap = then.target !== next && otherwise.target === next && this.isPlain(otherwise);
    if (wantsSwap || (!this.canJump(otherwise) && this.canJump(then))) {
      [then, otherwise] = [otherwise, then];
      test = ({ lt: 'ge', ge: 'lt', eq: 'ne', ne: 'eq' } as const)[test];
    }
    const args = terminator.args.map((arg) => this.source(arg));
    if (this.canJump(otherwise)) {
      this.out.push({ op: 'test', name: TESTS[test], fail: this.edgeLabel(otherwise), args });
      return this.emitEdge(then, next);
    }
    const label = this.newLabel();
    this.out.push({ op: 'test', name: TESTS[test], fail: label, args });
    const state = this.live.snapshot();
    this.emitEdge(then, undefined);
    this.live.restore(state);
    this.out.push({ op: 'label', label });
    this.emitEdge(otherwise, next);
  }

  /** Whether an edge can be reached by a label alone: plain, or a tail call whose code can stand elsewhere. */
  private canJump(edge: Edge): boolean {
    return this.fn.division.startsAt.has(edge.target) || this.isPlain(edge);
  }

  /** A balanced tree of comparisons: an indirect jump costs more. */
  private emitSwitch({ index, cases, otherwise }: Extract<Terminator, { kind: 'switch' }>): void {
    const labels = new Map<Edge, Label>();
    const code: (() => void)[] = [];
    const state = this.live.snapshot();
    const labelFor = (edge: Edge): Label => {
      let label = labels.get(edge);
      if (label === undefined) {
        if (this.canJump(edge)) label = this.edgeLabel(edge);
        else {
          label = this.newLabel();
          const here = label;
          code.push(() => {
            this.live.restore(state);
            this.out.push({ op: 'label', label: here });
            this.emitEdge(edge, undefined);
          });
        }
        labels.set(edge, label);
      }
      return label;
    };
    const ranges = caseRanges(cases, otherwise);
    const value = this.source(index);
    const tree = (low: number, high: number): void => {
      if (low === high) return void this.out.push({ op: 'jump', label: labelFor(ranges[low].edge) });
      const middle = (low + high + 1) >> 1;
      const above = middle === high ? labelFor(ranges[high].edge) : this.newLabel();
      const bound: Source = { kind: 'integer', value: ranges[middle].from };
      this.out.push({ op: 'test', name: 'is_lt', fail: above, args: [value, bound] });
      tree(low, middle - 1);
      if (middle === high) return;
      this.out.push({ op: 'label', label: above });
      tree(middle, high);
    };
    tree(0, ranges.length - 1);
    for (const emit of code) emit();
  }

  private emitReturn(values: readonly Value[]): void {
    const x0: Register = { kind: 'x', index: 0 };
    if (values.length === 0) this.move([{ from: { kind: 'atom', name: 'ok' }, to: x0 }]);
    else if (values.length === 1) this.move([{ from: this.source(values[0]), to: x0 }]);
    else {
      const live = this.live.count(this.position, 0, this.out);
      this.out.push({ op: 'test_heap', heap: { words: values.length + 1, floats: 0 }, live });
      this.out.push({ op: 'put_tuple', to: x0, args: values.map((value) => untyped(this.source(value))) });
    }
    if (this.zone === FRAMED) this.out.push({ op: 'deallocate', slots: this.frameSlots });
    this.out.push({ op: 'return' });
  }

  private emitTailCall(call: IrInstruction): void {
    this.loadArguments(call.args.map((arg) => this.source(arg)));
    this.line(call.offset);
    this.leave(call.args.length, this.context.functionLabel(call.index));
  }
}

export const TESTS = { lt: 'is_lt', ge: 'is_ge', eq: 'is_eq_exact', ne: 'is_ne_exact' } as const;

/** Cases as ranges that cover every number: the first has no lower end. */
function caseRanges(
  cases: readonly { readonly value: number; readonly edge: Edge }[],
  otherwise: Edge,
): { from: number; edge: Edge }[] {
  const ranges: { from: number; edge: Edge }[] = [{ from: -Infinity, edge: otherwise }];
  let next = -Infinity;
  const add = (from: number, edge: Edge): void => {
    if (ranges[ranges.length - 1].edge !== edge) ranges.push({ from, edge });
  };
  for (const { value, edge } of cases) {
    if (value !== next) add(next, otherwise);
    add(value, edge);
    next = value + 1;
  }
  add(next, otherwise);
  return ranges;
}

export const untyped = (source: Source): Source =>
  source.kind === 'x' || source.kind === 'y' ? { kind: source.kind, index: source.index } : source;

const typed = ({ kind, index }: Place, type: OperandType | undefined): Register =>
  type ? { kind, index, type } : { kind, index };

function typeOf(value: Value): OperandType | undefined {
  if (value.type === 'int') return integerType(value.min, value.max);
  return value.tupleSize > 0 ? TUPLE_TYPE : undefined;
}

const TUPLE_TYPE: OperandType = { kind: 'tuple' };
const INTEGER_TYPES = new Map<number, OperandType>();

/** A range rounded outwards to powers of two, so that a module has few types. */
function integerType(min: number, max: number): OperandType {
  const low = min < 0 ? Math.ceil(Math.log2(-min)) + 1 : 0;
  const high = max > 0 ? Math.floor(Math.log2(max)) + 1 : 0;
  const key = 64 * low + high;
  let type = INTEGER_TYPES.get(key);
  if (!type) {
    type = { kind: 'integer', min: low > 0 ? -(2 ** (low - 1)) : 0, max: high === 0 ? 0 : 2 ** Math.min(high, 59) - 1 };
    INTEGER_TYPES.set(key, type);
  }
  return type;
}
