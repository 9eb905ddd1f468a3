// A text with its lines: turns character offsets into the line and column that messages name.
//
// spec: text/lexical#white-space
import { WasmError } from './errors.ts';
import { IntList } from './int-list.ts';

/** Line and column count from 1; a column is a character (Unicode code point). */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

export class TextSource {
  readonly text: string;
  #lines: IntList | undefined;

  constructor(text: string) {
    this.text = text;
  }

  /** The position of a character offset (UTF-16 units, 0 to the length of the text). */
  position(offset: number): TextPosition {
    const index = this.#lineStarts().lastAtMost(offset);
    const start = this.#lineStarts().at(index);
    let column = 1;
    for (let i = start; i < offset; i++) {
      const code = this.text.charCodeAt(i);
      if (code < 0xdc00 || code > 0xdfff) column++;
    }
    return { line: index + 1, column };
  }

  /** An error of the text format at a character offset. */
  error(offset: number, message: string, kind: 'malformed' | 'unsupported' = 'malformed'): WasmError {
    return new WasmError(kind, message, this.position(offset));
  }

  /** Lines end in LF, CR or CR LF. */
  #lineStarts(): IntList {
    if (this.#lines !== undefined) return this.#lines;
    const lines = new IntList();
    lines.push(0);
    for (let i = 0; i < this.text.length; i++) {
      const code = this.text.charCodeAt(i);
      if (code === 0x0a || (code === 0x0d && this.text.charCodeAt(i + 1) !== 0x0a)) lines.push(i + 1);
    }
    this.#lines = lines;
    return lines;
  }
}
