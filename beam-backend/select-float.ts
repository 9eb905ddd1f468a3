// What the float operators of the second level become one by one: inline for finite floats, with the runtime behind them.
import type { Instruction as IrInstruction } from '../ir/ir.ts';
import { ASKED_BY_BRANCH } from '../ir/passes/runs.ts';
import type { Label, Source, Term } from './assembly.ts';
import { int, x } from './bifs.ts';
import { floatOf } from './constants.ts';
import { untyped } from './operand-types.ts';
import type { CodeWriter, SlowPath } from './writer.ts';

export type Select = (e: CodeWriter, at: IrInstruction) => void;

export const literal = (term: Term): Source => ({ kind: 'literal', term });

const MINUS_ONE = literal({ float: -1 });
export const ZERO = literal({ float: 0 });

/** `f64.add` without the type. */
export const operationOf = ({ name }: IrInstruction): string => name.slice('f64.'.length);

const BIFS: Readonly<Record<string, string>> = { add: '+', sub: '-', mul: '*', div: '/', neg: '*' };

/** The runtime's function of the same name, off the way. */
export function slowPath(e: CodeWriter, { args, results, name, offset }: IrInstruction): SlowPath {
  return e.slowPath(() => {
    e.loadArguments(args.map((arg) => e.source(arg)));
    e.line(offset);
    e.out.push({ op: 'call_ext', arity: args.length, module: 'wasm2beam_float', name: name.replace('.', '_') });
  }, results);
}

/** Erlang's arithmetic fails where an operand is no finite float or the result would be none. */
export const floatArithmetic: Select = (e, at) => {
  if (!(operationOf(at) in BIFS)) throw new Error(`${at.name} outside of a run`);
  const path = slowPath(e, at);
  const to = e.register(at.results[0]);
  const live = e.live.count(e.position, 0, e.out);
  const args = at.args.map((arg) => e.source(arg));
  // OTP 25 negates 0.0 to 0.0.
  if (args.length === 1) args.push(MINUS_ONE);
  e.out.push({ op: 'gc_bif', name: BIFS[operationOf(at)], fail: path.label, live, args, to });
  e.resume(path);
};

const TESTS: Readonly<Record<string, { name: string; swap: boolean }>> = {
  eq: { name: 'is_eq', swap: false },
  ne: { name: 'is_ne', swap: false },
  lt: { name: 'is_lt', swap: false },
  gt: { name: 'is_lt', swap: true },
  le: { name: 'is_ge', swap: true },
  ge: { name: 'is_ge', swap: false },
};

const isRegister = ({ kind }: Source): boolean => kind === 'x' || kind === 'y';

/** Leaves where an operand is no finite float. */
export const testFloat = (e: CodeWriter, fail: number, arg: Source): void =>
  void e.out.push({ op: 'test', name: 'is_float', fail, args: [arg] });

/** Tests and goes on where it holds; leaves for `otherwise` where it does not, for the slow path where none knows. */
function testFloats(e: CodeWriter, at: IrInstruction, path: SlowPath, otherwise: Label): void {
  const { name, swap } = TESTS[operationOf(at)];
  const args = at.args.map((arg) => e.source(arg));
  for (const arg of args) if (isRegister(arg)) testFloat(e, path.label, arg);
  e.out.push({ op: 'test', name, fail: otherwise, args: swap ? args.toReversed() : args });
}

export const floatTest: Select = (e, at) => {
  if (at.index === ASKED_BY_BRANCH) return;
  const path = slowPath(e, at);
  const to = untyped(e.register(at.results[0]));
  const otherwise = e.newLabel();
  testFloats(e, at, path, otherwise);
  e.out.push(
    { op: 'move', from: int(1), to },
    { op: 'jump', label: path.back },
    { op: 'label', label: otherwise },
    { op: 'move', from: int(0), to },
  );
  e.resume(path);
};

/** The same for a branch, to be called with the position of the comparison: falls through where it holds. */
export function branchOnFloats(e: CodeWriter, at: IrInstruction, holds: Label, otherwise: Label): void {
  const path = slowPath(e, at);
  testFloats(e, at, path, otherwise);
  e.live.truncate(path.top);
  const result = e.source(at.results[0]);
  e.defer(path.back, () => {
    e.out.push({ op: 'test', name: 'is_ne_exact', fail: otherwise, args: [result, int(0)] });
    e.out.push({ op: 'jump', label: holds });
  });
  e.out.push({ op: 'label', label: holds });
}

export const floatFromInt: Select = (e, { args, results }) => {
  const live = e.live.count(e.position, 0, e.out);
  const to = untyped(e.register(results[0]));
  e.out.push({ op: 'gc_bif', name: 'float', fail: 0, live, args: [e.source(args[0])], to });
  e.defined(results[0]);
};

/** The runtime takes the floats out of the tuple of what is saved. */
const slowBits = (e: CodeWriter, { args, results }: IrInstruction, bits: number): SlowPath =>
  e.slowPath(
    (operands, first) => {
      e.loadArguments([operands, int(first), int(bits)]);
      e.out.push({ op: 'call_ext', arity: 3, module: 'wasm2beam_float_bits', name: 'words' });
    },
    results,
    args,
  );

/** The words of a float or several, by way of a binary. */
export const floatBits: Select = (e, at) => {
  const { args, results } = at;
  const bits = (32 * results.length) / args.length;
  const path = args.length === 1 ? slowPath(e, at) : slowBits(e, at, bits);
  const [temporary] = e.allocation.temporaries.get(at)!;
  const binary = x(temporary);
  const live = e.live.count(e.position, 0, e.out);
  const segments = args.map((arg) => {
    return { type: 'float' as const, bits, little: false, value: untyped(e.source(arg)) };
  });
  e.out.push({ op: 'bs_create_bin', fail: path.label, live, to: binary, segments });
  e.live.write(temporary);
  let behind = e.live.count(e.position, temporary + 1, e.out);
  e.out.push({ op: 'bs_start_match', fail: path.label, from: binary, live: behind, to: binary });
  for (const result of results) {
    const to = untyped(e.register(result));
    e.out.push({ op: 'bs_get_integer', fail: path.label, context: binary, live: behind, bits: 32, little: false, to });
    if (to.kind !== 'x') continue;
    e.live.write(to.index);
    behind = e.live.count(e.position, Math.max(behind, to.index + 1), e.out);
  }
  e.resume(path);
};

const isLess = (e: CodeWriter, a: Source, b: Source, otherwise: Label): void =>
  void e.out.push({ op: 'test', name: 'is_lt', fail: otherwise, args: [a, b] });

/** The smaller or the greater of two; of two zeros the runtime finds the sign. */
export const floatChoice: Select = (e, at) => {
  const path = slowPath(e, at);
  const to = untyped(e.register(at.results[0]));
  const args = at.args.map((arg) => e.source(arg));
  for (const arg of args) if (isRegister(arg)) testFloat(e, path.label, arg);
  const [first, second] = args.map(untyped);
  const [less, greater] = operationOf(at) === 'min' ? [first, second] : [second, first];
  const [otherwise, equal, take] = [e.newLabel(), e.newLabel(), e.newLabel()];
  isLess(e, less, greater, otherwise);
  e.move([{ from: first, to }]);
  e.out.push({ op: 'jump', label: path.back }, { op: 'label', label: otherwise });
  isLess(e, greater, less, equal);
  e.out.push({ op: 'label', label: take });
  e.move([{ from: second, to }]);
  e.defer(equal, () => {
    e.out.push({ op: 'test', name: 'is_ne', fail: path.label, args: [second, ZERO] }, { op: 'jump', label: take });
  });
  e.resume(path);
};

/** With the sign of another; the runtime finds that of a zero, and gives it to one. */
export const floatSign: Select = (e, at) => {
  const path = slowPath(e, at);
  const to = untyped(e.register(at.results[0]));
  const args = at.args.map((arg) => untyped(e.source(arg)));
  for (const arg of args) if (isRegister(arg)) testFloat(e, path.label, arg);
  const [from, sign] = args;
  const [negative, keep, differ, flip, positive] = Array.from({ length: 5 }, () => e.newLabel());
  const live = e.live.count(e.position, 0, e.out);
  isLess(e, ZERO, sign, negative);
  isLess(e, ZERO, from, differ);
  e.out.push({ op: 'label', label: keep });
  e.move([{ from, to }]);
  e.defer(negative, () => {
    isLess(e, sign, ZERO, path.label);
    isLess(e, from, ZERO, positive);
    e.out.push({ op: 'jump', label: keep }, { op: 'label', label: positive });
    isLess(e, ZERO, from, path.label);
    e.out.push({ op: 'jump', label: flip });
  });
  e.defer(differ, () => {
    isLess(e, from, ZERO, path.label);
    e.out.push({ op: 'label', label: flip });
    if (isRegister(from)) e.out.push({ op: 'gc_bif', name: '*', fail: 0, live, args: [from, MINUS_ONE], to });
    else e.out.push({ op: 'move', from: literal({ float: -floatOf(at.args[0]) }), to });
    e.out.push({ op: 'jump', label: path.back });
  });
  e.resume(path);
};

/** Without the sign. */
export const floatMagnitude: Select = (e, at) => {
  const path = slowPath(e, at);
  const to = untyped(e.register(at.results[0]));
  const from = untyped(e.source(at.args[0]));
  const [otherwise, zero] = [e.newLabel(), e.newLabel()];
  testFloat(e, path.label, from);
  const live = e.live.count(e.position, 0, e.out);
  isLess(e, from, ZERO, otherwise);
  e.out.push(
    { op: 'gc_bif', name: '*', fail: 0, live, args: [from, MINUS_ONE], to },
    { op: 'jump', label: path.back },
    { op: 'label', label: otherwise },
  );
  isLess(e, ZERO, from, zero);
  e.move([{ from, to }]);
  e.defer(zero, () => {
    e.out.push({ op: 'move', from: ZERO, to }, { op: 'jump', label: path.back });
  });
  e.resume(path);
};
