// The tests: each with operands that pass and operands that fail it.
import type { Source } from '../../../beam-backend/assembly.ts';
import { type Case, x, int, atom, WORD, label, answer } from './case.ts';

function testCase(name: string, args: readonly Source[], calls: Case['calls']): Case {
  return {
    name: `${name}${args.every(({ kind }) => kind === 'x') ? '' : '_constant'}`,
    arity: args.filter(({ kind }) => kind === 'x').length,
    body: (newLabel) => {
      const fail = newLabel();
      return [{ op: 'test', name, fail, args }, ...answer('true'), label(fail), ...answer('false')];
    },
    calls,
  };
}

export const TEST_CASES: Case[] = [
  testCase(
    'is_lt',
    [x(0), x(1)],
    [
      ['1, 2', 'true'],
      ['2, 2', 'false'],
    ],
  ),
  testCase(
    'is_lt',
    [x(0, WORD), int(2000)],
    [
      ['1999', 'true'],
      ['4294967295', 'false'],
    ],
  ),
  testCase(
    'is_ge',
    [x(0), x(1)],
    [
      ['2, 2', 'true'],
      ['1, 2', 'false'],
    ],
  ),
  testCase(
    'is_eq',
    [x(0), x(1)],
    [
      ['1, 1.0', 'true'],
      ['1, 2', 'false'],
    ],
  ),
  testCase(
    'is_ne',
    [x(0), x(1)],
    [
      ['1, 2', 'true'],
      ['1, 1.0', 'false'],
    ],
  ),
  testCase(
    'is_eq_exact',
    [x(0), x(1)],
    [
      ['a, a', 'true'],
      ['1, 1.0', 'false'],
    ],
  ),
  testCase(
    'is_ne_exact',
    [x(0), x(1)],
    [
      ['1, 1.0', 'true'],
      ['a, a', 'false'],
    ],
  ),
  testCase(
    'is_integer',
    [x(0)],
    [
      ['1 bsl 80', 'true'],
      ['1.0', 'false'],
    ],
  ),
  testCase(
    'is_float',
    [x(0)],
    [
      ['1.0', 'true'],
      ['1', 'false'],
    ],
  ),
  testCase(
    'is_number',
    [x(0)],
    [
      ['1.0', 'true'],
      ['a', 'false'],
    ],
  ),
  testCase(
    'is_atom',
    [x(0)],
    [
      ['a', 'true'],
      ['1', 'false'],
    ],
  ),
  testCase(
    'is_pid',
    [x(0)],
    [
      ['self()', 'true'],
      ['1', 'false'],
    ],
  ),
  testCase(
    'is_reference',
    [x(0)],
    [
      ['make_ref()', 'true'],
      ['1', 'false'],
    ],
  ),
  testCase(
    'is_port',
    [x(0)],
    [
      ['hd(erlang:ports())', 'true'],
      ['1', 'false'],
    ],
  ),
  testCase(
    'is_nil',
    [x(0)],
    [
      ['[]', 'true'],
      ['[1]', 'false'],
    ],
  ),
  testCase(
    'is_binary',
    [x(0)],
    [
      ['<<1>>', 'true'],
      ['<<1:1>>', 'false'],
    ],
  ),
  testCase(
    'is_bitstr',
    [x(0)],
    [
      ['<<1:1>>', 'true'],
      ['[]', 'false'],
    ],
  ),
  testCase(
    'is_list',
    [x(0)],
    [
      ['[]', 'true'],
      ['{}', 'false'],
    ],
  ),
  testCase(
    'is_nonempty_list',
    [x(0)],
    [
      ['[1]', 'true'],
      ['[]', 'false'],
    ],
  ),
  testCase(
    'is_tuple',
    [x(0)],
    [
      ['{}', 'true'],
      ['[]', 'false'],
    ],
  ),
  testCase(
    'is_map',
    [x(0)],
    [
      ['#{}', 'true'],
      ['[]', 'false'],
    ],
  ),
  testCase(
    'is_boolean',
    [x(0)],
    [
      ['false', 'true'],
      ['a', 'false'],
    ],
  ),
  testCase(
    'is_function',
    [x(0)],
    [
      ['fun() -> 1 end', 'true'],
      ['a', 'false'],
    ],
  ),
  testCase(
    'is_function2',
    [x(0), int(1)],
    [
      ['fun(A) -> A end', 'true'],
      ['fun() -> 1 end', 'false'],
    ],
  ),
  testCase(
    'is_tagged_tuple',
    [x(0), int(2), atom('ok')],
    [
      ['{ok, 1}', 'true'],
      ['{ok}', 'false'],
      ['{no, 1}', 'false'],
    ],
  ),
  {
    name: 'test_arity',
    arity: 1,
    body: (newLabel) => {
      const fail = newLabel();
      return [
        { op: 'test', name: 'is_tuple', fail, args: [x(0)] },
        { op: 'test', name: 'test_arity', fail, args: [x(0), int(2)] },
        ...answer('pair'),
        label(fail),
        ...answer('other'),
      ];
    },
    calls: [
      ['{1, 2}', 'pair'],
      ['{1}', 'other'],
      ['1', 'other'],
    ],
  },
];
