// Every numeric instruction of the runtime against V8, bit for bit (NaN results: against the specification's classes).
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS, type Operation } from '../../ir/instructions.ts';
import { runEscript, withFolder } from '../harness/erlang.ts';
import { isAllowed, makeOracle, type Answer } from './oracle.ts';
import { operandLists, type Bits } from './operands.ts';

const NUMERIC = OPERATIONS.filter((op) => op.numeric);
const SOURCES = ['int', 'float', 'float_bits', 'float_special', 'trap'];
const RANDOM_LISTS = 3000;
const STATUS = ['value', 'integer_divide_by_zero', 'integer_overflow', 'invalid_conversion_to_integer'] as const;

const root = join(import.meta.dirname, '../..');
const oracle = makeOracle(NUMERIC);
const lists = new Map<Operation, Bits[][]>(
  NUMERIC.map((op) => [op, operandLists(op.parameters!, RANDOM_LISTS, BigInt(op.code) + 0x9e3779b97f4a7c15n)]),
);

/** What the runtime answers to `lists`, all in one Erlang node; undefined for an exception that is no trap. */
async function runAll(directory: string): Promise<Map<Operation, (Answer | undefined)[]>> {
  const path = (name: string): string => join(directory, name);
  const sources = SOURCES.map((name) => join(root, `erlang-shim/src/wasm2beam_${name}.erl`));
  await execa('erlc', ['-Werror', '-o', directory, ...sources]);
  const plan = [...lists].map(([op, rows]) => {
    const name = op.mnemonic.replace('.', '_');
    return `{${name}, [${op.parameters!.join(', ')}], ${op.results![0]}, ${rows.length}}.\n`;
  });
  writeFileSync(path('plan'), plan.join(''));
  writeFileSync(path('operands'), new Uint8Array(BigUint64Array.from([...lists.values()].flat(2)).buffer).map(swap64));
  await runEscript('numeric.escript', [directory, path('plan'), path('operands'), path('answers')]);
  const answers = readFileSync(path('answers'));
  let at = 0;
  const next = (): Answer | undefined => {
    const status = STATUS[answers[at]];
    at += 9;
    return status === 'value' ? answers.readBigUInt64BE(at - 8) : status;
  };
  return new Map([...lists].map(([op, rows]) => [op, rows.map(next)]));
}

/** For `map` over bytes: reverses each group of eight. */
const swap64 = (_byte: number, i: number, bytes: Uint8Array): number => bytes[(i & ~7) + 7 - (i & 7)];

const show = (answer: Answer | undefined): string =>
  typeof answer === 'bigint' ? `0x${answer.toString(16)}` : (answer ?? 'an exception');

describe('numeric instructions', () => {
  let answers: Map<Operation, (Answer | undefined)[]>;

  beforeAll(async () => {
    answers = await withFolder(runAll);
  }, 120_000);

  it.each(NUMERIC.map((op) => [op.mnemonic, op] as const))('%s', (mnemonic, op) => {
    const wrong = lists.get(op)!.flatMap((operands, i) => {
      const actual = answers.get(op)![i];
      const expected = oracle(op, operands);
      if (actual !== undefined && isAllowed(op, operands, expected, actual)) return [];
      return [`${mnemonic} ${operands.map(show).join(' ')}: got ${show(actual)}, expected ${show(expected)}`];
    });
    expect(wrong.slice(0, 5)).toEqual([]);
  });
});
