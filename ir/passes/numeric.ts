// What each numeric instruction becomes in machine integers, floats and calls of the runtime: one entry a mnemonic.
//
// An i64 is two words, high then low. Entries take and return words in that order.
//
// spec: exec/numerics
import { OPERATION, type NumericMnemonic, type ValueType } from '../instructions.ts';
import { Instruction, type Constant, type Test, type Value } from '../ir.ts';
import { MASK, type Word, type WordBuilder } from '../words.ts';
import { loose, type Expansion } from './expansion.ts';
import { rotate32, rotate64, shl32, shl64, shr64, shrS32, shrU32 } from './shifts.ts';
import { add32, add64, mul32, mul64, sub32, sub64 } from './sums.ts';

const SIGN = 0x80000000;
/** The bits of the f64 2^32. */
const TWO_32 = 0x41f0000000000000n;
/** Results of a runtime call or a callee: words for integers, floats and terms as they are. */
export function resultValues(b: WordBuilder, types: readonly ValueType[]): Value[] {
  return types.flatMap((type) => {
    switch (type) {
      case 'i32':
        return [b.fn.value('int', 0, MASK)];
      case 'i64':
        return [b.fn.value('int', 0, MASK), b.fn.value('int', 0, MASK)];
      case 'funcref':
        return [b.fn.value('int', -1, 2 ** 53)];
      default:
        return [b.fn.value(type)];
    }
  });
}

/** The runtime's function of the same name: wasm2beam_float where a float is involved, else wasm2beam_int. */
const viaRuntime: Expansion = (b, args, offset, mnemonic) => {
  const { parameters, results } = OPERATION[mnemonic];
  const floats = [...parameters!, ...results!].some((type) => type.startsWith('f'));
  const values = resultValues(b, results!);
  const module = floats ? 'wasm2beam_float' : 'wasm2beam_int';
  b.runtime(
    module,
    mnemonic.replace('.', '_'),
    args.map((word) => word.exact),
    values,
    offset,
  );
  return values.map((value) => b.word(value));
};

type FloatOperator =
  'float.arith' | 'float.test' | 'float.choice' | 'float.magnitude' | 'float.rounding' | 'float.sign' | 'truncate';

/** Whether the bits of an f32 (a number) or an f64 (a bigint) are neither infinite nor NaN. */
const isFiniteFloat = (bits: Constant): boolean =>
  typeof bits === 'bigint' ? ((bits >> 52n) & 0x7ffn) !== 0x7ffn : (((bits as number) >>> 23) & 0xff) !== 0xff;

/** An instruction that is inline where its operands are finite floats, with the runtime's function behind it. */
const inlineFloat =
  (operator: FloatOperator): Expansion =>
  (b, args, offset, mnemonic) => {
    const constants = args.map((word) => word.exact.constant).filter((constant) => constant !== undefined);
    if (constants.length === args.length || !constants.every(isFiniteFloat))
      return viaRuntime(b, args, offset, mnemonic);
    const results =
      operator === 'float.test' ? [b.fn.value('int', 0, 1)] : resultValues(b, OPERATION[mnemonic].results!);
    const instruction = new Instruction(
      operator,
      args.map((word) => word.exact),
      results,
      offset,
    );
    instruction.name = mnemonic;
    b.append(instruction);
    return results.map((result) => b.word(result));
  };
const arith = inlineFloat('float.arith');
const floatTest = inlineFloat('float.test');
const choice = inlineFloat('float.choice');
const magnitude = inlineFloat('float.magnitude');
const rounding = inlineFloat('float.rounding');
const sign = inlineFloat('float.sign');
const toInt = inlineFloat('truncate');

const one = (value: Value): Word[] => [{ raw: value, exact: value }];

const bitwise =
  (operator: 'or' | 'xor'): Expansion =>
  (b, args) => {
    const half = args.length / 2;
    return Array.from({ length: half }, (_, i) => mixed(b, operator, args[i], args[half + i]));
  };

/** Where neither operand's mask is made yet, the result's does instead. */
function mixed(b: WordBuilder, operator: 'or' | 'xor', x: Word, y: Word): Word {
  if (x.exact.constant === 0) return y;
  if (y.exact.constant === 0) return x;
  if (x.raw === x.exact || y.raw === y.exact) return b.word(b[operator](x.exact, y.exact));
  return b.masked(b[operator](loose(b, x), loose(b, y)));
}

/** One exact operand suffices. */
const conjunction: Expansion = (b, args) => {
  const half = args.length / 2;
  return Array.from({ length: half }, (_, i) => {
    const [x, y] = [args[i], args[half + i]];
    return b.word(x.raw === x.exact ? b.and(x.exact, loose(b, y)) : b.and(loose(b, x), y.exact));
  });
};

// --- comparisons ---------------------------------------------------------------------------------------------------

const compare =
  (test: Test, signed: boolean, swap: boolean): Expansion =>
  (b, [x, y]) => {
    const [left, right] = swap ? [y, x] : [x, y];
    if (!signed) return one(b.test(test, left.exact, right.exact));
    if (isSigned(left.raw) && isSigned(right.raw)) return one(b.test(test, left.raw, right.raw));
    return one(b.test(test, orderable(b, left), orderable(b, right)));
  };

const isSigned = (value: Value): boolean => value.min >= -SIGN && value.max < SIGN;

/** The signed value plus 2^31: it orders as the signed word does, and flipping the sign bit makes it. */
const orderable = (b: WordBuilder, { raw, exact }: Word): Value =>
  isSigned(raw) ? b.add(raw, b.int(SIGN)) : b.xor(exact, b.int(SIGN));

const isZero: Expansion = (b, [x]) => one(b.test('eq', x.exact, b.int(0)));

const equal64 =
  (test: 'eq' | 'ne'): Expansion =>
  (b, [xh, xl, yh, yl]) =>
    one(b.test(test, b.or(b.xor(xh.exact, yh.exact), b.xor(xl.exact, yl.exact)), b.int(0)));

/** x < y where the difference of the high words, less the borrow of the low ones, is negative. */
const compare64 =
  (test: 'lt' | 'ge', signed: boolean, swap: boolean): Expansion =>
  (b, args) => {
    const [xh, xl, yh, yl] = swap ? [args[2], args[3], args[0], args[1]] : args;
    const high = signed ? b.sub(b.xor(xh.exact, b.int(SIGN)), b.xor(yh.exact, b.int(SIGN))) : b.sub(xh.exact, yh.exact);
    const borrow = b.shr(b.sub(xl.exact, yl.exact), b.int(32));
    return one(b.test(test, b.add(high, borrow), b.int(0)));
  };

// --- division: spec: exec/numerics#op-idiv-u and following ----------------------------------------------------------

function trapIf(b: WordBuilder, test: Test, x: Value, y: number, reason: string, offset: number): void {
  if (test === 'eq' && (y < x.min || y > x.max)) return;
  const trap = new Instruction('trap_if', [x, b.int(y)], [], offset);
  trap.test = test;
  trap.text = reason;
  b.append(trap);
}

const div32 =
  (operator: 'div' | 'rem', signed: boolean): Expansion =>
  (b, [x, y], offset) => {
    trapIf(b, 'eq', y.exact, 0, 'integer_divide_by_zero', offset);
    if (y.exact.constant === 0) return [b.word(b.int(0))];
    if (!signed) return [b.word(b[operator](x.exact, y.exact))];
    const result = b[operator](b.signed(x), b.signed(y));
    if (operator === 'div' && (y.exact.constant === undefined || y.exact.constant === MASK)) {
      trapIf(b, 'eq', result, SIGN, 'integer_overflow', offset);
    }
    return [b.masked(result)];
  };

// --- extension and wrapping -------------------------------------------------------------------------------------------

/** The low `bits` bits as a signed number. */
function extendBits(b: WordBuilder, word: Word, bits: 8 | 16): Value {
  const sign = b.int(2 ** (bits - 1));
  return b.sub(b.xor(b.and(word.exact, b.int(2 ** bits - 1)), sign), sign);
}

/** The word of sign bits above a signed number. */
export const signWord = (b: WordBuilder, signed: Value): Word => b.masked(b.shr(signed, b.int(32)));

const extend32 =
  (bits: 8 | 16): Expansion =>
  (b, [x]) => [b.masked(extendBits(b, x, bits))];

const extend64 =
  (bits: 8 | 16): Expansion =>
  (b, [, low]) => {
    const signed = extendBits(b, low, bits);
    return [signWord(b, signed), b.masked(signed)];
  };

const extendWord: Expansion = (b, args) => {
  const low = args.at(-1)!;
  return [signWord(b, b.signed(low)), low];
};

const fromInt =
  (signed: boolean): Expansion =>
  (b, [x]) =>
    one(b.emit('float.from_int', [signed ? b.signed(x) : x.exact], 'f64'));

/** The upper half's product is exact, so that the sum alone is rounded. */
const fromInt64 =
  (signed: boolean): Expansion =>
  (b, [high, low]) => {
    const upper = b.emit('float.from_int', [signed ? b.signed(high) : high.exact], 'f64');
    const scaled = b.float('f64.mul', [upper, b.fn.constant('f64', TWO_32)], 'f64');
    return one(b.float('f64.add', [scaled, b.emit('float.from_int', [low.exact], 'f64')], 'f64'));
  };

/** An f64 holds every word. */
const singleFromInt =
  (signed: boolean): Expansion =>
  (b, args, offset, mnemonic) =>
    one(b.float('f32.demote_f64', [fromInt(signed)(b, args, offset, mnemonic)[0].exact], 'f32'));

const fromBits =
  (type: 'f32' | 'f64'): Expansion =>
  (b, args) =>
    one(
      b.floatFromBits(
        type,
        args.map((word) => word.exact),
      ),
    );

const toBits =
  (type: 'f32' | 'f64'): Expansion =>
  (b, [x]) =>
    b.floatBits(type, x.exact).map((word) => b.word(word));

export const EXPANSIONS: Record<NumericMnemonic, Expansion> = {
  'i32.eqz': isZero,
  'i32.eq': compare('eq', false, false),
  'i32.ne': compare('ne', false, false),
  'i32.lt_s': compare('lt', true, false),
  'i32.lt_u': compare('lt', false, false),
  'i32.gt_s': compare('lt', true, true),
  'i32.gt_u': compare('lt', false, true),
  'i32.le_s': compare('ge', true, true),
  'i32.le_u': compare('ge', false, true),
  'i32.ge_s': compare('ge', true, false),
  'i32.ge_u': compare('ge', false, false),
  'i64.eqz': (b, [high, low]) => one(b.test('eq', b.or(high.exact, low.exact), b.int(0))),
  'i64.eq': equal64('eq'),
  'i64.ne': equal64('ne'),
  'i64.lt_s': compare64('lt', true, false),
  'i64.lt_u': compare64('lt', false, false),
  'i64.gt_s': compare64('lt', true, true),
  'i64.gt_u': compare64('lt', false, true),
  'i64.le_s': compare64('ge', true, true),
  'i64.le_u': compare64('ge', false, true),
  'i64.ge_s': compare64('ge', true, false),
  'i64.ge_u': compare64('ge', false, false),
  'f32.eq': floatTest,
  'f32.ne': floatTest,
  'f32.lt': floatTest,
  'f32.gt': floatTest,
  'f32.le': floatTest,
  'f32.ge': floatTest,
  'f64.eq': floatTest,
  'f64.ne': floatTest,
  'f64.lt': floatTest,
  'f64.gt': floatTest,
  'f64.le': floatTest,
  'f64.ge': floatTest,

  'i32.clz': viaRuntime,
  'i32.ctz': viaRuntime,
  'i32.popcnt': viaRuntime,
  'i32.add': add32,
  'i32.sub': sub32,
  'i32.mul': mul32,
  'i32.div_s': div32('div', true),
  'i32.div_u': div32('div', false),
  'i32.rem_s': div32('rem', true),
  'i32.rem_u': div32('rem', false),
  'i32.and': conjunction,
  'i32.or': bitwise('or'),
  'i32.xor': bitwise('xor'),
  'i32.shl': shl32,
  'i32.shr_s': shrS32,
  'i32.shr_u': shrU32,
  'i32.rotl': rotate32(true),
  'i32.rotr': rotate32(false),
  'i64.clz': viaRuntime,
  'i64.ctz': viaRuntime,
  'i64.popcnt': viaRuntime,
  'i64.add': add64,
  'i64.sub': sub64,
  'i64.mul': mul64,
  'i64.div_s': viaRuntime,
  'i64.div_u': viaRuntime,
  'i64.rem_s': viaRuntime,
  'i64.rem_u': viaRuntime,
  'i64.and': conjunction,
  'i64.or': bitwise('or'),
  'i64.xor': bitwise('xor'),
  'i64.shl': shl64,
  'i64.shr_s': shr64(true),
  'i64.shr_u': shr64(false),
  'i64.rotl': rotate64(true),
  'i64.rotr': rotate64(false),

  'f32.abs': magnitude,
  'f32.neg': arith,
  'f32.ceil': rounding,
  'f32.floor': rounding,
  'f32.trunc': rounding,
  'f32.nearest': viaRuntime,
  'f32.sqrt': viaRuntime,
  'f32.add': arith,
  'f32.sub': arith,
  'f32.mul': arith,
  'f32.div': arith,
  'f32.min': choice,
  'f32.max': choice,
  'f32.copysign': sign,
  'f64.abs': magnitude,
  'f64.neg': arith,
  'f64.ceil': rounding,
  'f64.floor': rounding,
  'f64.trunc': rounding,
  'f64.nearest': viaRuntime,
  'f64.sqrt': viaRuntime,
  'f64.add': arith,
  'f64.sub': arith,
  'f64.mul': arith,
  'f64.div': arith,
  'f64.min': choice,
  'f64.max': choice,
  'f64.copysign': sign,

  'i32.wrap_i64': (_b, [, low]) => [low],
  'i32.trunc_f32_s': toInt,
  'i32.trunc_f32_u': toInt,
  'i32.trunc_f64_s': toInt,
  'i32.trunc_f64_u': toInt,
  'i64.extend_i32_s': extendWord,
  'i64.extend_i32_u': (b, [x]) => [b.word(b.int(0)), x],
  'i64.trunc_f32_s': toInt,
  'i64.trunc_f32_u': toInt,
  'i64.trunc_f64_s': toInt,
  'i64.trunc_f64_u': toInt,
  'f32.convert_i32_s': singleFromInt(true),
  'f32.convert_i32_u': singleFromInt(false),
  'f32.convert_i64_s': viaRuntime,
  'f32.convert_i64_u': viaRuntime,
  'f32.demote_f64': arith,
  'f64.convert_i32_s': fromInt(true),
  'f64.convert_i32_u': fromInt(false),
  'f64.convert_i64_s': fromInt64(true),
  'f64.convert_i64_u': fromInt64(false),
  'f64.promote_f32': arith,
  'i32.reinterpret_f32': toBits('f32'),
  'i64.reinterpret_f64': toBits('f64'),
  'f32.reinterpret_i32': fromBits('f32'),
  'f64.reinterpret_i64': fromBits('f64'),
  'i32.extend8_s': extend32(8),
  'i32.extend16_s': extend32(16),
  'i64.extend8_s': extend64(8),
  'i64.extend16_s': extend64(16),
  'i64.extend32_s': extendWord,
  'i32.trunc_sat_f32_s': toInt,
  'i32.trunc_sat_f32_u': toInt,
  'i32.trunc_sat_f64_s': toInt,
  'i32.trunc_sat_f64_u': toInt,
  'i64.trunc_sat_f32_s': toInt,
  'i64.trunc_sat_f32_u': toInt,
  'i64.trunc_sat_f64_s': toInt,
  'i64.trunc_sat_f64_u': toInt,
};
