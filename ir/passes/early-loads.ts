// Moves loads before stores that they do not overlap, in blocks that store several floats: then what is computed of them
// can be one run, and be converted to words together.
//
// Consumes the second level of the IR, in place. Only a load that cannot trap moves. Where an address below its own and
// one above, of the same base, were accessed on every way to it, its own is in bounds: memories do not shrink, and
// only one of 2^32 bytes has its end beside its start.
import { Dominators } from '../dominators.ts';
import { WRAPS, type Block, type Instruction, type IrFunction, type Operator, type Value } from '../ir.ts';
import { MASK } from '../words.ts';
import { isPure } from './prune.ts';

/** Loads that move in a block: what they load is kept in registers. */
const MOST = 16;
/** Over how many instructions one moves. */
const FARTHEST = 200;
/** How many dominating blocks are asked for accesses. */
const DEEPEST = 32;
/** Places modulo 2^32 beside a base count as far as this from it. */
const NEAR = 2 ** 14;
const MODULUS = MASK + 1;

const isLoad = (operator: Operator): boolean => operator === 'mem.load' || operator === 'mem.load64';
const isStore = (operator: Operator): boolean => operator === 'mem.store' || operator === 'mem.store64';

/** Instructions that a load may move over, stores apart. */
const IDLE: ReadonlySet<Operator> = new Set<Operator>(['trap_if', 'cell.set']);
const isIdle = (operator: Operator): boolean => isPure(operator) || operator.startsWith('float.') || IDLE.has(operator);

/** What computes an address and moves with a load: its range rests on its operands alone. */
const MOVES: ReadonlySet<Operator> = new Set<Operator>(['int.add', 'int.and']);

/** Bytes at a sum: of a value and a constant, or of known address. */
interface Place {
  readonly base: Value | undefined;
  readonly from: number;
  readonly bytes: number;
}

/** Where an access lies: exactly, unless its address is taken modulo 2^32; and modulo 2^32, with masks left out. */
interface Places {
  readonly exact: Place | undefined;
  readonly modular: Place;
  /** Whether an address beyond 2^32 is none of its. */
  readonly isWord: boolean;
}

function placesOf({ operator, args, index, bytes }: Instruction): Places {
  const address = args[isLoad(operator) ? 0 : 1];
  const exact = sumOf(address, bytes, false);
  const { base, from } = sumOf(address, bytes, true);
  const distance = base ? (((from % MODULUS) + 1.5 * MODULUS) % MODULUS) - MODULUS / 2 : from;
  const wraps = index === WRAPS;
  return {
    exact: wraps ? undefined : exact,
    modular: { base, from: distance, bytes },
    isWord: wraps || address.max <= MASK,
  };
}

/** An address as a sum; `masked`: of the same word. */
function sumOf(address: Value, bytes: number, masked: boolean): Place {
  let [base, from] = [address, 0];
  for (;;) {
    if (base.constant !== undefined) return { base: undefined, from: from + (base.constant as number), bytes };
    const operator = base.definition?.operator;
    const [value, constant] = base.definition?.args ?? [];
    if (operator === 'int.add' && typeof constant.constant === 'number') from += constant.constant;
    else if (!masked || operator !== 'int.and' || constant.constant !== MASK) return { base, from, bytes };
    base = value;
  }
}

/** Whether a load and a store surely have no byte in common. */
function areApart(load: Place, store: Place): boolean {
  if (load.base !== store.base) return false;
  const distance = (load.from - store.from + 2 * MODULUS) % MODULUS;
  return distance >= store.bytes && distance <= MODULUS - load.bytes;
}

/** For each base the least and the greatest byte that was accessed. */
class Bounds {
  private readonly exact = new Map<Value | undefined, [low: number, high: number]>();
  private readonly modular = new Map<Value | undefined, [low: number, high: number]>();

  constructor(instructions: readonly Instruction[]) {
    for (const at of instructions) {
      if (!isLoad(at.operator) && !isStore(at.operator)) continue;
      const { exact, modular } = placesOf(at);
      if (exact) widen(this.exact, exact);
      if (modular.base && Math.abs(modular.from) < NEAR) widen(this.modular, modular);
    }
  }

  /** The least and the greatest byte beside the same base that was accessed here. */
  of(place: Place, kind: 'exact' | 'modular'): [low: number, high: number] | undefined {
    return this[kind].get(place.base);
  }
}

function widen(bounds: Map<Value | undefined, [number, number]>, { base, from, bytes }: Place): void {
  const [low, high] = bounds.get(base) ?? [Infinity, -Infinity];
  bounds.set(base, [Math.min(low, from), Math.max(high, from + bytes)]);
}

/** Moves loads of a function. */
export function loadEarly(fn: IrFunction): void {
  const blocks = fn.blocks.filter(storesFloats);
  if (blocks.length === 0) return;
  const accesses = new Accesses(fn);
  for (const block of blocks) moveLoads(block, accesses);
}

/** Whether a block converts floats to words more than once. */
const storesFloats = ({ instructions }: Block): boolean =>
  instructions.filter(({ operator }) => operator === 'float.bits').length > 1;

/** What has been accessed before a place. */
class Accesses {
  private readonly fn: IrFunction;
  private readonly dominators: Dominators;
  private readonly bounds: (Bounds | undefined)[] = [];

  constructor(fn: IrFunction) {
    this.fn = fn;
    this.dominators = new Dominators(fn);
  }

  /** Whether a load is in bounds, behind these instructions of its block. */
  cover(load: Places, block: Block, before: readonly Instruction[]): boolean {
    const kind = load.isWord && load.modular.base ? 'modular' : 'exact';
    const place = kind === 'modular' ? load.modular : load.exact;
    if (!place) return false;
    let [low, high] = [Infinity, -Infinity];
    const reaches = (bounds: Bounds): boolean => {
      const known = bounds.of(place, kind);
      if (known) [low, high] = [Math.min(low, known[0]), Math.max(high, known[1])];
      return low <= place.from && high >= place.from + place.bytes;
    };
    if (reaches(new Bounds(before))) return true;
    const { position, parent } = this.dominators;
    let index = position[block.id];
    for (let depth = 0; depth < DEEPEST && index > 0; depth++) {
      index = parent[index];
      if (reaches((this.bounds[index] ??= new Bounds(this.fn.blocks[index].instructions)))) return true;
    }
    return false;
  }
}

function moveLoads(block: Block, accesses: Accesses): void {
  const out: Instruction[] = [];
  let moved = 0;
  for (const at of block.instructions) {
    const way = isLoad(at.operator) && moved < MOST ? wayUp(at, out) : undefined;
    if (!way || !accesses.cover(placesOf(at), block, out.slice(0, way.to))) {
      out.push(at);
      continue;
    }
    moved++;
    const rest = out.slice(way.to).filter((other) => !way.operands.includes(other));
    out.splice(way.to, Infinity, ...way.operands, at, ...rest);
  }
  block.instructions = out;
}

/**
 * The place behind the load before to which a load may move over at least one store, and what computes its address and
 * moves with it.
 */
function wayUp(load: Instruction, out: readonly Instruction[]): { to: number; operands: Instruction[] } | undefined {
  const { modular } = placesOf(load);
  const wanted = new Set(load.args);
  const operands: Instruction[] = [];
  let overStore = false;
  let to = out.length;
  for (; to > 0 && out.length - to < FARTHEST; to--) {
    const at = out[to - 1];
    if (at.results.some((result) => wanted.has(result))) {
      if (!MOVES.has(at.operator)) break;
      operands.unshift(at);
      for (const arg of at.args) wanted.add(arg);
    } else if (isStore(at.operator)) {
      if (!areApart(modular, placesOf(at).modular)) break;
      overStore = true;
    } else if (!isIdle(at.operator)) break;
  }
  return overStore ? { to, operands } : undefined;
}
