// The tokens of the text format: kind, extent and matching parenthesis of each, in flat arrays.
//
// Consumes a text, produces a Tokens object that every later stage reads by token index. Comments and annotations are
// gone. The list ends in one 'end' token; an open parenthesis that is never closed is matched with that token.
//
// spec: text/lexical
import { IntList } from './int-list.ts';
import type { TextSource } from './text-source.ts';
import { decodeString, utf8 } from './wat-strings.ts';

export const OPEN = 0;
export const CLOSE = 1;
export const KEYWORD = 2;
export const IDENTIFIER = 3;
export const STRING = 4;
/** Starts like a number; the reader of the number decides whether it is one. */
export const NUMBER = 5;
export const RESERVED = 6;
export const END = 7;

const ILLEGAL = 0;
const SPACE = 1;
const ID_CHARACTER = 2;
const PUNCTUATION = 3;
const PARENTHESIS = 4;
const QUOTE = 5;

const CLASSES = (() => {
  const classes = new Uint8Array(128);
  for (let code = 0x21; code < 0x7f; code++) classes[code] = ID_CHARACTER;
  for (const character of ' \t\n\r') classes[character.charCodeAt(0)] = SPACE;
  for (const character of ',;[]{}') classes[character.charCodeAt(0)] = PUNCTUATION;
  for (const character of '()') classes[character.charCodeAt(0)] = PARENTHESIS;
  classes[0x22] = QUOTE;
  return classes;
})();

/** Characters of a keyword or number at most: the patterns that test them must not run out of stack. */
const LONGEST_WORD = 100_000;

/** Characters of a token that a message quotes. */
const LONGEST_QUOTE = 60;

const classOf = (code: number): number => (code < 128 ? CLASSES[code] : ILLEGAL);

export class Tokens {
  readonly source: TextSource;
  readonly #kinds = new IntList();
  readonly #starts = new IntList();
  readonly #ends = new IntList();
  readonly #closes = new IntList();
  readonly #open: number[] = [];

  constructor(source: TextSource) {
    this.source = source;
  }

  /** Number of tokens before the 'end' token. */
  get count(): number {
    return this.#kinds.length - 1;
  }

  kind(token: number): number {
    return this.#kinds.at(token);
  }

  /** Character offset of the token's first character. */
  start(token: number): number {
    return this.#starts.at(token);
  }

  /** Character offset behind the token. */
  end(token: number): number {
    return this.#ends.at(token);
  }

  /** The closing token of an open parenthesis. */
  close(token: number): number {
    return this.#closes.at(token);
  }

  text(token: number): string {
    return this.source.text.slice(this.#starts.at(token), this.#ends.at(token));
  }

  /** The token as messages quote it: cut, and without control characters. */
  shown(token: number): string {
    const start = this.start(token);
    const end = this.end(token);
    const text = this.source.text.slice(start, Math.min(end, start + LONGEST_QUOTE)).replaceAll(/\p{Cc}/gu, ' ');
    return end - start > LONGEST_QUOTE ? `${text}…` : text;
  }

  isKeyword(token: number, word: string): boolean {
    return this.kind(token) === KEYWORD && this.text(token) === word;
  }

  /** The innermost parenthesis that is never closed, if there is one. */
  get unclosed(): number | undefined {
    return this.#open.at(-1);
  }

  /** Is this the parenthesis of a group `(word ...)`? */
  isGroup(token: number, word: string): boolean {
    return this.kind(token) === OPEN && this.isKeyword(token + 1, word);
  }

  /** The name of an identifier token, without `$`. Throws if its quoted form is not UTF-8. */
  name(token: number): string {
    const text = this.text(token);
    return text.charCodeAt(1) === 0x22
      ? this.utf8(token, decodeString(this.source, this.start(token) + 1, this.end(token)))
      : text.slice(1);
  }

  /** The bytes of a string token. */
  bytes(token: number): Uint8Array {
    return decodeString(this.source, this.start(token), this.end(token));
  }

  /** Bytes as text; throws 'malformed UTF-8 encoding' at the token. spec: text/values#names */
  utf8(token: number, bytes: Uint8Array): string {
    const text = utf8(bytes);
    if (text === undefined) throw this.error(token, 'malformed UTF-8 encoding');
    return text;
  }

  error(token: number, message: string, kind: 'malformed' | 'unsupported' = 'malformed'): Error {
    return this.source.error(this.start(token), message, kind);
  }

  /** Used by the scanner alone. */
  push(kind: number, start: number, end: number): void {
    const token = this.#kinds.length;
    this.#kinds.push(kind);
    this.#starts.push(start);
    this.#ends.push(end);
    this.#closes.push(token);
    if (kind === OPEN) this.#open.push(token);
    else if (kind === CLOSE) {
      const open = this.#open.pop();
      if (open !== undefined) this.#closes.set(open, token);
    } else if (kind === END) {
      for (const open of this.#open) this.#closes.set(open, token);
    }
  }
}

/** All tokens of a text. Throws a malformed error at the first character that is in no token. */
export function tokenize(source: TextSource): Tokens {
  const { text } = source;
  const tokens = new Tokens(source);
  let annotation = 0; // open parentheses of the annotation that is being skipped
  let annotationStart = 0;
  let i = 0;
  while (i < text.length) {
    const code = text.charCodeAt(i);
    const kind = classOf(code);
    if (kind === SPACE) {
      i++;
    } else if (code === 0x28 && text.charCodeAt(i + 1) === 0x3b) {
      i = skipBlockComment(source, i);
    } else if (code === 0x3b && text.charCodeAt(i + 1) === 0x3b) {
      i = skipLineComment(text, i);
    } else if (code === 0x28 && text.charCodeAt(i + 1) === 0x40 && annotation === 0) {
      annotation = 1;
      annotationStart = i;
      i = skipAnnotationName(source, i);
    } else if (kind === PARENTHESIS) {
      if (annotation > 0) annotation += code === 0x28 ? 1 : -1;
      else tokens.push(code === 0x28 ? OPEN : CLOSE, i, i + 1);
      i++;
    } else if (kind === ILLEGAL) {
      throw source.error(i, 'illegal character');
    } else {
      const start = i;
      i = wordEnd(source, start);
      if (annotation > 0) continue;
      const word = wordKind(source, start, i);
      if (i - start > LONGEST_WORD && (word === KEYWORD || word === NUMBER)) {
        throw source.error(start, `a word of more than ${LONGEST_WORD} characters is not supported`, 'unsupported');
      }
      tokens.push(word, start, i);
    }
  }
  if (annotation > 0) throw source.error(annotationStart, 'unclosed annotation');
  tokens.push(END, i, i);
  return tokens;
}

/** Comments nest. spec: text/lexical#comments */
function skipBlockComment(source: TextSource, start: number): number {
  const mark = /\(;|;\)/g;
  mark.lastIndex = start;
  let depth = 0;
  for (let match = mark.exec(source.text); match !== null; match = mark.exec(source.text)) {
    depth += match[0] === '(;' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  throw source.error(start, 'unclosed comment');
}

function skipLineComment(text: string, start: number): number {
  let i = start;
  while (i < text.length && text.charCodeAt(i) !== 0x0a && text.charCodeAt(i) !== 0x0d) i++;
  return i;
}

/** From `(@` to behind the annotation's name. spec: text/lexical#annotations */
function skipAnnotationName(source: TextSource, start: number): number {
  const at = start + 2;
  if (source.text.charCodeAt(at) === 0x22) {
    const end = stringEnd(source, at, 'empty annotation id');
    const name = decodeString(source, at, end);
    if (name.length === 0) throw source.error(start, 'empty annotation id');
    if (utf8(name) === undefined) throw source.error(at, 'malformed UTF-8 encoding');
    return end;
  }
  let end = at;
  while (end < source.text.length && classOf(source.text.charCodeAt(end)) === ID_CHARACTER) end++;
  if (end === at) throw source.error(start, 'empty annotation id');
  return end;
}

/** Words and strings that touch are one token. spec: text/lexical#tokens */
function wordEnd(source: TextSource, start: number): number {
  const { text } = source;
  let i = start;
  for (; i < text.length;) {
    const code = text.charCodeAt(i);
    const kind = classOf(code);
    if (kind === ID_CHARACTER) i++;
    else if (kind === QUOTE)
      i = stringEnd(source, i, i === start + 1 && text[start] === '$' ? 'empty identifier' : undefined);
    else if (kind === PUNCTUATION && !(code === 0x3b && text.charCodeAt(i + 1) === 0x3b)) i++;
    else break;
  }
  return i;
}

/** Behind the closing quote. `problem` replaces the message for a string that is not one. */
function stringEnd(source: TextSource, start: number, problem?: string): number {
  const { text } = source;
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) return i + 1;
    if (code === 0x0a || code === 0x0d) break;
    if (code < 0x20 || code === 0x7f) throw source.error(i, problem ?? 'illegal character');
    if (code === 0x5c) i++;
  }
  throw source.error(start, problem ?? 'unclosed string');
}

function wordKind(source: TextSource, start: number, end: number): number {
  const { text } = source;
  const first = text.charCodeAt(start);
  if (first === 0x24 && end === start + 1) throw source.error(start, 'empty identifier');
  let plain = start; // behind the leading characters that may be in an identifier
  while (plain < end && classOf(text.charCodeAt(plain)) === ID_CHARACTER) plain++;
  if (plain < end) {
    const quotedName = first === 0x24 && plain === start + 1;
    if (plain !== start && !quotedName) return RESERVED;
    if (classOf(text.charCodeAt(plain)) !== QUOTE || stringEnd(source, plain) !== end) return RESERVED;
    if (quotedName && end === plain + 2) throw source.error(start, 'empty identifier');
    return quotedName ? IDENTIFIER : STRING;
  }
  if (first === 0x24) return IDENTIFIER;
  if (first >= 0x61 && first <= 0x7a) return KEYWORD;
  return (first >= 0x30 && first <= 0x39) || first === 0x2b || first === 0x2d ? NUMBER : RESERVED;
}
