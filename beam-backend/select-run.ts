// What a run of float instructions becomes: a computation in float registers, with the runtime behind it.
//
// These raise badarith where a result is not finite and have no label to fail to, so that a run stands in a `try` of its
// own; X registers that are needed behind it are copied to Y registers first, from which the handler takes them back.
// Then, as where an operand is no finite float, the runtime does the whole run.
import type { Instruction as IrInstruction, Value } from '../ir/ir.ts';
import { FRAMED } from './allocate.ts';
import type { FRegister, HeapNeed, Label, OperandType, Source, Term, YRegister } from './assembly.ts';
import { element, emitStep, int, range, x } from './bifs.ts';
import { floatOf } from './constants.ts';
import { DOUBLE, SINGLE } from './float-formats.ts';
import { untyped } from './operand-types.ts';
import { positionsOf, programOf } from './run-program.ts';
import { literal, operationOf, testFloat, type Select } from './select-float.ts';
import type { CodeWriter } from './writer.ts';

const y = (index: number): YRegister => ({ kind: 'y', index });

const FLOAT: OperandType = { kind: 'float' };

const INSTRUCTIONS: Readonly<Record<string, 'fadd' | 'fsub' | 'fmul' | 'fdiv'>> = {
  add: 'fadd',
  sub: 'fsub',
  mul: 'fmul',
  div: 'fdiv',
  neg: 'fmul',
};

/** Operations that always have a finite result. */
const FINITE = new Set(['neg', 'promote_f32']);

const canRaise = (at: IrInstruction): boolean => at.operator === 'float.arith' && !FINITE.has(operationOf(at));

/** Whether the result is rounded to a single. */
const rounds = (at: IrInstruction): boolean => canRaise(at) && at.name.startsWith('f32');

/** Whether it is tested then whether it is normal, for which it is boxed. */
const boxes = (at: IrInstruction): boolean => rounds(at) && !['add', 'sub'].includes(operationOf(at));

/** Numbers that the code of an instruction multiplies by. */
function constantsOf(at: IrInstruction): number[] {
  return rounds(at) ? [2 ** 29, 2 ** 896] : operationOf(at) === 'neg' ? [-1] : [];
}

const isFloat = ({ type }: Value): boolean => type === 'f32' || type === 'f64';

/** Whether an instruction of a run makes a float of its bits. */
const readsBits = ({ operator }: IrInstruction): boolean => operator === 'float.from_bits';

/** How many X registers a run needs besides those of its values. */
export const runTemporaries = ({ body }: IrInstruction): number =>
  body.some(readsBits) ? 2 : Number(body.some(boxes));

/** Whether a run needs a `try`. */
export const runNeedsTry = (at: IrInstruction): boolean => at.operator === 'float.run' && at.body.some(canRaise);

export const floatRun: Select = (e, at) => {
  const { args, results, body } = at;
  const path = e.slowPath(
    (operands, first) => {
      const positions = positionsOf(at, first);
      const wanted: Term = { list: results.map((result) => positions.get(result)!) };
      e.loadArguments([literal(programOf(at, positions)), literal(wanted), operands]);
      e.out.push({ op: 'call_ext', arity: 3, module: 'wasm2beam_float_run', name: 'run' });
    },
    results,
    args,
  );
  const run = new Run(e, e.allocation.temporaries.get(at) ?? [], path.label);
  for (const arg of args) if (isFloat(arg)) testFloat(e, path.label, untyped(e.source(arg)));
  for (const instruction of body) run.load(instruction);
  run.dropTemporaries();
  const heap = { words: 0, floats: results.length + body.filter(boxes).length };
  const exit = body.some(boxes) ? run.exit : undefined;
  const end = body.some(canRaise) ? guardRun(e, heap, path.label, exit) : undefined;
  if (!end) e.out.push({ op: 'test_heap', heap, live: e.live.count(e.position, 0, e.out) });
  for (const instruction of body) run.compute(instruction);
  for (const result of results) e.out.push({ op: 'fmove', from: run.of(result), to: untyped(e.register(result)) });
  end?.();
  e.resume(path);
};

/**
 * Begins a `try` with heap for a run's results; gives what ends it. When something raises, registers and stack are made
 * what they were before, and the slow path goes on. So it does from the label `exit`.
 */
function guardRun(e: CodeWriter, heap: HeapNeed, slow: Label, exit: Label | undefined): () => void {
  const framed = e.zone === FRAMED;
  const saved = e.live.neededFrom(e.position);
  const live = e.live.count(e.position, 0, e.out);
  const [first, tag] = framed ? [e.frame.copies, e.frame.tag] : [0, saved.length];
  if (framed) e.out.push({ op: 'test_heap', heap, live });
  else e.out.push({ op: 'allocate_heap', slots: saved.length + 1, heap, live });
  saved.forEach((index, i) => e.out.push({ op: 'move', from: x(index), to: y(first + i) }));
  const label = e.newLabel();
  e.out.push({ op: 'try', tag: y(tag), label });
  e.defer(label, () => {
    e.out.push({ op: 'try_case', tag: y(tag) });
    saved.forEach((index, i) => e.out.push({ op: 'move', from: y(first + i), to: x(index) }));
    for (let index = 0; index < live; index++) {
      if (!saved.includes(index)) e.out.push({ op: 'move', from: int(0), to: x(index) });
    }
    if (!framed) e.out.push({ op: 'deallocate', slots: saved.length + 1 });
    e.out.push({ op: 'jump', label: slow });
  });
  const end = (): void => {
    e.out.push({ op: 'try_end', tag: y(tag) });
    if (!framed) e.out.push({ op: 'deallocate', slots: saved.length + 1 });
  };
  if (exit !== undefined) {
    e.defer(exit, () => {
      end();
      e.out.push({ op: 'jump', label: slow });
    });
  }
  return end;
}

/** The float registers of a run. What is loaded comes before the `try`. */
class Run {
  private readonly e: CodeWriter;
  private readonly temporaries: readonly number[];
  private readonly slow: Label;
  /** Leads from within the `try` to the slow path. */
  readonly exit: Label;
  private readonly registers = new Map<Value, FRegister>();
  private readonly constants = new Map<number, FRegister>();
  private readonly scratches: FRegister[] = [];
  private count = 0;

  constructor(e: CodeWriter, temporaries: readonly number[], slow: Label) {
    this.e = e;
    this.temporaries = temporaries;
    this.slow = slow;
    this.exit = e.newLabel();
  }

  of(value: Value): FRegister {
    return this.registers.get(value)!;
  }

  /** Gets operands from outside into float registers. */
  load(at: IrInstruction): void {
    const { e } = this;
    if (at.operator === 'float.from_int') {
      e.out.push({ op: 'fconv', from: e.source(at.args[0]), to: this.define(at.results[0]) });
      return;
    }
    if (readsBits(at)) return this.fromBits(at);
    for (const arg of at.args) {
      if (arg.constant !== undefined) this.registers.set(arg, this.constant(floatOf(arg)));
      else if (!this.registers.has(arg))
        e.out.push({ op: 'fmove', from: untyped(e.source(arg)), to: this.define(arg) });
    }
    for (const constant of constantsOf(at)) this.constant(constant);
    // Computed behind the start of the try, but known from here on as one that comes from inside.
    if (operationOf(at) === 'promote_f32') this.registers.set(at.results[0], this.of(at.args[0]));
    else this.define(at.results[0]);
  }

  /** To be called when all is loaded. */
  dropTemporaries(): void {
    for (const temporary of this.temporaries) this.e.live.drop(temporary);
  }

  compute(at: IrInstruction): void {
    if (at.operator !== 'float.arith') return;
    const [operation, to] = [operationOf(at), this.of(at.results[0])];
    const args = at.args.map((arg) => this.of(arg));
    if (operation === 'promote_f32') return;
    // OTP 25 negates 0.0 to 0.0.
    if (operation === 'neg') return this.fmul(args[0], this.constant(-1), to);
    if (operation === 'demote_f64') return this.roundSingle(args[0], to, operation);
    const exact = at.name.startsWith('f64') ? to : this.scratch(0);
    this.e.out.push({ op: INSTRUCTIONS[operation], args: [args[0], args[1]], to: exact });
    if (exact !== to) this.roundSingle(exact, to, operation);
  }

  /**
   * The nearest number that a single holds, ties to even. Raises where it is infinite, and leaves where it is neither
   * normal nor zero. wasm2beam_float tells why the subtraction is the rounding.
   */
  private roundSingle(from: FRegister, to: FRegister, operation: string): void {
    const [large, difference] = [this.scratch(1), this.scratch(2)];
    this.fmul(from, this.constant(2 ** 29), large);
    this.e.out.push({ op: 'fsub', args: [large, from], to: difference }, { op: 'fsub', args: [large, difference], to });
    this.fmul(to, this.constant(2 ** 896), difference);
    // Sums are multiples of the smallest single.
    if (operation === 'demote_f64') this.testNormal(to);
    else if (operation !== 'add' && operation !== 'sub') this.testSquare(to, difference);
  }

  /** Of products and quotients, whose squares are no smaller than 2^-600 where they are not zero. */
  private testSquare(of: FRegister, square: FRegister): void {
    const { e } = this;
    const boxed = x(this.temporaries[0], FLOAT);
    const [small, end] = [e.newLabel(), e.newLabel()];
    this.fmul(of, of, square);
    e.out.push(
      { op: 'fmove', from: square, to: untyped(boxed) },
      { op: 'test', name: 'is_ge', fail: small, args: [boxed, literal({ float: 2 ** -252 })] },
      { op: 'label', label: end },
    );
    e.defer(small, () => {
      e.out.push(
        { op: 'test', name: 'is_lt', fail: end, args: [literal({ float: 0 }), boxed] },
        { op: 'jump', label: this.exit },
      );
    });
  }

  private testNormal(of: FRegister): void {
    const { e } = this;
    const boxed = x(this.temporaries[0], FLOAT);
    const [negative, zero, end] = [e.newLabel(), e.newLabel(), e.newLabel()];
    e.out.push(
      { op: 'fmove', from: of, to: untyped(boxed) },
      { op: 'test', name: 'is_ge', fail: negative, args: [boxed, literal({ float: 2 ** -126 })] },
      { op: 'label', label: end },
    );
    e.defer(negative, () => {
      e.out.push(
        { op: 'test', name: 'is_ge', fail: zero, args: [literal({ float: -(2 ** -126) }), boxed] },
        { op: 'jump', label: end },
        { op: 'label', label: zero },
        { op: 'test', name: 'is_eq', fail: this.exit, args: [boxed, literal({ float: 0 })] },
        { op: 'jump', label: end },
      );
    });
  }

  private fmul(a: FRegister, b: FRegister, to: FRegister): void {
    this.e.out.push({ op: 'fmul', args: [a, b], to });
  }

  private fromBits({ args, results: [result] }: IrInstruction): void {
    const { e, slow } = this;
    const [scale, mantissa] = this.temporaries;
    const [subnormal, product] = [e.newLabel(), e.newLabel()];
    const { bias, fraction, exponents, least } = args.length === 2 ? SINGLE : DOUBLE;
    const scales = e.source(args.at(-1)!);
    const [high, low] = args.slice(0, -1).map((arg) => e.source(arg));
    const wide = range(0, 2 ** 53 - 1);
    emitStep(e, 'bsr', [high, int(fraction)], scale);
    if (bias > 0) emitStep(e, '+', [x(scale, range(0, 2 * exponents - 1)), int(bias)], scale);
    emitStep(e, 'band', [high, int(2 ** fraction - 1)], mantissa);
    element(e, subnormal, x(scale, range(bias, bias + 2 * exponents - 1)), scales, x(scale));
    testFloat(e, subnormal, x(scale));
    const live = e.live.count(e.position, Math.max(scale, mantissa) + 1, e.out);
    const compute = (name: string, a: Source, b: Source): void =>
      void e.out.push({ op: 'gc_bif', name, fail: 0, live, args: [a, b], to: x(mantissa) });
    const addLow = (): void => {
      if (low === undefined) return;
      compute('bsl', x(mantissa, range(0, 2 ** (fraction + 1) - 1)), int(32));
      compute('+', x(mantissa, wide), low);
    };
    compute('bor', x(mantissa, range(0, 2 ** fraction - 1)), int(2 ** fraction));
    addLow();
    e.out.push({ op: 'label', label: product });
    const [from, by] = [this.define(result), this.scratch(0)];
    e.out.push(
      { op: 'fconv', from: x(mantissa, wide), to: from },
      { op: 'fmove', from: x(scale), to: by },
      { op: 'fmul', args: [from, by], to: from },
    );
    e.defer(subnormal, () => {
      const negative = e.newLabel();
      e.out.push({ op: 'test', name: 'is_integer', fail: slow, args: [x(scale)] });
      addLow();
      const scaleIs = (float: number): void => {
        e.out.push({ op: 'move', from: literal({ float }), to: x(scale) }, { op: 'jump', label: product });
      };
      e.out.push({ op: 'test', name: 'is_eq_exact', fail: negative, args: [x(scale), int(0)] });
      scaleIs(least);
      e.out.push({ op: 'label', label: negative });
      scaleIs(-least);
    });
  }

  /** A register for one instruction; there are few float registers. */
  private scratch(index: 0 | 1 | 2): FRegister {
    return (this.scratches[index] ??= this.fresh());
  }

  private fresh(): FRegister {
    return { kind: 'fr', index: this.count++ };
  }

  private define(value: Value): FRegister {
    const register = this.fresh();
    this.registers.set(value, register);
    return register;
  }

  /** -0.0 and 0.0 are two. */
  private constant(float: number): FRegister {
    const key = Object.is(float, -0) ? NaN : float;
    let register = this.constants.get(key);
    if (!register) {
      register = this.fresh();
      this.constants.set(key, register);
      this.e.out.push({ op: 'fmove', from: { kind: 'literal', term: { float } }, to: register });
    }
    return register;
  }
}
