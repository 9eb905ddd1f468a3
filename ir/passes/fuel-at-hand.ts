// Charges: where the code of a function has the fuel at hand in a register, and where it has to look into the cell.
//
// A charge updates the value in its register and the cell alike, so that either is right until a call, behind which the
// cell alone is. Blocks keep the value that all ways to them have. A loop without a call has it in a register from before
// its first turn on, since a load from memory just written would be waited for in every turn; other loops fetch it anew.
import { edges, Instruction, type Block, type IrFunction, type Value } from '../ir.ts';
import { MASK, type WordBuilder } from '../words.ts';

/** Bytes that one unit pays for, as a power of two. */
const BYTES_A_UNIT = 2;

/** S, the cells of the instance, and the value of the one with the fuel. */
interface Fetched {
  readonly state: Value;
  readonly cells: Value;
  readonly left: Value;
}

export class FuelAtHand {
  private readonly b: WordBuilder;
  private readonly fetch: () => Fetched;
  private current: Fetched | undefined;
  /** By block id: what the ways to it so far have; null where they differ. */
  private readonly arriving: (Fetched | null | undefined)[] = [];
  /** Headers of loops without calls. */
  private readonly callFree: ReadonlySet<Block>;

  /**
   * @param source the function in the first level
   * @param metered whether it pays at all
   * @param b emits charges where it stands
   * @param fetch emits what fetches the fuel
   */
  constructor(source: IrFunction, metered: boolean, b: WordBuilder, fetch: () => Fetched) {
    this.b = b;
    this.fetch = fetch;
    this.callFree = metered ? findCallFree(source) : new Set();
  }

  startBlock(block: Block): void {
    const arriving = this.arriving[block.id] ?? undefined;
    this.current = !block.loop || this.callFree.has(block) ? arriving : undefined;
  }

  endBlock(block: Block): void {
    for (const { target } of edges(block.terminator!)) {
      if (this.callFree.has(target)) this.take();
      const known = this.arriving[target.id];
      this.arriving[target.id] = known === undefined || known === this.current ? (this.current ?? null) : null;
    }
  }

  charge(units: Value, offset: number): void {
    if (units.constant === 0) return;
    const { state, cells, left } = this.take();
    this.b.append(new Instruction('fuel.charge', [left, cells, state, units], [], offset));
  }

  /** Instructions that work on many bytes or elements cost more than one unit: docs/fuel.md. */
  chargeLength({ operator, index, args, offset }: Instruction, word: (arg: Value) => Value): void {
    const { b } = this;
    switch (operator) {
      case 'memory.fill':
      case 'memory.copy':
      case 'memory.init':
        return this.charge(b.shr(word(args[2]), b.int(BYTES_A_UNIT)), offset);
      case 'table.fill':
      case 'table.copy':
      case 'table.init':
        return this.charge(word(args[2]), offset);
      case 'table.grow': {
        const growth = b.fn.value('int', 0, MASK);
        const { state } = this.take();
        b.runtime('wasm2beam_table', 'growth', [state, b.int(index), word(args[1])], [growth], offset);
        return this.charge(growth, offset);
      }
    }
  }

  /** Behind a call. */
  lose(): void {
    this.current = undefined;
  }

  private take(): Fetched {
    return (this.current ??= this.fetch());
  }
}

/**
 * Headers of loops that call nothing, by where blocks stand: between the header and the last edge back to it, or to a loop
 * that begins in between. Such a one may go on behind, and call there.
 */
function findCallFree({ blocks }: IrFunction): Set<Block> {
  const calls: number[] = [0];
  const lastTurn = new Map<Block, number>();
  blocks.forEach(({ instructions, terminator }, position) => {
    const count = instructions.filter(({ operator }) => operator === 'call' || operator === 'call_indirect').length;
    calls.push(calls[position] + count);
    for (const { target } of edges(terminator!)) if (target.loop) lastTurn.set(target, position);
  });
  const free = new Set<Block>();
  // Backwards; of loops that begin within another one, that alone is kept.
  const behind: { readonly start: number; readonly end: number }[] = [];
  for (let start = blocks.length - 1; start >= 0; start--) {
    let end = lastTurn.get(blocks[start]);
    if (end === undefined) continue;
    for (let next = behind.at(-1); next && next.start <= end; next = behind.at(-1)) {
      end = Math.max(end, next.end);
      behind.pop();
    }
    behind.push({ start, end });
    if (calls[end + 1] === calls[start]) free.add(blocks[start]);
  }
  return free;
}
