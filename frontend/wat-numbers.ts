// Integer and floating-point literals, to the bit.
//
// Consumes the text of one token; a result of undefined means that the token is no literal of that kind, a
// RangeError that its value does not fit. Time is linear in the length of the token.
//
// spec: text/values#integers, text/values#floating-point

const NATURAL = /^(?:0x[\da-fA-F](?:_?[\da-fA-F])*|\d(?:_?\d)*)$/;
const INTEGER = /^[+-]?(?:0x[\da-fA-F](?:_?[\da-fA-F])*|\d(?:_?\d)*)$/;
const DECIMAL = /^[+-]?(\d(?:_?\d)*)(?:\.((?:\d(?:_?\d)*)?))?(?:[eE]([+-]?\d(?:_?\d)*))?$/;
const HEXADECIMAL =
  /^[+-]?0x([\da-fA-F](?:_?[\da-fA-F])*)(?:\.((?:[\da-fA-F](?:_?[\da-fA-F])*)?))?(?:[pP]([+-]?\d(?:_?\d)*))?$/;
const SPECIAL = /^[+-]?(?:inf|nan|nan:0x([\da-fA-F](?:_?[\da-fA-F])*))$/;

const plain = (digits: string): string => (digits.includes('_') ? digits.replaceAll('_', '') : digits);

/** Is the word a literal of some kind? */
export function isNumber(word: string): boolean {
  return DECIMAL.test(word) || HEXADECIMAL.test(word) || SPECIAL.test(word);
}

export function isNatural(word: string): boolean {
  return NATURAL.test(word);
}

/** The magnitude of an integer literal if it has at most 64 bits, else undefined. */
function magnitude(word: string): bigint | undefined {
  const unsigned = plain(/^[+-]/.test(word) ? word.slice(1) : word);
  const hexadecimal = unsigned.startsWith('0x');
  const digits = (hexadecimal ? unsigned.slice(2) : unsigned).replace(/^0+(?=.)/, '');
  if (digits.length > (hexadecimal ? 16 : 20)) return undefined;
  return BigInt(hexadecimal ? `0x${digits}` : digits);
}

const outOfRange = (): RangeError => new RangeError('constant out of range');

/** An unsigned 32-bit integer without a sign, 0..2^32-1. spec: text/values#integers (u32) */
export function parseU32(word: string): number | undefined {
  if (word.length <= 9 && /^\d+$/.test(word)) return Number(word);
  if (!NATURAL.test(word)) return undefined;
  const value = magnitude(word);
  if (value === undefined || value > 0xffffffffn) throw outOfRange();
  return Number(value);
}

/** A 32-bit integer, signed or unsigned in the text; -2^31..2^31-1. */
export function parseI32(word: string): number | undefined {
  if (word.length <= 9 && /^-?\d+$/.test(word)) return Number(word) | 0;
  if (!INTEGER.test(word)) return undefined;
  const value = magnitude(word);
  if (value === undefined || value > (word.startsWith('-') ? 0x80000000n : 0xffffffffn)) throw outOfRange();
  return word.startsWith('-') ? -Number(value) : Number(value) | 0;
}

/** A 64-bit integer, signed or unsigned in the text; -2^63..2^63-1. */
export function parseI64(word: string): bigint | undefined {
  if (!INTEGER.test(word)) return undefined;
  const value = magnitude(word);
  if (value === undefined || value > (word.startsWith('-') ? 1n << 63n : (1n << 64n) - 1n)) throw outOfRange();
  return BigInt.asIntN(64, word.startsWith('-') ? -value : value);
}

interface Format {
  /** Bits of the significand, the hidden one included. */
  readonly precision: number;
  /** Exponent of the largest finite numbers. */
  readonly largest: number;
  readonly bits: number;
}

const F32: Format = { precision: 24, largest: 127, bits: 32 };
const F64: Format = { precision: 53, largest: 1023, bits: 64 };

const view = new DataView(new ArrayBuffer(8));

/** The 32 bits of a literal, 0..2^32-1. spec: text/values#floating-point */
export function parseF32(word: string): number | undefined {
  const special = specialBits(word, F32);
  if (special !== undefined) return Number(special);
  if (HEXADECIMAL.test(word)) return Number(hexadecimalBits(word, F32));
  const parts = DECIMAL.exec(word);
  if (parts === null) return undefined;
  view.setFloat32(0, roundToSingle(parts, word));
  if (!Number.isFinite(view.getFloat32(0))) throw outOfRange();
  return view.getUint32(0);
}

/** The 64 bits of a literal, 0..2^64-1. */
export function parseF64(word: string): bigint | undefined {
  const special = specialBits(word, F64);
  if (special !== undefined) return special;
  if (HEXADECIMAL.test(word)) return hexadecimalBits(word, F64);
  if (!DECIMAL.test(word)) return undefined;
  const value = Number(plain(word));
  if (!Number.isFinite(value)) throw outOfRange();
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

const signBit = (word: string, format: Format): bigint => (word.startsWith('-') ? 1n << BigInt(format.bits - 1) : 0n);

/** Infinities and NaNs, with or without a payload. */
function specialBits(word: string, format: Format): bigint | undefined {
  if (!/^[+-]?(inf|nan)/.test(word)) return undefined;
  const match = SPECIAL.exec(word);
  if (match === null) return undefined;
  const fraction = BigInt(format.precision - 1);
  const infinity = ((1n << BigInt(format.bits - format.precision)) - 1n) << fraction;
  let payload = word.endsWith('inf') ? 0n : 1n << (fraction - 1n);
  if (match[1] !== undefined) {
    const value = magnitude(`0x${match[1]}`);
    if (value === undefined || value === 0n || value >= 1n << fraction) throw outOfRange();
    payload = value;
  }
  return signBit(word, format) | infinity | payload;
}

/** Rounds to nearest, ties to even. */
function hexadecimalBits(word: string, format: Format): bigint {
  const [, whole, part = '', power = '0'] = HEXADECIMAL.exec(word)!;
  const fraction = plain(part);
  const digits = (plain(whole) + fraction).replace(/^0+/, '');
  const sign = signBit(word, format);
  if (digits === '') return sign;
  // Twenty digits hold more than any significand; the rest matters only in whether it is zero.
  const kept = digits.slice(0, 20);
  const sticky = /[1-9a-f]/i.test(digits.slice(20)) ? 1n : 0n;
  const significand = (BigInt(`0x${kept}`) << 1n) | sticky;
  const exponent = Number(plain(power)) - 4 * fraction.length + 4 * (digits.length - kept.length) - 1;
  const width = significand.toString(2).length;
  const leading = exponent + width - 1; // exponent of the leading bit
  if (leading > format.largest + 1) throw outOfRange();
  const smallest = 1 - format.largest; // of the normal numbers
  const unit = Math.max(leading, smallest) - (format.precision - 1); // exponent of the last bit that is kept
  const shift = unit - exponent;
  if (shift > width + 1) return sign;
  const rounded = shift > 0 ? roundShift(significand, BigInt(shift)) : significand << BigInt(-shift);
  // A carry out of the significand runs into the exponent field, which is just what rounding up means there.
  const biased = leading < smallest ? 0n : BigInt(leading - smallest);
  const bits = (biased << BigInt(format.precision - 1)) + rounded;
  if (bits >> BigInt(format.precision - 1) > BigInt(2 * format.largest)) throw outOfRange();
  return sign | bits;
}

function roundShift(value: bigint, shift: bigint): bigint {
  const quotient = value >> shift;
  const rest = value - (quotient << shift);
  const half = 1n << (shift - 1n);
  return rest > half || (rest === half && (quotient & 1n) === 1n) ? quotient + 1n : quotient;
}

/**
 * A decimal literal rounded once to single precision. Rounding by way of a double goes wrong only where the double is
 * the middle of two singles while the literal is not: there the digits decide.
 */
function roundToSingle(parts: RegExpExecArray, word: string): number {
  const double = Math.abs(Number(plain(word)));
  const sign = word.startsWith('-') ? -1 : 1;
  const single = Math.fround(double);
  if (single === double) return sign * double;
  const ceiling = 2 ** 128; // what the next single above the largest would be
  const near = Math.min(single, ceiling);
  const other = neighbour(near, double);
  if (double !== (near + other) / 2) return sign * single;
  const order = compareDecimal(parts, double);
  if (order === 0) return sign * single;
  const result = order > 0 ? Math.max(near, other) : Math.min(near, other);
  return sign * (result === ceiling ? Infinity : result);
}

/** The single next to `single` on the side where `target` is. */
function neighbour(single: number, target: number): number {
  if (single === 2 ** 128) return 2 ** 128 - 2 ** 104;
  view.setFloat32(0, single);
  view.setUint32(0, view.getUint32(0) + (target > single ? 1 : -1));
  return Math.min(view.getFloat32(0), 2 ** 128);
}

/** Order of a decimal literal's magnitude and a double between the singles: negative, 0 or positive. */
function compareDecimal(parts: RegExpExecArray, double: number): number {
  const [, whole, part = '', power = '0'] = parts;
  const literal = normalizeDecimal(plain(whole) + plain(part), Number(plain(power)) - plain(part).length);
  // double = integer / 2^200 exactly, and 1 / 2^200 = 5^200 / 10^200.
  const scaled = double * 2 ** 100 * 2 ** 100;
  const exact = normalizeDecimal((BigInt(scaled) * 5n ** 200n).toString(), -200);
  if (literal.exponent !== exact.exponent) return literal.exponent - exact.exponent;
  return literal.digits < exact.digits ? -1 : literal.digits > exact.digits ? 1 : 0;
}

/** Digits without zeros at either end, read as 0.DIGITS times ten to the exponent: so their text order is their order. */
function normalizeDecimal(digits: string, scale: number): { digits: string; exponent: number } {
  const stripped = digits.replace(/^0+/, '');
  let end = stripped.length;
  while (end > 0 && stripped.charCodeAt(end - 1) === 0x30) end--;
  return { digits: stripped.slice(0, end), exponent: stripped.length + scale };
}
