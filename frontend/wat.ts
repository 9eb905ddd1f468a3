// The text format: a text module becomes a binary one, which then goes the way of any other.
//
// Consumes the text, produces the bytes and a map from their offsets to lines and columns, so that what is found wrong
// in the bytes can be shown in the text.
//
// spec: text/modules#text-module
import type { ByteBuffer } from './byte-buffer.ts';
import { WasmError } from './errors.ts';
import { type TextPosition, TextSource } from './text-source.ts';
import { encodeFields } from './wat-fields.ts';
import { unexpected } from './wat-keywords.ts';
import { IDENTIFIER, type Tokens, tokenize } from './wat-tokens.ts';

/** Where in the text the bytes of a module come from. */
export class PositionMap {
  readonly #source: TextSource;
  readonly #bytes: ByteBuffer;

  constructor(source: TextSource, bytes: ByteBuffer) {
    this.#source = source;
    this.#bytes = bytes;
  }

  /** The position of the field or instruction that a byte offset lies in; undefined before the first one. */
  lookup(offset: number): TextPosition | undefined {
    const mark = this.#bytes.markOffsets.lastAtMost(offset);
    return mark < 0 ? undefined : this.#source.position(this.#bytes.markSources.at(mark));
  }

  /** The same error with the line and column of its offset, where it has one. */
  locate(error: WasmError): WasmError {
    const position = error.offset === undefined || error.line !== undefined ? undefined : this.lookup(error.offset);
    if (position === undefined) return error;
    const { offset, functionIndex } = error;
    return new WasmError(error.kind, error.text, { offset, functionIndex, ...position });
  }
}

export interface ParsedText {
  readonly bytes: Uint8Array;
  readonly positions: PositionMap;
}

/** A text module in binary. Throws WasmError with line and column. */
export function parseWat(text: string): ParsedText {
  const tokens = tokenize(new TextSource(text));
  if (!tokens.isGroup(0, 'module')) return encodeModule(tokens, 0, tokens.count, undefined);
  const close = tokens.close(0);
  if (close < tokens.count && close + 1 < tokens.count) throw unexpected(tokens, close + 1);
  return parseModuleGroup(tokens, 0);
}

/** The module of a group `(module name? field*)`. */
export function parseModuleGroup(tokens: Tokens, open: number, words = 1): ParsedText {
  const close = tokens.close(open);
  if (close === tokens.count) throw unexpected(tokens, close);
  const at = open + 1 + words;
  const named = tokens.kind(at) === IDENTIFIER;
  return encodeModule(tokens, named ? at + 1 : at, close, named ? tokens.name(at) : undefined);
}

/** The module whose fields are the tokens [start, end). */
export function encodeModule(tokens: Tokens, start: number, end: number, name: string | undefined): ParsedText {
  const bytes = encodeFields(tokens, start, end, name);
  return { bytes: bytes.view(), positions: new PositionMap(tokens.source, bytes) };
}

/** Characters of a source line that a message shows. */
const SHOWN = 100;

/**
 * An error with the source line it lies in and a caret below its column, over three lines.
 * @param source the text that the error's line and column refer to
 */
export function formatTextError(error: WasmError, source: string, fileName: string): string {
  const { line, column = 1 } = error;
  if (line === undefined) return `${fileName}: ${error.message}`;
  const whole = Array.from(source.split(/\r\n|\r|\n/, line)[line - 1] ?? '');
  // A long line is shown from a little before the place on; control characters are kept from the terminal.
  const from = column > SHOWN - 20 ? column - 20 : 0;
  const shown = whole.slice(from, from + SHOWN).map((character) => (/\p{Cc}/u.test(character) ? ' ' : character));
  return `${fileName}:${line}:${column}: ${error.text}\n  ${shown.join('')}\n  ${' '.repeat(column - 1 - from)}^`;
}
