// A growing byte sequence with the encodings of the binary format, and the text positions of what was written.
//
// Invariant: marks are in ascending order of byte offset. Appending one buffer to another carries its marks along.
//
// spec: binary/values
import { IntList } from './int-list.ts';

export class ByteBuffer {
  #bytes = new Uint8Array(64);
  length = 0;
  /** Byte offsets, and beside each the character offset in the text of what begins there. */
  readonly markOffsets = new IntList();
  readonly markSources = new IntList();

  #reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.length));
    this.#bytes = larger;
  }

  /** What was written so far; valid until the next write. */
  view(start = 0): Uint8Array {
    return this.#bytes.subarray(start, this.length);
  }

  /** Notes that the bytes written next come from this character offset of the text. */
  mark(source: number): void {
    this.markOffsets.push(this.length);
    this.markSources.push(source);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.length++] = value;
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Unsigned LEB128 of 0..2^32-1. */
  u32(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  /** Signed LEB128 of -2^31..2^31-1. */
  s32(value: number): void {
    let rest = value;
    while (rest < -0x40 || rest > 0x3f) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    this.byte(rest & 0x7f);
  }

  /** Signed LEB128 of -2^63..2^63-1. */
  s64(value: bigint): void {
    let rest = value;
    while (rest < -0x40n || rest > 0x3fn) {
      this.byte(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.byte(Number(rest & 0x7fn));
  }

  /** Four bytes, little-endian. */
  bits32(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) this.byte((value >>> shift) & 0xff);
  }

  /** Eight bytes, little-endian. */
  bits64(value: bigint): void {
    this.bits32(Number(value & 0xffffffffn));
    this.bits32(Number(value >> 32n));
  }

  /** A vector of bytes: length, then the bytes. */
  sized(bytes: Uint8Array): void {
    this.u32(bytes.length);
    this.raw(bytes);
  }

  /** All of another buffer, with its marks. */
  append(other: ByteBuffer): void {
    const delta = this.length;
    for (let i = 0; i < other.markOffsets.length; i++) {
      this.markOffsets.push(other.markOffsets.at(i) + delta);
      this.markSources.push(other.markSources.at(i));
    }
    this.raw(other.view());
  }

  /** Moves the bytes from `start` on to the end of another buffer. */
  moveTo(other: ByteBuffer, start: number): void {
    other.raw(this.view(start));
    this.length = start;
  }
}
