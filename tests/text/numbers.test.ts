// Literals of the text format to the bit, against the engine's own doubles and exact arithmetic.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isNatural, isNumber, parseF32, parseF64, parseI32, parseI64, parseU32 } from '../../frontend/wat-numbers.ts';

const view = new DataView(new ArrayBuffer(8));

function bitsOfDouble(value: number): bigint {
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

function bitsOfSingle(value: number): number {
  view.setFloat32(0, value);
  return view.getUint32(0);
}

function singleOfBits(bits: number): number {
  view.setUint32(0, bits);
  return view.getFloat32(0);
}

/** All digits of a double between 2^-200 and 2^200, without an exponent. */
function exactDecimal(value: number): string {
  const scaled = BigInt(value * 2 ** 100 * 2 ** 100) * 5n ** 200n;
  const digits = scaled.toString().padStart(201, '0');
  return `${digits.slice(0, -200)}.${digits.slice(-200)}`;
}

describe('integers', () => {
  test.each([
    ['0', 0],
    ['-0', 0],
    ['+7', 7],
    ['1_000', 1000],
    ['0x7fff_ffff', 0x7fffffff],
    ['0xffffffff', -1],
    ['4294967295', -1],
    ['-2147483648', -0x80000000],
    ['-0x8000_0000', -0x80000000],
    ['00000000000000000000000000000001', 1],
  ])('i32 %s', (text, value) => expect(parseI32(text)).toBe(value));

  test.each(['4294967296', '-2147483649', '0x1_0000_0000', '9'.repeat(100)])('i32 %s is out of range', (text) => {
    expect(() => parseI32(text)).toThrow('constant out of range');
  });

  test.each(['', '-', '0x', '1_', '_1', '1__0', '0x_1', '0X1', '1.0', '1e1', 'a', '+-1', '0xg'])(
    '%j is no integer',
    (text) => {
      expect(parseI32(text)).toBeUndefined();
      expect(parseI64(text)).toBeUndefined();
      expect(parseU32(text)).toBeUndefined();
    },
  );

  test('u32 takes no sign and all 32 bits', () => {
    expect(parseU32('4294967295')).toBe(0xffffffff);
    expect(parseU32('-0')).toBeUndefined();
    expect(parseU32('+1')).toBeUndefined();
    expect(isNatural('1')).toBe(true);
    expect(isNatural('-1')).toBe(false);
    expect(() => parseU32('4294967296')).toThrow('constant out of range');
  });

  test('every i64 reads back, signed and unsigned, decimal and hexadecimal', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(1n << 63n), max: (1n << 64n) - 1n }), (value) => {
        const sign = value < 0n ? '-' : '';
        const magnitude = value < 0n ? -value : value;
        const expected = BigInt.asIntN(64, value);
        expect(parseI64(`${sign}${magnitude}`)).toBe(expected);
        expect(parseI64(`${sign}0x${magnitude.toString(16)}`)).toBe(expected);
      }),
    );
    expect(() => parseI64('18446744073709551616')).toThrow('constant out of range');
    expect(() => parseI64('-9223372036854775809')).toThrow('constant out of range');
  });
});

describe('floats', () => {
  test.each([
    ['0', 0n],
    ['-0.0', 1n << 63n],
    ['1.', 0x3ff0000000000000n],
    ['0x1p0', 0x3ff0000000000000n],
    ['0x1p-1074', 1n],
    ['0x0.8p-1074', 0n], // a tie, to even
    ['0x0.80000000000000000000000001p-1074', 1n],
    ['0x1.fffffffffffffp1023', 0x7fefffffffffffffn],
    ['0x1.fffffffffffff7ffffffffffffffffp1023', 0x7fefffffffffffffn],
    ['0x0.fffffffffffff8p-1022', 0x0010000000000000n], // carries into the smallest normal number
    ['0x1.00000000000008p0', 0x3ff0000000000000n],
    ['0x1.000000000000081p0', 0x3ff0000000000001n],
    ['0x1.00000000000018p0', 0x3ff0000000000002n],
    [`0x${'0'.repeat(100)}1p0`, 0x3ff0000000000000n],
    [`0x1p-${'9'.repeat(400)}`, 0n],
    [`0x0p${'9'.repeat(400)}`, 0n],
    [`-0x0.${'0'.repeat(1000)}1p4004`, 0xbff0000000000000n],
    ['inf', 0x7ff0000000000000n],
    ['-inf', 0xfff0000000000000n],
    ['nan', 0x7ff8000000000000n],
    ['-nan', 0xfff8000000000000n],
    ['nan:0x1', 0x7ff0000000000001n],
    ['+nan:0xf_ffff_ffff_ffff', 0x7fffffffffffffffn],
  ])('f64 %s', (text, bits) => expect(parseF64(text)).toBe(bits));

  test.each([
    '0x1p1024',
    '1e309',
    '0x1.fffffffffffff8p1023',
    'nan:0x0',
    'nan:0x10_0000_0000_0000',
    `0x1p${'9'.repeat(400)}`,
  ])('f64 %s is out of range', (text) => expect(() => parseF64(text)).toThrow('constant out of range'));

  test.each([
    '',
    '.',
    '.5',
    '1e',
    '1e+',
    '1_.0',
    '1._0',
    '0x',
    '0x.8',
    '0x1p',
    'nan:1',
    'nan:0x',
    'NAN',
    'Inf',
    '0X1p0',
    'infinity',
  ])('%j is no float', (text) => {
    expect(parseF64(text)).toBeUndefined();
    expect(parseF32(text)).toBeUndefined();
    expect(isNumber(text)).toBe(false);
  });

  test('every double reads back from its decimal form', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = Object.is(value, -0) ? '-0' : String(value);
        expect(parseF64(text)).toBe(bitsOfDouble(value));
      }),
    );
  });

  test('every single reads back from all its digits, and from hexadecimal', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x7f7fffff }), (bits) => {
        const value = singleOfBits(bits);
        expect(parseF32(exactDecimal(value))).toBe(bits);
        expect(parseF32(`0x${BigInt(value * 2 ** 149).toString(16)}p-149`)).toBe(bits);
      }),
    );
  });

  test('a single is rounded once: ties to even, and the last digit decides beside a tie', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x7f7ffffe }), (bits) => {
        const middle = exactDecimal((singleOfBits(bits) + singleOfBits(bits + 1)) / 2);
        const even = bits % 2 === 0 ? bits : bits + 1;
        expect(parseF32(middle)).toBe(even);
        expect(parseF32(`-${middle}`)).toBe(even + 0x80000000);
        expect(parseF32(`${middle}00000000000000000001`)).toBe(bits + 1);
        const below = BigInt(middle.replace('.', '')) * 10n ** 10n - 1n;
        expect(parseF32(`${below}e-210`)).toBe(bits);
      }),
    );
  });

  test('the largest single', () => {
    expect(parseF32('340282356779733642748073463979561713663')).toBe(0x7f7fffff);
    expect(() => parseF32('340282356779733661637539395458142568448')).toThrow('constant out of range');
    expect(parseF32('340282356779733661637539395458142568447')).toBe(0x7f7fffff);
    expect(parseF32('0x1.fffffefffffffffffp127')).toBe(0x7f7fffff);
    expect(() => parseF32('0x1.ffffffp127')).toThrow('constant out of range');
    expect(parseF32('1e-400')).toBe(0);
    expect(parseF32('nan:0x7f_ffff')).toBe(0x7fffffff);
    expect(parseF32('-nan')).toBe(0xffc00000);
    expect(parseF32('3.4e10')).toBe(bitsOfSingle(3.4e10));
  });
});
