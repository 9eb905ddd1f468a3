// Lets the accesses of the memory in a loop remember the leaf that they found last, so that the next one only compares.
//
// Two values of the loop's header hold a leaf and where it starts, for the accesses that have the same base; they come
// around with the other values of the loop and are updated in place by the access that finds another leaf. Any leaf is
// right at any time: an address less its start tells whether it is within, and a leaf never leaves its place. So an
// address needs no mask, either, until another leaf is looked for. Loops that make calls are left alone, for a call would
// move such values to the stack and back, but for those of numeric instructions; so are loops around others.
//
// Consumes and produces the second level of the IR, in place.
import {
  edges,
  terminatorArgs,
  WRAPS,
  WRAPPED_MAX,
  type Block,
  type Instruction,
  type IrFunction,
  type Operator,
  type Value,
} from '../ir.ts';
import { LEAF_START, NO_LEAF } from '../term.ts';
import { MASK } from '../words.ts';

/** More accesses than this are calls, see beam-backend/emit.ts. */
const MAX_ACCESSES = 64;
/** Leaves remembered in a loop. */
const MAX_LEAVES = 4;

const ACCESSES: ReadonlySet<Operator> = new Set(['mem.load', 'mem.load64', 'mem.store', 'mem.store64']);
const CALLS: ReadonlySet<Operator> = new Set(['call', 'call_protected', 'call_fun', 'runtime']);

/** Whether it is a call of a numeric instruction: a short one. */
const isNumeric = ({ operator, text }: Instruction): boolean =>
  operator === 'runtime' && (text === 'wasm2beam_float' || text === 'wasm2beam_int');

/** A loop without others in it: all its blocks, and those that lead to its header. */
interface Loop {
  readonly header: Block;
  readonly blocks: readonly Block[];
  readonly entries: readonly Block[];
}

export function rememberLeaves(fn: IrFunction): void {
  const loops = innermostLoops(fn);
  if (loops.length === 0) return;
  const masks = new Masks(fn);
  for (const loop of loops) {
    const accesses = accessesOf(loop);
    if (!accesses) continue;
    masks.look(accesses);
    for (const group of groupsOf(accesses, masks)) {
      for (const access of group) masks.drop(access);
      if (group.some(({ index }) => index === WRAPS)) for (const access of group) access.index = WRAPS;
      addLeaf(fn, loop, group);
    }
  }
  masks.removeIdle(fn);
}

function innermostLoops(fn: IrFunction): Loop[] {
  const headers = fn.blocks.filter(({ loop }) => loop);
  if (headers.length === 0) return [];
  const position = new Int32Array(fn.blockCount);
  const predecessors: Block[][] = Array.from({ length: fn.blockCount }, () => []);
  fn.blocks.forEach((block, index) => {
    position[block.id] = index;
    for (const { target } of edges(block.terminator!)) predecessors[target.id].push(block);
  });
  const owner: (Block | undefined)[] = [];
  const loops: Loop[] = [];
  // From the last: inner headers stand behind outer ones. A block that an inner loop has makes a loop no innermost one.
  for (const header of headers.reverse()) {
    const isBack = (block: Block): boolean => position[block.id] >= position[header.id];
    const blocks = [header];
    const work = predecessors[header.id].filter(isBack);
    let innermost = owner[header.id] === undefined && work.length > 0;
    owner[header.id] ??= header;
    for (let block = work.pop(); block && innermost; block = work.pop()) {
      if (owner[block.id] === header) continue;
      innermost = owner[block.id] === undefined;
      owner[block.id] ??= header;
      blocks.push(block);
      work.push(...predecessors[block.id]);
    }
    if (innermost) loops.push({ header, blocks, entries: predecessors[header.id].filter((block) => !isBack(block)) });
  }
  return loops;
}

/** The accesses of a loop; undefined where none shall remember a leaf. */
function accessesOf({ blocks }: Loop): Instruction[] | undefined {
  const accesses: Instruction[] = [];
  for (const { instructions } of blocks) {
    for (const at of instructions) {
      if (CALLS.has(at.operator) && !isNumeric(at)) return undefined;
      if (ACCESSES.has(at.operator)) accesses.push(at);
    }
  }
  return accesses.length > MAX_ACCESSES ? undefined : accesses;
}

/**
 * Accesses by base, those with most of them first. Those that wrap are apart, for the start of their leaf may lie beyond
 * 2^32, as their addresses do; but what cannot be beyond may as well be taken modulo 2^32, and joins them.
 */
function groupsOf(accesses: readonly Instruction[], masks: Masks): Instruction[][] {
  const groups = new Map<Value | undefined, Instruction[]>();
  const wrapping = new Map<Value | undefined, Instruction[]>();
  for (const at of accesses) {
    const address = at.args[addressAt(at)];
    const kind = masks.isIdle(address) ? wrapping : groups;
    const base = baseOf(address);
    const group = kind.get(base);
    if (group) group.push(at);
    else kind.set(base, [at]);
  }
  for (const [base, group] of wrapping) {
    const plain = groups.get(base) ?? [];
    const fits = (at: Instruction): boolean => at.args[addressAt(at)].max <= MASK;
    group.push(...plain.filter(fits));
    const rest = plain.filter((at) => !fits(at));
    if (rest.length > 0) groups.set(base, rest);
    else groups.delete(base);
  }
  return [...groups.values(), ...wrapping.values()].sort((a, b) => b.length - a.length).slice(0, MAX_LEAVES);
}

/** Where the address is among the arguments. */
const addressAt = ({ operator }: Instruction): 0 | 1 => (operator.startsWith('mem.load') ? 0 : 1);

/** Masks that nothing asks for but accesses, which can take their address modulo 2^32 themselves. */
class Masks {
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

/** An address without the constants added to it, and masked in between; undefined for one that is known. */
function baseOf(address: Value): Value | undefined {
  let base = address;
  for (;;) {
    if (base.constant !== undefined) return undefined;
    const { definition } = base;
    if (definition?.operator !== 'int.add' && definition?.operator !== 'int.and') return base;
    const [inner, constant] = definition.args;
    if (constant.constant === undefined || (definition.operator === 'int.and' && constant.constant !== MASK))
      return base;
    base = inner;
  }
}

function addLeaf(fn: IrFunction, { header, blocks, entries }: Loop, accesses: readonly Instruction[]): void {
  const leaf = fn.value('term');
  leaf.role = 'slot';
  const start = fn.value('int', LEAF_START.min, LEAF_START.max);
  leaf.block = start.block = header;
  header.params.push(leaf, start);
  const none = fn.constant('term', NO_LEAF);
  none.role = 'slot';
  const pass = (sources: readonly Block[], ...values: Value[]): void => {
    for (const source of sources) {
      for (const edge of new Set(edges(source.terminator!))) if (edge.target === header) edge.args.push(...values);
    }
  };
  pass([...new Set(entries)], none, fn.constant('int', 0));
  pass(blocks, leaf, start);
  for (const access of accesses) access.args.push(leaf, start);
}
