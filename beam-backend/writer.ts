// Writes the code of one procedure: operands, moves, calls, slow paths, traps.
//
// select.ts writes single operators through it, emit.ts blocks and edges. Slow paths and traps are collected and stand
// behind the code, so that the usual way falls through.
import type { Value } from '../ir/ir.ts';
import type { FunctionId } from '../ir/shape.ts';
import { FRAMED, type Allocation, type Zone } from './allocate.ts';
import type { AssemblyTarget, Instruction, Label, Register, Source, Term } from './assembly.ts';
import { constantSource } from './constants.ts';
import { emitElement, emitMoves, emitTuple, type Move } from './moves.ts';
import { kindOf, typedRegister, untyped } from './operand-types.ts';
import { LiveRegisters } from './registers.ts';

/** How a function of the module is reached: within the same BEAM module, or in another part. */
export type Callee = { readonly label: Label } | { readonly module: string; readonly name: string };

/** What the emitter must know of the module. */
export interface EmitContext {
  readonly target: AssemblyTarget;
  readonly callee: (id: FunctionId, arity: number) => Callee;
  /** Elements of S that hold memory 0 and its cells. */
  readonly memory: number;
  readonly memoryCells: number;
}

/** A slow path and where the usual way meets it again. */
export interface SlowPath {
  readonly label: Label;
  readonly back: Label;
  readonly results: readonly Value[];
  /** X registers from here on hold nothing behind it. */
  readonly top: number;
}

const TRAP_CONTEXT = {
  list: [{ tuple: [{ atom: 'error_info' }, { map: [[{ atom: 'module' }, { atom: 'wasm2beam_trap' }]] }] }],
} as const;

const EMPTY: Source = { kind: 'literal', term: { tuple: [] } };

const TRAPS = new Map<string, Term>();

/** The one term of each reason. */
function trapTerm(reason: string): Term {
  let term = TRAPS.get(reason);
  if (!term) TRAPS.set(reason, (term = { tuple: [{ atom: 'wasm_trap' }, { atom: reason }] }));
  return term;
}

/** X registers beyond those that values need: arguments of calls. */
const ARGUMENT_REGISTERS = 260;

/** Stack slots of a procedure's frame: for values, what a slow path saves, the tag of a try, copies that a run makes. */
export interface Frame {
  readonly slots: number;
  readonly save: number;
  readonly tag: number;
  readonly copies: number;
}

/** The first X register behind an operand; 0 where it is none. */
const behind = (operand: Source): number => (operand.kind === 'x' ? operand.index + 1 : 0);

export class CodeWriter {
  readonly context: EmitContext;
  readonly allocation: Allocation;
  readonly live: LiveRegisters;
  readonly out: Instruction[] = [];
  readonly frame: Frame;
  /** Position and zone of the instruction at hand. */
  position = 0;
  zone: Zone = 0;
  private readonly deferred: (() => void)[] = [];

  constructor(context: EmitContext, allocation: Allocation, frame: Frame) {
    this.context = context;
    this.allocation = allocation;
    this.frame = frame;
    this.live = new LiveRegisters(allocation, ARGUMENT_REGISTERS);
  }

  source(value: Value): Source {
    return value.constant === undefined ? this.registerOf(value, this.zone) : constantSource(value);
  }

  register(value: Value): Register {
    return this.registerOf(value, this.zone);
  }

  protected registerOf(value: Value, zone: Zone): Register {
    return typedRegister(this.allocation.place(value, zone), value);
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
    if (moves.length === 0) return;
    let spare = this.allocation.xCount;
    for (const { from, to } of moves) spare = Math.max(spare, behind(from), behind(to));
    emitMoves(moves, spare, this.out);
    for (const { to } of moves) if (to.kind === 'x') this.live.write(to.index);
  }

  /** A tuple of what is at hand; there is room for it on the heap. */
  tuple(args: readonly Source[], to: Register): void {
    let spare = this.allocation.xCount;
    for (const arg of args) spare = Math.max(spare, behind(arg));
    emitTuple(args, spare, to, this.out);
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

  /** Calls a function of the module; its arguments are in place. */
  callFunction(id: FunctionId, arity: number, values: readonly Value[]): void {
    const callee = this.context.callee(id, arity);
    const results = values.map(kindOf);
    if ('label' in callee) this.out.push({ op: 'call', arity, label: callee.label, results });
    else this.out.push({ op: 'call_ext', arity, ...callee, results });
  }

  /** Takes what a call returned to where it belongs. */
  takeResults(results: readonly Value[]): void {
    this.live.clear();
    this.live.write(0);
    if (results.length === 0) return;
    const wanted = results.filter((result) => this.allocation.isUsed(result));
    this.spread(results.map((result) => (this.allocation.isUsed(result) ? this.register(result) : undefined)));
    for (const result of wanted) this.defined(result);
  }

  /**
   * A call that hardly ever happens, off the way: X registers that are needed behind it are saved in a tuple.
   * To be asked for before the code of the usual way is written, which ends in `resume`.
   *
   * @param code emits the call with everything that it needs in registers; returns with its result in x0. It is told
   * where the tuple of what is saved is, and where the operands begin in it, counted from 1
   * @param results where the result goes: the value to be defined, or one whose contents it replaces; several for a tuple
   * @param operands values that are put into the tuple, too
   */
  slowPath(
    code: (saved: Source, first: number) => void,
    results: readonly Value[],
    operands: readonly Value[] = [],
  ): SlowPath {
    const path = { label: this.newLabel(), back: this.newLabel(), results, top: 0 };
    const targets = results.map((result) => this.register(result));
    const isTarget = (index: number): boolean => targets.some((to) => to.kind === 'x' && to.index === index);
    const saved = this.live.neededBehind(this.position).filter((index) => !isTarget(index));
    const live = this.live.needed(this.position);
    path.top = saved.length > 0 ? saved[saved.length - 1] + 1 : 0;
    // What the usual way uses for a while shall hold something on both ways.
    this.live.fill(path.top, this.out);
    const idle: number[] = [];
    for (let index = 0; index < path.top; index++) {
      if (this.live.holds(index) && !saved.includes(index) && !isTarget(index)) idle.push(index);
    }
    this.defer(path.label, () => {
      const { out } = this;
      const framed = this.zone === FRAMED;
      const slot: Register = { kind: 'y', index: framed ? this.frame.save : 0 };
      const kept = [
        ...saved.map((index) => ({ kind: 'x' as const, index })),
        ...operands.map((operand) => untyped(this.source(operand))),
      ];
      this.live.fill(live, out);
      this.save(kept, slot, live);
      code(kept.length > 0 ? slot : EMPTY, saved.length + 1);
      this.spread(targets);
      saved.forEach((register, index) => {
        out.push({ op: 'get_tuple_element', from: slot, index, to: { kind: 'x', index: register } });
      });
      // The usual way comes here with something in these; nobody reads it.
      for (const index of idle) out.push({ op: 'move', from: { kind: 'integer', value: 0 }, to: { kind: 'x', index } });
      if (!framed) out.push({ op: 'deallocate', slots: kept.length > 0 ? 1 : 0 });
      out.push({ op: 'jump', label: path.back });
    });
    return path;
  }

  /** The usual way goes on here, and the slow path comes back. */
  resume({ back, results, top }: SlowPath): void {
    this.out.push({ op: 'label', label: back });
    this.live.truncate(top);
    for (const result of results) this.defined(result);
  }

  /** Takes x0, or the elements of the tuple in it, to registers. */
  private spread(targets: readonly (Register | undefined)[]): void {
    const x0: Register = { kind: 'x', index: 0 };
    if (targets.length === 1) {
      if (targets[0]) this.move([{ from: x0, to: targets[0] }]);
      return;
    }
    this.known(x0, targets.length);
    // x0 holds the tuple: what goes there comes last.
    const isX0 = (to: Register): boolean => to.kind === 'x' && to.index === 0;
    const wanted = targets.flatMap((to, index) => (to ? [{ to, index }] : []));
    for (const { to, index } of [...wanted.filter(({ to }) => !isX0(to)), ...wanted.filter(({ to }) => isX0(to))]) {
      emitElement(x0, index, to, this.out);
    }
  }

  private save(kept: readonly Source[], slot: Register, live: number): void {
    const { out } = this;
    const framed = this.zone === FRAMED;
    const heap = { words: kept.length + 1, floats: 0 };
    if (kept.length === 0) {
      if (!framed) out.push({ op: 'allocate', slots: 0, live });
      return;
    }
    if (framed) out.push({ op: 'test_heap', heap, live });
    else out.push({ op: 'allocate_heap', slots: 1, heap, live });
    out.push({ op: 'put_tuple', to: slot, args: kept });
  }

  /** Raises a trap here: the stack trace must show this function. */
  raise(reason: string, offset: number): void {
    const args: Source[] = [
      { kind: 'literal', term: trapTerm(reason) },
      { kind: 'atom', name: 'none' },
      { kind: 'literal', term: TRAP_CONTEXT },
    ];
    this.loadArguments(args);
    this.line(offset);
    const error = { arity: 3, module: 'erlang', name: 'error' };
    if (this.zone === FRAMED) this.out.push({ op: 'call_ext_last', ...error, deallocate: this.frame.slots });
    else this.out.push({ op: 'call_ext_only', ...error });
  }

  /** Guards a call by a try, so that `restore` runs before an exception goes on. */
  protect(call: () => void, restore: () => void): void {
    const tag = { kind: 'y' as const, index: this.frame.tag };
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

  /** Writes what was deferred, also what is deferred meanwhile. */
  protected writeDeferred(): void {
    // The iterator sees what is appended on the way.
    for (const write of this.deferred) write();
  }
}
