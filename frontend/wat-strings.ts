// String literals of the text format: their bytes, and the test whether bytes are UTF-8.
//
// spec: text/values#strings
import type { TextSource } from './text-source.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const SIMPLE_ESCAPES: Readonly<Record<string, number>> = {
  t: 0x09,
  n: 0x0a,
  r: 0x0d,
  '"': 0x22,
  "'": 0x27,
  '\\': 0x5c,
};

/** Bytes as text, or undefined if they are not UTF-8. */
export function utf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * The bytes of the literal whose opening quote is at `start` and whose closing quote ends before `end` (character
 * offsets). Throws 'illegal escape'.
 */
export function decodeString(source: TextSource, start: number, end: number): Uint8Array {
  const text = source.text.slice(start + 1, end - 1);
  if (!text.includes('\\')) return encoder.encode(text);
  const bytes = new Uint8Array(text.length * 3); // no character takes more bytes than three a UTF-16 unit
  let length = 0;
  let i = 0;
  while (i < text.length) {
    const code = text.charCodeAt(i);
    if (code !== 0x5c) {
      let next = i + 1;
      if (code >= 0x80) {
        while (next < text.length && text.charCodeAt(next) >= 0x80) next++;
        length += encoder.encodeInto(text.slice(i, next), bytes.subarray(length)).written;
      } else {
        bytes[length++] = code;
      }
      i = next;
      continue;
    }
    const simple = SIMPLE_ESCAPES[text[i + 1]];
    const pair = hexadecimal(text, i + 1, 2);
    if (simple !== undefined) {
      bytes[length++] = simple;
      i += 2;
    } else if (pair >= 0) {
      bytes[length++] = pair;
      i += 3;
    } else {
      const close = text.indexOf('}', i);
      const value = text.startsWith('u{', i + 1) && close > 0 ? unicode(text.slice(i + 3, close)) : -1;
      if (value < 0) throw source.error(start + 1 + i, 'illegal escape');
      length += encoder.encodeInto(String.fromCodePoint(value), bytes.subarray(length)).written;
      i = close + 1;
    }
  }
  return bytes.slice(0, length);
}

/** The number in `count` hexadecimal digits, or -1. */
function hexadecimal(text: string, start: number, count: number): number {
  let value = 0;
  for (let i = start; i < start + count; i++) {
    const code = text.charCodeAt(i) | 0x20;
    if (code >= 0x30 && code <= 0x39 && text.charCodeAt(i) === code) value = value * 16 + code - 0x30;
    else if (code >= 0x61 && code <= 0x66) value = value * 16 + code - 0x57;
    else return -1;
  }
  return value;
}

/** A code point in digits as in `\u{...}`; -1 if it is none that UTF-8 can hold. */
function unicode(digits: string): number {
  if (!/^[0-9a-f](_?[0-9a-f])*$/i.test(digits)) return -1;
  const value = Number.parseInt(digits.replaceAll('_', ''), 16);
  return value < 0xd800 || (value >= 0xe000 && value < 0x110000) ? value : -1;
}
