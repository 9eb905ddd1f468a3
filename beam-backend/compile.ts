// The direct back end: functions of the second level to an assembler or a printer, one by one.
import type { IrFunction } from '../ir/ir.ts';
import { divide, type Procedure } from '../ir/procedures.ts';
import type { IrModule, ModuleFunction } from '../ir/module.ts';
import type { FunctionId } from '../ir/shape.ts';
import { OutOfRegisters, Scratch } from './allocate.ts';
import type { AssemblyFunction, AssemblyTarget, Label } from './assembly.ts';
import { emitProcedure } from './emit.ts';
import type { EmitContext } from './writer.ts';

/** Writes all functions of a module. */
export function emitModule(module: IrModule, target: AssemblyTarget): void {
  const labels = new Map<FunctionId, Label>();
  const functionLabel = (id: FunctionId): Label => {
    let label = labels.get(id);
    if (label === undefined) labels.set(id, (label = target.newLabel()));
    return label;
  };
  const { memory, memoryCells } = module.layout;
  const context: EmitContext = { target, functionLabel, memory, memoryCells };
  for (const entry of module.functions) emitFunction(entry, context);
}

/** Blocks that a jump may lead past in a function whose values did not fit the registers otherwise; at last none. */
const REACHES = [64, 0];

function emitFunction({ id, fn, exportName, frugal }: ModuleFunction, context: EmitContext): void {
  const entry = context.functionLabel(id);
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
  const code = { name: fn.name, division, labels, scratch: new Scratch(fn.valueCount) };
  try {
    return division.procedures.map((procedure) => emitProcedure(context, code, procedure));
  } catch (error) {
    if (error instanceof OutOfRegisters) return undefined;
    throw error;
  }
}
