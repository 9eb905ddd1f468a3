// Joins accesses of the memory that lie side by side, so that the back end looks for their rows and words but once.
//
// Consumes the second level of the IR with its leaves, in place. Loads of a block go to the first of them, over what has no
// effect and cannot trap but other loads; stores that follow each other go to the last. Addresses need only be the same
// modulo 2^32 but for a constant: code that goes the usual way knows that all are in one leaf, and there they differ by it.
import { Instruction, WRAPS, type Block, type IrFunction, type Operator, type Value } from '../ir.ts';
import { MASK } from '../words.ts';
import { countUses } from './arms.ts';
import { isPure } from './prune.ts';

/** Accesses that become one. */
const MOST = 8;
/** How far apart they are at most: what reaches into another leaf goes the slow way. */
const FARTHEST = 128;
/** Groups of loads that are looked at for the next one, and constants added up for an address. */
const OPEN = 8;
const TERMS = 16;
const LEAF_BYTES = 4096;
const MODULUS = MASK + 1;

const isLoad = (operator: Operator): boolean => operator === 'mem.load' || operator === 'mem.load64';

/** An address as a sum. */
class Place {
  /** What a constant is added to, undefined where the address is known; and the constant. */
  readonly base: Value | undefined;
  readonly offset: number;
  /** Whether the address is taken modulo 2^32, or cannot be beyond. */
  readonly isWord: boolean;
  private wrapped: Added | undefined = undefined;

  constructor(address: Value, wraps: number) {
    const { value, constant } = strip(address, addend);
    const isKnown = typeof value.constant === 'number';
    this.base = isKnown ? undefined : value;
    this.offset = isKnown ? constant + value.constant : constant;
    this.isWord = !isKnown && (wraps === WRAPS || address.max <= MASK);
  }

  /** The same modulo 2^32, where there may be masks in between. */
  get root(): Value | undefined {
    return this.base && this.unwrapped(this.base).value;
  }

  get distance(): number {
    return this.base ? (this.offset + this.unwrapped(this.base).constant) % MODULUS : 0;
  }

  private unwrapped(base: Value): Added {
    return (this.wrapped ??= strip(base, addendOrMasked));
  }
}

/** An access with its displacement from the address of the first. */
interface Member {
  readonly at: Instruction;
  readonly displacement: number;
  /** WRAPS, or 0. */
  readonly wraps: number;
}

class Group {
  readonly first: Instruction;
  private readonly place: Place;
  /** Those behind the first, in order. */
  private readonly others: Member[] = [];
  /** Where those of eight bytes lie, modulo eight. */
  private eight: number | undefined;

  constructor(first: Instruction, place: Place) {
    this.first = first;
    this.place = place;
    this.eight = first.bytes === 8 ? 0 : undefined;
  }

  /** Whether an access belongs here; if so it is a member from then on. */
  take(at: Instruction, place: Place): boolean {
    const { first, others } = this;
    if (others.length === MOST - 1 || leafOf(at) !== leafOf(first)) return false;
    const isExact = first.index !== WRAPS && place.base === this.place.base;
    if (!isExact && !(place.isWord && place.root === this.place.root)) return false;
    const displacement = isExact
      ? place.offset - this.place.offset
      : ((place.distance - this.place.distance + 1.5 * MODULUS) % MODULUS) - MODULUS / 2;
    if (Math.abs(displacement) > FARTHEST || !this.isAligned(at, displacement)) return false;
    if (place.base === undefined && leafNumber(place) !== leafNumber(this.place)) return false;
    others.push({ at, displacement, wraps: isExact ? 0 : WRAPS });
    if (at.bytes === 8) this.eight ??= displacement;
    return true;
  }

  /** Whether all can be aligned at once. */
  private isAligned({ bytes }: Instruction, displacement: number): boolean {
    if (displacement % 4 !== 0) return false;
    return bytes !== 8 || this.eight === undefined || (displacement - this.eight) % 8 === 0;
  }

  /**
   * Whether they are better together. Outside of loops single accesses may be calls, which are shorter than two words
   * in each of the four places where the first may be.
   */
  pays(): boolean {
    const isChosen = leafOf(this.first) === undefined && this.place.base !== undefined && this.eight === undefined;
    return this.others.length > (isChosen ? 1 : 0);
  }

  /** The accesses, in order. */
  places(): Instruction[] {
    return [this.first, ...this.others.map(({ at }) => at)];
  }

  /** All of them as one instruction. */
  join(): Instruction {
    const { first, others } = this;
    const places = this.places();
    const loads = isLoad(first.operator);
    const words = loads ? [] : places.flatMap((at) => at.args.slice(2, at.bytes === 8 ? 4 : 3));
    const args = [...first.args.slice(0, 2), ...words, ...first.args.slice(stateAt(first))];
    const results = places.flatMap((at) => at.results);
    const group = new Instruction(loads ? 'mem.loads' : 'mem.stores', args, results, first.offset);
    group.index = first.index;
    group.body = [{ at: first, displacement: 0, wraps: first.index }, ...others].map(memberOf);
    for (const result of results) result.definition = group;
    return group;
  }
}

/** An access as it stands in a body. */
function memberOf({ at, displacement, wraps }: Member): Instruction {
  const member = new Instruction(at.operator, [], at.results, at.offset);
  member.bytes = at.bytes;
  member.displacement = displacement;
  member.index = wraps;
  return member;
}

const addressOf = ({ operator, args }: Instruction): Value => args[isLoad(operator) ? 0 : 1];
/** Where S stands among the arguments. */
const stateAt = ({ operator, bytes }: Instruction): number => (isLoad(operator) ? 2 : bytes === 8 ? 4 : 3);
const leafOf = (at: Instruction): Value | undefined => at.args[stateAt(at) + 1];
const leafNumber = ({ offset }: Place): number => Math.floor(offset / LEAF_BYTES);

interface Added {
  readonly value: Value;
  readonly constant: number;
}

/** A value without what `step` takes off, and the constants that it took. */
function strip(whole: Value, step: (value: Value) => Added | undefined): Added {
  let [value, constant] = [whole, 0];
  for (let terms = 0; terms < TERMS; terms++) {
    const added = step(value);
    if (!added) break;
    value = added.value;
    constant += added.constant;
  }
  return { value, constant };
}

function addend({ definition }: Value): Added | undefined {
  if (definition?.operator !== 'int.add') return undefined;
  const [value, { constant }] = definition.args;
  return typeof constant === 'number' ? { value, constant } : undefined;
}

function masked({ definition }: Value): Added | undefined {
  if (definition?.operator !== 'int.and' || definition.args[1].constant !== MASK) return undefined;
  return { value: definition.args[0], constant: 0 };
}

/** Whether an access may move over it. */
const isIdle = (operator: Operator): boolean => isPure(operator) || operator.startsWith('float.');

const addendOrMasked = (value: Value): Added | undefined => addend(value) ?? masked(value);

/** Joins the neighbours of a function. */
export function joinNeighbours(fn: IrFunction): void {
  const addresses: Value[] = [];
  for (const block of fn.blocks) joinIn(block, addresses);
  if (addresses.length > 0) dropUnused(fn, addresses);
}

/** Adds to `addresses` those that nobody may need any more. */
function joinIn(block: Block, addresses: Value[]): void {
  // Nothing else has bytes. Most blocks have no two accesses.
  let accesses = 0;
  for (const { bytes } of block.instructions) if (bytes >= 4) accesses++;
  if (accesses < 2) return;
  const groups: Group[] = [];
  let loads: Group[] = [];
  let stores: Group | undefined;
  for (const at of block.instructions) {
    const { operator, bytes } = at;
    if (bytes === 0 && ((loads.length === 0 && !stores) || isIdle(operator))) continue;
    const load = isLoad(operator);
    if (load) stores = undefined;
    else loads = [];
    if (bytes < 4) {
      stores = undefined;
      continue;
    }
    const place = new Place(addressOf(at), at.index);
    // One that is known and not aligned goes the slow way alone.
    const isAlone = place.base === undefined && place.offset % bytes !== 0;
    if (!isAlone && (load ? loads.some((group) => group.take(at, place)) : stores?.take(at, place))) continue;
    stores = undefined;
    if (isAlone) continue;
    const group = new Group(at, place);
    groups.push(group);
    if (load) loads = [group, ...loads.slice(0, OPEN - 1)];
    else stores = group;
  }
  const joined = groups.filter((group) => group.pays());
  if (joined.length === 0) return;
  const instead = new Map<Instruction, Instruction | undefined>();
  for (const group of joined) {
    const places = group.places();
    for (const at of places) {
      instead.set(at, undefined);
      addresses.push(addressOf(at));
    }
    instead.set(isLoad(group.first.operator) ? group.first : places[places.length - 1], group.join());
  }
  block.instructions = block.instructions.flatMap((at) => {
    const group = instead.has(at) ? instead.get(at) : at;
    return group ? [group] : [];
  });
}

/** Removes what computed addresses that nobody asks for now. */
function dropUnused(fn: IrFunction, addresses: Value[]): void {
  const uses = countUses(fn);
  const unused = new Set<Instruction>();
  for (let value = addresses.pop(); value; value = addresses.pop()) {
    const { definition } = value;
    if (!definition || uses[value.id] > 0 || !isPure(definition.operator) || unused.has(definition)) continue;
    unused.add(definition);
    for (const arg of definition.args) {
      uses[arg.id]--;
      addresses.push(arg);
    }
  }
  if (unused.size === 0) return;
  for (const block of fn.blocks) block.instructions = block.instructions.filter((at) => !unused.has(at));
}
