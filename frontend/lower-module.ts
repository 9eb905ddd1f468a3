// A validated module as functions of the second level: its own, import stubs, dispatchers, entry points.
//
// Functions are made one by one as the back end asks for them. Ids: functions by index, then dispatchers by canonical
// type, then whatever the embedder calls.
import { sinkIntoArms } from '../ir/passes/arms.ts';
import { loadEarly } from '../ir/passes/early-loads.ts';
import { rememberLeaves } from '../ir/passes/leaves.ts';
import { joinNeighbours } from '../ir/passes/neighbours.ts';
import { prune } from '../ir/passes/prune.ts';
import { splitWords } from '../ir/passes/words.ts';
import type { IrFunction } from '../ir/ir.ts';
import { byteLocations } from '../ir/locations.ts';
import type { FunctionPlaces, IrModule, ModuleFunction } from '../ir/module.ts';
import { layoutState, type ModuleShape } from '../ir/shape.ts';
import type { CallGraph } from './callgraph.ts';
import { readDwarf } from './dwarf.ts';
import { describeModule, type EntryPoint, type RemoteFunction } from './describe.ts';
import { type FunctionNames, isReserved, type NameChoice, nameFunctions } from './function-names.ts';
import { findInlinable, type Inlinable } from './inline.ts';
import { InterfaceBuilder, PLAIN_PARAMETERS, type Price } from './interface.ts';
import { placesOf, SourceLocations } from './locations.ts';
import { lowerFunction } from './lower.ts';
import { settleCharges } from './meter.ts';
import { countImports, type Code, type Module } from './module.ts';

export interface LowerOptions {
  /** Of the BEAM module. */
  readonly name: string;
  /** File name, for stack traces. */
  readonly source: string;
  /** Imports bound at compile time, by `module` and `name`. */
  readonly bound?: (module: string, name: string) => RemoteFunction | undefined;
  /** Whose names functions have; default 'own'. */
  readonly names?: NameChoice;
  /** Takes the places of each function; default: they are looked up in what the module tells of its source. */
  readonly settle?: (places: FunctionPlaces) => void;
  /** Where instructions are paid for with fuel: what findPrices gives. */
  readonly prices?: readonly number[];
  /** Whether tiny functions stand in place of calls to them. */
  readonly inline?: boolean;
  /** Sees every function after each pass, named `lower`, `words`, `prune` and `leaves`. */
  readonly observe?: (pass: string, fn: IrFunction) => void;
}

const INFO = '$wasm2beam';

/**
 * Lowers a module.
 *
 * @param module a validated module
 * @param graph who calls whom in it
 * @returns its functions, made while they are iterated over
 */
export function lowerModule(module: Module, graph: CallGraph, options: LowerOptions): IrModule {
  return new ModuleLowering(module, graph, options).module();
}

/**
 * What whoever calls a function pays for the instructions of it that run in any case, by index.
 *
 * @param module a validated module
 * @param inline as in LowerOptions
 */
export function findPrices(module: Module, inline: boolean): number[] {
  const { types, functions, code } = module;
  const inlinable = inline ? findInlinable(module) : undefined;
  const imported = countImports(module, 'func');
  const own = code.map((body, position) => {
    const lowered = lowerFunction(module, types[functions[imported + position]], body, '', {
      prices: [],
      inlinable,
    });
    return settleCharges(lowered, 0);
  });
  return [...Array.from({ length: imported }, () => 0), ...own];
}

class ModuleLowering {
  private readonly source: Module;
  private readonly options: LowerOptions;
  private readonly graph: CallGraph;
  private readonly shape: ModuleShape;
  private readonly imported: number;
  private readonly bound = new Map<number, RemoteFunction>();
  private readonly builder: InterfaceBuilder;
  private readonly names: FunctionNames;
  private readonly inlinable: ReadonlyMap<number, Inlinable> | undefined;
  /** Where the module tells of its source. */
  private readonly debug: SourceLocations | undefined;
  private readonly settle: ((places: FunctionPlaces) => void) | undefined;

  constructor(module: Module, graph: CallGraph, options: LowerOptions) {
    this.source = module;
    this.options = options;
    this.graph = graph;
    this.imported = countImports(module, 'func');
    this.shape = this.makeShape();
    this.names = nameFunctions(module, options.names ?? 'own');
    this.inlinable = options.inline === true ? findInlinable(module) : undefined;
    const debug = options.settle ? undefined : this.sourceLocations();
    this.debug = debug;
    this.settle = options.settle ?? (debug && ((places) => debug.add(places)));
    let index = 0;
    for (const { module: from, name, description } of module.imports) {
      if (description.kind !== 'func') continue;
      const remote = options.bound?.(from, name);
      if (remote) this.bound.set(index, remote);
      index++;
    }
    this.builder = new InterfaceBuilder({
      moduleName: options.name,
      layout: this.shape.layout,
      hasMemory: module.memories.length > 0,
      metered: options.prices !== undefined,
      leaves: this.imported > 0 || module.tables.length > 0,
    });
  }

  module(): IrModule {
    const { name, source } = this.options;
    const imports = Array.from({ length: this.imported }, () => 0);
    const bodySizes = [...imports, ...this.source.code.map(({ body }) => body.end - body.start)];
    return {
      name,
      source,
      locations: this.debug?.locate ?? byteLocations(source),
      settle: this.settle,
      layout: this.shape.layout,
      inPlace: this.inPlace(),
      bodySizes,
      stubCount: this.imported,
      functions: this.functions(),
      stubs: () => this.stubs(),
      bodies: (from, to) => this.bodies(from, to),
      entries: () => this.entries(),
      membership: () => ({ fn: this.finish(this.builder.membership(INFO)), exportName: INFO }),
    };
  }

  /** Where the bytes are not all there is to tell. */
  private sourceLocations(): SourceLocations | undefined {
    const { source: module, names, options } = this;
    const dwarf = readDwarf(module);
    if (dwarf === undefined && !this.inlinable?.size) return undefined;
    const nameOf = (index: number): string => names.described.get(index) ?? names.functions[index];
    return new SourceLocations(options.source, { module, dwarf, nameOf, namesFiles: options.names !== 'pooled' });
  }

  /** docs/abi.md, the tuple S */
  private inPlace(): Set<number> {
    const { layout } = this.shape;
    const { memories, tables, globals } = this.source;
    return new Set([
      layout.cells,
      layout.calls,
      ...memories.map((_, index) => layout.memoryCells + 2 * index),
      ...tables.flatMap(({ element }, index) => (element === 'funcref' ? [layout.table(index)] : [])),
      ...globals.flatMap(({ type }, index) => (type === 'externref' ? [] : [layout.global(index)])),
    ]);
  }

  private makeShape(): ModuleShape {
    const { source, graph, imported } = this;
    const { functions, types, memories, tables, globals } = source;
    return {
      layout: layoutState(memories.length, tables.length, globals.length, imported),
      globals: globals.map(({ type }) => type),
      signature: (index) => types[functions[index]],
      convention: (index) => graph.needs[index],
      dispatcher: (type) => functions.length + graph.canonical[type],
      dispatch: { state: true, root: memories.length > 0, depth: true },
    };
  }

  private *functions(): Generator<ModuleFunction> {
    yield* this.stubs();
    yield* this.bodies(this.imported, this.source.functions.length);
    yield* this.entries();
  }

  private *stubs(): Generator<ModuleFunction> {
    const { source, builder, names } = this;
    let imports = 0;
    for (const { description } of source.imports) {
      if (description.kind !== 'func') continue;
      const index = imports++;
      const stub = builder.importStub(
        names.functions[index],
        index,
        source.types[description.type],
        this.bound.get(index),
      );
      yield { id: index, fn: this.finish(stub) };
    }
  }

  private *bodies(from: number, to: number): Generator<ModuleFunction> {
    for (let index = from; index < to; index++) {
      const code = this.source.code[index - this.imported];
      const make = (frugal: boolean): IrFunction => this.wasmFunction(index, code, frugal);
      yield { id: index, fn: make(false), frugal: () => make(true) };
    }
  }

  private *entries(): Generator<ModuleFunction> {
    const { source, shape, builder, graph, names } = this;
    for (const type of graph.dispatched) {
      const referenced = graph.referenced.get(type) ?? [];
      const signature = source.types[type];
      const fn = builder.dispatcher(names.dispatcher(type), signature, referenced, graph.needs, this.options.prices);
      yield { id: shape.dispatcher(type), fn: this.finish(fn) };
    }
    yield* this.entryPoints();
  }

  private wasmFunction(index: number, code: Code, frugal: boolean): IrFunction {
    const { source, shape, graph, names, options } = this;
    const { cost, ...convention } = graph.needs[index];
    const { prices } = options;
    const lowered = lowerFunction(source, shape.signature(index), code, names.functions[index], {
      frugal,
      prices,
      inlinable: this.inlinable,
    });
    if (prices) settleCharges(lowered, prices[index]);
    options.observe?.('lower', lowered);
    const fn = splitWords(lowered, { shape, convention, cost, metered: prices !== undefined });
    options.observe?.('words', fn);
    this.finish(fn);
    // Where registers are scarce, they hold only what they must.
    if (!frugal) {
      sinkIntoArms(fn);
      options.observe?.('arms', fn);
      rememberLeaves(fn);
      options.observe?.('leaves', fn);
      loadEarly(fn);
      options.observe?.('early-loads', fn);
      joinNeighbours(fn);
      options.observe?.('neighbours', fn);
    }
    return fn;
  }

  private *entryPoints(): Generator<ModuleFunction> {
    const { source, shape, builder, graph, names } = this;
    let id = source.functions.length + source.types.length;
    const { exports } = names;
    for (const [position, { name }] of exports) {
      const { index } = source.exports[position];
      const type = shape.signature(index);
      const convention = shape.convention(index);
      yield {
        id: id++,
        fn: this.finish(builder.entryPoint(name, type, index, convention, true, this.price(index))),
        exportName: name,
      };
    }
    for (const [position, { name }] of this.statelessExports(exports)) {
      const { index } = source.exports[position];
      const fn = builder.entryPoint(name, shape.signature(index), index, shape.convention(index), false);
      yield { id: id++, fn: this.finish(fn), exportName: name };
    }
    const callable = new Map<number, EntryPoint>();
    for (const type of graph.referenced.keys()) {
      const name = names.call(type, callable.size);
      const packed = source.types[type].parameters.length > PLAIN_PARAMETERS;
      callable.set(type, { name, packed });
      const fn = builder.indirectEntryPoint(name, source.types[type], shape.dispatcher(type), shape.dispatch);
      yield { id: id++, fn: this.finish(fn), exportName: name };
    }
    const entries = { exports, callable, bound: this.bound, names: names.described };
    const { source: file, prices } = this.options;
    const description = describeModule(
      source,
      { source: file, metered: prices !== undefined },
      entries,
      graph.canonical,
    );
    // All functions have been made by now, so that their places are known.
    const answer = builder.description(INFO, description, this.debug?.table());
    yield { id: id++, fn: this.finish(answer), exportName: INFO };
  }

  /** What whoever calls a function from outside pays first. */
  private price(index: number): Price | undefined {
    const units = this.options.prices?.[index];
    const offset = index < this.imported ? 0 : this.source.code[index - this.imported].body.start;
    return units === undefined ? undefined : { units, offset };
  }

  /** Functions of a module without any state can be called without an instance, where no other export is in the way. */
  private statelessExports(exports: ReadonlyMap<number, EntryPoint>): [number, EntryPoint][] {
    const { source } = this;
    const { imports, memories, tables, globals } = source;
    if (this.options.names === 'pooled' || imports.length + memories.length + tables.length + globals.length > 0) {
      return [];
    }
    const arity = (position: number): number => this.shape.signature(source.exports[position].index).parameters.length;
    const taken = new Set([...exports].map(([position, { name }]) => `${name}/${arity(position) + 1}`));
    return [...exports].filter(([position, { name }]) => {
      const { index } = source.exports[position];
      const key = `${name}/${arity(position)}`;
      return !this.shape.convention(index).state && !taken.has(key) && !isReserved(name, arity(position));
    });
  }

  private finish(fn: IrFunction): IrFunction {
    prune(fn);
    this.settle?.(placesOf(fn));
    this.options.observe?.('prune', fn);
    return fn;
  }
}
