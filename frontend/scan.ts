// The walk over a body before it is lowered: where each local lives and which locals a loop changes.
//
// Consumes a validated body; produces a Homes. A body with more locals than registers are worth keeps the least used
// ones in the frame, an in-place tuple of the activation, so that neither block parameters nor registers ever run out.
import { Reader } from './reader.ts';
import { readInstruction } from './instruction-reader.ts';
import type { ValueType } from '../ir/instructions.ts';
import { wordsOf } from '../ir/shape.ts';
import type { Code, Module } from './module.ts';

/**
 * Locals held in registers, counted in words; the rest live in the frame. Together with the operands in registers they
 * must fit the 255 arguments of a loop.
 */
const REGISTER_WORDS = 110;

export interface Homes {
  /** Slot of each local in the frame (of an externref: in the boxes), or -1 for one in registers. */
  readonly slots: Int32Array;
  /** Words of the frame that locals take. */
  readonly words: number;
  /** Boxes that locals take. */
  readonly boxes: number;
  /** For each `loop` in order of appearance: the register locals that its body sets. */
  readonly assigned: readonly (readonly number[])[];
}

/** Decides the home of each local of one function and finds what its loops assign. Linear in the body's size. */
export function scanLocals(module: Module, code: Code, types: readonly ValueType[]): Homes {
  const total = types.reduce((sum, type) => sum + wordsOf(type), 0);
  const slots = new Int32Array(types.length).fill(-1);
  let words = 0;
  let boxes = 0;
  if (total > REGISTER_WORDS) {
    const weights = weighLocals(module, code, types.length);
    const byWeight = Array.from(types.keys()).sort((a, b) => weights[b] - weights[a] || a - b);
    let taken = 0;
    for (const local of byWeight) {
      const size = wordsOf(types[local]);
      if (taken + size <= REGISTER_WORDS) taken += size;
      else if (types[local] === 'externref') slots[local] = boxes++;
      else {
        slots[local] = words;
        words += size;
      }
    }
  }
  return { slots, words, boxes, assigned: assignedInLoops(module, code, slots) };
}

function weighLocals(module: Module, code: Code, count: number): Float64Array {
  const weights = new Float64Array(count);
  const reader = new Reader(module.bytes, code.body.start, code.body.end);
  const kinds: boolean[] = [];
  let loops = 0;
  while (reader.position < reader.end) {
    const { op, index } = readInstruction(reader);
    switch (op.mnemonic) {
      case 'block':
      case 'if':
        kinds.push(false);
        break;
      case 'loop':
        kinds.push(true);
        loops++;
        break;
      case 'end':
        if (kinds.pop()) loops--;
        break;
      case 'local.get':
      case 'local.set':
      case 'local.tee':
        weights[index] += 8 ** Math.min(loops, 4);
        break;
    }
  }
  return weights;
}

function assignedInLoops(module: Module, code: Code, slots: Int32Array): number[][] {
  const loops: Set<number>[] = [];
  const open: (Set<number> | undefined)[] = [];
  // Sets of loops that are open, innermost last; only the innermost is written, and folded into its parent at the end.
  const nest: Set<number>[] = [];
  const reader = new Reader(module.bytes, code.body.start, code.body.end);
  while (reader.position < reader.end) {
    const { op, index } = readInstruction(reader);
    switch (op.mnemonic) {
      case 'block':
      case 'if':
        open.push(undefined);
        break;
      case 'loop': {
        const set = new Set<number>();
        loops.push(set);
        open.push(set);
        nest.push(set);
        break;
      }
      case 'end':
        if (open.pop()) {
          const set = nest.pop()!;
          const parent = nest.at(-1);
          if (parent) for (const local of set) parent.add(local);
        }
        break;
      case 'local.set':
      case 'local.tee':
        if (slots[index] < 0) nest.at(-1)?.add(index);
        break;
    }
  }
  return loops.map((set) => [...set].sort((a, b) => a - b));
}
