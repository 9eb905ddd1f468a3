// Gives the module of xxhash-wasm an exported `run(n)`, so that every engine runs it in the way of the C kernels.
//
// The module's own functions stay as they are. The new one fills 16 KiB, then hashes them n times by `xxh64`, each time
// seeded with the hash before.
import { ByteBuffer } from '../frontend/byte-buffer.ts';
import { entry, Sections } from './sections.ts';

/**
 * The module with `run`.
 *
 * @param bytes the module of xxhash-wasm 1.1.0
 * @throws Error for another module
 */
export function addXxhashRun(bytes: Uint8Array): Uint8Array {
  const sections = new Sections(bytes);
  const xxh64 = sections.function('xxh64');
  const body = new ByteBuffer();
  const write = (...code: number[]): void => body.raw(entry(...code));
  // Parameter n, local 1 the counter, local 2 the hash.
  write(2, 1, 0x7f, 1, 0x7e);
  // loop: store counter * 40503 at 16384 + counter; counter += 4; again while counter < 16384
  write(0x03, 0x40, 0x20, 1, 0x20, 1, 0x41, 0xb7, 0xbc, 0x02, 0x6c, 0x36, 2, 0x80, 0x80, 0x01);
  write(0x20, 1, 0x41, 4, 0x6a, 0x22, 1, 0x41, 0x80, 0x80, 0x01, 0x49, 0x0d, 0, 0x0b);
  // loop: hash = xxh64(16384, 16384, hash); n -= 1; again unless n = 0
  write(0x03, 0x40, 0x41, 0x80, 0x80, 0x01, 0x41, 0x80, 0x80, 0x01, 0x20, 2, 0x10);
  body.u32(xxh64);
  write(0x21, 2, 0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b);
  // hash ^ hash >> 32, the low half
  write(0x20, 2, 0x20, 2, 0x42, 32, 0x88, 0x85, 0xa7, 0x0b);
  sections.addRun(body);
  return sections.bytes();
}
