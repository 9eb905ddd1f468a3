// A decoded module, as the binary format lays it out. Function bodies and constant expressions stay bytes of the input:
// whoever needs them reads them again with readInstruction, so that a module of any size costs little to hold.
//
// spec: syntax/modules
import type { ReferenceType, ValueType } from '../ir/instructions.ts';

export interface FunctionType {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** In pages for a memory, in elements for a table. */
export interface Limits {
  readonly minimum: number;
  readonly maximum?: number;
  /** Where it stands in Module.bytes. */
  readonly offset?: number;
}

export interface TableType extends Limits {
  readonly element: ReferenceType;
}

export interface GlobalType {
  readonly type: ValueType;
  readonly mutable: boolean;
}

/** Bytes [start, end) of Module.bytes that hold an expression with its final `end`. */
export interface Expression {
  readonly start: number;
  readonly end: number;
}

export type ExternKind = 'func' | 'table' | 'memory' | 'global';

export type ImportDescription =
  | { readonly kind: 'func'; readonly type: number }
  | { readonly kind: 'table'; readonly table: TableType }
  | { readonly kind: 'memory'; readonly memory: Limits }
  | { readonly kind: 'global'; readonly global: GlobalType };

export interface Import {
  readonly module: string;
  readonly name: string;
  readonly description: ImportDescription;
  readonly offset: number;
}

export interface Export {
  readonly name: string;
  readonly kind: ExternKind;
  readonly index: number;
  readonly offset: number;
}

export interface Global extends GlobalType {
  /** Absent for an imported global. */
  readonly initial?: Expression;
}

export type SegmentMode =
  | { readonly kind: 'passive' }
  | { readonly kind: 'declarative' }
  | { readonly kind: 'active'; readonly index: number; readonly at: Expression };

export interface ElementSegment {
  readonly type: ReferenceType;
  readonly mode: SegmentMode;
  /** Function indices, or one expression an item. */
  readonly items: { readonly functions: readonly number[] } | { readonly expressions: readonly Expression[] };
  readonly offset: number;
}

export interface DataSegment {
  readonly mode: SegmentMode;
  /** Bytes [start, end) of Module.bytes. */
  readonly start: number;
  readonly end: number;
  readonly offset: number;
}

/** A run of locals of one type, as the code section declares them. */
export interface LocalRun {
  readonly count: number;
  readonly type: ValueType;
}

export interface Code {
  readonly locals: readonly LocalRun[];
  readonly body: Expression;
  /** Offset of the entry in the code section. */
  readonly offset: number;
}

export interface CustomSection {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** A section other than a custom one; its contents are the bytes [start, end) of Module.bytes. */
export interface Section {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

/** From the name section; unusable entries are left out. spec: appendix/custom#name-section */
export interface Names {
  readonly module?: string;
  readonly functions: ReadonlyMap<number, string>;
}

export interface Module {
  readonly bytes: Uint8Array;
  readonly types: readonly FunctionType[];
  readonly imports: readonly Import[];
  /** Type index of each function; imported ones first. */
  readonly functions: readonly number[];
  readonly tables: readonly TableType[];
  readonly memories: readonly Limits[];
  readonly globals: readonly Global[];
  readonly exports: readonly Export[];
  readonly start?: number;
  readonly elements: readonly ElementSegment[];
  readonly data: readonly DataSegment[];
  readonly dataCount?: number;
  /** Bodies of the functions that are not imported, in order. */
  readonly code: readonly Code[];
  readonly customs: readonly CustomSection[];
  /** In the order of the file. */
  readonly sections: readonly Section[];
  readonly names: Names;
}

/** How many imports of a kind precede the module's own definitions in that index space. */
export function countImports(module: Module, kind: ExternKind): number {
  let count = 0;
  for (const { description } of module.imports) if (description.kind === kind) count++;
  return count;
}
