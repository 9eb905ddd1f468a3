import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WasmError } from '../../frontend/errors.ts';
import { decodeUtf8, Reader } from '../../frontend/reader.ts';
import { signed, unsigned } from './binary.ts';

const SEED = { seed: 20240501, numRuns: 500 };
const reader = (bytes: readonly number[]): Reader => new Reader(Uint8Array.from(bytes));

function textOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof WasmError) return `${error.kind} ${error.message}`;
    throw error;
  }
  return 'no error';
}

describe('LEB128 integers', () => {
  test('u32 reads what was written, at any length up to five bytes', () => {
    const value = fc.oneof(fc.nat({ max: 0xffffffff }), fc.nat({ max: 300 }));
    fc.assert(
      fc.property(value, fc.integer({ min: 1, max: 5 }), (number, length) => {
        const bytes = unsigned(number, length);
        const one = reader([...bytes, 0xff]);
        expect(one.readU32()).toBe(number);
        expect(one.position).toBe(bytes.length);
      }),
      SEED,
    );
  });

  test('s32, s33 and s64 read what was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (number) => {
        expect(reader(signed(number)).readS32()).toBe(number);
        expect(reader(signed(number)).readS33()).toBe(number);
        expect(reader(signed(number)).readS64()).toBe(BigInt(number));
      }),
      SEED,
    );
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 32), max: 2 ** 32 - 1 }), (number) => {
        expect(reader(signed(number)).readS33()).toBe(number);
      }),
      SEED,
    );
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.nat({ max: 63 }), (number, shift) => {
        expect(reader(signed(number >> BigInt(shift))).readS64()).toBe(number >> BigInt(shift));
      }),
      SEED,
    );
  });

  test.each([
    ['u32', [0x80, 0x80, 0x80, 0x80, 0x80, 0x00], 'integer representation too long'],
    ['u32', [0xff, 0xff, 0xff, 0xff, 0x1f], 'integer too large'],
    ['s32', [0x80, 0x80, 0x80, 0x80, 0x80, 0x00], 'integer representation too long'],
    ['s32', [0xff, 0xff, 0xff, 0xff, 0x0f], 'integer too large'],
    ['s32', [0x80, 0x80, 0x80, 0x80, 0x70], 'integer too large'],
    ['s33', [0x80, 0x80, 0x80, 0x80, 0x20], 'integer too large'],
    ['s33', [0x80, 0x80, 0x80, 0x80, 0x80, 0x00], 'integer representation too long'],
    ['s64', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7e], 'integer too large'],
    ['s64', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], 'integer too large'],
    ['s64', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], 'integer representation too long'],
    ['u32', [0x80], 'unexpected end'],
    ['s32', [0x80, 0x80], 'unexpected end'],
    ['s33', [0xff], 'unexpected end'],
    ['s64', [0x80, 0x80, 0x80, 0x80, 0x80], 'unexpected end'],
  ] as const)('%s refuses %j: %s', (kind, bytes, text) => {
    const one = reader(bytes);
    const read = {
      u32: () => one.readU32(),
      s32: () => one.readS32(),
      s33: () => one.readS33(),
      s64: () => one.readS64(),
    };
    expect(textOf(read[kind])).toMatch(new RegExp(`^malformed ${text}.* \\(at offset 0x[0-9a-f]+\\)$`));
  });
});

describe('floats', () => {
  test('keep every bit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (bits) => {
        const bytes = Array.from({ length: 8 }, (_, i) => Number((bits >> BigInt(8 * i)) & 0xffn));
        expect(reader(bytes).readF64Bits()).toBe(bits);
        expect(reader(bytes).readF32Bits()).toBe(Number(bits & 0xffffffffn));
      }),
      SEED,
    );
    expect(textOf(() => reader([0, 0, 0]).readF32Bits())).toBe(
      'malformed unexpected end of section or function (at offset 0x3)',
    );
    expect(textOf(() => reader([0, 0, 0, 0, 0, 0, 0]).readF64Bits())).toContain('unexpected end');
  });
});

describe('names', () => {
  test('read any text, a byte order mark included', () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 });
    fc.assert(
      fc.property(text, (name) => {
        const utf8 = [...new TextEncoder().encode(name)];
        expect(reader([...unsigned(utf8.length), ...utf8]).readName()).toBe(name);
      }),
      SEED,
    );
    expect(reader([4, 0xef, 0xbb, 0xbf, 0x61]).readName()).toBe('\ufeffa');
  });

  test.each([
    ['a stray continuation', [0x80]],
    ['an overlong form', [0xc0, 0x80]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['a cut character', [0x61, 0xe2, 0x82]],
    ['a long name with one bad byte', [...new Array<number>(60).fill(0x61), 0xff]],
  ])('refuse %s', (_, bytes) => {
    expect(textOf(() => reader([...unsigned(bytes.length), ...bytes]).readName())).toBe(
      'malformed malformed UTF-8 encoding (at offset 0x1)',
    );
    expect(decodeUtf8(Uint8Array.from(bytes), 0, bytes.length)).toBeUndefined();
  });

  test('refuse a length beyond the bytes', () => {
    expect(textOf(() => reader([9, 0x61]).readName())).toBe('malformed length out of bounds (at offset 0x0)');
    expect(textOf(() => reader([2, 0x61]).readName())).toContain('unexpected end');
  });
});
