// Reads the primitive values of the binary format from a byte array: bytes, LEB128 integers, floats, names, lengths.
//
// Consumes bytes [position, end); every method moves position past what it read, or throws a WasmError of kind
// 'malformed' with the offset of the value. Never reads beyond end, never allocates more than it has read.
//
// spec: binary/values
import { WasmError } from './errors.ts';

// A byte order mark is part of a name; what is not UTF-8 is an error instead of a replacement character.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const TOO_LONG = 'integer representation too long';
const TOO_LARGE = 'integer too large';
const UNEXPECTED_END = 'unexpected end of section or function';

/** UTF-8 bytes [start, end) as a string, or undefined where they are not UTF-8. spec: binary/values#names */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  // Most names are short and ASCII, for which a decoder call costs more than the loop.
  if (end - start <= 32) {
    let ascii = '';
    let at = start;
    while (at < end && bytes[at] < 0x80) ascii += String.fromCharCode(bytes[at++]);
    if (at === end) return ascii;
  }
  try {
    return UTF8.decode(bytes.subarray(start, end));
  } catch {
    return undefined;
  }
}

export class Reader {
  readonly bytes: Uint8Array;
  position: number;
  /** The first byte not to be read. */
  end: number;
  /** The function whose body is read, for errors. */
  functionIndex: number | undefined;

  constructor(bytes: Uint8Array, position = 0, end = bytes.length, functionIndex?: number) {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
    this.functionIndex = functionIndex;
  }

  /** The error to throw: malformed, at an offset (default: where the reader stands). */
  malformed(text: string, offset = this.position): WasmError {
    return new WasmError('malformed', text, { offset, functionIndex: this.functionIndex });
  }

  readByte(): number {
    if (this.position >= this.end) throw this.malformed(UNEXPECTED_END);
    return this.bytes[this.position++];
  }

  /** 0..2^32-1. spec: binary/values#integers */
  readU32(): number {
    const { bytes, end } = this;
    const start = this.position;
    let at = start;
    let result = 0;
    for (let shift = 0; ; shift += 7) {
      if (at >= end) throw this.malformed(UNEXPECTED_END, at);
      const byte = bytes[at++];
      if (shift === 28) {
        if (byte & 0x80) throw this.malformed(TOO_LONG, start);
        if (byte & 0x70) throw this.malformed(TOO_LARGE, start);
      }
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    this.position = at;
    return result >>> 0;
  }

  /** -2^31..2^31-1. spec: binary/values#integers */
  readS32(): number {
    const { bytes, end } = this;
    const start = this.position;
    let at = start;
    let result = 0;
    for (let shift = 0; ; shift += 7) {
      if (at >= end) throw this.malformed(UNEXPECTED_END, at);
      const byte = bytes[at++];
      if (shift === 28) {
        if (byte & 0x80) throw this.malformed(TOO_LONG, start);
        // Bits beyond the 32nd must repeat the sign.
        const top = byte & 0x78;
        if (top !== 0 && top !== 0x78) throw this.malformed(TOO_LARGE, start);
        this.position = at;
        return result | (byte << 28);
      }
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.position = at;
        return (byte & 0x40) !== 0 ? result | (-1 << (shift + 7)) : result;
      }
    }
  }

  /** -2^32..2^32-1, the form of block types. spec: binary/values#integers */
  readS33(): number {
    const start = this.position;
    let result = 0;
    let scale = 1;
    for (let length = 1; ; length++) {
      const byte = this.readByte();
      if (length === 5) {
        if (byte & 0x80) throw this.malformed(TOO_LONG, start);
        const top = byte & 0x70;
        if (top !== 0 && top !== 0x70) throw this.malformed(TOO_LARGE, start);
      }
      result += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return byte & 0x40 ? result - scale : result;
    }
  }

  /** -2^63..2^63-1. spec: binary/values#integers */
  readS64(): bigint {
    const { bytes, end } = this;
    const start = this.position;
    // Most constants fit into 28 bits; those need no arithmetic on big integers.
    let at = start;
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      if (at >= end) throw this.malformed(UNEXPECTED_END, at);
      const byte = bytes[at++];
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.position = at;
        return BigInt(byte & 0x40 ? low | (-1 << (shift + 7)) : low);
      }
    }
    let middle = 0;
    let high = 0;
    let shift = 28;
    for (; ; shift += 7) {
      if (at >= end) throw this.malformed(UNEXPECTED_END, at);
      const byte = bytes[at++];
      if (shift === 63) {
        if (byte & 0x80) throw this.malformed(TOO_LONG, start);
        if (byte !== 0 && byte !== 0x7f) throw this.malformed(TOO_LARGE, start);
      }
      if (shift < 56) middle |= (byte & 0x7f) << (shift - 28);
      else high |= (byte & 0x7f) << (shift - 56);
      if (byte < 0x80) {
        const value = BigInt(low) | (BigInt(middle >>> 0) << 28n) | (BigInt(high) << 56n);
        this.position = at;
        return BigInt.asIntN(Math.min(shift + 7, 64), value);
      }
    }
  }

  /** The 32 bits of a float, unsigned. spec: binary/values#floating-point */
  readF32Bits(): number {
    const at = this.position;
    if (this.end - at < 4) throw this.malformed(UNEXPECTED_END, this.end);
    const { bytes } = this;
    this.position = at + 4;
    return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
  }

  /** The 64 bits of a double, unsigned. spec: binary/values#floating-point */
  readF64Bits(): bigint {
    if (this.end - this.position < 8) throw this.malformed(UNEXPECTED_END, this.end);
    const low = this.readF32Bits();
    const high = this.readF32Bits();
    return (BigInt(high) << 32n) | BigInt(low);
  }

  /**
   * The length of a vector or of a run of bytes. Every element takes a byte or more, so a length beyond what is
   * left is refused before anything is allocated for it. spec: binary/conventions#vectors
   */
  readLength(): number {
    const start = this.position;
    const length = this.readU32();
    // Measured from the length's own first byte, as the reference interpreter does: an overrun by less than that
    // is found, and named differently, when the bytes are read.
    if (length > this.end - start) throw this.malformed('length out of bounds', start);
    return length;
  }

  /** Moves past a number of bytes and gives the position of the first. */
  skip(length: number): number {
    const start = this.position;
    if (length > this.end - start) throw this.malformed(UNEXPECTED_END, this.end);
    this.position = start + length;
    return start;
  }

  /** spec: binary/values#names */
  readName(): string {
    const length = this.readLength();
    const start = this.skip(length);
    const name = decodeUtf8(this.bytes, start, start + length);
    if (name === undefined) throw this.malformed('malformed UTF-8 encoding', start);
    return name;
  }
}
