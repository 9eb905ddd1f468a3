// Cuts long blocks, so that a function can be divided among several BEAM modules where it has few blocks of its own.
//
// Consumes and produces the second level of the IR, in place.
import { edges, terminatorArgs, type Block, type IrFunction, type Value } from '../ir.ts';

/**
 * Cuts each block of more than `limit` instructions into several that have at least half as many, where few values of
 * the block are needed behind.
 */
export function cutBlocks(fn: IrFunction, limit: number): void {
  if (fn.blocks.every(({ instructions }) => instructions.length <= limit)) return;
  const ends = findEnds(fn);
  fn.blocks = fn.blocks.flatMap((block) => (block.instructions.length > limit ? cut(fn, block, limit, ends) : block));
}

/** By value id: the position of the last instruction of its block that reads it, Infinity where something else does. */
function findEnds(fn: IrFunction): Float64Array {
  const ends = new Float64Array(fn.valueCount).fill(-1);
  for (const block of fn.blocks) {
    const use = (values: readonly Value[], position: number): void => {
      for (const { id, block: home } of values) ends[id] = Math.max(ends[id], home === block ? position : Infinity);
    };
    block.instructions.forEach(({ args }, position) => use(args, position));
    use(terminatorArgs(block.terminator!), Infinity);
    for (const { args } of edges(block.terminator!)) use(args, Infinity);
  }
  return ends;
}

function cut(fn: IrFunction, block: Block, limit: number, ends: Float64Array): Block[] {
  const { instructions, terminator } = block;
  const crossing = countCrossing(block, ends);
  const blocks = [block];
  let current = block;
  let from = 0;
  const close = (to: number): void => {
    current.instructions = instructions.slice(from, to);
    for (const { results } of current.instructions) for (const result of results) result.block = current;
    from = to;
  };
  while (instructions.length - from > limit) {
    let best = from + Math.ceil(limit / 2);
    for (let at = best; at <= from + limit; at++) if (crossing[at] <= crossing[best]) best = at;
    close(best);
    const next = fn.block();
    current.terminator = { kind: 'jump', edge: { target: next, args: [] } };
    blocks.push(next);
    current = next;
  }
  close(instructions.length);
  current.terminator = terminator;
  return blocks;
}

/** For each position: values that the block defines before it, and that are read there or behind. */
function countCrossing({ params, instructions }: Block, ends: Float64Array): Int32Array {
  const count = instructions.length;
  const crossing = new Int32Array(count + 2);
  const live = ({ id }: Value, from: number): void => {
    if (ends[id] < from) return;
    crossing[from]++;
    crossing[Math.min(ends[id], count) + 1]--;
  };
  for (const param of params) live(param, 0);
  instructions.forEach(({ results }, position) => results.forEach((result) => live(result, position + 1)));
  for (let at = 1; at <= count; at++) crossing[at] += crossing[at - 1];
  return crossing;
}
