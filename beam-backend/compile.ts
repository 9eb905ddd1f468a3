// The direct back end: functions of the second level to an assembler or a printer, one by one.
import type { IrFunction } from '../ir/ir.ts';
import { divide } from '../ir/procedures.ts';
import type { FunctionPlaces, IrModule, ModuleFunction } from '../ir/module.ts';
import { cutBlocks } from '../ir/passes/cut.ts';
import { gatherRuns } from '../ir/passes/runs.ts';
import type { FunctionId } from '../ir/shape.ts';
import { OutOfRegisters, Scratch } from './allocate.ts';
import type { Assembler } from './assemble.ts';
import type { AssemblyTarget, Label, OtpRelease } from './assembly.ts';
import { emitProcedure, fits } from './emit.ts';
import { type Fragment, FragmentEncoder } from './fragment.ts';
import { Part, partName, Partition, type SharedFunctions } from './parts.ts';
import { heaviest, type Homes, Pieces } from './pieces.ts';

/** Writes all functions of a module. */
export function emitModule(module: IrModule, target: AssemblyTarget): void {
  emitParts(module, Infinity, () => target);
}

/**
 * Writes the functions of a module in several parts, for loading one holds a scheduler in proportion to its size.
 *
 * @param size bytes of Wasm code after which another part begins
 * @param makeTarget what takes the functions of part 0, 1, ...; asked once for each
 */
export function emitParts(module: IrModule, size: number, makeTarget: (part: number) => AssemblyTarget): void {
  const emitter = new PartsEmitter(module, size, makeTarget);
  emitter.emit(module.functions);
  emitter.finish();
}

/** The same, with bodies compiled apart: what became of all shares of the module, in order. */
export async function linkParts(
  module: IrModule,
  size: number,
  makeAssembler: (part: number) => Assembler,
  compiled: AsyncIterable<CompiledShare>,
): Promise<void> {
  const emitter = new PartsEmitter(module, size, makeAssembler);
  emitter.emit(module.stubs());
  for await (const share of compiled) emitter.link(share);
  emitter.emit(module.entries());
  emitter.finish();
}

/** Functions with a body that stand one behind the other in one part, or a single one that is divided. */
export interface Share {
  readonly from: FunctionId;
  /** The first function behind it. */
  readonly to: FunctionId;
}

/** A share compiled apart. */
export interface CompiledShare {
  /** One for each part that has something of it. */
  readonly fragments: readonly Fragment[];
  /** Calls into other parts. */
  readonly shared: ReadonlyMap<FunctionId, number>;
  /** Offsets of its functions' instructions, where the module tells of its source. */
  readonly places: readonly FunctionPlaces[];
}

/** Bytes of Wasm code in a share: enough that few names are told twice, little enough that threads end together. */
const SHARE_BYTES = 64 * 1024;

/** Divides the bodies of a module, `size` as for `emitParts`, into what threads take one by one. */
export function divideModule(module: IrModule, size: number): Share[] {
  const { bodySizes, stubCount } = module;
  const partition = new Partition(module, size);
  const shares: Share[] = [];
  for (let from = stubCount, to = from; from < bodySizes.length; from = to) {
    const part = partition.of(from);
    for (let bytes = 0; bytes < SHARE_BYTES && partition.of(to) === part && to < bodySizes.length; to++) {
      bytes += bodySizes[to];
    }
    shares.push({ from, to });
  }
  return shares;
}

/** Compiles a share of a module apart, `size` as for `emitParts`. */
export function emitShare(
  module: IrModule,
  size: number,
  { from, to }: Share,
  otp: OtpRelease,
): Omit<CompiledShare, 'places'> {
  const makeEncoder = (part: number): FragmentEncoder => new FragmentEncoder(partName(module.name, part), otp);
  const emitter = new PartsEmitter(module, size, makeEncoder);
  emitter.emit(module.bodies(from, to));
  return emitter.finishShare();
}

class PartsEmitter<Target extends AssemblyTarget> {
  private readonly module: IrModule;
  private readonly partition: Partition;
  private readonly makeTarget: (part: number) => Target;
  private readonly parts: Part<Target>[] = [];
  private readonly shared: SharedFunctions = new Map();

  constructor(module: IrModule, size: number, makeTarget: (part: number) => Target) {
    this.module = module;
    this.partition = new Partition(module, size);
    this.makeTarget = makeTarget;
  }

  emit(functions: Iterable<ModuleFunction>): void {
    for (const entry of functions) {
      const { id } = entry;
      const first = this.partition.of(id);
      const homes = { id, count: this.partition.count(id), at: (piece: number) => this.part(first + piece) };
      emitFunction(entry, homes, this.part(first).label(id));
    }
  }

  link(this: PartsEmitter<Assembler>, { fragments, shared, places }: CompiledShare): void {
    for (const each of places) this.module.settle?.(each);
    for (const fragment of fragments) {
      const part = this.part(fragment.part);
      part.target.addFragment(fragment, part.labelsOf(fragment));
    }
    for (const [id, arity] of shared) this.shared.set(id, arity);
  }

  finishShare(this: PartsEmitter<FragmentEncoder>): Omit<CompiledShare, 'places'> {
    const fragments = this.parts.flatMap(({ target, labels }, part) => ({ part, ...target.finish(labels) }));
    return { fragments, shared: this.shared };
  }

  /** Lets parts call each other, and tell what they are parts of. */
  finish(): void {
    for (const [id, arity] of this.shared) this.part(this.partition.of(id)).export(id, arity);
    // A number that nothing came of has no part.
    this.parts.forEach((part, number) => {
      if (number === 0) return;
      const homes = { id: NOBODY, count: 1, at: () => part };
      emitFunction(this.module.membership(), homes, part.target.newLabel());
    });
  }

  private part(number: number): Part<Target> {
    const { module, partition, shared } = this;
    return (this.parts[number] ??= new Part(module, number, this.makeTarget(number), partition, shared));
  }
}

/** The number of a function that no other calls by it. */
const NOBODY = -1;

/** Blocks that a jump may lead past in a function whose values did not fit the registers otherwise; at last none. */
const REACHES = [64, 0];

function emitFunction({ fn, exportName, frugal }: Omit<ModuleFunction, 'id'>, homes: Homes, entry: Label): void {
  prepare(fn, homes.count);
  const arity = tryEmit(fn, Infinity, entry, homes) ?? emitFrugally(() => frugal?.() ?? fn, entry, homes);
  if (exportName !== undefined) homes.at(0).target.export(exportName, arity, entry);
}

/** Small procedures: the last ones hold a block each, so that registers hold nothing for code elsewhere. */
function emitFrugally(make: () => IrFunction, entry: Label, homes: Homes): number {
  let name = '';
  // A long block is cut only if fewer values live on there than a function takes arguments.
  for (const count of new Set([homes.count, 1])) {
    const fn = make();
    name = fn.name;
    prepare(fn, count);
    for (const reach of REACHES) {
      const arity = tryEmit(fn, reach, entry, homes);
      if (arity !== undefined) return arity;
    }
  }
  throw new OutOfRegisters(`${name}: too many values alive at once`);
}

/** A function as procedures are made of it; for several parts without blocks too long for one. */
function prepare(fn: IrFunction, parts: number): void {
  gatherRuns(fn);
  cutBlocks(fn, heaviest(fn, parts));
}

/**
 * Emits the function's procedures one by one: the code of a large function is never there as a whole. Gives the arity of the
 * one that it is entered by; undefined where registers do not suffice, and nothing is emitted then.
 */
function tryEmit(fn: IrFunction, reach: number, entry: Label, homes: Homes): number | undefined {
  const division = divide(fn, { reach, weight: heaviest(fn, homes.count) });
  const pieces = new Pieces(division, homes, entry);
  const code = { name: fn.name, division, pieces, scratch: new Scratch(fn.valueCount, fn.blockCount) };
  if (!division.procedures.every((procedure) => fits(code, procedure))) return undefined;
  for (const procedure of division.procedures) {
    const { target, context } = pieces.part(procedure);
    target.addFunction(emitProcedure(context, code, procedure));
  }
  pieces.export();
  return division.procedures[0].params.length;
}
