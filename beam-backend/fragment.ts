// Functions compiled apart from the rest of their module, as one thread passes them to another.
//
// A fragment is code that counts atoms, imports, literals, types, lines and labels for itself. Whoever puts fragments
// together, in order, gives each the number that it would have got had all been compiled in one go: the numbers in a
// module, too, are given in the order of first use. So the file is the same, however its functions were divided.
import type { FunctionId } from '../ir/shape.ts';
import type { Label, OperandType, OtpRelease } from './assembly.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { CodeEncoder, type TableEntry } from './encoder.ts';
import { OperandWriter, TAG_OF, type Reference } from './operands.ts';
import { writeCompact } from './compact-terms.ts';
import { type Import, OffsetTable } from './tables.ts';

export interface Fragment {
  /** Which of the BEAM modules it belongs to. */
  readonly part: number;
  /** Code without what refers to tables and labels. */
  readonly code: Uint8Array;
  /** For each place that refers: how many bytes of code stand before it since the last, its kind, the number. */
  readonly references: Uint8Array;
  readonly labelCount: number;
  readonly atoms: readonly string[];
  readonly imports: readonly Import[];
  /** In the external format. */
  readonly literals: readonly Uint8Array[];
  readonly types: readonly OperandType[];
  /** Of instructions with a line. */
  readonly offsets: readonly number[];
  readonly lineInstructions: number;
  readonly functions: readonly TableEntry[];
  readonly exports: readonly TableEntry[];
  /** Of the module's functions that it has or calls. */
  readonly labels: ReadonlyMap<FunctionId, Label>;
}

/** Kinds of references take the low bits of a number. */
const KINDS = 8;

class FragmentOperands extends OperandWriter<OffsetTable> {
  readonly references = new ByteBuffer(64 * 1024);
  private last = 0;

  protected override reference(kind: Reference, index: number): void {
    this.references.writeVarint(this.code.length - this.last);
    this.references.writeVarint(KINDS * index + kind);
    this.last = this.code.length;
  }
}

/** Takes functions as an assembler does. */
export class FragmentEncoder extends CodeEncoder<FragmentOperands> {
  constructor(moduleName: string, otp: OtpRelease) {
    super(moduleName, new FragmentOperands(new OffsetTable(), otp));
  }

  finish(labels: ReadonlyMap<FunctionId, Label>): Omit<Fragment, 'part'> {
    const { code, references, atoms, imports, literals, types, lines } = this.operands;
    return {
      code: code.view().slice(),
      references: references.view().slice(),
      labelCount: this.labelCount,
      atoms: atoms.entries(),
      imports: imports.entries(),
      literals: literals.entries(),
      types: types.entries(),
      offsets: lines.entries(),
      lineInstructions: lines.instructions,
      functions: this.functions,
      exports: this.exports,
      labels,
    };
  }
}

/** For each kind of reference: by the fragment's number, the module's. */
export type Numbering = Readonly<Record<Reference, readonly number[]>>;

/** Appends a fragment's code with the module's numbers. */
export function linkCode({ code, references }: Fragment, numbering: Numbering, to: ByteBuffer): void {
  let from = 0;
  let at = 0;
  const readVarint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = references[at++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < references.length) {
    for (const end = from + readVarint(); from < end; from++) to.writeByte(code[from]);
    const reference = readVarint();
    const kind = (reference & (KINDS - 1)) as Reference;
    writeCompact(to, TAG_OF[kind], numbering[kind][reference >> 3]);
  }
  to.writeBytes(code.subarray(from));
}
