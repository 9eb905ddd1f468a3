// Where the procedures of one function stand: all in one part, or in order in several where it is larger than a part.
//
// An edge to a procedure of another part is a tail call of an exported name, `$fN_P` for procedure P of function N. All
// procedures have the function's own name in stack traces, wherever they stand.
import type { Block, IrFunction } from '../ir/ir.ts';
import { type Division, type Procedure, weigh } from '../ir/procedures.ts';
import type { FunctionId } from '../ir/shape.ts';
import type { AssemblyTarget, Label } from './assembly.ts';
import type { Part } from './parts.ts';
import type { Callee } from './writer.ts';

/** A function's parts: how many there are at most, and each by its number among them. */
export interface Homes {
  readonly id: FunctionId;
  readonly count: number;
  readonly at: (piece: number) => Part<AssemblyTarget>;
}

interface Place {
  readonly index: number;
  readonly part: Part<AssemblyTarget>;
  readonly label: Label;
}

/** No procedure is to be heavier than this part of a piece, so that pieces are about equal. */
const PROCEDURES_A_PIECE = 4;

export class Pieces {
  private readonly id: FunctionId;
  private readonly places = new Map<Procedure, Place>();
  /** Procedures that another part calls. */
  private readonly shared = new Set<Procedure>();

  /** `entry`: the label of the first procedure. */
  constructor({ procedures }: Division, homes: Homes, entry: Label) {
    this.id = homes.id;
    const weights = procedures.map(({ blocks }) => weighBlocks(blocks));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    let before = 0;
    procedures.forEach((procedure, index) => {
      // By the middle of each: the first is in the first piece, for others call it there.
      const piece = index === 0 ? 0 : Math.floor((homes.count * (before + weights[index] / 2)) / total);
      const part = homes.at(piece);
      this.places.set(procedure, { index, part, label: index === 0 ? entry : part.target.newLabel() });
      before += weights[index];
    });
  }

  part(procedure: Procedure): Part<AssemblyTarget> {
    return this.places.get(procedure)!.part;
  }

  label(procedure: Procedure): Label {
    return this.places.get(procedure)!.label;
  }

  /** How one procedure leads to another. */
  callee(from: Procedure, to: Procedure): Callee {
    const { part, label, index } = this.places.get(to)!;
    if (this.part(from) === part) return { label };
    this.shared.add(to);
    return { module: part.name, name: this.sharedName(index) };
  }

  /** Lets the parts call what they have been told to call. To be asked when all procedures are emitted. */
  export(): void {
    for (const [procedure, { part, label, index }] of this.places) {
      if (this.shared.has(procedure)) part.target.export(this.sharedName(index), procedure.params.length, label);
    }
  }

  private sharedName(index: number): string {
    return `$f${this.id}_${index}`;
  }
}

const weighBlocks = (blocks: readonly Block[]): number => blocks.reduce((sum, block) => sum + weigh(block), 0);

/** How heavy a procedure of a function that is divided into so many pieces may be, and how long a block. */
export const heaviest = ({ blocks }: IrFunction, count: number): number =>
  count === 1 ? Infinity : Math.ceil(weighBlocks(blocks) / count / PROCEDURES_A_PIECE);
