// The two stacks of the validation algorithm: operand types and control frames.
//
// Consumes pushes and pops in the order of the instructions; throws a WasmError 'invalid' (type mismatch) at the offset
// of the current instruction. Never recursive, so that the nesting of blocks is bounded by LIMITS.nesting alone.
//
// spec: appendix/algorithm
import type { Mnemonic, ValueType } from '../ir/instructions.ts';
import { WasmError } from './errors.ts';
import { exceeds, FEW_VALUES, LIMITS } from './limits.ts';
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
  // The array keeps its highest extent: cutting its length back at every pop would make it move again and again.
  readonly #operands: Operand[] = [];
  /** How many operands are on the stack. */
  #height = 0;
  readonly controls: Control[] = [];
  /** Values passed many at a time, in all bodies so far. */
  #passed = 0;
  /** Of the instruction that is being validated. */
  offset = 0;
  functionIndex: number | undefined;

  /** Empties both stacks. */
  clear(): void {
    this.#height = 0;
    this.controls.length = 0;
  }

  /** The error to throw: invalid, at the current instruction. */
  invalid(text: string): WasmError {
    return new WasmError('invalid', text, { offset: this.offset, functionIndex: this.functionIndex });
  }

  mismatch(expected: string, found: string): WasmError {
    return this.invalid(`type mismatch: expected ${expected}, found ${found}`);
  }

  #checkHeight(height: number): void {
    if (height > LIMITS.operands.most) throw exceeds(LIMITS.operands, height, this.offset, this.functionIndex);
  }

  pushOperand(type: Operand): void {
    this.#checkHeight(this.#height + 1);
    this.#operands[this.#height++] = type;
  }

  /** Counts values that an instruction takes or gives. */
  pass(types: readonly ValueType[]): void {
    if (types.length <= FEW_VALUES) return;
    this.#passed += types.length;
    if (this.#passed > LIMITS.passed.most) throw exceeds(LIMITS.passed, this.#passed, this.offset, this.functionIndex);
  }

  pushOperands(types: readonly ValueType[]): void {
    this.pass(types);
    this.#checkHeight(this.#height + types.length);
    for (const type of types) this.#operands[this.#height++] = type;
  }

  /** Pops a value of any type; `expected` serves the message only. */
  popOperand(expected = 'a value'): Operand {
    const frame = this.controls[this.controls.length - 1];
    if (this.#height === frame.height) {
      if (frame.unreachable) return 'unknown';
      throw this.mismatch(expected, 'nothing');
    }
    return this.#operands[--this.#height];
  }

  /** Pops a value of the type given. */
  popExpected(expected: ValueType): void {
    const found = this.popOperand(expected);
    if (found !== expected && found !== 'unknown') throw this.mismatch(expected, found);
  }

  /** Pops values of the types given, the last type from the top. */
  popOperands(types: readonly ValueType[]): void {
    this.pass(types);
    this.peekOperands(types);
    const frame = this.controls[this.controls.length - 1];
    this.#height = Math.max(frame.height, this.#height - types.length);
  }

  /** Checks that the types given lie on the stack, and leaves them there. */
  peekOperands(types: readonly ValueType[]): void {
    const frame = this.controls[this.controls.length - 1];
    for (let i = types.length - 1, at = this.#height - 1; i >= 0; i--, at--) {
      if (at < frame.height) {
        if (frame.unreachable) return;
        throw this.mismatch(types[i], 'nothing');
      }
      const found = this.#operands[at];
      if (found !== types[i] && found !== 'unknown') throw this.mismatch(types[i], found);
    }
  }

  pushControl(kind: FrameKind, type: FunctionType): void {
    if (this.controls.length > LIMITS.nesting.most) {
      throw exceeds(LIMITS.nesting, this.controls.length, this.offset, this.functionIndex);
    }
    this.controls.push({ kind, type, height: this.#height, unreachable: false });
    this.pushOperands(type.parameters);
  }

  /** Closes the innermost frame, whose results must be all that is left in it. */
  popControl(): Control {
    const frame = this.controls[this.controls.length - 1];
    this.popOperands(frame.type.results);
    const extra = this.#height - frame.height;
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
    this.#height = frame.height;
    frame.unreachable = true;
  }
}
