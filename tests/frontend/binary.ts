// Writes binary modules for tests, piece by piece: each function gives the bytes of one construct.
//
// Consumes numbers and pieces; produces plain byte lists. Nothing is checked: tests write broken modules with it too.
//
// spec: binary/modules
import type { ValueType } from '../../ir/instructions.ts';

export type Bytes = readonly number[];

export const TYPE_CODE: Readonly<Record<ValueType, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  funcref: 0x70,
  externref: 0x6f,
};

/** Unsigned LEB128 of a number 0..2^53-1, stretched to `length` bytes where given. */
export function unsigned(value: number, length = 1): number[] {
  const bytes: number[] = [];
  for (let rest = value; rest > 0 || bytes.length < length; rest = Math.floor(rest / 128)) bytes.push(rest % 128);
  return bytes.map((byte, i) => (i < bytes.length - 1 ? byte | 0x80 : byte));
}

/** Signed LEB128 in as few bytes as will do. */
export function signed(value: number | bigint): number[] {
  const bytes: number[] = [];
  for (let rest = BigInt(value); ;) {
    const byte = Number(rest & 0x7fn);
    rest >>= 7n;
    const done = rest === (byte & 0x40 ? -1n : 0n);
    bytes.push(done ? byte : byte | 0x80);
    if (done) return bytes;
  }
}

export const vector = (entries: readonly Bytes[]): number[] => [...unsigned(entries.length), ...entries.flat()];

export const name = (text: string): number[] => {
  const utf8 = new TextEncoder().encode(text);
  return [...unsigned(utf8.length), ...utf8];
};

export const section = (id: number, contents: Bytes): number[] => [id, ...unsigned(contents.length), ...contents];

export const custom = (title: string, contents: Bytes): number[] => section(0, [...name(title), ...contents]);

export const HEADER: Bytes = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

export const binary = (...sections: readonly Bytes[]): Uint8Array => Uint8Array.from([HEADER, ...sections].flat());

const typeCodes = (types: readonly ValueType[]): number[] => vector(types.map((type) => [TYPE_CODE[type]]));

export const functionType = (parameters: readonly ValueType[], results: readonly ValueType[]): number[] => [
  0x60,
  ...typeCodes(parameters),
  ...typeCodes(results),
];

/** A body: runs of locals as [count, type], then instructions with their last `end`. */
export function body(locals: readonly (readonly [number, ValueType])[], instructions: Bytes): number[] {
  const runs = vector(locals.map(([count, type]) => [...unsigned(count), TYPE_CODE[type]]));
  return [...unsigned(runs.length + instructions.length), ...runs, ...instructions];
}

/** A module of functions that all have one type, given by their instructions without the last `end`. */
export function functions(
  parameters: readonly ValueType[],
  results: readonly ValueType[],
  ...bodies: readonly Bytes[]
): Uint8Array {
  return binary(
    section(1, vector([functionType(parameters, results)])),
    section(3, vector(bodies.map(() => [0]))),
    section(10, vector(bodies.map((instructions) => body([], [...instructions, 0x0b])))),
  );
}

/**
 * A module that has an entry of every kind: imports, tables, memory, globals, exports, start, element and data segments
 * in several forms, and bodies with nested control, accesses, constants, calls, bulk and table instructions.
 */
export function everything(): Uint8Array {
  const wide = [0x42, ...signed(-0x7edcba9876543211n), 0x1a, 0x43, 0, 0, 0xc0, 0x7f, 0x1a];
  const double = [0x44, 1, 2, 3, 4, 5, 6, 7, 0x48, 0x1a];
  const control = [0x02, 0x7f, 0x41, 1, 0x41, 2, 0x0e, 2, 0, 0, 0, 0x0b, 0x04, 0x01, 0x41, 3, 0x41, 4, 0x05];
  const looped = [0x41, 5, 0x41, 6, 0x0b, 0x6a, 0x1a, 0x03, 0x40, 0x20, 0, 0x0d, 0, 0x0b];
  const memory = [0x41, 0, 0x41, 8, 0x28, 2, 4, 0x36, 2, 0, 0x3f, 0, 0x40, 0, 0x1a];
  const bulk = [0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 8, 1, 0, 0xfc, 9, 1, 0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 10, 0, 0];
  const tables = [0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 12, 1, 0, 0x41, 0, 0xd2, 2, 0x26, 0, 0x41, 0, 0x25, 1, 0xd1, 0x1a];
  const calls = [0x41, 1, 0x10, 0, 0x41, 2, 0x41, 0, 0x11, 0, 0, 0x23, 1, 0x24, 1, 0x20, 1, 0x1a];
  const first = [...wide, ...double, ...control, ...looped, ...memory, ...bulk, ...tables, ...calls];
  return binary(
    custom('before', [1, 2, 3]),
    section(1, vector([functionType(['i32'], []), functionType([], ['i32', 'i32']), functionType([], [])])),
    section(
      2,
      vector([
        [...name('env'), ...name('log'), 0, 0],
        [...name('env'), ...name('limit'), 3, 0x7f, 0],
      ]),
    ),
    section(3, vector([[0], [2], [2]])),
    section(
      4,
      vector([
        [0x70, 1, 2, 10],
        [0x6f, 0, 0],
      ]),
    ),
    section(5, vector([[1, 1, 4]])),
    section(
      6,
      vector([
        [0x7f, 1, 0x23, 0, 0x0b],
        [0x70, 0, 0xd2, 3, 0x0b],
        [0x6f, 0, 0xd0, 0x6f, 0x0b],
      ]),
    ),
    section(
      7,
      vector([
        [...name('run'), 0, 1],
        [...name('memory'), 2, 0],
        [...name('größe'), 3, 1],
      ]),
    ),
    section(8, [2]),
    section(
      9,
      vector([
        [0, 0x41, 0, 0x0b, ...vector([[1], [2]])],
        [1, 0, ...vector([[1]])],
        [5, 0x6f, ...vector([[0xd0, 0x6f, 0x0b]])],
        [7, 0x70, ...vector([[0xd2, 2, 0x0b]])],
      ]),
    ),
    section(12, [2]),
    section(
      10,
      vector([
        body(
          [
            [2, 'f64'],
            [1, 'i64'],
          ],
          [...first, 0x0b],
        ),
        body([], [0x0b]),
        body([], [0x12, 2, 0x0b]),
      ]),
    ),
    section(
      11,
      vector([
        [0, 0x41, 0, 0x0b, ...name('data')],
        [1, ...name('passive')],
      ]),
    ),
    custom('name', [
      0,
      ...unsigned(4),
      ...name('all'),
      1,
      ...unsigned(9),
      ...vector([
        [0, ...name('log')],
        [1, ...name('r')],
      ]),
    ]),
  );
}
