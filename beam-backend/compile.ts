// The direct back end: functions of the second level to an assembler or a printer, one by one.
import { divide, type Procedure } from '../ir/procedures.ts';
import type { IrModule, ModuleFunction } from '../ir/module.ts';
import type { FunctionId } from '../ir/shape.ts';
import { Scratch } from './allocate.ts';
import type { AssemblyTarget, Label } from './assembly.ts';
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

function emitFunction({ id, fn, exportName }: ModuleFunction, context: EmitContext): void {
  const { target } = context;
  const division = divide(fn);
  const [first] = division.procedures;
  const labels = new Map<Procedure, Label>();
  for (const procedure of division.procedures) {
    labels.set(procedure, procedure === first ? context.functionLabel(id) : target.newLabel());
  }
  const code = { name: fn.name, division, labels, scratch: new Scratch(fn.valueCount) };
  for (const procedure of division.procedures) target.addFunction(emitProcedure(context, code, procedure));
  if (exportName !== undefined) target.export(exportName, first.params.length, labels.get(first)!);
}
