// The assembler: BEAM assembly to a BEAM file.
//
// Consumes functions one by one, each encoded at once, so that a module of any size never exists as instructions as a
// whole; produces a file that OTP 25 and later load, with the Type chunk of the targeted release. The same calls give
// the same bytes. The loader believes what it reads here: what it would not check is checked when it is encoded.
import { byteLocations } from '../ir/locations.ts';
import type { AssemblyFunction, AssemblyModule, AssemblyTarget, Instruction, Label, OtpRelease } from './assembly.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { type Chunk, encodeFile, moduleVersion } from './chunks.ts';
import { encodeTerm } from './external-term.ts';
import { encodeInstruction } from './instruction-codes.ts';
import { moduleInfoFunctions } from './module-info.ts';
import { HIGHEST_OPCODE, INSTRUCTION_SET, OPCODE } from './opcodes.ts';
import { OperandWriter } from './operands.ts';
import { LineTable } from './tables.ts';

/** A function in the tables of exports and of all others. */
interface TableEntry {
  readonly atom: number;
  readonly arity: number;
  readonly label: Label;
}

export class Assembler implements AssemblyTarget {
  private readonly module: Omit<AssemblyModule, 'exports'>;
  private readonly operands: OperandWriter;
  private readonly lines: LineTable;
  private readonly functions: TableEntry[] = [];
  private readonly exports: TableEntry[] = [];
  private readonly extraChunks: Chunk[] = [];
  private lastLabel = 0;

  constructor(module: Omit<AssemblyModule, 'exports'>, otp: OtpRelease) {
    this.module = module;
    this.operands = new OperandWriter(otp);
    this.lines = new LineTable(module.locations ?? byteLocations(module.source));
    this.operands.atoms.index(module.name); // the loader expects it first
  }

  newLabel(): Label {
    return ++this.lastLabel;
  }

  addFunction(fn: AssemblyFunction): void {
    this.functions.push({ atom: this.operands.atoms.index(fn.name), arity: fn.arity, label: fn.entry });
    for (const instruction of fn.instructions) this.encode(instruction);
  }

  export(name: string, arity: number, label: Label): void {
    this.exports.push({ atom: this.operands.atoms.index(name), arity, label });
  }

  /** Adds a chunk that the loader passes over. `name`: four ASCII characters. */
  addChunk(name: string, contents: Uint8Array): void {
    this.extraChunks.push({ name, contents });
  }

  /** Adds module_info and gives the file; nothing may be added afterwards. */
  finish(): Uint8Array {
    const labels = [0, 1].map(() => [this.newLabel(), this.newLabel()] as const);
    for (const fn of moduleInfoFunctions(this.module.name, labels)) {
      this.addFunction(fn);
      this.export(fn.name, fn.arity, fn.entry);
    }
    this.operands.opcode(OPCODE.int_code_end);

    const exported = new Set(this.exports.map(({ label }) => label));
    const locals = this.functions.filter(({ label }) => !exported.has(label));
    const literals = this.operands.literals.chunk();
    const essentials: Chunk[] = [
      { name: 'AtU8', contents: this.operands.atoms.chunk() },
      { name: 'Code', contents: this.codeChunk() },
      { name: 'StrT', contents: new Uint8Array(0) },
      { name: 'ImpT', contents: this.operands.imports.chunk() },
      { name: 'ExpT', contents: functionTable(this.exports) },
      ...(literals === undefined ? [] : [{ name: 'LitT', contents: literals }]),
    ];
    const attributes = this.module.attributes.map(([name, term]) => ({ tuple: [{ atom: name }, term] }));
    const version = { tuple: [{ atom: 'vsn' }, { list: [moduleVersion(essentials)] }] };
    const source = { tuple: [{ atom: 'source' }, { list: [...this.module.source].map((c) => c.codePointAt(0) ?? 0) }] };
    return encodeFile([
      ...essentials,
      { name: 'LocT', contents: functionTable(locals) },
      { name: 'Attr', contents: encodeTerm({ list: [version, ...attributes] }) },
      { name: 'CInf', contents: encodeTerm({ list: [source] }) },
      ...this.extraChunks,
      { name: 'Line', contents: this.lines.chunk() },
      { name: 'Type', contents: this.operands.types.chunk() },
    ]);
  }

  private encode(instruction: Instruction): void {
    if (instruction.op === 'func_info') {
      this.operands.opcode(OPCODE.func_info);
      this.operands.atom(this.module.name);
      this.operands.atom(instruction.name);
      this.operands.arity(instruction.arity);
    } else if (instruction.op === 'line') {
      this.operands.opcode(OPCODE.line);
      this.operands.unsigned(this.lines.index(instruction.line));
    } else {
      encodeInstruction(this.operands, instruction);
    }
  }

  private codeChunk(): Uint8Array {
    const { code } = this.operands;
    const buffer = new ByteBuffer(20 + code.length);
    buffer.writeUint32(16); // bytes of the header that follow
    buffer.writeUint32(INSTRUCTION_SET);
    buffer.writeUint32(HIGHEST_OPCODE);
    buffer.writeUint32(this.lastLabel + 1);
    buffer.writeUint32(this.functions.length);
    buffer.writeBytes(code.view());
    return buffer.view();
  }
}

function functionTable(entries: readonly TableEntry[]): Uint8Array {
  const buffer = new ByteBuffer(4 + 12 * entries.length);
  buffer.writeUint32(entries.length);
  for (const { atom, arity, label } of entries) {
    buffer.writeUint32(atom);
    buffer.writeUint32(arity);
    buffer.writeUint32(label);
  }
  return buffer.view();
}
