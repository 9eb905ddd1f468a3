// A module on its way to a back end.
import type { IrFunction } from './ir.ts';
import type { Locations } from './locations.ts';
import type { FunctionId, StateLayout } from './shape.ts';

/** A function in the second level, and the name and arity under which the BEAM module exports it. */
export interface ModuleFunction {
  readonly id: FunctionId;
  readonly fn: IrFunction;
  readonly exportName?: string;
  /** The same function anew, with few values alive at once: for a back end that found no registers for `fn`. */
  readonly frugal?: () => IrFunction;
}

/** Byte offsets of the instructions of a function in the second level, under its name. */
export interface FunctionPlaces {
  readonly name: string;
  readonly offsets: readonly number[];
}

export interface IrModule {
  /** Of the BEAM module. */
  readonly name: string;
  /** Name of the file that the module was made from. */
  readonly source: string;
  /** What stack traces show; of instructions of functions that were made. */
  readonly locations: Locations;
  /** Where the module tells of its source: settles the locations of a function that was lowered elsewhere. */
  readonly settle?: (places: FunctionPlaces) => void;
  readonly layout: StateLayout;
  /** Elements of S, counted from 1, that hold in-place tuples. */
  readonly inPlace: ReadonlySet<number>;
  /** By index of the module's functions: bytes of the body, 0 for an import. */
  readonly bodySizes: readonly number[];
  /** How many functions are imported: those with a body come behind them. */
  readonly stubCount: number;
  /** Stubs, bodies and entries. Made one by one, so that a large module never exists as a whole. */
  readonly functions: Iterable<ModuleFunction>;
  /** Of imported functions. */
  readonly stubs: () => Iterable<ModuleFunction>;
  /** Functions with a body from one index to another, the last not included. */
  readonly bodies: (from: FunctionId, to: FunctionId) => Iterable<ModuleFunction>;
  /** Dispatchers, and what the embedder calls. */
  readonly entries: () => Iterable<ModuleFunction>;
  /** What each BEAM module but the first says of itself, where this one becomes several. */
  readonly membership: () => Omit<ModuleFunction, 'id'>;
}
