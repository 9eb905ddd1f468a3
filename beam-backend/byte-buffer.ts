// A byte array that grows: what every part of the BEAM file is written into, big-endian.
//
// Consumes numbers and byte arrays; produces one Uint8Array. Its capacity doubles, so that appending a file of any size
// costs linear time.

const DOUBLE = new DataView(new ArrayBuffer(8));

export class ByteBuffer {
  private bytes: Uint8Array;
  private used = 0;

  /** `capacity`: bytes to allocate at first. */
  constructor(capacity = 256) {
    this.bytes = new Uint8Array(capacity);
  }

  /** How many bytes have been written. */
  get length(): number {
    return this.used;
  }

  writeByte(byte: number): void {
    if (this.used === this.bytes.length) this.grow(1);
    this.bytes[this.used++] = byte;
  }

  writeUint16(value: number): void {
    this.writeByte(value >>> 8);
    this.writeByte(value);
  }

  writeUint32(value: number): void {
    if (this.used + 4 > this.bytes.length) this.grow(4);
    this.bytes[this.used++] = value >>> 24;
    this.bytes[this.used++] = value >>> 16;
    this.bytes[this.used++] = value >>> 8;
    this.bytes[this.used++] = value;
  }

  /** 0..2^31-1 in LEB128. */
  writeVarint(value: number): void {
    for (; value >= 0x80; value >>>= 7) this.writeByte((value & 0x7f) | 0x80);
    this.writeByte(value);
  }

  /** Two's complement in eight bytes; `value` is a safe integer. */
  writeInt64(value: number): void {
    this.writeUint32(Math.floor(value / 0x1_0000_0000));
    this.writeUint32(value);
  }

  writeFloat64(value: number): void {
    DOUBLE.setFloat64(0, value);
    this.writeUint32(DOUBLE.getUint32(0));
    this.writeUint32(DOUBLE.getUint32(4));
  }

  writeBytes(bytes: Uint8Array): void {
    if (this.used + bytes.length > this.bytes.length) this.grow(bytes.length);
    this.bytes.set(bytes, this.used);
    this.used += bytes.length;
  }

  /** The bytes written so far; a view, valid until the next write. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.used);
  }

  private grow(needed: number): void {
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.used + needed));
    larger.set(this.view());
    this.bytes = larger;
  }
}
