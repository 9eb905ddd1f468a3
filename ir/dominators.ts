// Dominance between the blocks of a function, for the verifier.
//
// Consumes blocks in their order, in which every edge goes forward but for those to loop headers. Those are left out
// here, which changes nothing as long as each comes from a block that its header dominates: `verify.ts` asks for that.
// Takes n log n steps for n edges, whatever their shape.
import { edges, type Block, type IrFunction } from './ir.ts';

export class Dominators {
  /** By block id: position in the function's order, -1 for a block that is not in it. */
  readonly position: Int32Array;
  /** By position: the immediate dominator's position; -1 for a block without a way to it, 0 for the entry. */
  readonly parent: Int32Array;
  // By position: depth in the tree, a far ancestor, and the numbering in which a subtree is an interval.
  private readonly depth: Int32Array;
  private readonly jump: Int32Array;
  private readonly first: Int32Array;
  private readonly size: Int32Array;

  constructor(fn: IrFunction) {
    const count = fn.blocks.length;
    this.position = new Int32Array(fn.blockCount).fill(-1);
    fn.blocks.forEach((block, index) => (this.position[block.id] = index));
    this.parent = new Int32Array(count).fill(-1);
    this.depth = new Int32Array(count);
    this.jump = new Int32Array(count);
    this.first = new Int32Array(count);
    this.size = new Int32Array(count).fill(1);
    this.findParents(fn);
    this.number(count);
  }

  /** Whether every way to block b leads through block a; a block dominates itself. */
  dominates(a: Block, b: Block): boolean {
    const [from, to] = [this.position[a.id], this.position[b.id]];
    return this.first[to] >= this.first[from] && this.first[to] < this.first[from] + this.size[from];
  }

  private findParents(fn: IrFunction): void {
    this.parent[0] = 0;
    fn.blocks.forEach((block, index) => {
      if (this.parent[index] < 0) return; // no way leads to it, nor from it
      if (index > 0) this.link(index);
      for (const { target } of edges(block.terminator!)) {
        const to = this.position[target.id];
        if (to <= index) continue;
        this.parent[to] = this.parent[to] < 0 ? index : this.common(this.parent[to], index);
      }
    });
  }

  /** The parent is final: every edge to a block comes from one before it. Ancestors are doubled as in a skew counter. */
  private link(index: number): void {
    const { parent, depth, jump } = this;
    const up = parent[index];
    depth[index] = depth[up] + 1;
    const far = jump[up];
    jump[index] = depth[up] - depth[far] === depth[far] - depth[jump[far]] ? jump[far] : up;
  }

  private common(a: number, b: number): number {
    const { parent, depth, jump } = this;
    if (depth[a] < depth[b]) [a, b] = [b, a];
    while (depth[a] > depth[b]) a = depth[jump[a]] >= depth[b] ? jump[a] : parent[a];
    while (a !== b) [a, b] = jump[a] === jump[b] ? [parent[a], parent[b]] : [jump[a], jump[b]];
    return a;
  }

  private number(count: number): void {
    const { parent, first, size } = this;
    for (let index = count - 1; index > 0; index--) if (parent[index] >= 0) size[parent[index]] += size[index];
    const next = new Int32Array(count).fill(1);
    for (let index = 1; index < count; index++) {
      const up = parent[index];
      if (up < 0) continue;
      first[index] = first[up] + next[up];
      next[up] += size[index];
    }
  }
}
