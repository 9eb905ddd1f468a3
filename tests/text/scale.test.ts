// Size and depth: nothing in a text may cost more than in proportion to its length, nor exhaust a stack.
import { describe, expect, test } from 'vitest';
import { WasmError } from '../../frontend/errors.ts';
import { parseWat } from '../../frontend/wat.ts';

const DEPTH = 50_000;
/** Generous: each of these takes under half a second on an idle machine. */
const LIMIT = 5_000;

const repeat = (count: number, part: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => part(i)).join('');

function timed(text: string): { valid: boolean; milliseconds: number } {
  const start = performance.now();
  const { bytes } = parseWat(text);
  const milliseconds = performance.now() - start;
  return { valid: WebAssembly.validate(bytes), milliseconds };
}

describe('valid texts', () => {
  test.each([
    ['many small functions', repeat(20_000, (i) => `(func $f${i} (param i32) (result i32) local.get 0)\n`)],
    ['one long body', `(func (result i32) i32.const 0 ${repeat(50_000, (i) => `i32.const ${i} i32.add `)})`],
    ['many folded instructions', `(func ${repeat(30_000, (i) => `(drop (i32.add (i32.const ${i}) (i32.const 1)))`)})`],
    ['operands nested', `(func (result i32) ${'(i32.eqz '.repeat(DEPTH)}(i32.const 1)${')'.repeat(DEPTH)})`],
    ['flat blocks nested', `(func ${repeat(DEPTH, (i) => `block $l${i} `)} br $l0 ${'end '.repeat(DEPTH)})`],
    ['folded blocks nested', `(func ${repeat(DEPTH, (i) => `(block $l${i} `)} (br $l0) ${')'.repeat(DEPTH)})`],
    ['folded ifs nested', `(func ${'(if (i32.const 1) (then '.repeat(DEPTH)} ${'))'.repeat(DEPTH)})`],
    [
      'conditions nested',
      `(func (result i32) ${'(if (result i32) '.repeat(DEPTH)} (i32.const 1) ${'(then (i32.const 1)) (else (i32.const 2)))'.repeat(DEPTH)})`,
    ],
    [
      'far branches',
      `(func ${repeat(DEPTH, (i) => `block $l${i} `)} ${'br $l0 '.repeat(DEPTH)} ${'end '.repeat(DEPTH)})`,
    ],
    ['labels of one name', `(func ${'block $l '.repeat(DEPTH)} br $l ${'end $l '.repeat(DEPTH)})`],
    ['data escapes', `(memory 4) (data (i32.const 0) "${'\\00a'.repeat(100_000)}")`],
    ['many strings', `(memory 16) (data (i32.const 0) ${'"abc\\01" '.repeat(100_000)})`],
    ['many elements', `(table 200000 funcref) (func $f) (elem (i32.const 0) ${'$f '.repeat(200_000)})`],
    [
      'many element expressions',
      `(table 70000 funcref) (func $f) (elem (i32.const 0) funcref ${'(ref.func $f) '.repeat(70_000)})`,
    ],
    ['many locals', `(func ${repeat(50_000, (i) => `(local $l${i} i32)`)} local.get $l49999 drop)`],
    ['many exports', `(func ${repeat(50_000, (i) => `(export "e${i}")`)})`],
    ['nested comments', `${'(;'.repeat(500_000)}${';)'.repeat(500_000)}`],
    ['nested annotation', `(@x ${'('.repeat(500_000)}${')'.repeat(500_000)})`],
  ])('%s', (_, text) => {
    const { valid, milliseconds } = timed(text);
    expect(valid).toBe(true);
    expect(milliseconds).toBeLessThan(LIMIT);
  });
});

describe('texts that are wrong at length', () => {
  test.each([
    ['open parentheses', '('.repeat(1_000_000)],
    ['nested parentheses', `(func ${'('.repeat(500_000)}${')'.repeat(500_000)})`],
    ['closing parentheses', ')'.repeat(1_000_000)],
    ['unfinished functions', '(func '.repeat(300_000)],
    ['groups of an unknown word', `(func ${'(foo) '.repeat(200_000)})`],
    ['a long integer', `(func i64.const ${'1'.repeat(90_000)})`],
    ['a long float', `(func f64.const ${'1'.repeat(90_000)}.)`],
    ['a number beyond the limit of words', `(func f64.const ${'1'.repeat(10_000_000)})`],
    ['a long reserved token', `(func i64.const ${'1'.repeat(10_000_000)}"x")`],
    ['a long unknown word', `(func ${'a'.repeat(10_000_000)})`],
  ])('%s', (_, text) => {
    const start = performance.now();
    expect(() => parseWat(text)).toThrow(WasmError);
    expect(performance.now() - start).toBeLessThan(LIMIT);
  });
});
