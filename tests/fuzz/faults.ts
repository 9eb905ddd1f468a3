// Faults to plant in the compiler and its runtime, one at a time: what the fuzzer has to find within a minute.
//
// Each replaces text of one source file; a fault whose text is not there any more is an error that names it.

export interface Fault {
  readonly name: string;
  readonly file: string;
  readonly edits: readonly { readonly find: string; readonly replace: string }[];
  /** Found by mutated modules, not by programs. */
  readonly isValidity?: boolean;
  /** Of WAYS: the one that is wrong; `direct` if not given. */
  readonly way?: string;
}

const fault = (name: string, file: string, find: string, replace: string): Fault => ({
  name,
  file,
  edits: [{ find, replace }],
});

export const FAULTS: readonly Fault[] = [
  fault(
    'an unsigned comparison is done signed',
    'ir/passes/numeric.ts',
    "'i32.lt_u': compare('lt', false, false)",
    "'i32.lt_u': compare('lt', true, false)",
  ),
  fault(
    'a rotation turns the other way',
    'ir/passes/numeric.ts',
    "'i64.rotl': rotate64(true)",
    "'i64.rotl': rotate64(false)",
  ),
  fault(
    'the first argument of an inlined call is lost',
    'frontend/lower.ts',
    'args.forEach((value, index) => this.setLocal(index, value));',
    'args.forEach((value, index) => index > 0 && this.setLocal(index, value));',
  ),
  fault(
    'a sum is not masked',
    'ir/passes/sums.ts',
    '[b.masked(b.add(loose(b, x), loose(b, y)))]',
    '[b.word(b.add(loose(b, x), loose(b, y)))]',
  ),
  fault(
    'the overflow of a division goes unnoticed',
    'ir/passes/numeric.ts',
    "trapIf(b, 'eq', result, SIGN, 'integer_overflow', offset)",
    "trapIf(b, 'eq', result, SIGN + 1, 'integer_overflow', offset)",
  ),
  fault('a shift amount keeps a bit too many', 'ir/passes/shifts.ts', 'b.int(width - 1)', 'b.int(63)'),
  fault(
    'a displacement is off by one',
    'ir/passes/words.ts',
    'this.b.int(displacement)',
    'this.b.int(displacement > 15 ? displacement + 1 : displacement)',
  ),
  fault(
    'a load forgets to extend the sign',
    'ir/passes/words.ts',
    'const sign = b.int(2 ** (8 * bytes - 1));',
    'const sign = b.int(0);',
  ),
  fault(
    'the carry of a wide sum is lost',
    'ir/passes/sums.ts',
    'b.masked(b.add(high, b.shr(low, b.int(32))))',
    'b.masked(high)',
  ),
  fault(
    'registers that trade places lose a value',
    'beam-backend/moves.ts',
    'emitMove({ from: to, to: spare }, out)',
    'emitMove({ from: pending[0].from, to: spare }, out)',
  ),
  fault(
    'a branch table is off by one',
    'beam-backend/emit.ts',
    "{ kind: 'integer', value: ranges[middle].from }",
    "{ kind: 'integer', value: ranges[middle].from + 1 }",
  ),
  fault(
    'a sum of singles is not rounded',
    'beam-backend/select-run.ts',
    "const exact = at.name.startsWith('f64') ?",
    "const exact = at.name.startsWith('f64') || operation === 'add' ?",
  ),
  fault(
    'an overlapping copy goes the wrong way',
    'erlang-shim/src/wasm2beam_memory.erl',
    'To < From + Length -> copy_down(',
    'To < From + Length, Length < 0 -> copy_down(',
  ),
  {
    ...fault(
      'a region pays too little',
      'frontend/meter.ts',
      'chargeOf(block).index += common;',
      'chargeOf(block).index += common > 1 ? common - 1 : common;',
    ),
    way: 'fuel',
  },
  {
    ...fault(
      'a constant global may be set',
      'frontend/validate-function.ts',
      'if (!mutable) throw v.invalid(v.immutable);',
      'if (!mutable) v.invalid(v.immutable);',
    ),
    isValidity: true,
  },
];
