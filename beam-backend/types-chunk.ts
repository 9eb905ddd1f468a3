// The Type chunk: what each typed operand of the code is known to be. The JIT leaves out tag, overflow and range checks
// on its word, so a false entry can kill the node.
//
// Consumes the types of operands; produces the chunk in the layout of the targeted release. Entry 0 is 'any', as the
// loader expects.
import type { OperandType, OtpRelease } from './assembly.ts';
import { ByteBuffer } from './byte-buffer.ts';

/** Bits of a type's first two bytes; a layout that always carries two bounds has no bits to announce them. */
interface Layout {
  readonly version: number;
  readonly any: number;
  readonly integer: number;
  readonly float: number;
  readonly tuple: number;
  readonly bounds?: number;
}

const LAYOUT: Record<OtpRelease, Layout> = {
  25: { version: 1, any: 0x1fff, integer: 1 << 6, float: 1 << 4, tuple: 1 << 12 },
  26: { version: 2, any: 0x1fff, integer: 1 << 6, float: 1 << 4, tuple: 1 << 12, bounds: 3 << 13 },
  27: { version: 3, any: 0x0fff, integer: 1 << 5, float: 1 << 3, tuple: 1 << 11, bounds: 3 << 12 },
};

/** The first integer that is not small. A range that reaches it would be believed all the same. */
const NOT_SMALL = 2 ** 59;

export class TypeTable {
  private readonly layout: Layout;
  private readonly descriptions = new ByteBuffer();
  private readonly types: OperandType[] = [];
  private readonly ranges = new Map<number, Map<number, number>>();
  private readonly simple = new Map<'float' | 'tuple', number>();

  constructor(otp: OtpRelease) {
    this.layout = LAYOUT[otp];
    this.write(this.layout.any);
  }

  /** The index of a type, which is added when new. Throws RangeError for an empty range or inexact bounds. */
  index(type: OperandType): number {
    if (type.kind !== 'integer') {
      let index = this.simple.get(type.kind);
      if (index === undefined) this.simple.set(type.kind, (index = this.add(type)));
      return index;
    }
    let byMaximum = this.ranges.get(type.min);
    if (byMaximum === undefined) this.ranges.set(type.min, (byMaximum = new Map<number, number>()));
    let index = byMaximum.get(type.max);
    if (index === undefined) byMaximum.set(type.max, (index = this.add(type)));
    return index;
  }

  /** In the order of their numbers, from 1. */
  entries(): readonly OperandType[] {
    return this.types;
  }

  /** The contents of the chunk. */
  chunk(): Uint8Array {
    const buffer = new ByteBuffer(8 + this.descriptions.length);
    buffer.writeUint32(this.layout.version);
    buffer.writeUint32(1 + this.types.length);
    buffer.writeBytes(this.descriptions.view());
    return buffer.view();
  }

  private add(type: OperandType): number {
    if (type.kind === 'integer') this.writeRange(type.min, type.max);
    else this.write(this.layout[type.kind]);
    return this.types.push(type);
  }

  private write(bits: number): void {
    this.descriptions.writeUint16(bits);
    if (this.layout.bounds === undefined) this.writeBounds(0, -1); // an empty range stands for none
  }

  private writeRange(min: number, max: number): void {
    if (!Number.isInteger(min) || !Number.isInteger(max) || min > max || min < -NOT_SMALL || max >= NOT_SMALL) {
      throw new RangeError(`no integer range: ${min}..${max}`);
    }
    this.descriptions.writeUint16(this.layout.integer | (this.layout.bounds ?? 0));
    this.writeBounds(min, max);
  }

  private writeBounds(min: number, max: number): void {
    this.descriptions.writeInt64(min);
    this.descriptions.writeInt64(max);
  }
}
