// The direct back end: functions of the second level to an assembler or a printer, one by one.
import type { IrFunction } from '../ir/ir.ts';
import { divide, type Procedure } from '../ir/procedures.ts';
import type { IrModule, ModuleFunction } from '../ir/module.ts';
import { gatherRuns } from '../ir/passes/runs.ts';
import type { FunctionId } from '../ir/shape.ts';
import { OutOfRegisters, Scratch } from './allocate.ts';
import type { Assembler } from './assemble.ts';
import type { AssemblyTarget, Label, OtpRelease } from './assembly.ts';
import { emitProcedure, fits } from './emit.ts';
import { type Fragment, FragmentEncoder } from './fragment.ts';
import { Part, partName, Partition, type SharedFunctions } from './parts.ts';
import type { EmitContext } from './writer.ts';

/** Writes all functions of a module. */
export function emitModule(module: IrModule, target: AssemblyTarget): void {
  emitParts(module, Infinity, () => target);
}

/**
 * Writes the functions of a module in several parts, for loading one holds a scheduler in proportion to its size.
 *
 * @param size bytes of Wasm code after which another part begins
 * @param makeTarget what takes the functions of part 0, 1, ...; asked once for each
 * @returns how many parts there are
 */
export function emitParts(module: IrModule, size: number, makeTarget: (part: number) => AssemblyTarget): number {
  const emitter = new PartsEmitter(module, size, makeTarget);
  emitter.emit(module.functions);
  return emitter.finish();
}

/** The same, with bodies compiled apart: `fragments` are those of all shares of the module in order. */
export async function linkParts(
  module: IrModule,
  size: number,
  makeAssembler: (part: number) => Assembler,
  shares: readonly Share[],
  fragments: AsyncIterable<Fragment>,
): Promise<number> {
  const emitter = new PartsEmitter(module, size, makeAssembler);
  emitter.emit(module.stubs());
  let next = 0;
  for await (const fragment of fragments) emitter.link(shares[next++].part, fragment);
  emitter.emit(module.entries());
  return emitter.finish();
}

/** Functions with a body that stand one behind the other in one part. */
export interface Share {
  readonly part: number;
  readonly from: FunctionId;
  /** The first function behind it. */
  readonly to: FunctionId;
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
    shares.push({ part, from, to });
  }
  return shares;
}

/** Compiles a share of a module apart, `size` as for `emitParts`. */
export function emitFragment(
  module: IrModule,
  size: number,
  { part, from, to }: Share,
  otp: OtpRelease,
): Omit<Fragment, 'places'> {
  const partition = new Partition(module, size);
  const shared: SharedFunctions = new Map();
  const encoder = new FragmentEncoder(partName(module.name, part), otp);
  const home = new Part(module, part, encoder, partition, shared);
  for (const entry of module.bodies(from, to)) emitFunction(entry, home.context, home.label(entry.id));
  return encoder.finish(home.labels, shared);
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
      const part = this.part(this.partition.of(entry.id));
      emitFunction(entry, part.context, part.label(entry.id));
    }
  }

  link(this: PartsEmitter<Assembler>, number: number, fragment: Fragment): void {
    const part = this.part(number);
    for (const places of fragment.places) this.module.settle?.(places);
    part.target.addFragment(fragment, part.labelsOf(fragment));
    for (const [id, arity] of fragment.shared) this.shared.set(id, arity);
  }

  /** Lets parts call each other, and tell what they are parts of; gives their number. */
  finish(): number {
    for (const [id, arity] of this.shared) this.part(this.partition.of(id)).export(id, arity);
    for (const { context } of this.parts.slice(1)) {
      emitFunction(this.module.membership(), context, context.target.newLabel());
    }
    return this.parts.length;
  }

  private part(number: number): Part<Target> {
    const { module, partition, shared } = this;
    return (this.parts[number] ??= new Part(module, number, this.makeTarget(number), partition, shared));
  }
}

/** Blocks that a jump may lead past in a function whose values did not fit the registers otherwise; at last none. */
const REACHES = [64, 0];

function emitFunction(
  { fn, exportName, frugal }: Omit<ModuleFunction, 'id'>,
  context: EmitContext,
  entry: Label,
): void {
  gatherRuns(fn);
  const arity = tryEmit(fn, Infinity, entry, context) ?? emitFrugally(frugal?.() ?? fn, entry, context);
  if (exportName !== undefined) context.target.export(exportName, arity, entry);
}

/** Small procedures: the last ones hold a block each, so that registers hold nothing for code elsewhere. */
function emitFrugally(fn: IrFunction, entry: Label, context: EmitContext): number {
  gatherRuns(fn);
  for (const reach of REACHES) {
    const arity = tryEmit(fn, reach, entry, context);
    if (arity !== undefined) return arity;
  }
  throw new OutOfRegisters(`${fn.name}: too many values alive at once`);
}

/**
 * Emits the function's procedures one by one: the code of a large function is never there as a whole. Gives the arity of the
 * one that it is entered by; undefined where registers do not suffice, and nothing is emitted then.
 */
function tryEmit(fn: IrFunction, reach: number, entry: Label, context: EmitContext): number | undefined {
  const division = divide(fn, reach);
  const [first] = division.procedures;
  const labels = new Map<Procedure, Label>();
  for (const procedure of division.procedures) {
    labels.set(procedure, procedure === first ? entry : context.target.newLabel());
  }
  const code = { name: fn.name, division, labels, scratch: new Scratch(fn.valueCount, fn.blockCount) };
  if (!division.procedures.every((procedure) => fits(code, procedure))) return undefined;
  for (const procedure of division.procedures) context.target.addFunction(emitProcedure(context, code, procedure));
  return first.params.length;
}
