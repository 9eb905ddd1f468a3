// The BEAM modules that one Wasm module becomes: one, or several parts, each of which loads quickly.
//
// The first part is what the embedder knows; functions that another part calls are exported as `$f` and their number. A
// function larger than a part has several for itself (beam-backend/pieces.ts).
import type { IrModule } from '../ir/module.ts';
import type { FunctionId } from '../ir/shape.ts';
import type { AssemblyTarget, Label } from './assembly.ts';
import type { Fragment } from './fragment.ts';
import type { Callee, EmitContext } from './writer.ts';

/** Name of a part of the BEAM module NAME; the first is the module itself. */
export const partName = (name: string, part: number): string => (part === 0 ? name : `${name}_${part}`);

const sharedName = (id: FunctionId): string => `$f${id}`;

/** Calls from one part to another: by function, how many arguments it takes. */
export type SharedFunctions = Map<FunctionId, number>;

/** Which parts a function is in. */
export class Partition {
  /** By index, of the functions that have a part: the first. */
  private readonly parts: readonly number[];
  private readonly bodySizes: readonly number[];
  private readonly size: number;

  /** `size`: bytes of Wasm code after which another part begins. */
  constructor({ bodySizes }: IrModule, size: number) {
    this.bodySizes = bodySizes;
    this.size = size;
    let part = 0;
    let filled = 0;
    this.parts = bodySizes.map((bytes, id) => {
      if (filled > 0 && filled + bytes > size) {
        part++;
        filled = 0;
      }
      filled += bytes;
      const first = part;
      part += this.count(id) - 1;
      return first;
    });
  }

  /** The part that a function is called in. */
  of(id: FunctionId): number {
    return this.parts[id] ?? 0;
  }

  /** Over how many parts, from that one on, a function is divided. */
  count(id: FunctionId): number {
    return Math.max(1, Math.ceil((this.bodySizes[id] ?? 0) / this.size));
  }
}

export class Part<Target extends AssemblyTarget> {
  /** Of the BEAM module. */
  readonly name: string;
  readonly context: EmitContext;
  readonly target: Target;
  /** Of the functions that something has named so far. */
  readonly labels = new Map<FunctionId, Label>();

  constructor(module: IrModule, number: number, target: Target, partition: Partition, shared: SharedFunctions) {
    const { memory, memoryCells } = module.layout;
    this.name = partName(module.name, number);
    this.target = target;
    const callee = (id: FunctionId, arity: number): Callee => {
      const home = partition.of(id);
      if (home === number) return { label: this.label(id) };
      shared.set(id, arity);
      return { module: partName(module.name, home), name: sharedName(id) };
    };
    this.context = { target, callee, memory, memoryCells };
  }

  /** The label here of each of a fragment's: given in their order, as if its functions were compiled here. */
  labelsOf(fragment: Fragment): Label[] {
    const ids: (FunctionId | undefined)[] = [];
    for (const [id, label] of fragment.labels) ids[label] = id;
    const labels: Label[] = [0];
    for (let label = 1; label <= fragment.labelCount; label++) {
      const id = ids[label];
      labels.push(id === undefined ? this.target.newLabel() : this.label(id));
    }
    return labels;
  }

  label(id: FunctionId): Label {
    let label = this.labels.get(id);
    if (label === undefined) this.labels.set(id, (label = this.target.newLabel()));
    return label;
  }

  /** Lets other parts call a function. */
  export(id: FunctionId, arity: number): void {
    this.target.export(sharedName(id), arity, this.label(id));
  }
}
