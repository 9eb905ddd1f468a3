// Reads the primitive values of DWARF from one of its sections.
//
// The bytes are untrusted and serve debugging only: what cannot be read throws DwarfError, which no one outside of the
// readers of DWARF sees. All readers of a module share one budget of steps, in proportion to the size of the sections,
// since DWARF can send a reader to the same bytes again and again.
//
// DWARF 5, 7.4 and 7.6

/** What stands there is no DWARF, or more work than its size warrants. */
export class DwarfError extends Error {}

export class Budget {
  private left: number;

  /** `bytes`: size of all sections. */
  constructor(bytes: number) {
    this.left = 10_000 + 8 * bytes;
  }

  spend(): void {
    if (--this.left < 0) throw new DwarfError('too much to read');
  }
}

const NONE = new Uint8Array(0);
/** Of a name or a path that is shown, in bytes. */
const TEXT_LIMIT = 1000;
const UTF8 = new TextDecoder();

export class DwarfReader {
  readonly bytes: Uint8Array;
  readonly budget: Budget;
  private readonly view: DataView;
  position: number;
  /** The first byte not to be read. */
  end: number;

  constructor(bytes: Uint8Array | undefined, budget: Budget, position = 0) {
    this.bytes = bytes ?? NONE;
    this.budget = budget;
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
    this.position = position;
    this.end = this.bytes.length;
  }

  /** Passes over bytes and gives where they begin. */
  skip(count: number): number {
    this.budget.spend();
    const at = this.position;
    // Written so that it also refuses what is no number.
    if (!(count >= 0 && at >= 0 && at + count <= this.end)) throw new DwarfError('beyond the end');
    this.position = at + count;
    return at;
  }

  u8(): number {
    return this.bytes[this.skip(1)];
  }

  i8(): number {
    return (this.u8() << 24) >> 24;
  }

  u16(): number {
    return this.view.getUint16(this.skip(2), true);
  }

  u24(): number {
    return this.u16() + this.u8() * 0x10000;
  }

  u32(): number {
    return this.view.getUint32(this.skip(4), true);
  }

  /** Beyond 2^53 not exact, and of no use as a position then. */
  u64(): number {
    const low = this.u32();
    return low + this.u32() * 2 ** 32;
  }

  /** An unsigned number of 1, 2, 4 or 8 bytes. */
  unsigned(bytes: number): number {
    switch (bytes) {
      case 1:
        return this.u8();
      case 2:
        return this.u16();
      case 4:
        return this.u32();
      case 8:
        return this.u64();
      default:
        throw new DwarfError('no size of a number');
    }
  }

  uleb(): number {
    let result = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8();
      result += (byte & 0x7f) * scale;
      if (byte < 0x80) return result;
    }
  }

  sleb(): number {
    let result = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8();
      result += (byte & 0x7f) * scale;
      if (byte < 0x80) return byte & 0x40 ? result - scale * 128 : result;
    }
  }

  /** Passes over a string with its final zero. */
  skipString(): void {
    const { position, end } = this;
    const at = this.bytes.indexOf(0, position);
    if (at < 0 || at >= end) throw new DwarfError('a string without an end');
    this.skip(at + 1 - position);
  }

  /** The length of a unit, and how wide its offsets are; the reader ends with the unit. */
  unitLength(): { offsetSize: 4 | 8; next: number } {
    const short = this.u32();
    if (short >= 0xfffffff0 && short !== 0xffffffff) throw new DwarfError('a reserved length');
    const offsetSize = short === 0xffffffff ? 8 : 4;
    const length = offsetSize === 8 ? this.u64() : short;
    const next = this.position + length;
    if (!(next <= this.end)) throw new DwarfError('a unit beyond the section');
    this.end = next;
    return { offsetSize, next };
  }
}

/** The string at an offset of a section, as far as it is shown; empty where there is none. */
export function stringAt(bytes: Uint8Array | undefined, offset: number): string {
  if (bytes === undefined || !(offset >= 0 && offset < bytes.length)) return '';
  const part = bytes.subarray(offset, offset + TEXT_LIMIT);
  const end = part.indexOf(0);
  return UTF8.decode(end < 0 ? part : part.subarray(0, end));
}
