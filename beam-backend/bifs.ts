// Operands and guard functions as selection writes them.
import type { Label, OperandType, Register, Source } from './assembly.ts';
import { emitElement } from './moves.ts';
import { untyped } from './operand-types.ts';
import type { CodeWriter } from './writer.ts';

export const int = (value: number): Source => ({ kind: 'integer', value });
export const x = (index: number, type?: OperandType): Register => ({ kind: 'x', index, ...(type ? { type } : {}) });
export const range = (min: number, max: number): OperandType => ({ kind: 'integer', min, max });

/** The operands' types do not bound the result; its own does, and the verifier of stores relies on it. */
const CLAIMED: ReadonlySet<string> = new Set(['bsl']);

/** An arithmetic function; its operands' types keep it from failing and its result small. */
export function emitInt(e: CodeWriter, name: string, args: readonly Source[], to: Register, minimum = 0): void {
  const live = e.live.count(e.position, minimum, e.out);
  e.out.push({ op: 'gc_bif', name, fail: 0, live, args, to: CLAIMED.has(name) ? to : untyped(to) });
}

/** The same into an X register that holds no value of the IR. */
export function emitStep(e: CodeWriter, name: string, args: readonly Source[], register: number): void {
  emitInt(e, name, args, x(register));
  e.live.write(register);
}

export const element = (e: CodeWriter, fail: Label, index: Source, tuple: Source, to: Register): void =>
  void e.out.push({ op: 'bif', name: 'element', fail, args: [index, tuple], to });

export const getElement = (e: CodeWriter, from: Register, index: number, to: Register): void =>
  emitElement(from, index, untyped(to), e.out);
