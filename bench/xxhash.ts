// Gives the module of xxhash-wasm an exported `run(n)`, so that every engine runs it in the way of the C kernels.
//
// The module's own functions stay as they are; one type, one function, one export and one body are appended to their
// sections. The new function fills 16 KiB, then hashes them n times by `xxh64`, each time seeded with the hash before.

/** Sections that get one entry more, by id. */
const TYPE = 1;
const FUNCTION = 3;
const EXPORT = 7;
const CODE = 10;
/** Index of `xxh64` among the functions, of which none is imported. */
const XXH64 = 5;
const HEADER_BYTES = 8;

/** A number below 2^14 in unsigned LEB128. */
function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, value >> 7];
}

/** `run`, by hand: parameter n, local 1 the counter, local 2 the hash. */
const BODY = [
  ...[2, 1, 0x7f, 1, 0x7e],
  // loop: store counter * 40503 at 16384 + counter; counter += 4; again while counter < 16384
  ...[0x03, 0x40, 0x20, 1, 0x20, 1, 0x41, 0xb7, 0xbc, 0x02, 0x6c, 0x36, 2, 0x80, 0x80, 0x01],
  ...[0x20, 1, 0x41, 4, 0x6a, 0x22, 1, 0x41, 0x80, 0x80, 0x01, 0x49, 0x0d, 0, 0x0b],
  // loop: hash = xxh64(16384, 16384, hash); n -= 1; again unless n = 0
  ...[0x03, 0x40, 0x41, 0x80, 0x80, 0x01, 0x41, 0x80, 0x80, 0x01, 0x20, 2, 0x10, XXH64, 0x21, 2],
  ...[0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b],
  // hash ^ hash >> 32, the low half
  ...[0x20, 2, 0x20, 2, 0x42, 32, 0x88, 0x85, 0xa7, 0x0b],
];

/**
 * The module with `run`.
 *
 * @param bytes the module of xxhash-wasm 1.1.0
 * @throws Error for another module
 */
export function addXxhashRun(bytes: Uint8Array): Uint8Array {
  let types = 0;
  let functions = 0;
  const output = [...bytes.subarray(0, HEADER_BYTES)];
  for (let at = HEADER_BYTES; at < bytes.length;) {
    const id = bytes[at];
    const [size, start] = readLeb(bytes, at + 1);
    const [count, first] = readLeb(bytes, start);
    const entries = bytes.subarray(first, start + size);
    at = start + size;
    let added: readonly number[] = [];
    if (id === TYPE) {
      types = count;
      added = [0x60, 1, 0x7f, 1, 0x7f];
    } else if (id === FUNCTION) {
      functions = count;
      added = leb(types);
    } else if (id === EXPORT) {
      added = [3, ...Buffer.from('run'), 0, ...leb(functions)];
    } else if (id === CODE) {
      added = [...leb(BODY.length), ...BODY];
    }
    const contents = [...leb(count + (added.length > 0 ? 1 : 0)), ...entries, ...added];
    output.push(id, ...leb(contents.length), ...contents);
  }
  const module = Uint8Array.from(output);
  if (!WebAssembly.validate(module)) throw new Error('the module of xxhash-wasm is not the one that was expected');
  return module;
}

/** A number in unsigned LEB128 and the position behind it. */
function readLeb(bytes: Uint8Array, start: number): [value: number, next: number] {
  let value = 0;
  for (let at = start, shift = 0; ; at++, shift += 7) {
    value |= (bytes[at] & 0x7f) << shift;
    if (bytes[at] < 0x80) return [value, at + 1];
  }
}
