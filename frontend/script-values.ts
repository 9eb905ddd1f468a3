// Values in scripts: arguments, and the patterns that results are compared with. All to the bit.
//
// spec: interpreter/README.md#scripts (the reference interpreter's grammar)
import { convertNumber, readU32 } from './wat-context.ts';
import { unexpected } from './wat-keywords.ts';
import { parseF32, parseF64, parseI32, parseI64 } from './wat-numbers.ts';
import { CLOSE, KEYWORD, NUMBER, OPEN, type Tokens } from './wat-tokens.ts';

export type ScriptValue =
  /** 0..2^32-1 */
  | { readonly type: 'i32'; readonly value: number }
  /** 0..2^64-1 */
  | { readonly type: 'i64'; readonly value: bigint }
  /** all 32 bits, 0..2^32-1 */
  | { readonly type: 'f32'; readonly bits: number }
  /** all 64 bits, 0..2^64-1 */
  | { readonly type: 'f64'; readonly bits: bigint }
  /** null, or the number of a host reference as in `ref.extern 1` */
  | { readonly type: 'externref'; readonly value: number | null }
  | { readonly type: 'funcref'; readonly value: null };

export type ResultPattern =
  | ScriptValue
  /** canonical: the quiet NaN of payload 0, either sign; arithmetic: any quiet NaN */
  | { readonly type: 'f32' | 'f64'; readonly nan: 'canonical' | 'arithmetic' }
  /** any reference that is not null, as in `ref.func` without more */
  | { readonly type: 'funcref' | 'externref'; readonly value: 'any' }
  /** a null reference of whichever type */
  | { readonly type: 'null' }
  /** one of several */
  | { readonly type: 'either'; readonly patterns: readonly ResultPattern[] };

function number<T>(tokens: Tokens, token: number, parse: (word: string) => T | undefined): T {
  const kind = tokens.kind(token);
  if (kind !== NUMBER && kind !== KEYWORD) throw unexpected(tokens, token);
  return convertNumber(tokens, token, parse, tokens.text(token));
}

/** What stands behind the word of a group `(word operand?)`, by that word. */
const VALUES: Readonly<Record<string, (tokens: Tokens, operand: number) => ScriptValue>> = {
  'i32.const': (tokens, operand) => ({ type: 'i32', value: number(tokens, operand, parseI32) >>> 0 }),
  'i64.const': (tokens, operand) => ({
    type: 'i64',
    value: BigInt.asUintN(64, number(tokens, operand, parseI64)),
  }),
  'f32.const': (tokens, operand) => ({ type: 'f32', bits: number(tokens, operand, parseF32) }),
  'f64.const': (tokens, operand) => ({ type: 'f64', bits: number(tokens, operand, parseF64) }),
  'ref.extern': (tokens, operand) => ({ type: 'externref', value: readU32(tokens, operand) }),
  'ref.null': (tokens, operand) => {
    if (tokens.isKeyword(operand, 'func')) return { type: 'funcref', value: null };
    if (tokens.isKeyword(operand, 'extern')) return { type: 'externref', value: null };
    throw unexpected(tokens, operand);
  },
};

const PATTERNS_WITHOUT_OPERAND: Readonly<Record<string, ResultPattern>> = {
  'ref.func': { type: 'funcref', value: 'any' },
  'ref.extern': { type: 'externref', value: 'any' },
  'ref.null': { type: 'null' },
};

/** The word and the operand's token of a group that holds at most one operand. */
function valueGroup(tokens: Tokens, open: number): { word: string; operand: number | undefined } {
  if (tokens.kind(open) !== OPEN || tokens.kind(open + 1) !== KEYWORD) throw unexpected(tokens, open);
  const word = tokens.text(open + 1);
  if (tokens.kind(open + 2) === CLOSE) return { word, operand: undefined };
  if (!Object.hasOwn(VALUES, word)) throw unexpected(tokens, open);
  if (tokens.kind(open + 3) !== CLOSE) throw unexpected(tokens, open + 3);
  return { word, operand: open + 2 };
}

function readValue(tokens: Tokens, open: number): ScriptValue {
  const { word, operand } = valueGroup(tokens, open);
  if (operand === undefined) throw unexpected(tokens, Object.hasOwn(VALUES, word) ? open + 2 : open);
  return VALUES[word](tokens, operand);
}

function readPattern(tokens: Tokens, open: number): ResultPattern {
  if (tokens.isGroup(open, 'either')) {
    return { type: 'either', patterns: readGroups(tokens, open + 2, tokens.close(open), readPlainPattern) };
  }
  return readPlainPattern(tokens, open);
}

function readPlainPattern(tokens: Tokens, open: number): ResultPattern {
  const { word, operand } = valueGroup(tokens, open);
  if (operand === undefined && Object.hasOwn(PATTERNS_WITHOUT_OPERAND, word)) return PATTERNS_WITHOUT_OPERAND[word];
  const text = operand === undefined ? '' : tokens.text(operand);
  if ((word === 'f32.const' || word === 'f64.const') && (text === 'nan:canonical' || text === 'nan:arithmetic')) {
    return { type: word === 'f32.const' ? 'f32' : 'f64', nan: text === 'nan:canonical' ? 'canonical' : 'arithmetic' };
  }
  return readValue(tokens, open);
}

function readGroups<T>(tokens: Tokens, start: number, end: number, read: (tokens: Tokens, open: number) => T): T[] {
  const values: T[] = [];
  for (let at = start; at < end; at = tokens.close(at) + 1) values.push(read(tokens, at));
  return values;
}

/** The arguments in tokens [start, end). */
export function readArguments(tokens: Tokens, start: number, end: number): ScriptValue[] {
  return readGroups(tokens, start, end, readValue);
}

/** The expected results in tokens [start, end). */
export function readPatterns(tokens: Tokens, start: number, end: number): ResultPattern[] {
  return readGroups(tokens, start, end, readPattern);
}
