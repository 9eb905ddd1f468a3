// Operands of BEAM instructions in the compact encoding.
//
// Consumes sources and registers of the assembly; appends to the code and adds to the tables they refer to. Types stand
// only where OTP's own compiler writes them. Numbers beyond what the machine knows are
// refused here, since the loader's own check of them is not complete.
import type { FRegister, HeapNeed, Label, OtpRelease, Register, Source, Term } from './assembly.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { EXTENDED, TAG, writeCompact } from './compact-terms.ts';
import { LIMITS } from './opcodes.ts';
import { AtomTable, ImportTable, type Lines, LiteralTable } from './tables.ts';
import { TypeTable } from './types-chunk.ts';

/** What an operand can refer to by number. */
export const REFERENCE = { label: 0, labelHere: 1, atom: 2, import: 3, literal: 4, type: 5, line: 6 } as const;
export type Reference = (typeof REFERENCE)[keyof typeof REFERENCE];
/** Tags of the numbers, by kind of reference. */
export const TAG_OF = [TAG.f, TAG.u, TAG.a, TAG.u, TAG.u, TAG.u, TAG.u] as const;

export class OperandWriter<Table extends Lines = Lines> {
  readonly atoms = new AtomTable();
  readonly imports = new ImportTable(this.atoms);
  readonly literals = new LiteralTable();
  readonly types: TypeTable;
  readonly code = new ByteBuffer(64 * 1024);

  readonly lines: Table;

  constructor(lines: Table, otp: OtpRelease) {
    this.types = new TypeTable(otp);
    this.lines = lines;
  }

  protected reference(kind: Reference, index: number): void {
    writeCompact(this.code, TAG_OF[kind], index);
  }

  opcode(code: number): void {
    this.code.writeByte(code);
  }

  unsigned(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`no unsigned operand: ${value}`);
    writeCompact(this.code, TAG.u, value);
  }

  arity(value: number): void {
    if (value > LIMITS.arguments) throw new RangeError(`${value} arguments`);
    this.unsigned(value);
  }

  label(label: Label): void {
    this.reference(REFERENCE.label, label);
  }

  /** The number of a label where it stands. */
  labelHere(label: Label): void {
    this.reference(REFERENCE.labelHere, label);
  }

  line(offset: number): void {
    this.reference(REFERENCE.line, this.lines.index(offset));
  }

  atom(name: string): void {
    this.reference(REFERENCE.atom, this.atoms.index(name));
  }

  import(module: string, name: string, arity: number): void {
    this.reference(REFERENCE.import, this.imports.index(module, name, arity));
  }

  /** A register that is written to, or read without its type. */
  register(register: Register | FRegister): void {
    if (register.index > LIMITS[register.kind]) throw new RangeError(`no register ${register.kind}${register.index}`);
    if (register.kind === 'fr') {
      this.code.writeByte(EXTENDED.floatRegister);
      writeCompact(this.code, TAG.u, register.index);
    } else {
      writeCompact(this.code, register.kind === 'x' ? TAG.x : TAG.y, register.index);
    }
  }

  /** A source with its type, where the instruction takes one. */
  typed(source: Source): void {
    if ((source.kind !== 'x' && source.kind !== 'y') || source.type === undefined) return this.source(source);
    this.code.writeByte(EXTENDED.typed);
    this.register(source);
    this.reference(REFERENCE.type, this.types.index(source.type));
  }

  /** A source; a register's type is left out. */
  source(source: Source | FRegister): void {
    switch (source.kind) {
      case 'x':
      case 'y':
      case 'fr':
        return this.register(source);
      case 'integer':
        return this.integer(source.value);
      case 'atom':
        return this.atom(source.name);
      case 'literal':
        return this.term(source.term);
    }
  }

  integer(value: number): void {
    if (!Number.isSafeInteger(value)) throw new RangeError(`no small integer: ${value}`);
    writeCompact(this.code, TAG.i, value);
  }

  /** A term as an operand: atoms, small integers and [] have codes of their own, all else goes to the literals. */
  term(term: Term): void {
    if (typeof term === 'number') return this.integer(term);
    if (typeof term === 'bigint') {
      if (Number.isSafeInteger(Number(term))) return this.integer(Number(term));
    } else {
      if ('atom' in term) return this.atom(term.atom);
      if ('list' in term && term.list.length === 0) return this.code.writeByte(TAG.a);
    }
    this.code.writeByte(EXTENDED.literal);
    this.reference(REFERENCE.literal, this.literals.index(term));
  }

  /** The head of a list operand; `length` operands follow. */
  list(length: number): void {
    this.code.writeByte(EXTENDED.list);
    writeCompact(this.code, TAG.u, length);
  }

  heap(need: HeapNeed): void {
    if (need.floats === 0) return this.unsigned(need.words);
    this.code.writeByte(EXTENDED.allocation);
    for (const value of [2, 0, need.words, 1, need.floats]) this.unsigned(value); // two pairs of kind and count
  }
}
