// The compact term encoding: how operands stand in the code and line chunks. A tag in the low three bits, and a number
// in one byte (below 16), two bytes (below 2,048), or a length and big-endian bytes.
//
// Consumes a tag and a number; appends to a ByteBuffer.
import type { ByteBuffer } from './byte-buffer.ts';

export const TAG = { u: 0, i: 1, a: 2, x: 3, y: 4, f: 5, z: 7 } as const;

/** Whole first bytes of the extended operands. */
export const EXTENDED = { list: 0x17, floatRegister: 0x27, allocation: 0x37, literal: 0x47, typed: 0x57 } as const;

/** Writes a safe integer, which may be negative for the tag `i` only. */
export function writeCompact(buffer: ByteBuffer, tag: number, value: number): void {
  if (value >= 0 && value < 16) {
    buffer.writeByte((value << 4) | tag);
  } else if (value >= 0 && value < 0x800) {
    buffer.writeByte(((value >> 3) & 0xe0) | 0x08 | tag);
    buffer.writeByte(value);
  } else {
    writeLong(buffer, tag, value);
  }
}

/** Two's complement in the fewest bytes, two at least: the length has no code for one. */
function writeLong(buffer: ByteBuffer, tag: number, value: number): void {
  let size = 2;
  for (let limit = 0x8000; value >= limit || value < -limit; limit *= 0x100) size++;
  buffer.writeByte(((size - 2) << 5) | 0x18 | tag);
  if (value === (value | 0)) for (let i = size - 1; i >= 0; i--) buffer.writeByte(value >> (8 * i));
  else for (let i = size - 1; i >= 0; i--) buffer.writeByte(Math.floor(value / 2 ** (8 * i)) % 0x100);
}
