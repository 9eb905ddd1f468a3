// The container of a BEAM file: an IFF form of named chunks, each padded to four bytes.
//
// Consumes named contents; produces the file. Also computes the checksum by which the loader knows a module.
import { createHash } from 'node:crypto';
import { ByteBuffer } from './byte-buffer.ts';

export interface Chunk {
  /** Four ASCII characters. */
  readonly name: string;
  readonly contents: Uint8Array;
}

/** The file as a whole. Throws RangeError for a chunk name that has not four characters. */
export function encodeFile(chunks: readonly Chunk[]): Uint8Array {
  const size = chunks.reduce((sum, { contents }) => sum + 8 + padded(contents.length), 4);
  const buffer = new ByteBuffer(8 + size);
  writeName(buffer, 'FOR1');
  buffer.writeUint32(size);
  writeName(buffer, 'BEAM');
  for (const { name, contents } of chunks) {
    writeName(buffer, name);
    buffer.writeUint32(contents.length);
    buffer.writeBytes(contents);
    for (let i = contents.length; i < padded(contents.length); i++) buffer.writeByte(0);
  }
  return buffer.view();
}

/** MD5 over the chunks that decide what the module does, as a number: the value of its `vsn` attribute. */
export function moduleVersion(essentials: readonly Chunk[]): bigint {
  const hash = createHash('md5');
  for (const { contents } of essentials) hash.update(contents);
  return BigInt(`0x${hash.digest('hex')}`);
}

function padded(size: number): number {
  return Math.ceil(size / 4) * 4;
}

function writeName(buffer: ByteBuffer, name: string): void {
  const bytes = new TextEncoder().encode(name);
  if (bytes.length !== 4) throw new RangeError(`no chunk name: ${name}`);
  buffer.writeBytes(bytes);
}
