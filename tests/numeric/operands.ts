// Operands for the numeric tests, as bit patterns: values at the edges of every type and a seeded random sequence.
import type { ValueType } from '../../ir/instructions.ts';

/** The bits of a number, unsigned. */
export type Bits = bigint;

const NUMBER_TYPES = ['i32', 'i64', 'f32', 'f64'] as const;
type NumberTypeName = (typeof NUMBER_TYPES)[number];

const view = new DataView(new ArrayBuffer(8));

function f64Bits(value: number): Bits {
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

function f32Bits(value: number): Bits {
  view.setFloat32(0, value);
  return BigInt(view.getUint32(0));
}

/** A pattern with the ones next to it, below and above. */
const around = (bits: Bits): Bits[] => [bits - 1n, bits, bits + 1n];

const MAGNITUDES = [
  0.5, 1, 1.5, 2, 2.5, 3, 4.2, 0.1, 1e-3, 6.28318530717958, 1e10, 123456789.5,
  2 ** 23, 2 ** 24, 2 ** 24 + 1, 2 ** 31, 2 ** 32, 2 ** 52, 2 ** 53, 2 ** 63, 2 ** 64, 2 ** 31 - 0.5, 2 ** 32 - 0.5,
]; // prettier-ignore

const F32_POSITIVE: Bits[] = [
  ...MAGNITUDES.flatMap((m) => around(f32Bits(m))),
  ...[0x1n, 0x2n, 0x7fffffn, 0x800000n, 0x800001n, 0x1000000n], // subnormal, smallest normal
  ...[0x7f7fffffn, 0x7f7ffffen, 0x7effffffn, 0x7f000000n], // largest
  ...[0x7f800000n, 0x7fc00000n, 0x7fc00001n, 0x7fc12345n, 0x7fffffffn, 0x7f800001n, 0x7fa00000n], // infinity and NaN
  ...[0x0n, 0x1fffffffn, 0x20000000n, 0x5f7fffffn, 0x5f800000n], // squares at the edges of the range
];

const F64_POSITIVE: Bits[] = [
  ...MAGNITUDES.flatMap((m) => around(f64Bits(m))),
  ...[0x0n, 0x1n, 0x2n, 0xfffffffffffffn, 0x10000000000000n, 0x10000000000001n, 0x20000000000000n],
  ...[0x7fefffffffffffffn, 0x7feffffffffffffen, 0x7fe0000000000000n, 0x1ff0000000000000n, 0x5fefffffffffffffn],
  ...[0x7ff0000000000000n, 0x7ff8000000000000n, 0x7ff8000000000001n, 0x7ff8123456789abcn, 0x7fffffffffffffffn],
  ...[0x7ff0000000000001n, 0x7ff4000000000000n, 0x7ff0000020000000n],
  // what decides how a double becomes a single: ties, overflow, the subnormal range
  ...[
    1 + 2 ** -24,
    1 + 3 * 2 ** -24,
    2 - 2 ** -25,
    2 ** -126,
    2 ** -149,
    2 ** -150,
    3 * 2 ** -150,
    1.5 * 2 ** -149,
  ].flatMap((m) => around(f64Bits(m))),
  ...[2 ** 128, 2 ** 128 - 2 ** 103, 2 ** 128 - 2 ** 104, 2 ** -126 - 2 ** -150].flatMap((m) => around(f64Bits(m))),
];

const I32_EDGES: Bits[] = [
  ...[0n, 1n, 2n, 3n, 7n, 8n, 31n, 32n, 33n, 0x7fn, 0x80n, 0xffn, 0x7fffn, 0x8000n, 0xffffn, 0x10000n, 0x12345678n],
  ...[0x7fffffffn, 0x80000000n, 0x80000001n, 0xaaaaaaaan, 0xffff8000n, 0xffffff80n, 0xfffffffen, 0xffffffffn],
  ...[0x00ffffffn, 0x01000001n, 0x7fffffc0n, 0x7fffffbfn, 0xffffff7fn, 0x01000003n],
];

const I64_EDGES: Bits[] = [
  ...[0n, 1n, 2n, 3n, 5n, 31n, 32n, 33n, 63n, 64n, 65n, 0x7fn, 0x80n, 0x8000n, 0xffffn, 0x7fffffffn, 0x80000000n],
  ...[0xffffffffn, 0x100000000n, 0x100000001n, 0x1fffffffffffffn, 0x20000000000001n, 0x07ffffffffffffffn],
  ...[0x0800000000000000n, 0x7fffffffffffffffn, 0x8000000000000000n, 0x8000000000000001n, 0x123456789abcdef0n],
  ...[0xaaaaaaaa55555555n, 0xffffffff00000000n, 0xffffffff80000000n, 0xfffffffffffffffen, 0xffffffffffffffffn],
  // rounding to single from above 2^53: once, not twice
  ...[0x4000004000000000n, 0x4000004000000001n, 0x4000003fffffffffn, 0x400000c000000000n, 0x7fffff4000000001n],
  ...[0xbfffffbfffffffffn, 0x8000004000000001n, 0xffffff8000000001n, 0x20000020000001n, 0x0020000030000000n],
  ...[0xffdfffffdfffffffn, 0x7fffffffffffffc0n, 0xfffffffffffffc00n, 0xfffffffffffffbffn, 0x7ffffffffffffdffn],
];

const withSign = (bits: Bits[], sign: Bits): Bits[] => [...bits, ...bits.map((b) => b | sign)];

const EDGES: Record<NumberTypeName, readonly Bits[]> = {
  i32: I32_EDGES,
  i64: I64_EDGES,
  f32: withSign(F32_POSITIVE, 0x80000000n),
  f64: withSign(F64_POSITIVE, 0x8000000000000000n),
};

/** Marsaglia's xorshift with 64 bits of state; `seed` is not zero. */
function* xorshift(seed: bigint): Generator<bigint, never> {
  let state = seed;
  for (;;) {
    state ^= BigInt.asUintN(64, state << 13n);
    state ^= state >> 7n;
    state ^= BigInt.asUintN(64, state << 17n);
    yield state;
  }
}

/** A random pattern of the type: all bits random, or a small integer, or a float of moderate size. */
function randomBits(type: NumberTypeName, random: Generator<bigint, never>): Bits {
  const bits = random.next().value;
  const style = random.next().value % 4n;
  if (type === 'i32') return BigInt.asUintN(32, style === 0n ? bits % 100n : bits >> (style * 8n));
  if (type === 'i64') return BigInt.asUintN(64, style === 0n ? bits % 1000n : style === 1n ? bits >> 32n : bits);
  if (style === 0n) return type === 'f32' ? bits >> 32n : bits;
  const number = (Number(BigInt.asIntN(53, bits)) / 2 ** 52) * 2 ** Number((bits >> 53n) % 80n);
  return type === 'f32' ? f32Bits(number) : f64Bits(number);
}

function numberType(type: ValueType): NumberTypeName {
  const found = NUMBER_TYPES.find((t) => t === type);
  if (!found) throw new Error(`not a number type: ${type}`);
  return found;
}

/** Operand lists for an instruction with these parameters: every combination of edges, then `count` random ones. */
export function operandLists(parameters: readonly ValueType[], count: number, seed: bigint): Bits[][] {
  const types = parameters.map(numberType);
  let lists: Bits[][] = [[]];
  for (const type of types) lists = lists.flatMap((list) => EDGES[type].map((edge) => [...list, edge]));
  const random = xorshift(seed);
  for (let i = 0; i < count; i++) lists.push(types.map((type) => randomBits(type, random)));
  return lists;
}
