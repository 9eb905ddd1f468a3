// Calls, branches, exceptions and line numbers.
import type { Instruction } from '../../../beam-backend/assembly.ts';
import { type Case, x, y, int, atom, WORD, ret, move, label, charlist, answer } from './case.ts';

/** Calls erlang:name/1 in a `try`, of which `handler` is what handles, with a stack frame of one slot. */
const trying =
  (name: string, handler: readonly Instruction[]): Case['body'] =>
  (newLabel) => {
    const start = newLabel();
    return [
      { op: 'allocate', slots: 1, live: 1 },
      { op: 'try', tag: y(0), label: start },
      { op: 'line', line: 123456 },
      { op: 'call_ext', arity: 1, module: 'erlang', name },
      { op: 'try_end', tag: y(0) },
      { op: 'deallocate', slots: 1 },
      ret,
      label(start),
      { op: 'try_case', tag: y(0) },
      ...handler,
    ];
  };

export const CONTROL_CASES: Case[] = [
  // calls
  {
    name: 'call_last',
    arity: 1,
    body: (_, { increment }) => [
      { op: 'allocate', slots: 0, live: 1 },
      { op: 'call', arity: 1, label: increment },
      { op: 'call_last', arity: 1, label: increment, deallocate: 0 },
    ],
    calls: [['1', '3']],
  },
  {
    name: 'call_only',
    arity: 2,
    body: (newLabel, { self }) => {
      const end = newLabel();
      return [
        { op: 'test', name: 'is_lt', fail: end, args: [int(0), x(0, WORD)] },
        { op: 'gc_bif', name: '-', fail: 0, live: 2, args: [x(0, WORD), int(1)], to: x(0) },
        { op: 'gc_bif', name: '+', fail: 0, live: 2, args: [x(1, WORD), int(2)], to: x(1) },
        { op: 'call_only', arity: 2, label: self },
        label(end),
        move(x(1), x(0)),
        ret,
      ];
    },
    calls: [['100000, 1', '200001']],
  },
  {
    name: 'call_ext',
    arity: 1,
    body: () => [
      { op: 'allocate', slots: 0, live: 1 },
      { op: 'call_ext', arity: 1, module: 'lists', name: 'reverse' },
      { op: 'call_ext_last', arity: 1, module: 'erlang', name: 'list_to_tuple', deallocate: 0 },
    ],
    calls: [['[1, 2]', '{2,1}']],
  },
  {
    name: 'call_ext_only',
    arity: 1,
    body: () => [{ op: 'call_ext_only', arity: 1, module: 'lists', name: 'reverse' }],
    calls: [['[1, 2]', '[2,1]']],
  },
  {
    name: 'call_fun',
    arity: 2,
    body: () => [
      { op: 'allocate', slots: 0, live: 2 },
      { op: 'call_fun', arity: 1 },
      { op: 'deallocate', slots: 0 },
      ret,
    ],
    calls: [['20, fun(X) -> X * 2 end', '40']],
  },
  // branches

  {
    name: 'jump',
    arity: 0,
    body: (newLabel) => {
      const end = newLabel();
      return [{ op: 'jump', label: end }, label(end), ...answer('jumped')];
    },
    calls: [['', 'jumped']],
  },
  {
    name: 'select_val',
    arity: 1,
    body: (newLabel) => {
      const [zero, big, named, other] = [newLabel(), newLabel(), newLabel(), newLabel()];
      const [integers, atoms] = [newLabel(), newLabel()];
      return [
        { op: 'test', name: 'is_integer', fail: atoms, args: [x(0)] },
        label(integers),
        {
          op: 'select_val',
          value: x(0),
          fail: other,
          cases: [
            [0, zero],
            [-3, zero],
            [4294967295, big],
          ],
        },
        label(atoms),
        { op: 'test', name: 'is_atom', fail: other, args: [x(0)] },
        {
          op: 'select_val',
          value: x(0),
          fail: other,
          cases: [
            [{ atom: 'here' }, named],
            [{ atom: 'zero' }, zero],
          ],
        },
        label(zero),
        ...answer('zero'),
        label(big),
        ...answer('big'),
        label(named),
        ...answer('named'),
        label(other),
        ...answer('other'),
      ];
    },
    calls: [
      ['0', 'zero'],
      ['-3', 'zero'],
      ['4294967295', 'big'],
      ['1', 'other'],
      ['here', 'named'],
      ['zero', 'zero'],
      ['{}', 'other'],
    ],
  },
  // exceptions
  {
    name: 'badmatch',
    arity: 1,
    body: () => [{ op: 'badmatch', value: x(0) }],
    calls: [['7', '{error,{badmatch,7}}']],
  },
  {
    name: 'try',
    arity: 1,
    body: trying('atom_to_list', [move(x(1), x(0)), { op: 'deallocate', slots: 1 }, ret]),
    calls: [
      ['abc', '[97,98,99]'],
      ['1', 'badarg'],
    ],
  },
  {
    name: 'raw_raise',
    arity: 1,
    body: trying('exit', [{ op: 'raw_raise' }]),
    calls: [['why', '{exit,why}']],
  },
  {
    name: 'build_stacktrace',
    arity: 1,
    body: trying('error', [
      move(x(2), x(0)),
      { op: 'build_stacktrace' },
      { op: 'call_ext_last', arity: 1, module: 'erlang', name: 'hd', deallocate: 1 },
    ]),
    calls: [['oops', `{every_instruction,build_stacktrace,1,[{file,${charlist('every.wasm')}},{line,123456}]}`]],
  },
  ...[16_777_213, 25_000_001].map((line): Case => ({
    name: `line_${line}`,
    arity: 0,
    body: () => [
      { op: 'line', line },
      { op: 'gc_bif', name: '+', fail: 0, live: 0, args: [atom('a'), int(1)], to: x(0) },
      ret,
    ],
    calls: [],
  })),
];
