// The words of Core Erlang as text: atoms, constants, calls, annotations.
//
// Produces ASCII that the scanner of OTP 25 to 29 reads, which takes a file as bytes: a character of an atom beyond
// ASCII is its bytes of UTF-8. What is not a literal in Core Erlang is the call that the compiler folds into one
// (binaries), or that makes it at run time (-0.0, which OTP 25 and 26 confuse with 0.0 in the table of literals).
import type { Value } from '../ir/ir.ts';
import type { Locations } from '../ir/locations.ts';
import type { Term } from '../ir/term.ts';
import { constantSource } from './constants.ts';
import { printFloat, printTerm, type TermSyntax } from './print-term.ts';

const octal = (byte: number): string => `\\${byte.toString(8).padStart(3, '0')}`;
const encoder = new TextEncoder();

/** Bytes between quotes: what is not plain in octal. */
function quoted(bytes: Uint8Array, quote: string): string {
  const parts: string[] = [quote];
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    parts.push(byte < 0x20 || byte > 0x7e || character === quote || character === '\\' ? octal(byte) : character);
  }
  parts.push(quote);
  return parts.join('');
}

/** An atom: always in quotes. */
export const coreAtom = (name: string): string => quoted(encoder.encode(name), "'");

const MINUS_ZERO = "call 'wasm2beam_float':'f64_reinterpret_i64'(2147483648, 0)";

const CORE: TermSyntax = {
  atom: coreAtom,
  float: (value) => (Object.is(value, -0) ? MINUS_ZERO : printFloat(value)),
  binary: (bytes) => (bytes.length === 0 ? '#{}#' : `call 'erlang':'list_to_binary'(${quoted(bytes, '"')})`),
  map: ['~{', '}~'],
};

/** An Erlang term as an expression. */
export const coreTerm = (term: Term): string => printTerm(term, CORE);

/** A constant of the second level of the IR as an expression. */
export function coreConstant(value: Value): string {
  const source = constantSource(value);
  switch (source.kind) {
    case 'integer':
      return String(source.value);
    case 'atom':
      return coreAtom(source.name);
    case 'literal':
      return coreTerm(source.term);
    default:
      throw new Error(`a constant in a register: ${source.kind}`);
  }
}

/** A call of a function in another module. */
export const remoteCall = (module: string, name: string, args: readonly string[]): string =>
  `call ${coreAtom(module)}:${coreAtom(name)}(${args.join(', ')})`;

/** A function by name and arity. */
export const functionName = (name: string, arity: number): string => `${coreAtom(name)}/${arity}`;

/** An expression with the place in the source that stack traces show for it; the bare expression where there is none. */
export function located(expression: string, locations: Locations, offset: number): string {
  const location = locations(offset);
  if (!location) return expression;
  const file = [...location.file].map((character) => character.codePointAt(0)!);
  // A string has no characters beyond 255; a list of integers has.
  const isPlain = file.every((code) => code >= 0x20 && code <= 0x7e);
  const name = isPlain ? quoted(Uint8Array.from(file), '"') : `[${file.join(',')}]`;
  return `( ${expression} -| [${location.line},{'file',${name}}] )`;
}

/** A clause or a call of which the compiler need not warn where it finds out its outcome. */
export const quiet = (text: string): string => `( ${text} -| ['compiler_generated'] )`;

/** Element `index`, from 1, of a tuple that never changes. */
export const tupleElement = (index: number, tuple: string): string =>
  quiet(`call 'erlang':'element'(${index}, ${tuple})`);
