// Constants, arithmetic and floats.
import type { OperandType, Source } from '../../../beam-backend/assembly.ts';
import { type Case, x, fr, int, WORD, SIGNED, WIDE, FLOAT, TUPLE, ret, move, label, answer } from './case.ts';

const gcBif = (name: string, types: readonly OperandType[], calls: Case['calls']): Case => ({
  name: `gc_${name}${types.includes(WIDE) ? '_wide' : ''}`,
  arity: types.length,
  body: () => [
    { op: 'gc_bif', name, fail: 0, live: types.length, args: types.map((type, i) => x(i, type)), to: x(0) },
    ret,
  ],
  calls,
});

const floatOperation = (op: 'fadd' | 'fsub' | 'fmul' | 'fdiv', result: string): Case => ({
  name: op,
  arity: 2,
  body: (newLabel) => {
    const fail = newLabel();
    return [
      { op: 'test', name: 'is_float', fail, args: [x(0)] },
      { op: 'fmove', from: x(0), to: fr(0) },
      { op: 'fconv', from: x(1, SIGNED), to: fr(1) },
      { op, args: [fr(0), fr(1)], to: fr(0) },
      { op: 'test_heap', heap: { words: 0, floats: 1 }, live: 0 },
      { op: 'fmove', from: fr(0), to: x(0) },
      ret,
      label(fail),
      ...answer('no_float'),
    ];
  },
  calls: [
    ['3.0, 2', result],
    ['3, 2', 'no_float'],
  ],
});

const literal = (name: string, source: Source, printed: string): Case => ({
  name: `literal_${name}`,
  arity: 0,
  body: () => [move(source, x(0)), ret],
  calls: [['', printed]],
});

const INTEGERS = [
  0,
  15,
  16,
  255,
  2047,
  2048,
  32767,
  32768,
  65535,
  65536,
  2 ** 24,
  2 ** 31,
  2 ** 32,
  2 ** 40,
  2 ** 48,
  2 ** 53 - 1,
];

export const NUMBER_CASES: Case[] = [
  // constants
  ...INTEGERS.flatMap((value) => [
    literal(`plus${value}`, int(value), String(value)),
    literal(`minus${value}`, int(-value), String(value === 0 ? 0 : -value)),
  ]),
  literal('float', { kind: 'literal', term: { float: 1.5 } }, '1.5'),
  literal('zero', { kind: 'literal', term: { float: 0 } }, '0.0'),
  literal('minus_zero', { kind: 'literal', term: { float: -0 } }, '-0.0'),
  literal('nil', { kind: 'literal', term: { list: [] } }, '[]'),
  literal('atom', { kind: 'literal', term: { atom: 'it is' } }, "'it is'"),
  literal('integer', { kind: 'literal', term: 77 }, '77'),
  literal('small_big', { kind: 'literal', term: -5n }, '-5'),
  literal('bignum', { kind: 'literal', term: 2n ** 70n + 5n }, String(2n ** 70n + 5n)),
  literal('negative_bignum', { kind: 'literal', term: -(2n ** 64n) }, String(-(2n ** 64n))),
  literal('huge', { kind: 'literal', term: 2n ** 2100n }, String(2n ** 2100n)),
  literal('binary', { kind: 'literal', term: { binary: Uint8Array.of(0, 200, 255) } }, '<<0,200,255>>'),
  literal('tuple', { kind: 'literal', term: { tuple: [1, { tuple: [] }, -1, 2 ** 40] } }, '{1,{},-1,1099511627776}'),
  literal('list', { kind: 'literal', term: { list: [300, { list: [{ float: 2.5e-7 }] }] } }, '[300,[2.5e-7]]'),
  literal('map', { kind: 'literal', term: { map: [[{ atom: 'a' }, { map: [] }]] } }, '#{a => #{}}'),
  // arithmetic
  gcBif('+', [WORD, WORD], [['4294967295, 4294967295', '8589934590']]),
  gcBif('-', [WORD, WORD], [['1, 4294967295', '-4294967294']]),
  gcBif('*', [SIGNED, SIGNED], [['-3, 5', '-15']]),
  gcBif(
    'div',
    [SIGNED, SIGNED],
    [
      ['-7, 2', '-3'],
      ['1, 0', '{error,badarith}'],
    ],
  ),
  gcBif('rem', [SIGNED, SIGNED], [['-7, 2', '-1']]),
  gcBif('band', [WORD, WORD], [['12, 10', '8']]),
  gcBif('rem', [WIDE, WORD], [['-(1 bsl 58), 7', '-2']]),
  gcBif('bor', [WORD, WORD], [['12, 10', '14']]),
  gcBif('bxor', [WORD, WORD], [['12, 10', '6']]),
  gcBif('bsl', [WORD, { kind: 'integer', min: 0, max: 8 }], [['4294967295, 8', '1099511627520']]),
  gcBif('bsr', [WORD, { kind: 'integer', min: 0, max: 31 }], [['4294967295, 31', '1']]),
  gcBif('bnot', [WORD], [['5', '-6']]),
  gcBif('abs', [FLOAT], [['-0.5', '0.5']]),
  gcBif('float', [SIGNED], [['3', '3.0']]),
  gcBif('trunc', [FLOAT], [['-2.9', '-2']]),
  {
    name: 'gc_bif_fail_label',
    arity: 2,
    body: (newLabel) => {
      const fail = newLabel();
      return [
        { op: 'gc_bif', name: '+', fail, live: 2, args: [x(0, FLOAT), x(1, FLOAT)], to: x(0) },
        ret,
        label(fail),
        ...answer('overflow'),
      ];
    },
    calls: [
      ['1.0, 0.5', '1.5'],
      ['1.0e308, 1.0e308', 'overflow'],
    ],
  },
  {
    name: 'gc_bif_3',
    arity: 1,
    body: () => [{ op: 'gc_bif', name: 'binary_part', fail: 0, live: 1, args: [x(0), int(1), int(2)], to: x(0) }, ret],
    calls: [['<<1, 2, 3, 4>>', '<<2,3>>']],
  },
  {
    name: 'bif',
    arity: 2,
    body: (newLabel) => {
      const fail = newLabel();
      return [
        { op: 'bif', name: 'element', fail, args: [x(0, WORD), x(1, TUPLE)], to: x(0) },
        ret,
        label(fail),
        ...answer('none'),
      ];
    },
    calls: [
      ['1, {a, b}', 'a'],
      ['3, {a, b}', 'none'],
      ['0, {a}', 'none'],
      ['2000, {a}', 'none'],
    ],
  },
  {
    name: 'bif_of_none_and_one',
    arity: 0,
    body: () => [
      { op: 'bif', name: 'self', fail: 0, args: [], to: x(0) },
      { op: 'bif', name: 'is_pid', fail: 0, args: [x(0)], to: x(0) },
      ret,
    ],
    calls: [['', 'true']],
  },
  // floats
  floatOperation('fadd', '5.0'),
  floatOperation('fsub', '1.0'),
  floatOperation('fmul', '6.0'),
  floatOperation('fdiv', '1.5'),
  {
    name: 'fnegate',
    arity: 1,
    body: (newLabel) => {
      const fail = newLabel();
      return [
        { op: 'test', name: 'is_float', fail, args: [x(0)] },
        { op: 'fmove', from: x(0), to: fr(3) },
        { op: 'fnegate', from: fr(3), to: fr(0) },
        { op: 'fmove', from: { kind: 'literal', term: { float: 10.25 } }, to: fr(1) },
        { op: 'fadd', args: [fr(0), fr(1)], to: fr(0) },
        { op: 'allocate_heap', slots: 0, heap: { words: 2, floats: 1 }, live: 0 },
        { op: 'fmove', from: fr(0), to: x(0) },
        { op: 'put_list', head: x(0), tail: { kind: 'literal', term: { list: [] } }, to: x(0) },
        { op: 'deallocate', slots: 0 },
        ret,
        label(fail),
        ...answer('no_float'),
      ];
    },
    calls: [
      ['0.25', '[10.0]'],
      ['1', 'no_float'],
    ],
  },
];
