// Erlang terms as data: literals in code, the description of a module, attributes.

export type Term =
  | number // integer
  | bigint // integer
  | { readonly atom: string }
  | { readonly float: number } // finite; -0 keeps its sign
  | { readonly binary: Uint8Array }
  | { readonly tuple: readonly Term[] }
  | { readonly list: readonly Term[] }
  | { readonly map: readonly (readonly [Term, Term])[] };

export const atom = (name: string): Term => ({ atom: name });
export const tuple = (...elements: Term[]): Term => ({ tuple: elements });
export const list = (elements: readonly Term[]): Term => ({ list: elements });
/** UTF-8 binary. */
export const text = (value: string): Term => ({ binary: new TextEncoder().encode(value) });

/** Stands where a leaf of the memory may be remembered and none is: it has no rows. */
export const NO_LEAF: Term = { tuple: [] };
/** What goes with a leaf: its first address less 16, or a number congruent to that modulo 2^32. */
export const LEAF_START = { min: -(2 ** 53), max: 2 ** 53 - 1 } as const;
