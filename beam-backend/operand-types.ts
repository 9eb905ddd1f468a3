// Registers as operands with the types that the Type chunk carries.
import type { Value } from '../ir/ir.ts';
import type { Place } from './allocate.ts';
import type { OperandType, Register, Source, ValueKind } from './assembly.ts';

/** The same operand where no type may stand, or none is wanted. */
export function untyped(source: Register): Register;
export function untyped(source: Source): Source;
export function untyped(source: Source): Source {
  return (source.kind === 'x' || source.kind === 'y') && source.type ? UNTYPED.get(source) : source;
}

/** What the verifier of stores may know of a value. */
export const kindOf = ({ type, role }: Value): ValueKind => (type === 'int' ? 'int' : (role ?? 'other'));

/** The register that holds a value, with what is known of it. */
export function typedRegister(place: Place, value: Value): Register {
  if (value.type === 'int') return integers(value.min, value.max).get(place);
  return (value.tupleSize > 0 ? TUPLES : UNTYPED).get(place);
}

/** The registers as operands of one type: millions of operands are one of a few hundred objects. */
class TypedRegisters {
  private readonly type: OperandType | undefined;
  private readonly x: Register[] = [];
  private readonly y: Register[] = [];

  constructor(type?: OperandType) {
    this.type = type;
  }

  get({ kind, index }: Place): Register {
    return ((kind === 'x' ? this.x : this.y)[index] ??= this.type ? { kind, index, type: this.type } : { kind, index });
  }
}

const UNTYPED = new TypedRegisters();
const TUPLES = new TypedRegisters({ kind: 'tuple' });
/** The greatest small integer that a double holds. */
const SMALL_MAX = 2 ** 59 - 64;
const INTEGERS: TypedRegisters[] = [];

const WORD = 2 ** 32;
/** Bits of a number >= 0. */
const bitsOf = (value: number): number => (value < WORD ? 32 - Math.clz32(value) : Math.floor(Math.log2(value)) + 1);
/** The exponent of the least power of two that is no less than a number >= 1. */
const exponentAbove = (value: number): number =>
  value <= WORD ? 32 - Math.clz32(value - 1) : Math.ceil(Math.log2(value));

/** A range rounded outwards to powers of two, so that a module has few types. */
function integers(min: number, max: number): TypedRegisters {
  const low = min < 0 ? exponentAbove(-min) + 1 : 0;
  const high = max > 0 ? bitsOf(max) : 0;
  return (INTEGERS[64 * low + high] ??= new TypedRegisters({
    kind: 'integer',
    min: low > 0 ? -(2 ** (low - 1)) : 0,
    max: high === 0 ? 0 : Math.min(2 ** high - 1, SMALL_MAX),
  }));
}
