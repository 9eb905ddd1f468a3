// tiktoken (Rust, 1 MB; one function of 92 KB with 568 locals): splits text by a regular expression and merges bytes.
import { createRequire } from 'node:module';
import type * as lite from 'tiktoken/lite';
import { expect, it } from 'vitest';
import { compareWithV8 } from './replay.ts';

const require = createRequire(import.meta.url);
const PATTERN = "'s|'t| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/** All bytes, then merges, as the package writes ranks: base64 in order, after a first rank. */
const tokens = [
  ...Array.from({ length: 256 }, (_, byte) => Buffer.of(byte)),
  ...['th', 'he', 'the', ' t', ' the', 'in', 'er', ' a', 'qu', 'ick', 'ck', ' quick'].map((token) =>
    Buffer.from(token),
  ),
];
const ranks = `! 0 ${tokens.map((token) => token.toString('base64')).join(' ')}`;

it('tiktoken', async () => {
  const text = 'the quick brown fox, 42 times — in Ünïcode 🦊 and  spaces\n';
  const decoded = await compareWithV8('tiktoken', () => {
    const { Tiktoken } = require('tiktoken/lite') as typeof lite;
    const encoder = new Tiktoken(ranks, { '<|end|>': 1000 }, PATTERN);
    const encoded = encoder.encode(`${text}<|end|>`, 'all');
    expect(encoded.at(-1)).toBe(1000);
    expect(encoded[0]).toBe(258);
    const bytes = encoder.decode(encoded);
    encoder.free();
    return new TextDecoder().decode(bytes);
  });
  expect(decoded).toBe(`${text}<|end|>`);
}, 180_000);
