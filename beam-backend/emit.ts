// From a procedure with registers to BEAM instructions: blocks, edges, the stack frame.
//
// Consumes a procedure of the second level of the IR; produces an AssemblyFunction. What single operators become is in
// select.ts.
import type { Block, Edge, Instruction as IrInstruction, Terminator, Value } from '../ir/ir.ts';
import { ASKED_BY_BRANCH } from '../ir/passes/runs.ts';
import { passedTo, type Division, type Procedure } from '../ir/procedures.ts';
import { FRAMED, Allocation, MAX_REGISTERS, OutOfRegisters, type Scratch } from './allocate.ts';
import type { AssemblyFunction, Label, Register, Source } from './assembly.ts';
import { demandOf } from './demand.ts';
import type { Move } from './moves.ts';
import type { Pieces } from './pieces.ts';
import { kindOf, untyped } from './operand-types.ts';
import { selectInstruction, TESTS } from './select.ts';
import { branchOnFloats } from './select-float.ts';
import { isAccess } from './select-memory.ts';
import { runNeedsTry } from './select-run.ts';
import type { RegisterSet } from './registers.ts';
import { CodeWriter, type Callee, type EmitContext, type Frame } from './writer.ts';

type Branch = Extract<Terminator, { kind: 'branch' }>;

/** Everything about one function that its procedures share. */
export interface FunctionCode {
  readonly name: string;
  readonly division: Division;
  readonly pieces: Pick<Pieces, 'label' | 'callee'>;
  readonly scratch: Scratch;
}

/** Of a BEAM function. */
const MAX_ARITY = 255;
/** Loads and stores of the memory are inline where a loop has no more of them than this, or any other procedure. */
const INLINE_IN_LOOP = 64;
const INLINE_ELSEWHERE = 2;
/** Values that fit the registers with what instructions need in between. */
const FEW_VALUES = MAX_REGISTERS - 100;

/** Whether a procedure's values fit the registers, and those that live into it the arguments of a function. */
export function fits(fn: FunctionCode, procedure: Procedure): boolean {
  if (procedure.params.length > MAX_ARITY) return false;
  return hasFewValues(procedure) || allocate(fn, procedure, isInline(procedure)) !== undefined;
}

/** So few that they fit, whenever each is alive. */
function hasFewValues({ params, blocks }: Procedure): boolean {
  let values = params.length;
  for (const block of blocks) {
    values += block.params.length;
    for (const { results } of block.instructions) values += results.length;
    if (values > FEW_VALUES) return false;
  }
  return true;
}

function allocate({ division, scratch }: FunctionCode, procedure: Procedure, inline: boolean): Allocation | undefined {
  try {
    return new Allocation(procedure, division, scratch, (at) => demandOf(at, inline));
  } catch (error) {
    if (error instanceof OutOfRegisters) return undefined;
    throw error;
  }
}

/** Turns one procedure that fits into a BEAM function. */
export function emitProcedure(context: EmitContext, fn: FunctionCode, procedure: Procedure): AssemblyFunction {
  const inline = isInline(procedure);
  return new ProcedureEmitter(context, fn, procedure, allocate(fn, procedure, inline)!, inline).emit();
}

/** Whether accesses of the memory are inline. */
const isInline = (procedure: Procedure): boolean =>
  countAccesses(procedure) <= (procedure.loop ? INLINE_IN_LOOP : INLINE_ELSEWHERE);

function countAccesses({ blocks }: Procedure): number {
  let count = 0;
  for (const { instructions } of blocks) for (const { operator } of instructions) if (isAccess(operator)) count++;
  return count;
}

function planFrame(procedure: Procedure, allocation: Allocation, inline: boolean): Frame {
  let slowPaths = false;
  let tries = false;
  let copies = 0;
  for (const block of procedure.blocks) {
    if (allocation.zone(block) !== FRAMED) continue;
    let position = allocation.start(block);
    for (const at of block.instructions) {
      position++;
      slowPaths ||= demandOf(at, inline).slowPath;
      tries ||= at.operator === 'call_protected';
      if (!runNeedsTry(at)) continue;
      tries = true;
      copies = Math.max(copies, allocation.xNeededAt(position));
    }
  }
  const save = allocation.frameSlots;
  const tag = save + Number(slowPaths);
  const firstCopy = tag + Number(tries);
  return { save, tag, copies: firstCopy, slots: firstCopy + copies };
}

class ProcedureEmitter extends CodeWriter {
  private readonly fn: FunctionCode;
  private readonly procedure: Procedure;
  private readonly inline: boolean;
  private readonly labels = new Map<Block, Label>();
  /** For blocks ahead: registers that hold something on every way there so far. */
  private readonly states = new Map<Block, RegisterSet>();

  constructor(context: EmitContext, fn: FunctionCode, procedure: Procedure, allocation: Allocation, inline: boolean) {
    super(context, allocation, planFrame(procedure, allocation, inline));
    this.fn = fn;
    this.procedure = procedure;
    this.inline = inline;
  }

  emit(): AssemblyFunction {
    const { procedure, out, fn, context } = this;
    const arity = procedure.params.length;
    const entry = fn.pieces.label(procedure);
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
    this.writeDeferred();
    return { name: fn.name, arity, entry, parameters: procedure.params.map(kindOf), instructions: out };
  }

  /** The procedure begins with a frame: parameters move from where they arrive. */
  private enterFrame(): void {
    const { procedure, allocation } = this;
    this.out.push({ op: 'allocate', slots: this.frame.slots, live: procedure.params.length });
    const moves: Move[] = [];
    procedure.params.forEach((param, index) => {
      if (!allocation.isUsed(param)) return;
      const to = this.registerOf(param, FRAMED);
      if (to.kind === 'y') moves.push({ from: { kind: 'x', index }, to });
    });
    this.move(moves);
    this.initialise(moves);
  }

  /** Even slots, then odd ones: the loader makes `rep stosq` of neighbours, which is slow to start. */
  private initialise(moves: readonly Move[]): void {
    const written = new Set(moves.filter(({ to }) => to.kind === 'y').map(({ to }) => to.index));
    const slots = Array.from({ length: this.frame.slots }, (_, index) => index).filter((index) => !written.has(index));
    for (const parity of [0, 1]) {
      const registers = slots.filter((index) => index % 2 === parity).map((index) => ({ kind: 'y' as const, index }));
      if (registers.length > 0) this.out.push({ op: 'init_yregs', registers });
    }
  }

  private emitBlock(block: Block, next: Block | undefined): void {
    const { out, allocation } = this;
    if (block !== this.procedure.entry) {
      out.push({ op: 'label', label: this.labelOf(block) });
      this.live.restore(this.states.get(block)!);
      this.states.delete(block);
    }
    this.zone = allocation.zone(block);
    this.position = allocation.start(block);
    for (const instruction of block.instructions) {
      this.position++;
      selectInstruction(this, instruction, this.inline);
    }
    const last = block.instructions.at(-1);
    const terminator = block.terminator!;
    if (last?.operator === 'float.test' && last.index === ASKED_BY_BRANCH && terminator.kind === 'branch') {
      return this.emitFloatBranch(last, terminator, next);
    }
    this.position++;
    this.emitTerminator(terminator, next);
  }

  private labelOf(block: Block): Label {
    let label = this.labels.get(block);
    if (label === undefined) this.labels.set(block, (label = this.context.target.newLabel()));
    return label;
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
    if (this.fn.division.startsAt[target.id] || this.allocation.zone(target) !== this.zone) return false;
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
    const procedure = this.fn.division.startsAt[target.id];
    if (procedure) {
      const values = passedTo(procedure, args);
      this.loadArguments(values.map((value) => this.source(value)));
      return this.leave(values.length, this.fn.pieces.callee(this.procedure, procedure));
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
      this.out.push({ op: 'allocate', slots: this.frame.slots, live });
    }
    this.move(moves);
    if (zone === FRAMED && this.zone !== FRAMED) this.initialise(moves);
    if (zone !== FRAMED && this.zone === FRAMED) this.out.push({ op: 'deallocate', slots: this.frame.slots });
    this.arrive(target);
    if (target !== next) this.out.push({ op: 'jump', label: this.labelOf(target) });
  }

  private leave(arity: number, callee: Callee): void {
    const deallocate = this.frame.slots;
    const local = 'label' in callee;
    if (this.zone === FRAMED) {
      this.out.push(
        local
          ? { op: 'call_last', arity, ...callee, deallocate }
          : { op: 'call_ext_last', arity, ...callee, deallocate },
      );
    } else this.out.push(local ? { op: 'call_only', arity, ...callee } : { op: 'call_ext_only', arity, ...callee });
  }

  /** A label to reach an edge by: the target's own where the edge needs no code, else one for its code behind. */
  private edgeLabel(edge: Edge): Label {
    if (this.isPlain(edge)) {
      this.arrive(edge.target);
      return this.labelOf(edge.target);
    }
    const label = this.newLabel();
    if (!this.fn.division.startsAt[edge.target.id]) {
      // What the edge leaves in registers must be known before its target is emitted: its code comes here, not later.
      throw new Error('an edge with moves within the procedure has its code in place');
    }
    this.defer(label, () => this.emitEdge(edge, undefined));
    return label;
  }

  private emitBranch(terminator: Branch, next: Block | undefined): void {
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

  private emitFloatBranch(at: IrInstruction, terminator: Branch, next: Block | undefined): void {
    let [first, second] = [terminator.then, terminator.else];
    if (terminator.test === 'eq') [first, second] = [second, first];
    const [holds, otherwise] = [this.newLabel(), this.newLabel()];
    branchOnFloats(this, at, holds, otherwise);
    this.position++;
    const state = this.live.snapshot();
    this.emitEdge(first, undefined);
    this.live.restore(state);
    this.out.push({ op: 'label', label: otherwise });
    this.emitEdge(second, next);
  }

  /** Whether an edge can be reached by a label alone: plain, or a tail call whose code can stand elsewhere. */
  private canJump(edge: Edge): boolean {
    return this.fn.division.startsAt[edge.target.id] !== undefined || this.isPlain(edge);
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
    const ranges = caseRanges(index, cases, otherwise);
    const value = this.source(index);
    const tree = (low: number, high: number): void => {
      if (low === high) return void this.out.push({ op: 'jump', label: labelFor(ranges[low].edge) });
      const middle = (low + high + 1) >> 1;
      const args: Source[] = [value, { kind: 'integer', value: ranges[middle].from }];
      if (middle === low + 1) {
        this.out.push({ op: 'test', name: 'is_ge', fail: labelFor(ranges[low].edge), args });
        return tree(middle, high);
      }
      const above = this.newLabel();
      this.out.push({ op: 'test', name: 'is_lt', fail: above, args });
      tree(low, middle - 1);
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
      this.tuple(
        values.map((value) => untyped(this.source(value))),
        x0,
      );
    }
    if (this.zone === FRAMED) this.out.push({ op: 'deallocate', slots: this.frame.slots });
    this.out.push({ op: 'return' });
  }

  private emitTailCall(call: IrInstruction): void {
    this.loadArguments(call.args.map((arg) => this.source(arg)));
    this.line(call.offset);
    this.leave(call.args.length, this.context.callee(call.index, call.args.length));
  }
}

/** Cases as ranges that cover every number that the index can be: the first has no lower end. */
function caseRanges(
  index: Value,
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
  const first = ranges.findLastIndex(({ from }) => from <= index.min);
  const last = ranges.findLastIndex(({ from }) => from <= index.max);
  return ranges.slice(first, last + 1);
}
