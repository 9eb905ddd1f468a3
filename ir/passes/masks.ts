// Masks of addresses, which accesses that remember a leaf can do without.
import { edges, terminatorArgs, WRAPS, WRAPPED_MAX, type Instruction, type IrFunction, type Value } from '../ir.ts';
import { MASK } from '../words.ts';

/** Where the address is among the arguments of an access. */
export const addressAt = ({ operator }: Instruction): 0 | 1 => (operator.startsWith('mem.load') ? 0 : 1);

/** Masks that nothing asks for but accesses, which can take their address modulo 2^32 themselves. */
export class Masks {
  /** By value id: in all, and as the address of accesses in the loop at hand. */
  private readonly uses: Int32Array;
  private readonly addressed: Int32Array;
  private readonly idle = new Set<Instruction>();

  constructor(fn: IrFunction) {
    this.uses = new Int32Array(fn.valueCount);
    this.addressed = new Int32Array(fn.valueCount);
    for (const { instructions, terminator } of fn.blocks) {
      for (const { args } of instructions) this.count(args);
      this.count(terminatorArgs(terminator!));
      for (const { args } of edges(terminator!)) this.count(args);
    }
  }

  /** Learns the accesses of a loop. */
  look(accesses: readonly Instruction[]): void {
    for (const at of accesses) this.addressed[at.args[addressAt(at)].id]++;
  }

  /** Whether an address is masked for accesses only. */
  isIdle({ id, definition }: Value): boolean {
    if (definition?.operator !== 'int.and' || definition.args[1].constant !== MASK) return false;
    const [{ min, max }] = definition.args;
    return min >= -WRAPPED_MAX && max <= WRAPPED_MAX && this.uses[id] === this.addressed[id];
  }

  /** Lets an access do without the mask of its address, where it is idle. */
  drop(access: Instruction): void {
    const position = addressAt(access);
    const address = access.args[position];
    if (!this.isIdle(address)) return;
    const mask = address.definition!;
    access.args[position] = mask.args[0];
    access.index = WRAPS;
    this.addressed[address.id]--;
    if (--this.uses[address.id] === 0) this.idle.add(mask);
  }

  removeIdle(fn: IrFunction): void {
    if (this.idle.size === 0) return;
    for (const block of fn.blocks) block.instructions = block.instructions.filter((at) => !this.idle.has(at));
  }

  private count(values: readonly Value[]): void {
    for (const { id } of values) this.uses[id]++;
  }
}
