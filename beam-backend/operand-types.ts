// Registers as operands with the types that the Type chunk carries.
import type { Value } from '../ir/ir.ts';
import type { Place } from './allocate.ts';
import type { OperandType, Register, Source, ValueKind } from './assembly.ts';

/** The same operand where no type may stand, or none is wanted. */
export function untyped(source: Register): Register;
export function untyped(source: Source): Source;
export function untyped(source: Source): Source {
  return source.kind === 'x' || source.kind === 'y' ? { kind: source.kind, index: source.index } : source;
}

/** What the verifier of stores may know of a value. */
export const kindOf = ({ type, role }: Value): ValueKind => (type === 'int' ? 'int' : (role ?? 'other'));

/** The register that holds a value, with what is known of it. */
export function typedRegister({ kind, index }: Place, value: Value): Register {
  const type = typeOf(value);
  return type ? { kind, index, type } : { kind, index };
}

function typeOf(value: Value): OperandType | undefined {
  if (value.type === 'int') return integerType(value.min, value.max);
  return value.tupleSize > 0 ? TUPLE_TYPE : undefined;
}

const TUPLE_TYPE: OperandType = { kind: 'tuple' };
/** The greatest small integer that a double holds. */
const SMALL_MAX = 2 ** 59 - 64;
const INTEGER_TYPES = new Map<number, OperandType>();

/** A range rounded outwards to powers of two, so that a module has few types. */
function integerType(min: number, max: number): OperandType {
  const low = min < 0 ? Math.ceil(Math.log2(-min)) + 1 : 0;
  const high = max > 0 ? Math.floor(Math.log2(max)) + 1 : 0;
  const key = 64 * low + high;
  let type = INTEGER_TYPES.get(key);
  if (!type) {
    type = {
      kind: 'integer',
      min: low > 0 ? -(2 ** (low - 1)) : 0,
      max: high === 0 ? 0 : Math.min(2 ** high - 1, SMALL_MAX),
    };
    INTEGER_TYPES.set(key, type);
  }
  return type;
}
