// Validates a decoded module, its bodies included.
//
// Consumes a Module; throws a WasmError of kind 'invalid' with an offset ('malformed' or 'unsupported' for what only the
// walk through a body finds), or produces facts that the walk came by. Linear in the size of the module, not recursive.
//
// spec: valid/modules
import type { Proposal } from '../ir/instructions.ts';
import { checkBodies } from './body.ts';
import { WasmError } from './errors.ts';
import { countImports, type ExternKind, type Limits, type Module } from './module.ts';
import { UNSUPPORTED } from './proposals.ts';
import { Reader } from './reader.ts';
import { ConstantValidation } from './validate-constant.ts';
import { FunctionValidation } from './validate-function.ts';

/** A proposal beyond Wasm 1.0 that a module makes use of. */
export type UsedProposal = Proposal | 'mutable-globals' | 'extended-constant-expressions';

export interface ModuleFacts {
  /** Functions that can be reached by reference: by ref.func anywhere, an element segment, an export, or as start. */
  readonly referenced: ReadonlySet<number>;
  readonly proposals: ReadonlySet<UsedProposal>;
}

export interface ValidationOptions {
  /**
   * '3.0' (the default): constant expressions may calculate, and read every immutable global (the initial value of a
   * global: those before it); '2.0': they may not calculate, and read imported globals only.
   */
  readonly constants?: '2.0' | '3.0';
}

/** What is said where such a global is set. */
const IMMUTABLE = { '2.0': 'global is immutable', '3.0': 'immutable global' } as const;
const MOST_PAGES = 65536;
const FUNCTION_SECTION = 3;
const START_SECTION = 8;

const invalid = (text: string, offset: number): WasmError => new WasmError('invalid', text, { offset });

/** Where a section's contents begin; 0 where there is none. */
const sectionStart = (module: Module, id: number): number => module.sections.find((one) => one.id === id)?.start ?? 0;

/** Where the function section names the type of its n-th function: found again, since only errors ask. */
function functionOffset(module: Module, position: number): number {
  const reader = new Reader(module.bytes, sectionStart(module, FUNCTION_SECTION));
  reader.readU32();
  for (let i = 0; i < position; i++) reader.readU32();
  return reader.position;
}

/** spec: valid/modules#functions, valid/modules#imports */
function validateFunctionTypes(module: Module): void {
  const { types, imports, functions } = module;
  for (const { description, offset } of imports) {
    if (description.kind === 'func' && description.type >= types.length) {
      throw invalid(`unknown type ${description.type}`, offset);
    }
  }
  const bad = functions.findIndex((type) => type >= types.length);
  if (bad >= 0) {
    throw invalid(`unknown type ${functions[bad]}`, functionOffset(module, bad - countImports(module, 'func')));
  }
}

/** spec: valid/types#limits */
function validateLimits({ minimum, maximum, offset = 0 }: Limits): void {
  if (maximum !== undefined && minimum > maximum) {
    throw invalid('size minimum must not be greater than maximum', offset);
  }
}

/** spec: valid/types#memory-types, valid/modules */
function validateMemories({ memories }: Module): void {
  for (const limits of memories) {
    if (Math.max(limits.minimum, limits.maximum ?? 0) > MOST_PAGES) {
      throw invalid('memory size must be at most 65536 pages (4GiB)', limits.offset ?? 0);
    }
    validateLimits(limits);
  }
  if (memories.length > 1) throw invalid(`multiple memories (${UNSUPPORTED.memories})`, memories[1].offset ?? 0);
}

function countOf(module: Module, kind: ExternKind): number {
  switch (kind) {
    case 'func':
      return module.functions.length;
    case 'table':
      return module.tables.length;
    case 'memory':
      return module.memories.length;
    case 'global':
      return module.globals.length;
  }
}

const KIND_NAMES: Readonly<Record<ExternKind, string>> = {
  func: 'function',
  table: 'table',
  memory: 'memory',
  global: 'global',
};

/** A guest's name in a message of bounded length. */
const quote = (name: string): string => JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}...` : name);

/** spec: valid/modules#exports */
function validateExports(module: Module, referenced: Set<number>): void {
  const names = new Set<string>();
  for (const { name, kind, index, offset } of module.exports) {
    if (index >= countOf(module, kind)) throw invalid(`unknown ${KIND_NAMES[kind]} ${index}`, offset);
    if (names.has(name)) throw invalid(`duplicate export name ${quote(name)}`, offset);
    names.add(name);
    if (kind === 'func') referenced.add(index);
  }
}

/** spec: valid/modules#start-function */
function validateStart(module: Module): void {
  const { start } = module;
  if (start === undefined) return;
  const offset = sectionStart(module, START_SECTION);
  if (start >= module.functions.length) throw invalid(`unknown function ${start}`, offset);
  const { parameters, results } = module.types[module.functions[start]];
  if (parameters.length > 0 || results.length > 0) {
    throw invalid('start function must have no parameters and no results', offset);
  }
}

/** spec: valid/modules#globals */
function validateGlobals(module: Module, constants: ConstantValidation, visible: number | undefined): void {
  module.globals.forEach(({ initial, type }, index) => {
    if (initial !== undefined) constants.validate(initial, type, visible ?? index);
  });
}

/** spec: valid/modules#element-segments */
function validateElements(
  module: Module,
  constants: ConstantValidation,
  visible: number,
  referenced: Set<number>,
): void {
  for (const { type, mode, items, offset } of module.elements) {
    if (mode.kind === 'active') {
      const table = module.tables[mode.index];
      if (table === undefined) throw invalid(`unknown table ${mode.index}`, offset);
      if (table.element !== type) throw invalid(`type mismatch: expected ${table.element}, found ${type}`, offset);
      constants.validate(mode.at, 'i32', visible);
    }
    if ('expressions' in items) {
      for (const item of items.expressions) constants.validate(item, type, visible);
      continue;
    }
    for (const index of items.functions) {
      if (index >= module.functions.length) throw invalid(`unknown function ${index}`, offset);
      referenced.add(index);
    }
  }
}

/** spec: valid/modules#data-segments */
function validateData(module: Module, constants: ConstantValidation, visible: number): void {
  for (const { mode, offset } of module.data) {
    if (mode.kind !== 'active') continue;
    if (mode.index >= module.memories.length) throw invalid(`unknown memory ${mode.index}`, offset);
    constants.validate(mode.at, 'i32', visible);
  }
}

/** What a module uses besides instructions: those are noted when a body is walked. */
function findProposals(module: Module, used: Set<UsedProposal>): void {
  const { imports, globals, tables, elements, data, types, exports, dataCount } = module;
  const exported = exports.some(({ kind, index }) => kind === 'global' && globals[index].mutable);
  const imported = imports.some(({ description }) => description.kind === 'global' && description.global.mutable);
  if (exported || imported) used.add('mutable-globals');
  if (types.some(({ results }) => results.length > 1)) used.add('multi-value');
  const passive = [...elements, ...data].some(({ mode }) => mode.kind !== 'active');
  if (passive || dataCount !== undefined) used.add('bulk-memory');
  const declares = elements.some(({ items, mode }) => 'expressions' in items || mode.kind === 'declarative');
  const references =
    tables.some(({ element }) => element === 'externref') || globals.some(({ type }) => type.endsWith('ref'));
  if (declares || references || tables.length > 1) used.add('reference-types');
}

function walkModule(module: Module, release: '2.0' | '3.0'): ModuleFacts {
  const referenced = new Set<number>();
  const used = new Set<Proposal>();
  const constants = new ConstantValidation(module, release === '3.0', (index) => referenced.add(index));
  const importedOnly = release === '2.0' ? countImports(module, 'global') : undefined;
  const visible = importedOnly ?? module.globals.length;

  validateFunctionTypes(module);
  for (const table of module.tables) validateLimits(table);
  validateMemories(module);
  validateGlobals(module, constants, importedOnly);
  validateElements(module, constants, visible, referenced);
  validateData(module, constants, visible);
  validateExports(module, referenced);
  validateStart(module);

  const bodies = new FunctionValidation(module, referenced, used, IMMUTABLE[release]);
  const imported = countImports(module, 'func');
  module.code.forEach((code, position) => bodies.validate(imported + position, code));

  if (module.start !== undefined) referenced.add(module.start);
  const proposals = new Set<UsedProposal>(used);
  if (constants.extended) proposals.add('extended-constant-expressions');
  findProposals(module, proposals);
  return { referenced, proposals };
}

/**
 * Validates a module by the rules of Wasm 2.0, extended by tail calls and extended constant expressions.
 *
 * @throws WasmError 'invalid'; 'malformed' for a body that is not a sequence of instructions; 'unsupported' for
 * instructions of other proposals and for what exceeds frontend/limits.ts
 */
export function validateModule(module: Module, { constants = '3.0' }: ValidationOptions = {}): ModuleFacts {
  try {
    return walkModule(module, constants);
  } catch (error) {
    if (error instanceof WasmError && error.kind === 'invalid') checkBodies(module);
    throw error;
  }
}
