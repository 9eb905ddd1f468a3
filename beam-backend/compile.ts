// The direct back end: functions of the second level to an assembler or a printer, one by one.
import type { IrFunction } from '../ir/ir.ts';
import { divide, type Procedure } from '../ir/procedures.ts';
import type { IrModule, ModuleFunction } from '../ir/module.ts';
import type { FunctionId } from '../ir/shape.ts';
import { OutOfRegisters, Scratch } from './allocate.ts';
import type { AssemblyFunction, AssemblyTarget, Label } from './assembly.ts';
import { emitProcedure } from './emit.ts';
import type { Callee, EmitContext } from './writer.ts';

/** Writes all functions of a module. */
export function emitModule(module: IrModule, target: AssemblyTarget): void {
  emitParts(module, Infinity, () => target);
}

/**
 * Writes the functions of a module in several parts, for loading one holds a scheduler in proportion to its size. The
 * first part is what the embedder knows; functions that another part calls are exported as `$f` and their number.
 *
 * @param size bytes of Wasm code after which another part begins
 * @param makeTarget what takes the functions of part 0, 1, ...; asked once for each
 * @returns how many parts there are
 */
export function emitParts(module: IrModule, size: number, makeTarget: (part: number) => AssemblyTarget): number {
  const partOf = assignParts(module.bodySizes, size);
  const parts: Part[] = [];
  const shared: SharedFunctions = new Map();
  for (const entry of module.functions) {
    const number = partOf[entry.id] ?? 0;
    const part = (parts[number] ??= new Part(module, number, makeTarget(number), partOf, shared));
    emitFunction(entry, part.context, part.label(entry.id));
  }
  for (const [id, arity] of shared) parts[partOf[id] ?? 0].export(id, arity);
  return parts.length;
}

/** By function index: the number of its part. */
function assignParts(sizes: readonly number[], size: number): number[] {
  let part = 0;
  let filled = 0;
  return sizes.map((bytes) => {
    if (filled > 0 && filled + bytes > size) {
      part++;
      filled = 0;
    }
    filled += bytes;
    return part;
  });
}

/** Name of a part of the BEAM module NAME; the first is the module itself. */
export const partName = (name: string, part: number): string => (part === 0 ? name : `${name}_${part}`);

const sharedName = (id: FunctionId): string => `$f${id}`;

/** Calls from one part to another: by function, how many arguments it takes. */
type SharedFunctions = Map<FunctionId, number>;

class Part {
  readonly context: EmitContext;
  private readonly target: AssemblyTarget;
  private readonly labels = new Map<FunctionId, Label>();

  constructor(
    module: IrModule,
    number: number,
    target: AssemblyTarget,
    partOf: readonly number[],
    shared: SharedFunctions,
  ) {
    const { memory, memoryCells } = module.layout;
    this.target = target;
    const callee = (id: FunctionId, arity: number): Callee => {
      const home = partOf[id] ?? 0;
      if (home === number) return { label: this.label(id) };
      shared.set(id, arity);
      return { module: partName(module.name, home), name: sharedName(id) };
    };
    this.context = { target, callee, memory, memoryCells };
  }

  label(id: FunctionId): Label {
    let label = this.labels.get(id);
    if (label === undefined) this.labels.set(id, (label = this.target.newLabel()));
    return label;
  }

  export(id: FunctionId, arity: number): void {
    this.target.export(sharedName(id), arity, this.label(id));
  }
}

/** Blocks that a jump may lead past in a function whose values did not fit the registers otherwise; at last none. */
const REACHES = [64, 0];

function emitFunction({ fn, exportName, frugal }: ModuleFunction, context: EmitContext, entry: Label): void {
  const functions = tryEmit(fn, Infinity, entry, context) ?? emitFrugally(frugal?.() ?? fn, entry, context);
  for (const procedure of functions) context.target.addFunction(procedure);
  if (exportName !== undefined) context.target.export(exportName, functions[0].arity, entry);
}

/** Small procedures: the last ones hold a block each, so that registers hold nothing for code elsewhere. */
function emitFrugally(fn: IrFunction, entry: Label, context: EmitContext): AssemblyFunction[] {
  for (const reach of REACHES) {
    const functions = tryEmit(fn, reach, entry, context);
    if (functions) return functions;
  }
  throw new OutOfRegisters(`${fn.name}: too many values alive at once`);
}

/** The function's procedures, the one that it is entered by first; undefined where registers do not suffice. */
function tryEmit(fn: IrFunction, reach: number, entry: Label, context: EmitContext): AssemblyFunction[] | undefined {
  const division = divide(fn, reach);
  const [first] = division.procedures;
  const labels = new Map<Procedure, Label>();
  for (const procedure of division.procedures) {
    labels.set(procedure, procedure === first ? entry : context.target.newLabel());
  }
  const code = { name: fn.name, division, labels, scratch: new Scratch(fn.valueCount, fn.blockCount) };
  try {
    return division.procedures.map((procedure) => emitProcedure(context, code, procedure));
  } catch (error) {
    if (error instanceof OutOfRegisters) return undefined;
    throw error;
  }
}
