// The two stacks of the validation algorithm: operand types and control frames.
//
// Consumes pushes and pops in the order of the instructions; throws a WasmError 'invalid' (type mismatch) at the offset
// of the current instruction. Never recursive, so that the nesting of blocks is bounded by LIMITS.nesting alone.
//
// spec: appendix/algorithm
import type { Mnemonic, ValueType } from '../ir/instructions.ts';
import { WasmError } from './errors.ts';
import { exceeds, LIMITS } from './limits.ts';
import type { FunctionType } from './module.ts';

/** 'unknown' is what unreachable code finds below the values that it pushed itself. */
export type Operand = ValueType | 'unknown';

/** Rows of instructions that open a frame; 'function' is the frame of the whole body. */
export type FrameKind = Extract<Mnemonic, 'block' | 'loop' | 'if' | 'else'> | 'function';

export interface Control {
  readonly kind: FrameKind;
  readonly type: FunctionType;
  /** Height of the operand stack below the frame. */
  readonly height: number;
  unreachable: boolean;
}

export const isReference = (type: Operand): boolean => type === 'funcref' || type === 'externref';

/** The types that a branch to a frame carries. */
export function labelTypes({ kind, type }: Control): readonly ValueType[] {
  return kind === 'loop' ? type.parameters : type.results;
}

export class TypeStack {
  readonly operands: Operand[] = [];
  readonly controls: Control[] = [];
  /** Of the instruction that is being validated. */
  offset = 0;
  functionIndex: number | undefined;

  /** The error to throw: invalid, at the current instruction. */
  invalid(text: string): WasmError {
    return new WasmError('invalid', text, { offset: this.offset, functionIndex: this.functionIndex });
  }

  mismatch(expected: string, found: string): WasmError {
    return this.invalid(`type mismatch: expected ${expected}, found ${found}`);
  }

  pushOperand(type: Operand): void {
    if (this.operands.length >= LIMITS.operands.most) {
      throw exceeds(LIMITS.operands, this.operands.length + 1, this.offset, this.functionIndex);
    }
    this.operands.push(type);
  }

  pushOperands(types: readonly Operand[]): void {
    for (let i = 0; i < types.length; i++) this.pushOperand(types[i]);
  }

  /** Pops a value of any type; `expected` serves the message only. */
  popOperand(expected = 'a value'): Operand {
    const frame = this.controls[this.controls.length - 1];
    if (this.operands.length === frame.height) {
      if (frame.unreachable) return 'unknown';
      throw this.mismatch(expected, 'nothing');
    }
    return this.operands.pop() as Operand;
  }

  /** Pops a value of the type given. */
  popExpected(expected: ValueType): void {
    const found = this.popOperand(expected);
    if (found !== expected && found !== 'unknown') throw this.mismatch(expected, found);
  }

  /** Pops values of the types given, the last type from the top. */
  popOperands(types: readonly ValueType[]): void {
    for (let i = types.length - 1; i >= 0; i--) this.popExpected(types[i]);
  }

  /** Checks that the types given lie on the stack, and leaves them there. */
  peekOperands(types: readonly ValueType[]): void {
    const { operands } = this;
    const frame = this.controls[this.controls.length - 1];
    for (let i = types.length - 1, at = operands.length - 1; i >= 0; i--, at--) {
      if (at < frame.height) {
        if (frame.unreachable) return;
        throw this.mismatch(types[i], 'nothing');
      }
      const found = operands[at];
      if (found !== types[i] && found !== 'unknown') throw this.mismatch(types[i], found);
    }
  }

  pushControl(kind: FrameKind, type: FunctionType): void {
    if (this.controls.length > LIMITS.nesting.most) {
      throw exceeds(LIMITS.nesting, this.controls.length, this.offset, this.functionIndex);
    }
    this.controls.push({ kind, type, height: this.operands.length, unreachable: false });
    this.pushOperands(type.parameters);
  }

  /** Closes the innermost frame, whose results must be all that is left in it. */
  popControl(): Control {
    const frame = this.controls[this.controls.length - 1];
    this.popOperands(frame.type.results);
    const extra = this.operands.length - frame.height;
    if (extra > 0) throw this.invalid(`type mismatch: ${extra} more on the stack than the block's results`);
    this.controls.pop();
    return frame;
  }

  /** The frame that a label names. */
  label(index: number): Control {
    const frame = this.controls[this.controls.length - 1 - index];
    if (frame === undefined) throw this.invalid(`unknown label ${index}`);
    return frame;
  }

  /** What follows is not reached: the frame's operands are forgotten, and any are found where needed. */
  unreachable(): void {
    const frame = this.controls[this.controls.length - 1];
    this.operands.length = frame.height;
    frame.unreachable = true;
  }
}
