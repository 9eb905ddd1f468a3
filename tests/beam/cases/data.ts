// Registers, the stack, tuples, lists and binaries.
import { type Case, x, y, int, ret, move, label } from './case.ts';

export const DATA_CASES: Case[] = [
  // moves and registers
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
    name: 'bs_start_match',
    arity: 1,
    body: (label) => {
      const fail = label();
      return [
        { op: 'bs_start_match', fail, from: x(0), live: 1, to: x(1) },
        { op: 'bs_get_integer', fail, context: x(1), live: 2, bits: 32, little: false, to: x(0) },
        { op: 'bs_get_integer', fail, context: x(1), live: 2, bits: 16, little: true, to: x(1) },
        { op: 'test_heap', heap: { words: 3, floats: 0 }, live: 2 },
        { op: 'put_tuple', to: x(0), args: [x(0), x(1)] },
        ret,
        { op: 'label', label: fail },
        { op: 'move', from: { kind: 'atom', name: 'short' }, to: x(0) },
        ret,
      ];
    },
    calls: [
      ['<<16#FFFFFFFE:32, 16#0180:16, 7>>', '{4294967294,32769}'],
      ['<<16#FFFFFFFE:32, 16#80>>', 'short'],
      ['0', 'short'],
    ],
  },
  {
    name: 'takes_match',
    arity: 2,
    body: (label, { self }) => {
      const done = label();
      return [
        { op: 'takes_match', register: x(0) },
        { op: 'bs_start_match', fail: done, from: x(0), live: 2, to: x(0) },
        { op: 'bs_get_integer', fail: done, context: x(0), live: 2, bits: 32, little: true, to: x(1) },
        { op: 'call_only', arity: 2, label: self },
        { op: 'label', label: done },
        { op: 'move', from: x(1), to: x(0) },
        ret,
      ];
    },
    calls: [['<<1, 0, 0, 0, 5, 1, 0, 0, 7>>, none', '261']],
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
];
