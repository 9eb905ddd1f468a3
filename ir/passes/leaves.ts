// Lets the accesses of the memory in a loop remember the leaf that they found last, so that the next one only compares.
//
// A value of the loop's header holds a leaf, one for the accesses that have the same base; it comes around with the
// other values of the loop and is updated in place by the access that finds another leaf. Any leaf is right at any
// time: it carries its number, and there is never another with that number. Loops that make calls are left alone, for
// a call would move such values to the stack and back, but for those of numeric instructions; so are loops around others.
//
// Consumes and produces the second level of the IR, in place.
import { edges, type Block, type Instruction, type IrFunction, type Operator, type Value } from '../ir.ts';
import { NO_LEAF } from '../term.ts';
import { MASK } from '../words.ts';
import { tupleOf } from './word-access.ts';

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
  for (const loop of innermostLoops(fn)) {
    const bases = basesOf(loop);
    if (bases) for (const accesses of bases) addLeaf(fn, loop, accesses);
  }
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

/** The accesses of a loop by base, those with most of them first; undefined where none shall remember a leaf. */
function basesOf({ blocks }: Loop): Instruction[][] | undefined {
  const bases = new Map<Value | undefined, Instruction[]>();
  let count = 0;
  for (const { instructions } of blocks) {
    for (const at of instructions) {
      if (CALLS.has(at.operator) && !isNumeric(at)) return undefined;
      if (!ACCESSES.has(at.operator)) continue;
      if (++count > MAX_ACCESSES) return undefined;
      const base = baseOf(at.operator.startsWith('mem.load') ? at.args[0] : at.args[1]);
      const accesses = bases.get(base);
      if (accesses) accesses.push(at);
      else bases.set(base, [at]);
    }
  }
  return [...bases.values()].sort((a, b) => b.length - a.length).slice(0, MAX_LEAVES);
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
  const leaf = tupleOf(fn.value('term'), 1, 'slot');
  leaf.block = header;
  header.params.push(leaf);
  const none = tupleOf(fn.constant('term', NO_LEAF), 1, 'slot');
  const pass = (sources: readonly Block[], value: Value): void => {
    for (const source of sources) {
      for (const edge of new Set(edges(source.terminator!))) if (edge.target === header) edge.args.push(value);
    }
  };
  pass([...new Set(entries)], none);
  pass(blocks, leaf);
  for (const access of accesses) access.args.push(leaf);
}
