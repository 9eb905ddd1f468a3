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
  private readonly entries = new ByteBuffer();
  private readonly ranges = new Map<number, Map<number, number>>();
  private readonly simple = new Map<'float' | 'tuple', number>();
  private count = 0;

  constructor(otp: OtpRelease) {
    this.layout = LAYOUT[otp];
    this.add(this.layout.any);
  }

  /** The index of a type, which is added when new. Throws RangeError for an empty range or inexact bounds. */
  index(type: OperandType): number {
    if (type.kind !== 'integer') {
      let index = this.simple.get(type.kind);
      if (index === undefined) this.simple.set(type.kind, (index = this.add(this.layout[type.kind])));
      return index;
    }
    let byMaximum = this.ranges.get(type.min);
    if (byMaximum === undefined) this.ranges.set(type.min, (byMaximum = new Map<number, number>()));
    let index = byMaximum.get(type.max);
    if (index === undefined) byMaximum.set(type.max, (index = this.addRange(type.min, type.max)));
    return index;
  }

  /** The contents of the chunk. */
  chunk(): Uint8Array {
    const buffer = new ByteBuffer(8 + this.entries.length);
    buffer.writeUint32(this.layout.version);
    buffer.writeUint32(this.count);
    buffer.writeBytes(this.entries.view());
    return buffer.view();
  }

  private add(bits: number): number {
    this.entries.writeUint16(bits);
    if (this.layout.bounds === undefined) this.writeBounds(0, -1); // an empty range stands for none
    return this.count++;
  }

  private addRange(min: number, max: number): number {
    if (!Number.isInteger(min) || !Number.isInteger(max) || min > max || min < -NOT_SMALL || max >= NOT_SMALL) {
      throw new RangeError(`no integer range: ${min}..${max}`);
    }
    this.entries.writeUint16(this.layout.integer | (this.layout.bounds ?? 0));
    this.writeBounds(min, max);
    return this.count++;
  }

  private writeBounds(min: number, max: number): void {
    this.entries.writeInt64(min);
    this.entries.writeInt64(max);
  }
}
