// Values of the JavaScript interface as terms for replay.escript.
//
// Integers are signed; a float is `{f, Bits}` with the 64 bits of its double, which tells zeros apart, or `nan`; an
// externref is `{ext, N}`, the N-th object seen, or `null`. Exceptions of the host are numbered in the same way.
import type { ValueType } from '../../ir/instructions.ts';
import { atom, list, tuple, type Term } from '../../ir/term.ts';

export class ValueTerms {
  readonly #numbers = new Map<unknown, number>();

  term(type: ValueType, value: unknown): Term {
    switch (type) {
      case 'i32':
        return Number(value) | 0;
      case 'i64':
        return BigInt.asIntN(64, value as bigint);
      case 'f32':
      case 'f64':
        return floatTerm(type === 'f32' ? Math.fround(Number(value)) : Number(value));
      case 'externref':
        return value === null ? atom('null') : tuple(atom('ext'), this.#number(value));
      default:
        if (value === null) return atom('null');
        throw new Error(`not recorded: a ${type}`);
    }
  }

  list(types: readonly ValueType[], values: readonly unknown[]): Term {
    return list(types.map((type, i) => this.term(type, values[i])));
  }

  /** The outcome of a call that returned. */
  results(types: readonly ValueType[], value: unknown): Term {
    const values = types.length > 1 ? [...(value as Iterable<unknown>)] : [value];
    return tuple(atom('ok'), this.list(types, values));
  }

  /** The outcome of a call that threw this, which came from the host. */
  thrown(error: unknown): Term {
    return tuple(atom('throw'), this.#number(error));
  }

  #number(value: unknown): number {
    const number = this.#numbers.get(value) ?? this.#numbers.size;
    this.#numbers.set(value, number);
    return number;
  }
}

function floatTerm(value: number): Term {
  if (Number.isNaN(value)) return atom('nan');
  return tuple(atom('f'), new BigUint64Array(Float64Array.of(value).buffer)[0]);
}
