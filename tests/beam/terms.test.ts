// Terms in both forms: the external format of the file and the text of `.S`. Erlang reads both and finds them equal.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Term } from '../../beam-backend/assembly.ts';
import { encodeTerm } from '../../beam-backend/external-term.ts';
import { printTerm } from '../../beam-backend/print-term.ts';
import { runEscript } from '../harness/erlang.ts';

const atomName = fc.string({ unit: 'binary', maxLength: 60 });
const leaf: fc.Arbitrary<Term> = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer({ min: -300, max: 300 }),
  fc.bigInt({ min: -(2n ** 300n), max: 2n ** 300n }),
  atomName.map((atom) => ({ atom })),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((float) => ({ float })),
  fc.uint8Array({ maxLength: 20 }).map((binary) => ({ binary })),
);
const term: fc.Arbitrary<Term> = fc.letrec<{ term: Term }>((tie) => ({
  term: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('term'), { maxLength: 4 }).map((tuple) => ({ tuple })),
    fc.array(tie('term'), { maxLength: 4 }).map((list) => ({ list })),
    fc
      .uniqueArray(fc.integer(), { maxLength: 4 })
      .chain((keys) =>
        fc.tuple(...keys.map((key) => fc.tuple(fc.constant<Term>(key), tie('term')))).map((map) => ({ map })),
      ),
  ),
})).term;

const CORNERS: Term[] = [
  { float: -0 },
  { float: 5e-324 },
  { float: 1.7976931348623157e308 },
  { float: 1e21 },
  { float: 1e-7 },
  { float: 123456789 },
  { atom: '' },
  { atom: 'end' },
  { atom: 'a'.repeat(255) },
  { atom: "it's \\ \n" },
  { atom: '\u{1f600}é' },
  2n ** 63n,
  -(2n ** 63n),
  2n ** 2039n,
  -(2n ** 2040n),
  -2147483648,
  -2147483649,
  2147483647,
  2147483648,
  { tuple: Array.from({ length: 300 }, (_, i) => i) },
  { list: Array.from({ length: 1_000 }, (_, i) => i % 256) },
];

test('the file and the text say the same', async () => {
  const terms = [...CORNERS, ...fc.sample(term, { numRuns: 1000, seed: 7 })];
  const lines = terms.map((t) => `${Buffer.from(encodeTerm(t)).toString('base64')} ${printTerm(t)}`);
  const answers = await runEscript('terms.escript', [], lines.map((line) => `${line}\n`).join(''));
  expect(answers).toEqual(terms.map(() => 'same'));
});

test('a term of any depth is written', () => {
  let deep: Term = { list: [] };
  for (let i = 0; i < 200_000; i++) deep = i % 2 === 0 ? { tuple: [deep] } : { list: [deep] };
  expect(encodeTerm(deep).length).toBeGreaterThan(200_000);
  expect(printTerm(deep).length).toBe(400_002);
});

test.each([1.5, Infinity, 2 ** 53])('%d is refused as an integer', (value) => {
  expect(() => encodeTerm(value)).toThrow(RangeError);
});

test.each([NaN, Infinity, -Infinity])('%d is refused as a float', (float) => {
  expect(() => encodeTerm({ float })).toThrow(RangeError);
});
