// What is wrong with a module: one error class for all stages of the front end, binary and text.
//
// The text is the specification's own words ('type mismatch', 'unknown label', ...), at its beginning at least, so
// that it can be compared with the official tests; the position stands beside it and is added to the message.

/**
 * malformed: not a module at all (syntax); invalid: a module that breaks a validation rule; unsupported: needs a
 * proposal that this compiler does not implement, or exceeds a documented limit.
 */
export type WasmErrorKind = 'malformed' | 'invalid' | 'unsupported';

export interface ErrorPosition {
  /** Byte offset in the binary module. */
  readonly offset?: number;
  /** Line and column in the text module, from 1. */
  readonly line?: number;
  readonly column?: number;
  /** The function (imported ones first) inside whose body the error lies. */
  readonly functionIndex?: number;
}

function describe(position: ErrorPosition): string {
  if (position.line !== undefined) return ` (at ${position.line}:${position.column ?? 1})`;
  if (position.offset !== undefined) return ` (at offset 0x${position.offset.toString(16)})`;
  return '';
}

export class WasmError extends Error {
  override readonly name = 'WasmError';
  readonly kind: WasmErrorKind;
  /** The specification's words, without the position. */
  readonly text: string;
  readonly offset?: number;
  readonly line?: number;
  readonly column?: number;
  readonly functionIndex?: number;

  constructor(kind: WasmErrorKind, text: string, position: ErrorPosition = {}) {
    super(text + describe(position));
    this.kind = kind;
    this.text = text;
    this.offset = position.offset;
    this.line = position.line;
    this.column = position.column;
    this.functionIndex = position.functionIndex;
  }
}
