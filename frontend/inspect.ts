// What a module has and needs, for people and programs to read: imports, exports, sizes, proposals.
//
// Consumes a validated module and the facts of its validation; produces plain data that prints as JSON.
import type { ValueType } from '../ir/instructions.ts';
import type { ExternKind, Limits, Module } from './module.ts';
import { countImports } from './module.ts';
import type { ModuleFacts, UsedProposal } from './validate.ts';

/** The type of an import or export. Sizes are pages of a memory and elements of a table. */
export type ExternType =
  | { readonly kind: 'func'; readonly parameters: readonly ValueType[]; readonly results: readonly ValueType[] }
  | { readonly kind: 'table'; readonly element: ValueType; readonly minimum: number; readonly maximum?: number }
  | { readonly kind: 'memory'; readonly minimum: number; readonly maximum?: number }
  | { readonly kind: 'global'; readonly type: ValueType; readonly mutable: boolean };

export interface Inspection {
  readonly name?: string;
  /** Bytes of the binary. */
  readonly size: number;
  readonly imports: readonly { readonly module: string; readonly name: string; readonly type: ExternType }[];
  readonly exports: readonly { readonly name: string; readonly type: ExternType }[];
  /** Imported ones included, here and below. */
  readonly memories: readonly ExternType[];
  readonly tables: readonly ExternType[];
  readonly globals: number;
  readonly functions: number;
  readonly elementSegments: number;
  readonly dataSegments: number;
  /** Bytes in data segments. */
  readonly dataSize: number;
  readonly start?: number;
  readonly proposals: readonly UsedProposal[];
  readonly customSections: readonly { readonly name: string; readonly size: number }[];
  /** The ten longest bodies, longest first; sizes in bytes. */
  readonly largestFunctions: readonly { readonly index: number; readonly name?: string; readonly size: number }[];
}

const LARGEST = 10;

const limits = ({ minimum, maximum }: Limits) => ({ minimum, ...(maximum === undefined ? {} : { maximum }) });

function externType(module: Module, kind: ExternKind, index: number): ExternType {
  switch (kind) {
    case 'func': {
      const { parameters, results } = module.types[module.functions[index]];
      return { kind, parameters, results };
    }
    case 'table':
      return { kind, element: module.tables[index].element, ...limits(module.tables[index]) };
    case 'memory':
      return { kind, ...limits(module.memories[index]) };
    case 'global': {
      const { type, mutable } = module.globals[index];
      return { kind, type, mutable };
    }
  }
}

/** Describes a validated module. Linear in its size. */
export function inspectModule(module: Module, facts: ModuleFacts): Inspection {
  const next: Record<ExternKind, number> = { func: 0, table: 0, memory: 0, global: 0 };
  const imports = module.imports.map(({ module: from, name, description: { kind } }) => ({
    module: from,
    name,
    type: externType(module, kind, next[kind]++),
  }));
  return {
    ...(module.names.module === undefined ? {} : { name: module.names.module }),
    size: module.bytes.length,
    imports,
    exports: module.exports.map(({ name, kind, index }) => ({ name, type: externType(module, kind, index) })),
    memories: module.memories.map((_, index) => externType(module, 'memory', index)),
    tables: module.tables.map((_, index) => externType(module, 'table', index)),
    globals: module.globals.length,
    functions: module.functions.length,
    elementSegments: module.elements.length,
    dataSegments: module.data.length,
    dataSize: module.data.reduce((sum, { start, end }) => sum + end - start, 0),
    ...(module.start === undefined ? {} : { start: module.start }),
    proposals: [...facts.proposals].sort(),
    customSections: module.customs.map(({ name, start, end }) => ({ name, size: end - start })),
    largestFunctions: largestFunctions(module),
  };
}

function largestFunctions(module: Module): Inspection['largestFunctions'] {
  const imported = countImports(module, 'func');
  return module.code
    .map(({ body }, position) => ({ index: imported + position, size: body.end - body.start }))
    .sort((a, b) => b.size - a.size || a.index - b.index)
    .slice(0, LARGEST)
    .map(({ index, size }) => {
      const name = module.names.functions.get(index);
      return { index, ...(name === undefined ? {} : { name }), size };
    });
}
