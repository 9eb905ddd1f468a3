// Values as people read and type them: floats in the shortest form that reads back.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatResult, parseArgument } from '../../wast/arguments.ts';
import { encodeValue, formatFloat } from '../../wast/values.ts';

const view = new DataView(new ArrayBuffer(8));

function bits32(value: number): bigint {
  view.setFloat32(0, value);
  return BigInt(view.getUint32(0));
}

function bits64(value: number): bigint {
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

describe('a float', () => {
  test.each([
    [0, '0.0'],
    [-0, '-0.0'],
    [1, '1.0'],
    [-1.5, '-1.5'],
    [Infinity, 'inf'],
    [-Infinity, '-inf'],
    [NaN, 'nan'],
    [2 ** 70, '1.1805916e+21'],
    [2 ** -149, '1e-45'],
    [0.1, '0.1'],
    [16777216, '16777216.0'],
    [3.4028234663852886e38, '3.4028235e+38'],
  ])('f32 %s prints as %s', (value, text) => {
    expect(formatFloat('f32', bits32(value))).toBe(text);
  });

  test.each([
    [-0, '-0.0'],
    [1e21, '1e+21'],
    [1 / 3, '0.3333333333333333'],
    [5e-324, '5e-324'],
    [-NaN, 'nan'],
  ])('f64 %s prints as %s', (value, text) => {
    expect(formatFloat('f64', bits64(value))).toBe(text);
  });

  test('reads back', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true }), fc.double({ noNaN: true }), (single, double) => {
        expect(parseArgument('f32', formatFloat('f32', bits32(single)))).toEqual({
          type: 'f32',
          bits: Number(bits32(single)),
        });
        expect(parseArgument('f64', formatFloat('f64', bits64(double)))).toEqual({ type: 'f64', bits: bits64(double) });
      }),
      { numRuns: 2000 },
    );
  });
});

describe('an argument', () => {
  test.each([
    ['i32', '-1', 'i32:-1'],
    ['i32', '4294967295', 'i32:-1'],
    ['i32', '0x10', 'i32:16'],
    ['i64', '-9223372036854775808', 'i64:-9223372036854775808'],
    ['f32', '0.1', 'f32:1036831949'],
    ['f64', '-inf', 'f64:18442240474082181120'],
    ['externref', 'null', 'externref:null'],
  ] as const)('%s %s', (type, word, field) => {
    expect(encodeValue(parseArgument(type, word)!)).toBe(field);
  });

  test.each([
    ['i32', '4294967296'],
    ['i32', '-2147483649'],
    ['i32', '1.0'],
    ['i32', ''],
    ['i64', 'x'],
    ['f32', '1e39'],
    ['f64', 'Infinity'],
    ['funcref', '0'],
  ] as const)('%s %s is none', (type, word) => {
    expect(parseArgument(type, word)).toBeUndefined();
  });
});

test('references print as their type, null as null', () => {
  expect(['funcref:null', 'funcref:func', 'externref:5', 'i32:-1'].map(formatResult)).toEqual([
    'null',
    'funcref',
    'externref',
    '-1',
  ]);
});
