// What the names of a text module mean: its types and its index spaces, filled while the fields are read.
//
// Invariant: an index is never range-checked here; an unknown number is for the validator to report, an unknown
// identifier is malformed text.
//
// spec: text/conventions#contexts
import { NUMBER, IDENTIFIER, type Tokens } from './wat-tokens.ts';
import { unexpected } from './wat-keywords.ts';
import { parseU32 } from './wat-numbers.ts';

/** A token as an unsigned 32-bit number; throws if it is none. */
export function readU32(tokens: Tokens, token: number): number {
  if (tokens.kind(token) !== NUMBER) throw unexpected(tokens, token);
  return convertNumber(tokens, token, parseU32, tokens.text(token), 'i32 ');
}

/** Applies a number reader to a word; its RangeError becomes '... constant out of range' at the token. */
export function convertNumber<T>(
  tokens: Tokens,
  token: number,
  parse: (word: string) => T | undefined,
  word: string,
  type = '',
): T {
  let value: T | undefined;
  try {
    value = parse(word);
  } catch (error) {
    if (error instanceof RangeError) throw tokens.error(token, `${type}constant out of range`);
    throw error;
  }
  if (value === undefined) throw unexpected(tokens, token);
  return value;
}

/** Is the token an index, by number or by name? */
export const isIndex = (tokens: Tokens, token: number): boolean =>
  tokens.kind(token) === NUMBER || tokens.kind(token) === IDENTIFIER;

/** One index space: how many there are, and the names of some. */
export class IndexSpace {
  readonly category: string;
  readonly names = new Map<string, number>();
  count = 0;

  constructor(category: string) {
    this.category = category;
  }

  /** Takes the next index, under the name at a token if there is one. */
  bind(tokens: Tokens, identifier: number | undefined): number {
    if (identifier !== undefined) {
      const name = tokens.name(identifier);
      if (this.names.has(name))
        throw tokens.error(identifier, `duplicate ${this.category} ${tokens.shown(identifier)}`);
      this.names.set(name, this.count);
    }
    return this.count++;
  }

  /** The index at a token, by number or name. spec: text/modules#indices */
  resolve(tokens: Tokens, token: number): number {
    if (tokens.kind(token) !== IDENTIFIER) return readU32(tokens, token);
    const index = this.names.get(tokens.name(token));
    if (index === undefined) throw tokens.error(token, `unknown ${this.category} ${tokens.shown(token)}`);
    return index;
  }
}

/** Value types by their binary codes. */
export interface TypeCodes {
  readonly parameters: readonly number[];
  readonly results: readonly number[];
}

/** The type section: explicit types first, then those that type uses without one make. */
export class TypeSpace extends IndexSpace {
  readonly types: TypeCodes[] = [];
  readonly #indices = new Map<string, number>();

  constructor() {
    super('type');
  }

  add(type: TypeCodes): number {
    const index = this.types.push(type) - 1;
    const key = typeKey(type);
    if (!this.#indices.has(key)) this.#indices.set(key, index);
    return index;
  }

  /** The first type that is equal, made if there is none. spec: text/modules#abbreviations */
  intern(type: TypeCodes): number {
    return this.#indices.get(typeKey(type)) ?? this.add(type);
  }
}

const typeKey = (type: TypeCodes): string => `${type.parameters.join()}:${type.results.join()}`;

export function sameType(one: TypeCodes, other: TypeCodes): boolean {
  return typeKey(one) === typeKey(other);
}

/** The index spaces of a module. */
export class ModuleContext {
  readonly tokens: Tokens;
  readonly types = new TypeSpace();
  readonly functions = new IndexSpace('function');
  readonly tables = new IndexSpace('table');
  readonly memories = new IndexSpace('memory');
  readonly globals = new IndexSpace('global');
  readonly elements = new IndexSpace('elem segment');
  readonly data = new IndexSpace('data segment');
  /** Set by instructions that need the data count section. */
  usesData = false;

  constructor(tokens: Tokens) {
    this.tokens = tokens;
  }
}
