// The constructs of a function that are open while it is lowered, and the branches to their labels.
//
// A label's block is made where its construct ends, from the branches that were taken to it: values that differ among
// them, operands or locals, become its parameters.
//
// spec: valid/instructions#control-instructions
import type { Block, Edge, Type, Value } from '../ir/ir.ts';
import type { Control, Incoming } from './control.ts';
import type { FunctionType } from './module.ts';
import { Operands } from './operands.ts';

export class Labels extends Operands {
  protected readonly controls: Control[] = [];

  protected pushControl(
    kind: Control['kind'],
    type: FunctionType,
    parameters = type.parameters.length,
    charge = this.charge,
    loop?: { header: Block; carried: readonly number[] },
  ): void {
    const height = this.stack.length - parameters;
    this.controls.push({
      kind,
      type,
      height,
      header: loop?.header,
      carried: loop?.carried ?? [],
      charge,
      outermost: this.controls.length,
      incoming: [],
      otherwise: undefined,
    });
  }

  /** What follows is charged together with what precedes the construct, if every way through it comes to its end. */
  protected popControl(): void {
    const { outermost, charge } = this.controls.pop()!;
    if (outermost >= this.controls.length) this.charge = charge;
    this.branchesTo(outermost);
  }

  /** Notes a branch to a construct, by its place among those that are open: it passes the ends of those within. */
  protected branchesTo(place: number): void {
    const control = this.controls.at(-1);
    if (control && place < control.outermost) control.outermost = place;
  }

  /** Starts the block of a label from the branches that lead to it; nothing is reachable if there are none. */
  protected join(control: Control): void {
    const { incoming, type, height } = control;
    this.stack.length = height;
    if (incoming.length === 0) return;
    const block = this.fn.block();
    this.startBlock(block);
    for (const { edge } of incoming) edge.target = block;
    const first = incoming[0];
    type.results.forEach((result, position) => {
      if (height + position >= this.homes.operands) return void this.stack.push(result);
      this.stack.push(this.merge(block, incoming, result, position));
    });
    this.locals = first.locals.slice();
    this.localsShared = false;
    const others = incoming.filter(({ locals }) => locals !== first.locals);
    if (others.length === 0) return;
    for (let local = 0; local < first.locals.length; local++) {
      const value = first.locals[local];
      if (others.every(({ locals }) => locals[local] === value)) continue;
      this.locals[local] = this.parameter(block, this.typeOfLocal(local));
      for (const { edge, locals } of incoming) edge.args.push(locals[local]);
    }
  }

  private merge(block: Block, incoming: readonly Incoming[], type: Type, position: number): Value {
    const first = incoming[0].values[position];
    if (incoming.every(({ values }) => values[position] === first)) return first;
    const parameter = this.parameter(block, type);
    for (const { edge, values } of incoming) edge.args.push(values[position]);
    return parameter;
  }

  protected branchTo(control: Control): void {
    const { edge, copies } = this.edgeTo(control);
    for (const copy of copies) copy();
    this.terminate({ kind: 'jump', edge });
  }

  /**
   * An edge to a label from here, and the copies within the frame that must be made on the way (lazily: a conditional
   * branch makes them on its edge only).
   */
  protected edgeTo(control: Control): { edge: Edge; copies: (() => void)[] } {
    const types = control.kind === 'loop' ? control.type.parameters : control.type.results;
    const from = this.stack.length - types.length;
    const inRegisters = Math.min(types.length, this.homes.operands - control.height);
    const values: Value[] = [];
    for (let i = 0; i < inRegisters; i++) values.push(this.operand(from + i));
    const copies: (() => void)[] = [];
    for (let i = Math.max(0, inRegisters); i < types.length; i++) {
      const [type, source, target] = [types[i], from + i, control.height + i];
      if (source === target) continue;
      copies.push(() =>
        this.emitFrameSet(this.slotOf(target, type), this.emitFrameGet(this.slotOf(source, type), type)),
      );
    }
    const edge: Edge = { target: control.header ?? this.block, args: [] };
    if (control.kind === 'loop') {
      for (const local of control.carried) values.push(this.locals[local]);
      edge.args = values;
    } else control.incoming.push({ edge, values, locals: this.snapshot() });
    return { edge, copies };
  }

  protected trampoline(edge: Edge, copies: readonly (() => void)[]): Block {
    const block = this.fn.block();
    // Filled after the block that branches to it has ended: see lowerBranchIf.
    const resume = this.block;
    this.fillTrampoline(block, edge, copies);
    this.block = resume;
    this.reachable = true;
    return block;
  }

  protected fillTrampoline(block: Block, edge: Edge, copies: readonly (() => void)[]): void {
    this.startBlock(block);
    for (const copy of copies) copy();
    this.terminate({ kind: 'jump', edge });
  }
}
