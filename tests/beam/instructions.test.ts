// Every instruction of the assembly in a function that is loaded and called: a wrong encoding would not be refused, it
// would crash the node or compute something else.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Assembler } from '../../beam-backend/assemble.ts';
import type {
  AssemblyTarget,
  FRegister,
  Instruction,
  Label,
  OperandType,
  Source,
} from '../../beam-backend/assembly.ts';
import type { XRegister, YRegister } from '../../beam-backend/assembly.ts';
import { AssemblyPrinter } from '../../beam-backend/print-asm.ts';
import { evaluate, otpRelease, validateFiles, withFolder } from '../harness/erlang.ts';

const MODULE = {
  name: 'every_instruction',
  source: 'every.wasm',
  attributes: [['origin', { list: [{ atom: 'test' }] }]],
} as const;

const x = (index: number, type?: OperandType): XRegister => ({ kind: 'x', index, ...(type ? { type } : {}) });
const y = (index: number): YRegister => ({ kind: 'y', index });
const fr = (index: number): FRegister => ({ kind: 'fr', index });
const int = (value: number): Source => ({ kind: 'integer', value });
const atom = (name: string): Source => ({ kind: 'atom', name });
const WORD: OperandType = { kind: 'integer', min: 0, max: 2 ** 32 - 1 };
const SIGNED: OperandType = { kind: 'integer', min: -(2 ** 52), max: 2 ** 52 };
const FLOAT: OperandType = { kind: 'float' };
const TUPLE: OperandType = { kind: 'tuple' };

const ret: Instruction = { op: 'return' };
const move = (from: Source, to: XRegister | YRegister): Instruction => ({ op: 'move', from, to });
const label = (name: Label): Instruction => ({ op: 'label', label: name });
const answer = (name: string): Instruction[] => [move(atom(name), x(0)), ret];

interface Case {
  readonly name: string;
  readonly arity: number;
  /** `self` is the function's own entry; `increment` the entry of a function that adds 1 to its argument. */
  readonly body: (newLabel: () => Label, entries: { self: Label; increment: Label }) => Instruction[];
  /** Arguments in Erlang and the answer as `~w` prints it. */
  readonly calls: readonly (readonly [string, string])[];
}

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

const gcBif = (name: string, types: readonly OperandType[], calls: Case['calls']): Case => ({
  name: `gc_${name}`,
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

const CASES: Case[] = [
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
  literal('bignum', { kind: 'literal', term: 2n ** 70n + 5n }, String(2n ** 70n + 5n)),
  literal('negative_bignum', { kind: 'literal', term: -(2n ** 64n) }, String(-(2n ** 64n))),
  literal('huge', { kind: 'literal', term: 2n ** 2100n }, String(2n ** 2100n)),
  literal('binary', { kind: 'literal', term: { binary: Uint8Array.of(0, 200, 255) } }, '<<0,200,255>>'),
  literal('tuple', { kind: 'literal', term: { tuple: [1, { tuple: [] }, -1, 2 ** 40] } }, '{1,{},-1,1099511627776}'),
  literal('list', { kind: 'literal', term: { list: [300, { list: [{ float: 2.5e-7 }] }] } }, '[300,[2.5e-7]]'),
  literal('map', { kind: 'literal', term: { map: [[{ atom: 'a' }, { map: [] }]] } }, '#{a => #{}}'),
  // moves and registers
  {
    name: 'swap',
    arity: 2,
    body: () => [
      { op: 'swap', a: x(0), b: x(1) },
      { op: 'test_heap', heap: { words: 2, floats: 0 }, live: 2 },
      { op: 'put_list', head: x(0), tail: x(1), to: x(0) },
      ret,
    ],
    calls: [['[1], 2', '[2,1]']],
  },
  {
    name: 'far_registers',
    arity: 1,
    body: () => [move(x(0), x(1022)), move(int(0), x(0)), move(x(1022), x(16)), move(x(16), x(0)), ret],
    calls: [['9', '9']],
  },
  {
    name: 'stack',
    arity: 3,
    body: (_, { increment }) => [
      { op: 'allocate', slots: 20, live: 3 },
      { op: 'init_yregs', registers: Array.from({ length: 20 }, (_, i) => y(i)) },
      move(x(0), y(19)),
      move(x(1), y(18)),
      { op: 'trim', slots: 17, remaining: 3 },
      move(x(2), x(0)),
      { op: 'call', arity: 1, label: increment },
      { op: 'test_heap', heap: { words: 4, floats: 0 }, live: 1 },
      { op: 'put_tuple', to: x(0), args: [y(2), y(1), x(0)] },
      { op: 'deallocate', slots: 3 },
      ret,
    ],
    calls: [['a, b, 7', '{a,b,8}']],
  },
  {
    name: 'allocate_heap',
    arity: 1,
    body: () => [
      { op: 'allocate_heap', slots: 1, heap: { words: 2, floats: 0 }, live: 1 },
      { op: 'put_list', head: x(0), tail: { kind: 'literal', term: { list: [] } }, to: y(0) },
      move(y(0), x(0)),
      { op: 'deallocate', slots: 1 },
      ret,
    ],
    calls: [['5', '[5]']],
  },
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
  // data
  {
    name: 'set_tuple_element',
    arity: 2,
    body: (newLabel) => {
      const fail = newLabel();
      return [
        { op: 'test', name: 'is_tuple', fail, args: [x(0)] },
        { op: 'test', name: 'test_arity', fail, args: [x(0), int(300)] },
        { op: 'set_tuple_element', value: x(1), tuple: x(0), index: 1 },
        { op: 'set_tuple_element', value: int(-7), tuple: x(0), index: 299 },
        { op: 'get_tuple_element', from: x(0), index: 0, to: x(2) },
        { op: 'get_tuple_element', from: x(0), index: 1, to: x(3) },
        { op: 'get_tuple_element', from: x(0), index: 299, to: x(4) },
        { op: 'test_heap', heap: { words: 4, floats: 0 }, live: 5 },
        { op: 'put_tuple', to: x(0), args: [x(2), x(3), x(4)] },
        label(fail),
        ret,
      ];
    },
    calls: [['erlang:make_tuple(300, 0), 4294967295', '{0,4294967295,-7}']],
  },
  {
    name: 'lists',
    arity: 1,
    body: (newLabel) => {
      const fail = newLabel();
      return [
        { op: 'test', name: 'is_nonempty_list', fail, args: [x(0)] },
        { op: 'get_hd', from: x(0), to: x(1) },
        { op: 'get_tl', from: x(0), to: x(2) },
        { op: 'get_list', from: x(0), head: x(3), tail: x(4) },
        { op: 'test_heap', heap: { words: 5, floats: 0 }, live: 5 },
        { op: 'put_tuple', to: x(0), args: [x(1), x(2), x(3), x(4)] },
        label(fail),
        ret,
      ];
    },
    calls: [
      ['[1, 2]', '{1,[2],1,[2]}'],
      ['[]', '[]'],
    ],
  },
  {
    name: 'bs_create_bin',
    arity: 3,
    body: () => [
      {
        op: 'bs_create_bin',
        fail: 0,
        live: 3,
        to: x(0),
        segments: [
          { type: 'integer', bits: 32, little: true, value: x(0) },
          { type: 'integer', bits: 16, little: false, value: x(1) },
          { type: 'float', bits: 64, little: false, value: x(2) },
          { type: 'float', bits: 32, little: true, value: x(2) },
          { type: 'integer', bits: 8, little: false, value: int(255) },
        ],
      },
      ret,
    ],
    calls: [['16#04030201, 16#0102, 1.0', '<<1,2,3,4,1,2,63,240,0,0,0,0,0,0,0,0,128,63,255>>']],
  },
  {
    name: 'known_tuple',
    arity: 1,
    body: () => [
      { op: 'known_tuple', register: x(0), size: 3 },
      { op: 'get_tuple_element', from: x(0), index: 2, to: x(0) },
      ret,
    ],
    calls: [['{a, b, c, d}', 'c']],
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
    body: (newLabel) => {
      const handler = newLabel();
      return [
        { op: 'allocate', slots: 1, live: 1 },
        { op: 'try', tag: y(0), label: handler },
        { op: 'call_ext', arity: 1, module: 'erlang', name: 'atom_to_list' },
        { op: 'try_end', tag: y(0) },
        { op: 'deallocate', slots: 1 },
        ret,
        label(handler),
        { op: 'try_case', tag: y(0) },
        move(x(1), x(0)),
        { op: 'deallocate', slots: 1 },
        ret,
      ];
    },
    calls: [
      ['abc', '[97,98,99]'],
      ['1', 'badarg'],
    ],
  },
  {
    name: 'raw_raise',
    arity: 1,
    body: (newLabel) => {
      const handler = newLabel();
      return [
        { op: 'allocate', slots: 1, live: 1 },
        { op: 'try', tag: y(0), label: handler },
        { op: 'call_ext', arity: 1, module: 'erlang', name: 'exit' },
        { op: 'try_end', tag: y(0) },
        { op: 'deallocate', slots: 1 },
        ret,
        label(handler),
        { op: 'try_case', tag: y(0) },
        { op: 'raw_raise' },
      ];
    },
    calls: [['why', '{exit,why}']],
  },
  {
    name: 'build_stacktrace',
    arity: 1,
    body: (newLabel) => {
      const handler = newLabel();
      return [
        { op: 'allocate', slots: 1, live: 1 },
        { op: 'try', tag: y(0), label: handler },
        { op: 'line', line: 123456 },
        { op: 'call_ext', arity: 1, module: 'erlang', name: 'error' },
        { op: 'try_end', tag: y(0) },
        { op: 'deallocate', slots: 1 },
        ret,
        label(handler),
        { op: 'try_case', tag: y(0) },
        move(x(2), x(0)),
        { op: 'build_stacktrace' },
        { op: 'call_ext_last', arity: 1, module: 'erlang', name: 'hd', deallocate: 1 },
      ];
    },
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

const LINE_CALLS = [
  ['16777213', 'every.wasm+10000000', 6777213],
  ['25000001', 'every.wasm+20000000', 5000001],
] as const;

/** A string as `~w` prints it. */
function charlist(text: string): string {
  return `[${[...text].map((c) => c.charCodeAt(0)).join(',')}]`;
}

function writeModule(target: AssemblyTarget): void {
  const addFunction = (name: string, arity: number, self: Label, body: readonly Instruction[]) =>
    target.addFunction({
      name,
      arity,
      entry: self,
      instructions: [
        label(target.newLabel()),
        { op: 'line', line: 1 },
        { op: 'func_info', name, arity },
        label(self),
        ...body,
      ],
    });
  const increment = target.newLabel();
  addFunction('increment', 1, increment, [
    { op: 'gc_bif', name: '+', fail: 0, live: 1, args: [x(0), int(1)], to: x(0) },
    ret,
  ]);
  for (const { name, arity, body } of CASES) {
    const self = target.newLabel();
    addFunction(
      name,
      arity,
      self,
      body(() => target.newLabel(), { self, increment }),
    );
    target.export(name, arity, self);
  }
}

/** The type checker names an instruction that is missing here, the test one that no case uses. */
const EVERY_OP: Record<Instruction['op'], true> = {
  label: true,
  line: true,
  func_info: true,
  move: true,
  swap: true,
  gc_bif: true,
  bif: true,
  test: true,
  select_val: true,
  jump: true,
  call: true,
  call_only: true,
  call_last: true,
  call_ext: true,
  call_ext_only: true,
  call_ext_last: true,
  call_fun: true,
  allocate: true,
  allocate_heap: true,
  test_heap: true,
  deallocate: true,
  init_yregs: true,
  trim: true,
  put_tuple: true,
  put_list: true,
  get_tuple_element: true,
  set_tuple_element: true,
  get_list: true,
  get_hd: true,
  get_tl: true,
  return: true,
  badmatch: true,
  try: true,
  try_end: true,
  try_case: true,
  raw_raise: true,
  build_stacktrace: true,
  fconv: true,
  fmove: true,
  fadd: true,
  fsub: true,
  fmul: true,
  fdiv: true,
  fnegate: true,
  bs_create_bin: true,
  known_tuple: true,
};

async function withModule<T>(use: (paths: { beam: string; assembly: string }) => Promise<T>): Promise<T> {
  const otp = await otpRelease();
  return withFolder(async (folder) => {
    const assembler = new Assembler(MODULE, otp);
    const printer = new AssemblyPrinter(MODULE);
    for (const target of [assembler, printer]) writeModule(target);
    assembler.addChunk('Test', Uint8Array.of(1, 2, 3));
    const paths = { beam: join(folder, `${MODULE.name}.beam`), assembly: join(folder, `${MODULE.name}.S`) };
    writeFileSync(paths.beam, assembler.finish());
    writeFileSync(paths.assembly, printer.finish().join(''));
    return use(paths);
  });
}

test('every instruction has a case', () => {
  const used = new Set<string>(['func_info']);
  let last = 0;
  for (const { body } of CASES) {
    for (const { op } of body(() => ++last, { self: 1, increment: 2 })) used.add(op);
  }
  expect([...used].sort()).toEqual(Object.keys(EVERY_OP).sort());
});

test('every instruction does what it should on the virtual machine', async () => {
  await withModule(async ({ beam }) => {
    const calls = CASES.flatMap(({ name, calls }) =>
      calls.map(([args, result]) => ({ expression: `${MODULE.name}:'${name}'(${args})`, result })),
    );
    const lines = LINE_CALLS.map(([name, file, line]) => ({
      expression: `try ${MODULE.name}:line_${name}() catch _:_:Stack -> hd([L || {M, _, _, L} <- Stack, M =:= ${MODULE.name}]) end`,
      result: `[{file,${charlist(file)}},{line,${line}}]`,
    }));
    const others = [
      { expression: `proplists:get_value(origin, ${MODULE.name}:module_info(attributes))`, result: '[test]' },
      { expression: `length(${MODULE.name}:module_info(exports))`, result: String(CASES.length + 2) },
      {
        expression: `element(2, element(2, beam_lib:chunks(code:which(${MODULE.name}), [[84, 101, 115, 116]])))`,
        result: '[{[84,101,115,116],<<1,2,3>>}]',
      },
    ];
    const expected = [...calls, ...lines, ...others];
    const answers = await evaluate(
      [beam.replace(/\.beam$/, '')],
      expected.map(({ expression }) => expression),
    );
    expect(answers.map((answer, i) => `${expected[i]?.expression} = ${answer}`)).toEqual(
      expected.map(({ expression, result }) => `${expression} = ${result}`),
    );
  });
});

test('the validator takes the printed text, the disassembler the file', async () => {
  await withModule(async ({ beam, assembly }) => {
    expect(await validateFiles([assembly, beam])).toEqual([]);
  });
});
