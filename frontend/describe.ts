// The description of a module that its BEAM module carries, as docs/abi.md lays it out.
import { createHash } from 'node:crypto';
import { atom, list, text, tuple, type Term } from '../ir/term.ts';
import { readInstruction } from './instruction-reader.ts';
import {
  countImports,
  type Expression,
  type FunctionType,
  type Limits,
  type Module,
  type SegmentMode,
} from './module.ts';
import { Reader } from './reader.ts';

/** How the embedder reaches a function: the atom it is exported by, and whether arguments come in one tuple. */
export interface EntryPoint {
  readonly name: string;
  readonly packed: boolean;
}

export interface Entries {
  /** By position among the module's exports; functions only. */
  readonly exports: ReadonlyMap<number, EntryPoint>;
  /** By canonical type index. */
  readonly callable: ReadonlyMap<number, EntryPoint>;
  /** Imports bound at compile time, by function index. */
  readonly bound: ReadonlyMap<number, RemoteFunction>;
  /** Names of functions that the BEAM module calls otherwise, by function index. */
  readonly names: ReadonlyMap<number, string>;
}

export interface RemoteFunction {
  readonly module: string;
  readonly name: string;
}

const types = (list_: readonly string[]): Term => list(list_.map(atom));
export const signatureTerm = ({ parameters, results }: FunctionType): Term => tuple(types(parameters), types(results));
const limits = ({ minimum, maximum }: Limits): [Term, Term] => [minimum, maximum ?? atom('none')];
const entry = ({ name, packed }: EntryPoint): Term => tuple(atom(name), atom(packed ? 'packed' : 'plain'));

/**
 * Describes a module.
 *
 * @param module a validated module
 * @param build name of the file that it came from, and whether instructions are counted
 * @param entries how its functions are reached
 * @param canonical first type index of the same structure, by type index
 */
export function describeModule(
  module: Module,
  { source, metered }: { readonly source: string; readonly metered: boolean },
  entries: Entries,
  canonical: readonly number[],
): Term {
  const globals = module.globals.slice(countImports(module, 'global'));
  const fields: [string, Term][] = [
    ['abi', 2],
    ['hash', { binary: createHash('sha256').update(module.bytes).digest() }],
    ['source', text(source)],
    ['imports', list(describeImports(module, entries))],
    ['exports', list(describeExports(module, entries))],
    ['memories', list(module.memories.slice(countImports(module, 'memory')).map((memory) => tuple(...limits(memory))))],
    [
      'tables',
      list(
        module.tables.slice(countImports(module, 'table')).map((table) => tuple(atom(table.element), ...limits(table))),
      ),
    ],
    [
      'globals',
      list(
        globals.map(({ type, mutable, initial }) =>
          tuple(atom(type), atom(mutable ? 'var' : 'const'), describeExpression(module, initial!)),
        ),
      ),
    ],
    ['start', module.start ?? atom('none')],
    ['elements', list(describeElements(module))],
    ['data', list(describeData(module))],
    ['functions', tuple(...module.functions.map((type) => canonical[type]))],
    ['types', tuple(...module.types.map(signatureTerm))],
    ['callable', { map: [...entries.callable].map(([type, point]) => [type, entry(point)] as const) }],
    ['names', { map: [...entries.names].map(([index, name]) => [index, text(name)] as const) }],
  ];
  if (metered) fields.push(['fuel', atom('true')]);
  return { map: fields.map(([key, value]) => [atom(key), value] as const) };
}

function describeImports({ imports, types: typeList }: Module, { bound }: Entries): Term[] {
  let functionIndex = 0;
  return imports.map(({ module, name, description }) => {
    const describe = (): Term => {
      switch (description.kind) {
        case 'func': {
          const remote = bound.get(functionIndex++);
          const link = remote ? tuple(atom(remote.module), atom(remote.name)) : atom('host');
          return tuple(atom('func'), signatureTerm(typeList[description.type]), link);
        }
        case 'table':
          return tuple(atom('table'), atom(description.table.element), ...limits(description.table));
        case 'memory':
          return tuple(atom('memory'), ...limits(description.memory));
        case 'global':
          return tuple(
            atom('global'),
            atom(description.global.type),
            atom(description.global.mutable ? 'var' : 'const'),
          );
      }
    };
    return tuple(text(module), text(name), describe());
  });
}

function describeExports(module: Module, { exports }: Entries): Term[] {
  return module.exports.map(({ name, kind, index }, position) => {
    const what: Term =
      kind === 'func'
        ? tuple(
            atom('func'),
            index,
            signatureTerm(module.types[module.functions[index]]),
            entry(exports.get(position)!),
          )
        : tuple(atom(kind), index);
    return tuple(text(name), what);
  });
}

function mode(module: Module, segment: SegmentMode): Term {
  if (segment.kind !== 'active') return atom(segment.kind);
  return tuple(atom('active'), segment.index, describeExpression(module, segment.at));
}

function describeElements(module: Module): Term[] {
  return module.elements.map(({ mode: how, type, items }) => {
    const terms =
      'functions' in items ? [...items.functions] : items.expressions.map((at) => describeExpression(module, at));
    return tuple(mode(module, how), atom(type), list(terms));
  });
}

function describeData(module: Module): Term[] {
  return module.data.map(({ mode: how, start, end }) =>
    tuple(mode(module, how), { binary: module.bytes.subarray(start, end) }),
  );
}

/** A constant expression without its end. spec: valid/instructions#constant-expressions */
function describeExpression(module: Module, { start, end }: Expression): Term {
  const reader = new Reader(module.bytes, start, end);
  const terms: Term[] = [];
  while (reader.position < reader.end) {
    const { op, index, value } = readInstruction(reader);
    switch (op.immediates) {
      case 'i32':
      case 'i64':
      case 'f32':
      case 'f64':
        terms.push(tuple(atom(op.mnemonic), value));
        break;
      case 'global':
      case 'function':
        terms.push(tuple(atom(op.mnemonic), index));
        break;
      default:
        if (op.mnemonic !== 'end') terms.push(atom(op.mnemonic));
    }
  }
  return list(terms);
}
