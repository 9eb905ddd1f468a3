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

export interface IrModule {
  /** Of the BEAM module. */
  readonly name: string;
  /** Name of the file that the module was made from. */
  readonly source: string;
  /** What stack traces show; of instructions of functions that were made. */
  readonly locations: Locations;
  readonly layout: StateLayout;
  /** Elements of S, counted from 1, that hold in-place tuples. */
  readonly inPlace: ReadonlySet<number>;
  /** By index of the module's functions: bytes of the body, 0 for an import. */
  readonly bodySizes: readonly number[];
  /** Made one by one, so that a large module never exists as a whole. May be run through once. */
  readonly functions: Iterable<ModuleFunction>;
}
