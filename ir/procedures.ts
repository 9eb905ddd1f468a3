// Divides a function into procedures: what becomes one BEAM function each.
//
// A procedure is an acyclic piece of the function's graph that is entered at its first block only. Loop headers start
// one, since a back edge must be a call (it counts a reduction), and so does a join that is reached from two
// procedures, since a jump cannot leave a function. An edge to such a block is a tail call; it passes the block's
// parameters and every value that lives into it. So may any other block, to keep procedures small.
//
// Consumes the second level of the IR.
import { edges, terminatorArgs, type Block, type Instruction, type IrFunction, type Value } from './ir.ts';

export interface Procedure {
  readonly entry: Block;
  /** Parameters of the entry block and the values that live into it, so arranged that they move little on the way. */
  readonly params: readonly Value[];
  /** For each of `params`: its position among the parameters of the entry block, or -1. */
  readonly own: readonly number[];
  /** In an order in which every edge within the procedure goes forward. */
  readonly blocks: readonly Block[];
  /** The entry is the header of a loop. */
  readonly loop: boolean;
}

export interface Division {
  readonly procedures: readonly Procedure[];
  /** By block id: the procedure that starts there. */
  readonly startsAt: readonly (Procedure | undefined)[];
  /** By block id: values that live into a block, its own parameters not included. */
  readonly liveIn: readonly (readonly Value[])[];
}

/** How large procedures become. */
export interface DivideOptions {
  /** A block starts a procedure if one of its predecessors stands more blocks before it. */
  readonly reach?: number;
  /** And if the one that it would join is heavier with it. */
  readonly weight?: number;
}

/** Room that a block's code takes, in instructions. */
export const weigh = ({ instructions, terminator }: Block): number =>
  instructions.length + edges(terminator!).length + 1;

/**
 * Divides a function.
 *
 * @param fn in the second level; refreshes of the root that nobody needs are dropped
 */
export function divide(fn: IrFunction, { reach = Infinity, weight = Infinity }: DivideOptions = {}): Division {
  const predecessors = findPredecessors(fn);
  dropIdleRefreshes(fn, predecessors);
  const liveIn = findLiveIn(fn, predecessors);
  const position = new Int32Array(fn.blockCount);
  fn.blocks.forEach((block, index) => (position[block.id] = index));
  // By block id: the first block of its procedure; of a first block: all of the procedure.
  const owner = new Array<Block | undefined>(fn.blockCount).fill(undefined);
  const members = new Array<Block[] | undefined>(fn.blockCount).fill(undefined);
  const entries: Block[] = [];
  // By block id of a first block: the weight of its procedure so far.
  const weights = new Float64Array(fn.blockCount);
  for (const block of fn.blocks) {
    const from = predecessors[block.id];
    const at = position[block.id];
    const loops = from.some((source) => position[source.id] >= at);
    const first = from.length > 0 && !loops ? owner[from[0].id] : undefined;
    const own = weigh(block);
    const joins =
      first &&
      from.every(({ id }) => owner[id] === first && at - position[id] <= reach) &&
      weights[first.id] + own <= weight;
    owner[block.id] = joins ? first : block;
    weights[owner[block.id]!.id] += own;
    block.loop = loops;
    if (joins) members[first.id]!.push(block);
    else {
      members[block.id] = [block];
      entries.push(block);
    }
  }
  const startsAt = new Array<Procedure | undefined>(fn.blockCount).fill(undefined);
  const arrangement = new Arrangement(fn.valueCount);
  const procedures = entries.map((entry) => {
    const [from] = predecessors[entry.id];
    const before = from && startsAt[owner[from.id]!.id];
    const arranged = before ? arrangement.behind(before, from, entry, liveIn[entry.id]) : ownParams(entry);
    return (startsAt[entry.id] = { entry, ...arranged, blocks: members[entry.id]!, loop: entry.loop });
  });
  return { procedures, startsAt, liveIn };
}

/** What an edge to the entry of a procedure passes for its parameters. */
export const passedTo = ({ params, own }: Procedure, args: readonly Value[]): Value[] =>
  params.map((param, i) => (own[i] < 0 ? param : args[own[i]]));

type Arranged = Pick<Procedure, 'params' | 'own'>;

/** The first procedure of a function is called by others. */
const ownParams = ({ params }: Block): Arranged => ({ params, own: params.map((_, i) => i) });

/**
 * Gives parameters the positions that their values have in the procedure before, so that a register keeps what it holds
 * from one procedure to the next.
 */
class Arrangement {
  /** By value id: its position in the procedure before, or -1. */
  private readonly positions: Int32Array;

  constructor(valueCount: number) {
    this.positions = new Int32Array(valueCount).fill(-1);
  }

  /** @param from the block of `before` from which an edge leads to `entry` */
  behind(before: Procedure, from: Block, entry: Block, liveIn: readonly Value[]): Arranged {
    const { positions } = this;
    before.params.forEach(({ id }, i) => (positions[id] = i));
    const count = entry.params.length + liveIn.length;
    const params = new Array<Value | undefined>(count).fill(undefined);
    const own = new Array<number>(count).fill(-1);
    const rest: [Value, number][] = [];
    const place = (param: Value, value: Value, index: number): void => {
      const position = value.constant === undefined ? positions[value.id] : -1;
      if (position < 0 || position >= count || params[position]) return void rest.push([param, index]);
      params[position] = param;
      own[position] = index;
    };
    for (const value of liveIn) place(value, value, -1);
    const { args } = edges(from.terminator!).find(({ target }) => target === entry)!;
    entry.params.forEach((param, i) => place(param, args[i], i));
    let free = 0;
    for (const [param, index] of rest) {
      while (params[free]) free++;
      params[free] = param;
      own[free] = index;
    }
    for (const { id } of before.params) positions[id] = -1;
    return { params: params as Value[], own };
  }
}

function findPredecessors(fn: IrFunction): Block[][] {
  const predecessors = emptyLists<Block>(fn.blockCount);
  for (const block of fn.blocks) {
    for (const { target } of edges(block.terminator!)) {
      const known = predecessors[target.id];
      if (known[known.length - 1] !== block) known.push(block);
    }
  }
  return predecessors;
}

function emptyLists<T>(count: number): T[][] {
  const lists: T[][] = [];
  for (let i = 0; i < count; i++) lists.push([]);
  return lists;
}

/** By block id: values used in the block or behind it, and defined before it. */
function findLiveIn(fn: IrFunction, predecessors: readonly Block[][]): Value[][] {
  const liveIn = emptyLists<Value>(fn.blockCount);
  const stamps = new Int32Array(fn.blockCount).fill(-1);
  const usedIn = new Array<Block[] | undefined>(fn.valueCount).fill(undefined);
  const values: Value[] = [];
  for (const block of fn.blocks) {
    const use = (args: readonly Value[]): void => {
      for (const value of args) {
        if (value.block === block || value.constant !== undefined) continue;
        const uses = usedIn[value.id];
        if (!uses) {
          usedIn[value.id] = [block];
          values.push(value);
        } else if (uses[uses.length - 1] !== block) uses.push(block);
      }
    };
    for (const { args } of block.instructions) use(args);
    const terminator = block.terminator!;
    use(terminatorArgs(terminator));
    for (const edge of edges(terminator)) use(edge.args);
  }
  for (const value of values) {
    const work = usedIn[value.id]!;
    for (let block = work.pop(); block; block = work.pop()) {
      if (stamps[block.id] === value.id) continue;
      stamps[block.id] = value.id;
      liveIn[block.id].push(value);
      for (const source of predecessors[block.id]) if (source !== value.block) work.push(source);
    }
  }
  return liveIn;
}

/** The root of the memory is fetched anew after a call only where somebody still asks for it. */
function dropIdleRefreshes(fn: IrFunction, predecessors: readonly Block[][]): void {
  const root = findRefresh(fn)?.args[0];
  if (!root) return;
  const liveOut = new Set<Block>();
  const work: Block[] = [];
  const isUsed = (block: Block): boolean =>
    block.instructions.some((at) => !isRefresh(at) && at.args.includes(root)) ||
    terminatorArgs(block.terminator!).includes(root);
  for (const block of fn.blocks) if (isUsed(block) && block !== root.block) work.push(block);
  const liveIn = new Set<Block>(work);
  for (let block = work.pop(); block; block = work.pop()) {
    for (const source of predecessors[block.id]) {
      liveOut.add(source);
      if (source === root.block || liveIn.has(source)) continue;
      liveIn.add(source);
      work.push(source);
    }
  }
  for (const block of fn.blocks) {
    let live = liveOut.has(block) || terminatorArgs(block.terminator!).includes(root);
    if (!block.instructions.some(isRefresh)) continue;
    const kept = block.instructions.toReversed().filter((at) => {
      if (isRefresh(at)) return live;
      live ||= at.args.includes(root);
      return true;
    });
    if (kept.length < block.instructions.length) block.instructions = kept.reverse();
  }
}

const isRefresh = ({ operator }: Instruction): boolean => operator === 'root.refresh';

function findRefresh(fn: IrFunction): Instruction | undefined {
  for (const { instructions } of fn.blocks) {
    const refresh = instructions.find(isRefresh);
    if (refresh) return refresh;
  }
  return undefined;
}
