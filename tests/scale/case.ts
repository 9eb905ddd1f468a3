// One module of unusual size with calls of it, and the pieces that the generators share.
import type { ValueType } from '../../ir/instructions.ts';
import type { Code } from './module-writer.ts';

export interface Case {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Functions of the host by module and name. */
  readonly imports?: WebAssembly.Imports;
  /** Exported functions in the order of their calls, with arguments. */
  readonly calls: readonly (readonly [name: string, ...args: (number | bigint | object)[]])[];
  /** Whether OTP's validator looks at the code too: it takes several seconds for a MB of it. */
  readonly validated?: boolean;
}

const MIXED = ['i32', 'i64', 'f64', 'i32', 'f32'] as const satisfies readonly ValueType[];

/** The type of the value at a position among many of mixed types. */
export const mixed = (position: number): (typeof MIXED)[number] => MIXED[position % MIXED.length];

export const mixedTypes = (count: number): ValueType[] => Array.from({ length: count }, (_, i) => mixed(i));

const TO_I64 = {
  i32: 'i64.extend_i32_u',
  i64: 'nop',
  f32: 'i64.trunc_sat_f32_s',
  f64: 'i64.trunc_sat_f64_s',
} as const;

const FROM_I32 = {
  i32: 'nop',
  i64: 'i64.extend_i32_s',
  f32: 'f32.convert_i32_u',
  f64: 'f64.convert_i32_s',
} as const;

/** Takes a number off the stack into the i64 local `hash`, so that position and value both count. */
export function fold(code: Code, type: keyof typeof TO_I64, hash: number): void {
  code.op(TO_I64[type]).op('local.get', hash).op('i64.const', 7).op('i64.rotl').op('i64.xor').op('local.set', hash);
}

/** Turns the i32 on the stack into a number of this type. */
export function convert(code: Code, type: keyof typeof FROM_I32): void {
  code.op(FROM_I32[type]);
}
