// What the lowering of a body keeps for each construct that is open: where branches to its label will lead.
//
// spec: valid/instructions#control-instructions
import type { Block, Edge, Instruction, Value } from '../ir/ir.ts';
import type { FunctionType } from './module.ts';
import type { Operand } from './operands.ts';

/** A branch taken to a label whose block is not there yet. */
export interface Incoming {
  readonly edge: Edge;
  readonly values: readonly Value[];
  readonly locals: readonly Value[];
}

export interface Control {
  readonly kind: 'function' | 'block' | 'loop' | 'if';
  readonly type: FunctionType;
  readonly height: number;
  /** Of a loop: its block and the locals that its parameters carry. */
  readonly header?: Block;
  readonly carried: readonly number[];
  /** What is charged before it, in a metered module. */
  readonly charge: Instruction | undefined;
  /** The outermost construct, by its place among those that are open, that a branch inside leads to. */
  outermost: number;
  readonly incoming: Incoming[];
  /** Of an if: the branch not taken yet, and the operands that it starts with. */
  otherwise: (Incoming & { readonly operands: readonly Operand[] }) | undefined;
}
