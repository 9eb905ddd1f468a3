// Constants and arguments for generated programs: edges of every type, small numbers, random bits.
import type { NumberType, ValueType } from '../../ir/instructions.ts';
import { operandLists } from '../numeric/operands.ts';
import type { Random } from './random.ts';

const NUMBER_TYPES: readonly NumberType[] = ['i32', 'i64', 'f32', 'f64'];

const EDGES = Object.fromEntries(
  NUMBER_TYPES.map((type) => [type, operandLists([type], 0, 1n).map(([bits]) => bits)]),
) as Record<NumberType, bigint[]>;

/** The quiet NaN with no more bits than it must have. */
export const CANONICAL_NAN = { f32: 0x7fc00000n, f64: 0x7ff8000000000000n } as const;

const view = new DataView(new ArrayBuffer(8));

export function isNumberType(type: ValueType): type is NumberType {
  return type !== 'funcref' && type !== 'externref';
}

export function isFloat(type: ValueType): type is 'f32' | 'f64' {
  return type === 'f32' || type === 'f64';
}

/** A number as the bits of a type. */
export function bitsOf(type: NumberType, value: number): bigint {
  if (type === 'i32') return BigInt.asUintN(32, BigInt(Math.trunc(value)));
  if (type === 'i64') return BigInt.asUintN(64, BigInt(Math.trunc(value)));
  view.setFloat64(0, value);
  if (type === 'f64') return view.getBigUint64(0);
  view.setFloat32(0, value);
  return BigInt(view.getUint32(0));
}

export function isNan(type: ValueType, bits: bigint): boolean {
  if (type === 'f32') return (bits & 0x7fffffffn) > 0x7f800000n;
  return type === 'f64' && (bits & 0x7fffffffffffffffn) > 0x7ff0000000000000n;
}

/** Bits of a number type, all NaNs among them; floats are most often of moderate size with a random mantissa. */
export function randomNumber(random: Random, type: NumberType): bigint {
  const style = random.below(isFloat(type) ? 16 : 10);
  if (style < 4) return random.pick(EDGES[type]);
  if (style < 7) return bitsOf(type, random.between(-4, 40));
  if (style < 9) return BigInt.asUintN(type === 'i32' || type === 'f32' ? 32 : 64, random.wide());
  return bitsOf(type, (random.word() / 2 ** random.below(33)) * (random.chance(50) ? -1 : 1));
}

/** An argument for a call: bits, or for a reference null or (externref) a small number. NaNs are canonical. */
export function randomArgument(random: Random, type: ValueType): bigint | null {
  if (type === 'funcref') return null;
  if (type === 'externref') return random.chance(30) ? null : BigInt(random.below(100));
  const bits = randomNumber(random, type);
  return isNan(type, bits) ? CANONICAL_NAN[type as 'f32' | 'f64'] : bits;
}
