// What instructions cost, and where it is paid: docs/fuel.md.
//
// Lowering puts a `charge` at the start of every block and adds to it what follows; code behind a construct that every way
// comes to the end of adds to the charge before it. Here charges move on against the direction of control, so that few
// are left. The sum along every way through a function stays the number of its instructions; nothing is paid for later
// than it runs.
import { edges, Instruction, type Block, type Edge, type IrFunction } from '../ir/ir.ts';
import type { Mnemonic } from '../ir/instructions.ts';

const FREE: ReadonlySet<Mnemonic> = new Set<Mnemonic>(['block', 'loop', 'else', 'end']);

/** Marks of structure cost nothing, every other instruction a unit. */
export const isFree = (mnemonic: Mnemonic): boolean => FREE.has(mnemonic);

interface Way {
  readonly from: Block;
  readonly edge: Edge;
}

/**
 * Moves what all ways out of a block cost into the charge of the block, and what a turn of a loop costs to where the turn
 * is decided on; drops charges of nothing.
 *
 * @param fn in the first level; every block begins with a charge
 * @param paid what callers pay of the first charge
 * @returns the first charge, before that
 */
export function settleCharges(fn: IrFunction, paid: number): number {
  const incoming: Way[][] = Array.from({ length: fn.blockCount }, () => []);
  for (const from of fn.blocks) for (const edge of waysOut(from)) incoming[edge.target.id].push({ from, edge });
  const added = new Map<Block, Block[]>();
  for (const block of fn.blocks.toReversed()) {
    const next = waysOut(block).map(({ target }) => target);
    if (next.length > 0 && next.every(({ id, loop }) => !loop && incoming[id].length === 1)) {
      const charges = next.map(chargeOf);
      const common = Math.min(...charges.map(({ index }) => index));
      for (const charge of charges) charge.index -= common;
      chargeOf(block).index += common;
    }
    if (block.loop) payForTurns(fn, block, incoming[block.id], added);
  }
  if (added.size > 0) fn.blocks = fn.blocks.flatMap((block) => [block, ...(added.get(block) ?? [])]);
  const first = chargeOf(fn.blocks[0]);
  const price = first.index;
  first.index -= paid;
  for (const block of fn.blocks) if (chargeOf(block).index === 0) block.instructions.shift();
  return price;
}

/** A turn of a loop is paid for by whoever leads there: with the block's own charge, or on the way out of a branch. */
function payForTurns(fn: IrFunction, header: Block, incoming: readonly Way[], added: Map<Block, Block[]>): void {
  const charge = chargeOf(header);
  const { index: price, offset } = charge;
  // A loop that nothing but an exception ends pays for one turn at a time.
  if (price === 0 || incoming.some(({ from }) => from === header && isJump(from))) return;
  charge.index = 0;
  for (const { from, edge } of incoming) {
    if (isJump(from)) chargeOf(from).index += price;
    else {
      const block = fn.block();
      const own = new Instruction('charge', [], [], offset);
      own.index = price;
      block.instructions.push(own);
      block.terminator = { kind: 'jump', edge: { target: header, args: edge.args } };
      [edge.target, edge.args] = [block, []];
      const others = added.get(from);
      if (others) others.push(block);
      else added.set(from, [block]);
    }
  }
}

/** Edges that several cases of a switch share count once. */
const waysOut = (block: Block): Edge[] => [...new Set(edges(block.terminator!))];

const isJump = (block: Block): boolean => block.terminator!.kind === 'jump';

const chargeOf = ({ instructions: [first] }: Block): Instruction => first;
