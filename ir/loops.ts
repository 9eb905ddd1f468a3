// The loops of a function and which are within which.
//
// Consumes blocks in their order, in which every edge goes forward but for those to loop headers. Takes about n steps for n
// edges, however deeply loops are nested.
import { edges, type Block, type IrFunction } from './ir.ts';

export interface Loop {
  readonly header: Block;
  /** Its blocks without those of the loops within, the header first. */
  readonly blocks: Block[];
  /** The loops directly within. */
  readonly inner: Loop[];
  /** Blocks outside that lead to the header. */
  readonly entries: readonly Block[];
  /** Blocks within that lead back to it. */
  readonly backs: readonly Block[];
}

/** All loops, inner ones before those around them. */
export function findLoops(fn: IrFunction): Loop[] {
  const headers = fn.blocks.filter(({ loop }) => loop);
  return headers.length === 0 ? [] : new LoopSearch(fn).run(headers);
}

class LoopSearch {
  private readonly predecessors: Block[][];
  /** By block id: the innermost loop that it is in. */
  private readonly owner: (Loop | undefined)[] = [];
  /** The loop around one, or one farther out. */
  private readonly outer = new Map<Loop, Loop>();
  private readonly position: Int32Array;

  constructor(fn: IrFunction) {
    this.predecessors = Array.from({ length: fn.blockCount }, () => []);
    this.position = new Int32Array(fn.blockCount);
    fn.blocks.forEach((block, index) => {
      this.position[block.id] = index;
      for (const { target } of edges(block.terminator!)) this.predecessors[target.id].push(block);
    });
  }

  run(headers: readonly Block[]): Loop[] {
    const loops: Loop[] = [];
    // From the last: inner headers stand behind outer ones.
    for (const header of headers.toReversed()) {
      const isBack = ({ id }: Block): boolean => this.position[id] >= this.position[header.id];
      // A branch may lead here both ways.
      const from = [...new Set(this.predecessors[header.id])];
      const backs = from.filter(isBack);
      const loop = { header, blocks: [header], inner: [], entries: from.filter((block) => !isBack(block)), backs };
      if (backs.length > 0) loops.push(loop);
      this.owner[header.id] = loop;
      this.collect(loop);
    }
    return loops;
  }

  /** Finds the blocks from which a way leads back to the header without passing it. */
  private collect(loop: Loop): void {
    const work = [...loop.backs];
    for (let block = work.pop(); block; block = work.pop()) {
      const owner = this.owner[block.id];
      if (owner === undefined) {
        this.owner[block.id] = loop;
        loop.blocks.push(block);
        for (const from of this.predecessors[block.id]) work.push(from);
        continue;
      }
      const within = this.outermost(owner);
      if (within === loop) continue;
      this.outer.set(within, loop);
      loop.inner.push(within);
      for (const from of within.entries) work.push(from);
    }
  }

  /** The outermost loop around one so far; the way there is shortened. */
  private outermost(loop: Loop): Loop {
    let at = loop;
    for (let next = this.outer.get(at); next; next = this.outer.get(at)) {
      const beyond = this.outer.get(next);
      if (beyond) this.outer.set(at, beyond);
      at = next;
    }
    return at;
  }
}
