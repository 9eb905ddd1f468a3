// What V8 answers: every numeric instruction as an exported function whose floats are passed as their bits, so that
// JavaScript never touches a NaN's payload.
import type { Operation, ValueType } from '../../ir/instructions.ts';
import type { Bits } from './operands.ts';

const TYPE_CODES: Partial<Record<ValueType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };
const FROM_BITS: Partial<Record<ValueType, number>> = { f32: 0xbe, f64: 0xbf };
const TO_BITS: Partial<Record<ValueType, number>> = { f32: 0xbc, f64: 0xbd };

/** The answer of an instruction: the result's bits, or the trap's reason as the runtime names it. */
export type Answer = Bits | 'integer_divide_by_zero' | 'integer_overflow' | 'invalid_conversion_to_integer';

const bitsType = (type: ValueType): ValueType => (type === 'f32' ? 'i32' : type === 'f64' ? 'i64' : type);

function leb(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value];
}

const vector = (items: readonly number[][]): number[] => [...leb(items.length), ...items.flat()];
const section = (id: number, content: number[]): number[] => [id, ...leb(content.length), ...content];
const typeCodes = (types: readonly ValueType[]): number[][] => types.map((type) => [TYPE_CODES[bitsType(type)]!]);

function functionBody(op: Operation): number[] {
  const code = op.code > 0xff ? [op.code >> 8, op.code & 0xff] : [op.code];
  const operands = op.parameters!.flatMap((type, i) => [0x20, i, ...(type in FROM_BITS ? [FROM_BITS[type]!] : [])]);
  const result = op.results![0];
  const body = [0, ...operands, ...code, ...(result in TO_BITS ? [TO_BITS[result]!] : []), 0x0b];
  return [...leb(body.length), ...body];
}

/** A module that exports instruction number i as the function `String(i)`, from bits to bits. */
function oracleModule(operations: readonly Operation[]): Uint8Array<ArrayBuffer> {
  const types = operations.map((op) => [0x60, ...vector(typeCodes(op.parameters!)), ...vector(typeCodes(op.results!))]);
  const names = operations.map((_, i) => [...Buffer.from(String(i))]);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(types)),
    ...section(3, vector(operations.map((_, i) => leb(i)))),
    ...section(7, vector(names.map((name, i) => [...leb(name.length), ...name, 0, ...leb(i)]))),
    ...section(10, vector(operations.map(functionBody))),
  ]);
}

function trapReason(error: unknown): Answer {
  if (!(error instanceof WebAssembly.RuntimeError)) throw error;
  if (error.message.includes('divide by zero') || error.message.includes('remainder by zero')) {
    return 'integer_divide_by_zero';
  }
  if (error.message.includes('divide result unrepresentable')) return 'integer_overflow';
  if (error.message.includes('float unrepresentable')) return 'invalid_conversion_to_integer';
  throw error;
}

const isNan = (type: ValueType, bits: Bits): boolean =>
  type === 'f32' ? (bits & 0x7fffffffn) > 0x7f800000n : (bits & 0x7fffffffffffffffn) > 0x7ff0000000000000n;

/**
 * A function that computes an instruction with V8. V8 has one message for the two ways in which a float has no integer;
 * which of them it is, is decided here by whether the operand is a NaN.
 */
export function makeOracle(operations: readonly Operation[]): (op: Operation, operands: readonly Bits[]) => Answer {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(oracleModule(operations)));
  const functions = operations.map((_, i) => instance.exports[String(i)] as (...args: unknown[]) => number | bigint);
  return (op, operands) => {
    const args = operands.map((bits, i) => (bitsType(op.parameters![i]) === 'i64' ? bits : Number(bits)));
    const width = bitsType(op.results![0]) === 'i64' ? 64 : 32;
    try {
      return BigInt.asUintN(width, BigInt(functions[operations.indexOf(op)](...args)));
    } catch (error) {
      const reason = trapReason(error);
      const overflow = reason === 'invalid_conversion_to_integer' && !isNan(op.parameters![0], operands[0]);
      return overflow ? 'integer_overflow' : reason;
    }
  };
}

/** Instructions that only move bits: their NaN results are determined to the last bit. */
const EXACT = /\.(abs|neg|copysign|reinterpret_\w+)$/;

/**
 * Whether the runtime's answer is one that the specification allows, `expected` being V8's.
 * spec: exec/numerics#nan-propagation
 */
export function isAllowed(op: Operation, operands: readonly Bits[], expected: Answer, actual: Answer): boolean {
  const result = op.results![0];
  if (typeof expected !== 'bigint' || typeof actual !== 'bigint' || EXACT.test(op.mnemonic)) return expected === actual;
  if ((result !== 'f32' && result !== 'f64') || !isNan(result, expected)) return expected === actual;
  const quiet = { f32: 0x7fc00000n, f64: 0x7ff8000000000000n };
  const magnitude = actual & (result === 'f32' ? 0x7fffffffn : 0x7fffffffffffffffn);
  const canonical = operands.every((bits, i) => {
    const type = op.parameters![i];
    if ((type !== 'f32' && type !== 'f64') || !isNan(type, bits)) return true;
    return (bits & (type === 'f32' ? 0x7fffffffn : 0x7fffffffffffffffn)) === quiet[type];
  });
  return canonical ? magnitude === quiet[result] : (magnitude & quiet[result]) === quiet[result];
}
