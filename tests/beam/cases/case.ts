// What a test of instructions is made of: a function with its calls, and short forms of operands.
import type {
  FRegister,
  Instruction,
  Label,
  OperandType,
  Source,
  XRegister,
  YRegister,
} from '../../../beam-backend/assembly.ts';

export const x = (index: number, type?: OperandType): XRegister => ({ kind: 'x', index, ...(type ? { type } : {}) });
export const y = (index: number): YRegister => ({ kind: 'y', index });
export const fr = (index: number): FRegister => ({ kind: 'fr', index });
export const int = (value: number): Source => ({ kind: 'integer', value });
export const atom = (name: string): Source => ({ kind: 'atom', name });
export const WORD: OperandType = { kind: 'integer', min: 0, max: 2 ** 32 - 1 };
export const SIGNED: OperandType = { kind: 'integer', min: -(2 ** 52), max: 2 ** 52 };
export const WIDE: OperandType = { kind: 'integer', min: -(2 ** 58) - 2 ** 20, max: 2 ** 58 + 2 ** 20 };
export const FLOAT: OperandType = { kind: 'float' };
export const TUPLE: OperandType = { kind: 'tuple' };

export const ret: Instruction = { op: 'return' };
export const move = (from: Source, to: XRegister | YRegister): Instruction => ({ op: 'move', from, to });
export const label = (name: Label): Instruction => ({ op: 'label', label: name });
export const answer = (name: string): Instruction[] => [move(atom(name), x(0)), ret];

export interface Case {
  readonly name: string;
  readonly arity: number;
  /** `self` is the function's own entry; `increment` the entry of a function that adds 1 to its argument. */
  readonly body: (newLabel: () => Label, entries: { self: Label; increment: Label }) => Instruction[];
  /** Arguments in Erlang and the answer as `~w` prints it. */
  readonly calls: readonly (readonly [string, string])[];
}

/** A string as `~w` prints it. */
export function charlist(text: string): string {
  return `[${[...text].map((c) => c.charCodeAt(0)).join(',')}]`;
}
