// Functions as code: what the assembler of a whole module and that of a fragment share.
//
// Consumes functions one by one, each encoded at once, so that a module of any size never exists as instructions as a
// whole.
import type { AssemblyFunction, AssemblyTarget, Instruction, Label } from './assembly.ts';
import { encodeInstruction } from './instruction-codes.ts';
import { OPCODE } from './opcodes.ts';
import type { OperandWriter } from './operands.ts';

/** A function in the tables of exports and of all others. */
export interface TableEntry {
  readonly atom: number;
  readonly arity: number;
  readonly label: Label;
}

export class CodeEncoder<Operands extends OperandWriter> implements AssemblyTarget {
  protected readonly moduleName: string;
  protected readonly operands: Operands;
  protected readonly functions: TableEntry[] = [];
  protected readonly exports: TableEntry[] = [];
  protected labelCount = 0;

  constructor(moduleName: string, operands: Operands) {
    this.moduleName = moduleName;
    this.operands = operands;
  }

  newLabel(): Label {
    return ++this.labelCount;
  }

  addFunction(fn: AssemblyFunction): void {
    this.functions.push({ atom: this.operands.atoms.index(fn.name), arity: fn.arity, label: fn.entry });
    for (const instruction of fn.instructions) this.encode(instruction);
  }

  export(name: string, arity: number, label: Label): void {
    this.exports.push({ atom: this.operands.atoms.index(name), arity, label });
  }

  private encode(instruction: Instruction): void {
    if (instruction.op === 'func_info') {
      this.operands.opcode(OPCODE.func_info);
      this.operands.atom(this.moduleName);
      this.operands.atom(instruction.name);
      this.operands.arity(instruction.arity);
    } else if (instruction.op === 'line') {
      this.operands.opcode(OPCODE.line);
      this.operands.line(instruction.line);
    } else {
      encodeInstruction(this.operands, instruction);
    }
  }
}
