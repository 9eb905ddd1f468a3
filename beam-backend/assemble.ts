// The assembler: BEAM assembly to a BEAM file.
//
// Consumes functions one by one, each encoded at once, so that a module of any size never exists as instructions as a
// whole; produces a file that OTP 25 and later load, with the Type chunk of the targeted release. The same calls give
// the same bytes. The loader believes what it reads here: what it would not check is checked when it is encoded.
import { byteLocations } from '../ir/locations.ts';
import type { AssemblyModule, Label, OtpRelease } from './assembly.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { type Chunk, encodeFile, moduleVersion } from './chunks.ts';
import { CodeEncoder, type TableEntry } from './encoder.ts';
import { encodeTerm } from './external-term.ts';
import { type Fragment, linkCode } from './fragment.ts';
import { moduleInfoFunctions } from './module-info.ts';
import { HIGHEST_OPCODE, INSTRUCTION_SET, OPCODE } from './opcodes.ts';
import { OperandWriter, REFERENCE } from './operands.ts';
import { LineTable } from './tables.ts';

export class Assembler extends CodeEncoder<OperandWriter<LineTable>> {
  private readonly module: Omit<AssemblyModule, 'exports'>;
  private readonly extraChunks: Chunk[] = [];

  constructor(module: Omit<AssemblyModule, 'exports'>, otp: OtpRelease) {
    super(module.name, new OperandWriter(new LineTable(module.locations ?? byteLocations(module.source)), otp));
    this.module = module;
    this.operands.atoms.index(module.name); // the loader expects it first
  }

  /**
   * Adds functions that were compiled apart.
   *
   * @param labels the label here of each of the fragment's, 0 for 0
   */
  addFragment(fragment: Fragment, labels: readonly Label[]): void {
    const { operands } = this;
    const { atoms, imports, literals, types, lines } = operands;
    const atomNumbers = [0, ...fragment.atoms.map((name) => atoms.index(name))];
    linkCode(
      fragment,
      {
        [REFERENCE.label]: labels,
        [REFERENCE.labelHere]: labels,
        [REFERENCE.atom]: atomNumbers,
        [REFERENCE.import]: fragment.imports.map(({ module, name, arity }) => imports.index(module, name, arity)),
        [REFERENCE.literal]: fragment.literals.map((bytes) => literals.indexEncoded(bytes)),
        [REFERENCE.type]: [0, ...fragment.types.map((type) => types.index(type))],
        [REFERENCE.line]: [0, ...lines.add(fragment.offsets, fragment.lineInstructions)],
      },
      operands.code,
    );
    const entry = ({ atom, arity, label }: TableEntry): TableEntry => ({
      atom: atomNumbers[atom],
      arity,
      label: labels[label],
    });
    for (const each of fragment.functions) this.functions.push(entry(each));
    for (const each of fragment.exports) this.exports.push(entry(each));
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
      { name: 'Line', contents: this.operands.lines.chunk() },
      { name: 'Type', contents: this.operands.types.chunk() },
    ]);
  }

  private codeChunk(): Uint8Array {
    const { code } = this.operands;
    const buffer = new ByteBuffer(20 + code.length);
    buffer.writeUint32(16); // bytes of the header that follow
    buffer.writeUint32(INSTRUCTION_SET);
    buffer.writeUint32(HIGHEST_OPCODE);
    buffer.writeUint32(this.labelCount + 1);
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
