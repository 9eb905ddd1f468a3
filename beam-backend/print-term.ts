// Erlang terms as text that Erlang reads back exactly.
//
// Consumes a Term or an atom's name; produces ASCII. Floats keep their bits, the sign of zero included. A stack of what
// is yet to be printed takes the place of recursion, as in the external term format.
import type { Term } from './assembly.ts';

const RESERVED = new Set(
  (
    'after and andalso band begin bnot bor bsl bsr bxor case catch cond div else end fun if let maybe not of or orelse ' +
    'receive rem try when xor'
  ).split(' '),
);

/** An atom, quoted where Erlang needs it. */
export function printAtom(name: string): string {
  if (/^[a-z][a-zA-Z0-9_@]*$/.test(name) && !RESERVED.has(name)) return name;
  const escaped = name.replace(/[^ -&(-[\]-~]/gu, (c) =>
    c === "'" || c === '\\' ? `\\${c}` : `\\x{${(c.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return `'${escaped}'`;
}

/** A finite float: Erlang wants a digit on both sides of the point, always. */
export function printFloat(value: number): string {
  const text = Object.is(value, -0) ? '-0' : String(value);
  const [mantissa, exponent] = text.split('e');
  return (mantissa.includes('.') ? mantissa : `${mantissa}.0`) + (exponent === undefined ? '' : `e${exponent}`);
}

/** How a language writes what Erlang and Core Erlang write differently. */
export interface TermSyntax {
  readonly atom: (name: string) => string;
  readonly float: (value: number) => string;
  readonly binary: (bytes: Uint8Array) => string;
  readonly map: readonly [open: string, close: string];
}

const ERLANG: TermSyntax = {
  atom: printAtom,
  float: printFloat,
  binary: (bytes) => `<<${bytes.join(',')}>>`,
  map: ['#{', '}'],
};

export function printTerm(term: Term, syntax: TermSyntax = ERLANG): string {
  let text = '';
  const pending: (Term | string)[] = [term];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next === 'string') text += next;
    else if (typeof next !== 'object') text += String(next);
    else if ('atom' in next) text += syntax.atom(next.atom);
    else if ('float' in next) text += syntax.float(next.float);
    else if ('binary' in next) text += syntax.binary(next.binary);
    else if ('tuple' in next) pushJoined(pending, '{', next.tuple, '}');
    else if ('list' in next) pushJoined(pending, '[', next.list, ']');
    else pushMap(pending, next.map, syntax.map);
  }
  return text;
}

function pushJoined(pending: (Term | string)[], open: string, terms: readonly Term[], close: string): void {
  pending.push(close);
  for (let i = terms.length - 1; i >= 0; i--) pending.push(terms[i], i > 0 ? ',' : open);
  if (terms.length === 0) pending.push(open);
}

function pushMap(
  pending: (Term | string)[],
  pairs: readonly (readonly [Term, Term])[],
  [open, close]: TermSyntax['map'],
): void {
  pending.push(close);
  for (let i = pairs.length - 1; i >= 0; i--) pending.push(pairs[i][1], '=>', pairs[i][0], i > 0 ? ',' : open);
  if (pairs.length === 0) pending.push(open);
}
