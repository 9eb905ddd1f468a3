// Lets the accesses of the memory in a loop remember the leaf that they found last, so that the next one only compares.
//
// Two values of the loop's header hold a leaf and where it starts, for the accesses that have the same base; they come
// around with the other values of the loop and are updated in place by the access that finds another leaf. Any leaf is
// right at any time: an address less its start tells whether it is within, and a leaf never leaves its place. So an
// address needs no mask, either, until another leaf is looked for. Loops that make calls are left alone, for a call would
// move such values to the stack and back, but for those of numeric instructions. A loop around others remembers leaves for
// its own accesses, and what the ones within found in the turn before.
//
// Consumes and produces the second level of the IR, in place.
import { Dominators } from '../dominators.ts';
import { edges, WRAPS, type Block, type Instruction, type IrFunction, type Operator, type Value } from '../ir.ts';
import { findLoops, type Loop } from '../loops.ts';
import { LEAF_START, NO_LEAF } from '../term.ts';
import { MASK } from '../words.ts';
import { addressAt, Masks } from './masks.ts';

/** More accesses than this are calls, see beam-backend/emit.ts. */
const MAX_ACCESSES = 64;
/** Leaves remembered in a loop. */
const MAX_LEAVES = 4;
/** Loops within loops that remember leaves: each has parameters for those of the ones within. */
const MAX_HEIGHT = 3;

const ACCESSES: ReadonlySet<Operator> = new Set(['mem.load', 'mem.load64', 'mem.store', 'mem.store64']);
const CALLS: ReadonlySet<Operator> = new Set(['call', 'call_protected', 'call_fun', 'runtime']);

/** Whether it is a call of a numeric instruction: a short one. */
const isNumeric = ({ operator, text }: Instruction): boolean =>
  operator === 'runtime' && (text === 'wasm2beam_float' || text === 'wasm2beam_int');

/** A loop that may remember leaves, and those of the loops within that are to be remembered around them. */
interface Nest {
  readonly loop: Loop;
  /** Loops within it and itself, counted inwards. */
  readonly height: number;
  readonly remembered: Remembered[];
}

/** What a loop's header holds for the accesses that have a base. */
interface Remembered {
  readonly base: Value | undefined;
  readonly wraps: boolean;
  readonly leaf: Value;
  readonly start: Value;
}

export function rememberLeaves(fn: IrFunction): void {
  const loops = findLoops(fn);
  if (loops.length === 0) return;
  const masks = new Masks(fn);
  const nests = new Map<Loop, Nest>();
  let tree: Dominators | undefined;
  const dominates: Dominates = (a, b) => (tree ??= new Dominators(fn)).dominates(a, b);
  for (const loop of loops) {
    const accesses = accessesOf(loop);
    const inner = loop.inner.map((within) => nests.get(within));
    let height = 1;
    for (const nest of inner) height = Math.max(height, 1 + (nest?.height ?? MAX_HEIGHT));
    if (!accesses || height > MAX_HEIGHT) continue;
    masks.look(accesses);
    const nest: Nest = { loop, height, remembered: [] };
    nests.set(loop, nest);
    for (const { base, members } of groupsOf(accesses, masks)) {
      for (const access of members) masks.drop(access);
      const wraps = members.some(({ index }) => index === WRAPS);
      if (wraps) for (const access of members) access.index = WRAPS;
      const remembered = remember(fn, nest, base, wraps);
      for (const access of members) access.args.push(remembered.leaf, remembered.start);
    }
    for (const within of inner) passOn(fn, nest, within!, dominates);
  }
  masks.removeIdle(fn);
}

/** The accesses of a loop that are in none within; undefined where none shall remember a leaf. */
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

interface Group {
  readonly base: Value | undefined;
  readonly members: readonly Instruction[];
}

/**
 * Accesses by base, those with most of them first. Those that wrap are apart, for the start of their leaf may lie beyond
 * 2^32, as their addresses do; but what cannot be beyond may as well be taken modulo 2^32, and joins them.
 */
function groupsOf(accesses: readonly Instruction[], masks: Masks): Group[] {
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
  return [...groups, ...wrapping]
    .map(([base, members]) => ({ base, members }))
    .sort((a, b) => b.members.length - a.members.length)
    .slice(0, MAX_LEAVES);
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

/** Gives the header of a loop a leaf: none at first, then the one of the turn before. */
function remember(fn: IrFunction, { loop, remembered }: Nest, base: Value | undefined, wraps: boolean): Remembered {
  const leaf = fn.value('term');
  leaf.role = 'slot';
  const start = fn.value('int', LEAF_START.min, LEAF_START.max);
  leaf.block = start.block = loop.header;
  loop.header.params.push(leaf, start);
  const none = fn.constant('term', NO_LEAF);
  none.role = 'slot';
  pass(loop.entries, loop.header, none, fn.constant('int', 0));
  pass(loop.backs, loop.header, leaf, start);
  const added = { base, wraps, leaf, start };
  remembered.push(added);
  return added;
}

function pass(sources: readonly Block[], header: Block, ...values: Value[]): void {
  for (const source of sources) {
    for (const edge of new Set(edges(source.terminator!))) if (edge.target === header) edge.args.push(...values);
  }
}

/**
 * Lets a loop within begin with leaves of the loop around it: those of the same base, or its own of the turn before, where
 * every turn goes through it.
 */
function passOn(fn: IrFunction, outer: Nest, inner: Nest, dominates: Dominates): void {
  const always = outer.loop.backs.every((back) => dominates(inner.loop.header, back));
  for (const { base, wraps, leaf, start } of inner.remembered) {
    let around = outer.remembered.find((other) => other.base === base && other.wraps === wraps);
    if (!around && always && outer.remembered.length < MAX_LEAVES) {
      around = remember(fn, outer, base, wraps);
      replace(outer.loop.backs, outer.loop.header, around, { leaf, start });
    }
    if (around) replace(inner.loop.entries, inner.loop.header, { leaf, start }, around);
  }
}

type Dominates = (a: Block, b: Block) => boolean;
type Pair = Pick<Remembered, 'leaf' | 'start'>;

/** Has edges to a header pass another leaf for one of its parameters. */
function replace(sources: readonly Block[], header: Block, param: Pair, by: Pair): void {
  const index = header.params.indexOf(param.leaf);
  for (const source of sources) {
    for (const edge of edges(source.terminator!)) {
      if (edge.target !== header) continue;
      edge.args[index] = by.leaf;
      edge.args[index + 1] = by.start;
    }
  }
}
