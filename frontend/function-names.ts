// What functions are called in the BEAM module: atoms, which are never collected.
//
// 'own' takes the names of the Wasm module, for one that the embedder compiles under a name of his choice. 'pooled' takes
// a fixed set, so that no number of modules from strangers fills the atom table: the Wasm module's names are then binaries
// in the description, and its exports are found there.
import type { EntryPoint } from './describe.ts';
import { WasmError } from './errors.ts';
import { PLAIN_PARAMETERS } from './interface.ts';
import type { Module } from './module.ts';
import { SHARED_NAME } from '../ir/shape.ts';

export type NameChoice = 'own' | 'pooled';

export interface FunctionNames {
  /** For stack traces, by function index. */
  readonly functions: readonly string[];
  /** How each exported function is reached, by position among the exports. */
  readonly exports: ReadonlyMap<number, EntryPoint>;
  /** What calls the functions of a type by reference. `ordinal`: how many types came before. Throws WasmError. */
  readonly call: (type: number, ordinal: number) => string;
  readonly dispatcher: (type: number) => string;
  /** By function index: names that stand in the description, since no function has them. */
  readonly described: ReadonlyMap<number, string>;
}

/** An atom in a BEAM file has at most so many bytes. */
const ATOM_BYTES = 255;
/** So many names f0, f1, ... there are for functions; those beyond are all called f. */
const POOLED_FUNCTIONS = 65_536;
/** So many names there are for exports, and for types whose functions are called by reference. */
const POOLED_ENTRIES = 16_384;

/** Throws WasmError where the names of the pool do not suffice. */
export function nameFunctions(module: Module, choice: NameChoice): FunctionNames {
  const known = knownNames(module);
  if (choice === 'pooled') {
    return {
      functions: module.functions.map((_, index) => (index < POOLED_FUNCTIONS ? `f${index}` : 'f')),
      exports: nameExports(module, (_, position) => pooled('$export_', position, 'exports')),
      call: (_, ordinal) => pooled('$call_', ordinal, 'types of functions that are called by reference'),
      dispatcher: () => '$dispatch',
      described: known,
    };
  }
  return {
    functions: module.functions.map((_, index) => cutToAtom(known.get(index) ?? `f${index}`)),
    exports: nameExports(module, ownExportName),
    call: (type) => `$call_${type}`,
    dispatcher: (type) => `$dispatch_${type}`,
    described: new Map(),
  };
}

function pooled(prefix: string, number: number, what: string): string {
  if (number >= POOLED_ENTRIES)
    throw new WasmError('unsupported', `more than ${POOLED_ENTRIES} ${what} in a pooled module`);
  return `${prefix}${number}`;
}

function nameExports(
  module: Module,
  nameOf: (name: string, position: number, arity: number) => string,
): Map<number, EntryPoint> {
  const entries = new Map<number, EntryPoint>();
  module.exports.forEach(({ name, kind, index }, position) => {
    if (kind !== 'func') return;
    const arity = module.types[module.functions[index]].parameters.length;
    entries.set(position, { name: nameOf(name, position, arity), packed: arity > PLAIN_PARAMETERS });
  });
  return entries;
}

/** Its own name, or where that is impossible its position. */
function ownExportName(name: string, position: number, arity: number): string {
  const usable =
    arity <= PLAIN_PARAMETERS && isAtom(name) && !isReserved(name, arity + 1) && !name.startsWith('$export_');
  return usable ? name : `$export_${position}`;
}

/** Whether the BEAM module has a function of this name for another purpose. */
export const isReserved = (name: string, arity: number): boolean =>
  (name === 'module_info' && arity <= 1) ||
  name.startsWith('$wasm2beam') ||
  name.startsWith('$call_') ||
  SHARED_NAME.test(name);

const encoder = new TextEncoder();
const isAtom = (name: string): boolean => encoder.encode(name).length <= ATOM_BYTES;

/** The longest beginning of whole characters that fits an atom. */
function cutToAtom(name: string): string {
  const { read } = encoder.encodeInto(name, new Uint8Array(ATOM_BYTES));
  return name.slice(0, read);
}

/** By function index: from the name section, else by export, else by import. */
function knownNames(module: Module): Map<number, string> {
  const names = new Map(module.names.functions);
  for (const { name, kind, index } of module.exports) {
    if (kind === 'func' && !names.has(index)) names.set(index, name);
  }
  const imports = module.imports.filter(({ description }) => description.kind === 'func');
  imports.forEach((from, index) => {
    if (!names.has(index)) names.set(index, `${from.module}.${from.name}`);
  });
  return names;
}
