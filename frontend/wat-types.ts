// Type uses and declarations: `(type x)`, `(param ...)`, `(result ...)`, `(local ...)`.
//
// Consumes tokens from an index on, produces type codes and the index of the first token that is not part of it.
//
// spec: text/modules#type-uses, text/types
import { type ModuleContext, type TypeCodes, sameType } from './wat-context.ts';
import { HEAP_TYPES, VALUE_TYPES, unexpected } from './wat-keywords.ts';
import { CLOSE, IDENTIFIER, KEYWORD, type Tokens } from './wat-tokens.ts';

/** The binary code of the value type at a token. */
export function readValueType(tokens: Tokens, token: number): number {
  const code = tokens.kind(token) === KEYWORD ? VALUE_TYPES.get(tokens.text(token)) : undefined;
  if (code === undefined) throw unexpected(tokens, token);
  return code;
}

/** The binary code of the reference type that `ref.null` names. */
export function readHeapType(tokens: Tokens, token: number): number {
  const code = tokens.kind(token) === KEYWORD ? HEAP_TYPES.get(tokens.text(token)) : undefined;
  if (code === undefined) throw unexpected(tokens, token);
  return code;
}

/** A name that a declaration gives to one of its types. */
interface NamedType {
  /** Position among the types of the declarations. */
  readonly position: number;
  readonly token: number;
}

export interface Declarations {
  readonly types: readonly number[];
  readonly names: readonly NamedType[];
  readonly next: number;
}

/**
 * All groups `(keyword ...)` in a row: types, or one name and its type. `names` tells whether a name may stand there.
 */
export function readDeclarations(tokens: Tokens, start: number, keyword: string, names: boolean): Declarations {
  const types: number[] = [];
  const named: NamedType[] = [];
  let at = start;
  while (tokens.isGroup(at, keyword)) {
    at += 2;
    if (names && tokens.kind(at) === IDENTIFIER) {
      named.push({ position: types.length, token: at });
      types.push(readValueType(tokens, at + 1));
      at += 2;
    } else {
      while (tokens.kind(at) !== CLOSE) types.push(readValueType(tokens, at++));
    }
    if (tokens.kind(at) !== CLOSE) throw unexpected(tokens, at);
    at++;
  }
  return { types, names: named, next: at };
}

/** Parameters and results in a row. spec: text/types#function-types */
export function readFunctionType(
  tokens: Tokens,
  start: number,
  names: boolean,
): TypeCodes & { readonly names: readonly NamedType[]; readonly next: number } {
  const parameters = readDeclarations(tokens, start, 'param', names);
  const results = readDeclarations(tokens, parameters.next, 'result', false);
  // Said here, before a signature that ends too early is compared with a type.
  if (tokens.isGroup(results.next, 'param')) throw unexpected(tokens, results.next);
  return { parameters: parameters.types, results: results.types, names: parameters.names, next: results.next };
}

export interface TypeUse extends TypeCodes {
  /** Type index, where the text says `(type x)`. */
  readonly explicit?: number;
  readonly names: readonly NamedType[];
  readonly next: number;
}

/**
 * A type use. Where it has both an index and a signature they must agree ('inline function type').
 * spec: text/modules#type-uses
 */
export function readTypeUse(context: ModuleContext, start: number, names: boolean): TypeUse {
  const { tokens, types } = context;
  if (!tokens.isGroup(start, 'type')) return readFunctionType(tokens, start, names);
  const explicit = types.resolve(tokens, start + 2);
  if (tokens.kind(start + 3) !== CLOSE) throw unexpected(tokens, start + 3);
  const signature = readFunctionType(tokens, start + 4, names);
  if (signature.parameters.length > 0 || signature.results.length > 0) {
    const type = types.types[explicit];
    if (type === undefined) throw tokens.error(start + 2, 'unknown type');
    if (!sameType(type, signature)) throw tokens.error(start, 'inline function type');
  }
  return { ...signature, explicit };
}

/** The type index of a type use, with a new type where there is none yet. */
export function typeIndex(context: ModuleContext, use: TypeUse): number {
  return use.explicit ?? context.types.intern(use);
}
