// What code needs to know of its module: where things stand in the state tuple S, and how functions are called.
//
// Layout of S: docs/abi.md. A function receives its parameters' words, then the ambient values that it needs, in the
// order state, root, depth; more words than a BEAM function takes arguments travel in tuples.
import type { ValueType } from './instructions.ts';

/** A function of the module by number: Wasm functions by index, then dispatchers, then what the embedder calls. */
export type FunctionId = number;

/** Names under which the BEAM modules that one module becomes call each other: of a function, or of a piece of one. */
export const SHARED_NAME = /^\$f\d+(_\d+)?$/;

/** Which ambient values a function takes besides its own parameters. */
export interface Convention {
  /** The tuple S. */
  readonly state: boolean;
  /** The root of memory 0. */
  readonly root: boolean;
  /** Calls left before the call stack counts as exhausted. */
  readonly depth: boolean;
}

/** Elements of S, counted from 1. */
export interface StateLayout {
  /** How many elements S has. */
  readonly size: number;
  readonly cells: number;
  readonly base: number;
  /** The table by which bits become floats. */
  readonly scales: number;
  readonly memory: number;
  readonly memoryCells: number;
  readonly table: (index: number) => number;
  readonly global: (index: number) => number;
  readonly import: (index: number) => number;
  /** Counts the calls from outside. */
  readonly calls: number;
}

/** The cell that holds the fuel at hand, and how much there is at most. docs/abi.md */
export const FUEL_CELL = 2;
export const FUEL_MAX = 2 ** 40;

export interface FunctionSignature {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

export interface ModuleShape {
  readonly layout: StateLayout;
  readonly globals: readonly ValueType[];
  readonly signature: (functionIndex: number) => FunctionSignature;
  readonly convention: (functionIndex: number) => Convention & { readonly cost: number };
  readonly dispatcher: (typeIndex: number) => FunctionId;
  readonly dispatch: Convention;
}

/** The layout of S for a module with so many memories, tables, globals and imported functions. */
export function layoutState(memories: number, tables: number, globals: number, imports: number): StateLayout {
  const firstTable = 5 + 2 * memories;
  const firstGlobal = firstTable + tables;
  const firstImport = firstGlobal + globals;
  return {
    size: firstImport + imports + 1,
    cells: 2,
    base: 3,
    memory: 5,
    memoryCells: 6,
    table: (index) => firstTable + index,
    global: (index) => firstGlobal + index,
    import: (index) => firstImport + index,
    scales: firstImport + imports,
    calls: firstImport + imports + 1,
  };
}

/** Words of the frame that a value takes. */
export const wordsOf = (type: ValueType): number => (type === 'i64' || type === 'f64' ? 2 : 1);

/** Arguments or results that a value takes: an i64 two, everything else one. */
export const slotsOf = (type: ValueType): number => (type === 'i64' ? 2 : 1);

/** More slots than this travel in tuples. */
const PLAIN_SLOTS = 240;
const CHUNK_SLOTS = 100;

/** Values from one index to the next, and how many slots they take. */
export interface Chunk {
  readonly from: number;
  readonly to: number;
  readonly slots: number;
}

/**
 * How values of these types are passed and returned: undefined for slot by slot, else in tuples, one for each chunk.
 * wasm2beam_value:pack/2 follows the same rule.
 */
export function chunksOf(types: readonly ValueType[]): readonly Chunk[] | undefined {
  let total = 0;
  for (const type of types) total += slotsOf(type);
  if (total <= PLAIN_SLOTS) return undefined;
  const chunks: Chunk[] = [];
  let from = 0;
  let slots = 0;
  types.forEach((type, index) => {
    if (slots + slotsOf(type) > CHUNK_SLOTS) {
      chunks.push({ from, to: index, slots });
      [from, slots] = [index, 0];
    }
    slots += slotsOf(type);
  });
  chunks.push({ from, to: types.length, slots });
  return chunks;
}
