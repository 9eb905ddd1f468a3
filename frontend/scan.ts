// The walk over a body before it is lowered: where each local lives and which locals a loop changes.
//
// Consumes a validated body; produces a Homes. A body with more locals than registers are worth keeps the least used
// ones in the frame, an in-place tuple of the activation, so that neither block parameters nor registers ever run out.
// Locals that no instruction names have no home: declaring 50,000 of them costs a few bytes, and must cost no more.
import { Reader } from './reader.ts';
import { readInstruction } from './instruction-reader.ts';
import type { ValueType } from '../ir/instructions.ts';
import { wordsOf } from '../ir/shape.ts';
import type { Code, LocalRun, Module } from './module.ts';

/** How much of a function is held in registers: locals, counted in words, and entries of the operand stack. */
interface Budget {
  readonly locals: number;
  readonly operands: number;
}

/** Together they fit the 255 arguments of a loop in all but contrived code. */
const GENEROUS: Budget = { locals: 110, operands: 55 };
/** For what else would not fit. */
const FRUGAL: Budget = { locals: 16, operands: 8 };
/** Where a block begins or ends each value in a register may become another one: this bounds how many there are. */
const MOST_CROSSINGS = 1_500_000;

/** Where a local lives: its position among those in registers, or its slot in the frame; the other is -1. */
export interface Home {
  readonly type: ValueType;
  readonly position: number;
  /** Of an externref: in the boxes. */
  readonly slot: number;
}

export interface Homes {
  /** Of the locals that the body names, by index. */
  readonly locals: ReadonlyMap<number, Home>;
  /** Types of the locals in registers, by position. */
  readonly registers: readonly ValueType[];
  /** Entries of the operand stack held in registers. */
  readonly operands: number;
  /** Words of the frame that locals take. */
  readonly words: number;
  /** Boxes that locals take. */
  readonly boxes: number;
  /** For each `loop` in order of appearance: positions of the register locals that its body sets. */
  readonly assigned: readonly (readonly number[])[];
  /** How many loads and stores of the memory there are. */
  readonly accesses: number;
}

/**
 * Decides the home of each local of one function and finds what its loops assign. Linear in the body's size.
 *
 * @param frugal whether few values are to be held in registers
 */
export function scanLocals(module: Module, code: Code, parameters: readonly ValueType[], frugal: boolean): Homes {
  const { weights, blocks, accesses } = weighLocals(module, code);
  const budget = frugal ? FRUGAL : GENEROUS;
  const most = Math.max(1, Math.floor(MOST_CROSSINGS / Math.max(1, blocks)));
  const mostLocals = Math.min(budget.locals, most);
  const typeOf = localTypes(parameters, code.locals);
  const locals = new Map<number, Home>();
  const registers: ValueType[] = [];
  let words = 0;
  let boxes = 0;
  let taken = 0;
  const byWeight = [...weights].sort(([a, weightA], [b, weightB]) => weightB - weightA || a - b);
  for (const [local] of byWeight) {
    const type = typeOf(local);
    const size = wordsOf(type);
    if (taken + size <= mostLocals) {
      taken += size;
      locals.set(local, { type, position: registers.length, slot: -1 });
      registers.push(type);
    } else if (type === 'externref') locals.set(local, { type, position: -1, slot: boxes++ });
    else {
      locals.set(local, { type, position: -1, slot: words });
      words += size;
    }
  }
  const assigned = assignedInLoops(module, code, locals);
  return { locals, registers, operands: Math.min(budget.operands, most), words, boxes, assigned, accesses };
}

/** Types of parameters and locals by index, found in the runs as they were declared. */
function localTypes(parameters: readonly ValueType[], runs: readonly LocalRun[]): (local: number) => ValueType {
  const ends: number[] = [];
  let total = parameters.length;
  for (const { count } of runs) ends.push((total += count));
  return (local) => {
    if (local < parameters.length) return parameters[local];
    let low = 0;
    let high = ends.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle] <= local) low = middle + 1;
      else high = middle;
    }
    return runs[low].type;
  };
}

/** How often each local is named, loops counting more, and the numbers of blocks and of accesses of the memory. */
function weighLocals(module: Module, code: Code): { weights: Map<number, number>; blocks: number; accesses: number } {
  const weights = new Map<number, number>();
  const reader = new Reader(module.bytes, code.body.start, code.body.end);
  const kinds: boolean[] = [];
  let blocks = 0;
  let loops = 0;
  let accesses = 0;
  while (reader.position < reader.end) {
    const { op, index } = readInstruction(reader);
    if (op.width !== undefined) accesses++;
    switch (op.mnemonic) {
      case 'block':
      case 'if':
        kinds.push(false);
        blocks++;
        break;
      case 'loop':
        kinds.push(true);
        blocks++;
        loops++;
        break;
      case 'end':
        if (kinds.pop()) loops--;
        break;
      case 'local.get':
      case 'local.set':
      case 'local.tee':
        weights.set(index, (weights.get(index) ?? 0) + 8 ** Math.min(loops, 4));
        break;
    }
  }
  return { weights, blocks, accesses };
}

function assignedInLoops(module: Module, code: Code, locals: ReadonlyMap<number, Home>): number[][] {
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
          if (parent) for (const position of set) parent.add(position);
        }
        break;
      case 'local.set':
      case 'local.tee': {
        const { position } = locals.get(index)!;
        if (position >= 0) nest.at(-1)?.add(position);
        break;
      }
    }
  }
  return loops.map((set) => [...set].sort((a, b) => a - b));
}
