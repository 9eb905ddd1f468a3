// The verifier refuses what breaks an invariant: each case breaks one in a function that is right otherwise.
import { describe, expect, test } from 'vitest';
import { Instruction, IrFunction, type Block, type Edge, type Test, type Value } from '../../ir/ir.ts';
import { verifyFunction } from '../../ir/verify.ts';
import { WordBuilder } from '../../ir/words.ts';

interface Example {
  readonly fn: IrFunction;
  readonly b: WordBuilder;
  readonly entry: Block;
  readonly loop: Block;
  readonly body: Block;
  readonly exit: Block;
  readonly count: Value;
  readonly tuple: Value;
  readonly step: Value;
  readonly next: Value;
  readonly into: Edge;
  readonly back: Edge;
}

/** Counts down in a loop: entry, header, body with the edge back, exit. */
function example(): Example {
  const fn = new IrFunction('example', 1);
  const b = new WordBuilder(fn);
  const [entry, loop, body, exit] = [b.block, fn.block(true), fn.block(), fn.block()];
  b.start(entry);
  const start = b.parameter(entry, 'int', 0, 100);
  const tuple = b.parameter(entry, 'term');
  tuple.tupleSize = 2;
  const into: Edge = { target: loop, args: [start] };
  entry.terminator = { kind: 'jump', edge: into };
  b.start(loop);
  const count = b.parameter(loop, 'int', 0, 100);
  const leave: Edge = { target: exit, args: [] };
  loop.terminator = {
    kind: 'branch',
    test: 'ne',
    args: [count, b.int(0)],
    then: { target: body, args: [] },
    else: leave,
  };
  b.start(body);
  const step = b.emit('int.sub', [count, b.int(1)], 'int', -1, 99);
  const next = b.emit('int.and', [step, b.int(63)], 'int', 0, 63);
  const back: Edge = { target: loop, args: [next] };
  body.terminator = { kind: 'jump', edge: back };
  b.start(exit);
  exit.terminator = { kind: 'return', values: [count] };
  return { fn, b, entry, loop, body, exit, count, tuple, step, next, into, back };
}

type Break = (e: Example) => void;

/** Puts an instruction at the end of the body. */
const add =
  (make: (e: Example) => Instruction): Break =>
  (e) => {
    e.b.block = e.body;
    e.b.append(make(e));
  };

const cell = (at: Instruction, index: number): Instruction => {
  at.index = index;
  return at;
};

describe('the verifier', () => {
  test('accepts the example', () => {
    expect(() => verifyFunction(example().fn, 'words')).not.toThrow();
  });

  test.each<[string, Break]>([
    ['no terminator', ({ exit }) => (exit.terminator = undefined)],
    ['no id of its own', ({ fn, exit }) => fn.blocks.push(exit)],
    ['is not in the function', ({ fn }) => fn.blocks.pop()],
    ['no way leads here', ({ into, exit }) => Object.assign(into, { target: exit, args: [] })],
    ['an edge to the entry', ({ back, entry }) => (back.target = entry)],
    ['which is no loop header', ({ loop }) => (loop.loop = false)],
    [
      'is not defined before',
      ({ exit, step, fn, body }) => {
        exit.terminator = { kind: 'return', values: [step] };
        fn.blocks.splice(2, 2, exit, body);
      },
    ],
    ['is not defined on every way', ({ exit, step }) => (exit.terminator = { kind: 'return', values: [step] })],
    ['is not defined before', ({ body }) => body.instructions.shift()],
    ['is not defined before', ({ body }) => body.instructions.reverse()],
    ['is not defined before', ({ fn, exit }) => (exit.terminator = { kind: 'return', values: [fn.value('int')] })],
    ['no id of its own', ({ body, step }) => body.instructions.push(step.definition!)],
    ['names another block', ({ next, exit }) => (next.block = exit)],
    ['names another definition', ({ next, step }) => (next.definition = step.definition)],
    ['names another definition', ({ count, step }) => (count.definition = step.definition)],
    ['is i32, which the other level has', ({ b, entry }) => void b.parameter(entry, 'i32')],
    ['2 arguments for b1, 1 wanted', ({ into }) => into.args.push(into.args[0])],
    ['argument 0 for b1 is term', ({ into, tuple }) => (into.args = [tuple])],
    [
      'does not contain -1..99',
      ({ b, loop, count, back, step }) => {
        // The way back no longer says that it is not 0.
        (loop.terminator as { args: Value[] }).args = [count, b.int(50)];
        back.args = [step];
      },
    ],
    [
      'no such tuple',
      ({ fn, b, into, loop, tuple, back }) => {
        const wider = b.parameter(loop, 'term');
        wider.tupleSize = 3;
        into.args.push(tuple);
        back.args.push(wider);
        expect(fn.blocks).toContain(loop);
      },
    ],
    ['range 100..99 does not contain', ({ step }) => (step.min = 100)],
    ['does not contain -1..99', ({ step }) => (step.min = 0)],
    ['has the range', ({ next }) => (next.max = 2 ** 59)],
    ['3 arguments, 2 wanted', ({ step, count }) => step.definition!.args.push(count)],
    ['argument 1 is term', ({ step, tuple }) => (step.definition!.args[1] = tuple)],
    ['no constant of type int', ({ step, fn }) => (step.definition!.args[1] = fn.constant('int', 0.5))],
    [
      'no constant of type f32',
      add(({ fn, b }) => new Instruction('list', [fn.constant('f32', -1)], [b.fn.value('term')], 0)),
    ],
    [
      'cannot be compared',
      add(
        ({ count, tuple, fn }) =>
          new Instruction('select.eq', [count, tuple, count, count], [fn.value('int', 0, 100)], 0),
      ),
    ],
    [
      'the choices differ',
      add(
        ({ count, tuple, fn }) =>
          new Instruction('select.eq', [count, count, tuple, count], [fn.value('int', 0, 100)], 0),
      ),
    ],
    [
      'does not contain 0..100',
      add(({ count, fn }) => new Instruction('select.eq', [count, count, count, count], [fn.value('int', 0, 99)], 0)),
    ],
    [
      'no operator of this level',
      add(({ count, fn }) => new Instruction('i32.add', [count, count], [fn.value('int', 0, 200)], 0)),
    ],
    [
      'the divisor may be zero',
      add(({ step, count, fn }) => new Instruction('int.div', [step, count], [fn.value('int', -99, 99)], 0)),
    ],
    ['shift amount', add(({ count, fn }) => new Instruction('int.shr', [count, count], [fn.value('int', 0, 100)], 0))],
    [
      'element 3 of a tuple with 2',
      add(({ tuple, fn }) => cell(new Instruction('cell.get', [tuple], [fn.value('int', 0, 1)], 0), 3)),
    ],
    [
      'element 0 of a tuple with 2',
      add(({ tuple, count }) => cell(new Instruction('cell.set', [tuple, count], [], 0), 0)),
    ],
    ['argument 1 is term', add(({ tuple }) => cell(new Instruction('cell.set', [tuple, tuple], [], 0), 1))],
    ['no function named', add(() => new Instruction('runtime', [], [], 0))],
    [
      'width is not',
      add(({ tuple, count, fn }) => new Instruction('mem.load', [count, tuple, tuple], [fn.value('int', 0, 255)], 0)),
    ],
    [
      'cases do not ascend',
      ({ fn, loop, count }) => {
        const [, , body, exit] = fn.blocks;
        const edge = { target: body, args: [] };
        const cases = [
          { value: 1, edge },
          { value: 1, edge },
        ];
        loop.terminator = { kind: 'switch', index: count, cases, otherwise: { target: exit, args: [] } };
      },
    ],
    [
      'the index is no int',
      ({ fn, loop, tuple }) => {
        const [, , body, exit] = fn.blocks;
        const cases = [{ value: 1, edge: { target: body, args: [] } }];
        loop.terminator = { kind: 'switch', index: tuple, cases, otherwise: { target: exit, args: [] } };
      },
    ],
    [
      'a tail call with results',
      ({ fn, exit, count }) => {
        exit.terminator = { kind: 'tail_call', call: new Instruction('call', [count], [fn.value('int')], 0) };
      },
    ],
    ['no reason', ({ exit }) => (exit.terminator = { kind: 'trap', reason: '', offset: 0 })],
  ])('%s', (message, breakIt) => {
    const broken = example();
    breakIt(broken);
    expect(() => verifyFunction(broken.fn, 'words')).toThrow(message);
  });

  test('names function, block and instruction', () => {
    const { fn, step } = example();
    step.min = 0;
    const message = 'example: b2: v3:int[0..99] = int.sub v2, 1: range 0..99 does not contain -1..99';
    expect(() => verifyFunction(fn, 'words')).toThrow(message.replace('v3', `v${step.id}`));
  });

  test('refuses an edge into a loop from beside', () => {
    const { fn, b, entry, into, exit, body } = example();
    // From the entry straight into the body: the header no longer dominates where the edge back comes from.
    entry.terminator = {
      kind: 'branch',
      test: 'ne',
      args: [into.args[0], b.int(0)],
      then: into,
      else: { target: body, args: [] },
    };
    body.instructions = [];
    body.terminator = { kind: 'jump', edge: { target: fn.blocks[1], args: [b.int(1)] } };
    exit.terminator = { kind: 'return', values: [] };
    expect(() => verifyFunction(fn, 'words')).toThrow('an edge into the loop of b1');
  });

  test('takes a divisor behind a trap on zero, and a shift of the bits that stay', () => {
    const { fn, b, body, count, step } = example();
    b.block = body;
    const trap = new Instruction('trap_if', [count, b.int(0)], [], 0);
    trap.test = 'eq';
    trap.text = 'integer_divide_by_zero';
    b.append(trap);
    b.append(new Instruction('int.div', [step, count], [fn.value('int', -99, 99)], 0));
    const amount = b.and(count, b.int(31));
    const bits = b.and(step, b.shr(b.int(0xffffffff), amount));
    b.shlWord(bits, amount);
    expect(() => verifyFunction(fn, 'words')).not.toThrow();
    b.emit('int.shl', [bits, b.and(step, b.int(31))], 'int', 0, 0xffffffff);
    expect(() => verifyFunction(fn, 'words')).toThrow('does not contain');
  });

  test('is quick on a function of many blocks and edges', () => {
    const fn = new IrFunction('wide', 0);
    const b = new WordBuilder(fn);
    b.start(b.block);
    const index = b.parameter(b.block, 'int', 0, 1);
    const blocks = Array.from({ length: 20_000 }, () => fn.block());
    const last = fn.block();
    // A chain in which each block may leave for the end.
    [b.block, ...blocks].forEach((block, i) => {
      if (i > 0) b.start(block);
      const then = { target: last, args: [] };
      const otherwise = { target: blocks[i] ?? last, args: [] };
      block.terminator = { kind: 'branch', test: 'eq', args: [index, b.int(0)], then, else: otherwise };
    });
    b.start(last);
    last.terminator = { kind: 'return', values: [index] };
    const start = performance.now();
    verifyFunction(fn, 'words');
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});

describe('ranges of counters', () => {
  /** A loop from `start` by `step` while a test of the next number and a bound holds, its parameter claimed to be in a range. */
  function counter(start: number, step: number, test: Test, bound: number, min: number, max: number): IrFunction {
    const fn = new IrFunction('counter', 1);
    const b = new WordBuilder(fn);
    const [entry, loop, exit] = [b.block, fn.block(true), fn.block()];
    b.start(entry);
    entry.terminator = { kind: 'jump', edge: { target: loop, args: [b.int(start)] } };
    b.start(loop);
    const count = b.parameter(loop, 'int', min, max);
    const next = b.emit('int.add', [count, b.int(step)], 'int', min + step, max + step);
    const edge = (target: Block, args: Value[]): Edge => ({ target, args });
    const [then, leave] = [edge(loop, [next]), edge(exit, [])];
    loop.terminator = { kind: 'branch', test, args: [next, b.int(bound)], then, else: leave };
    b.start(exit);
    exit.terminator = { kind: 'return', values: [next] };
    return fn;
  }

  test.each<[number, number, Test, number, number, number]>([
    [0, 1, 'ne', 100, 0, 99],
    [0, 4, 'ne', 100, 0, 96],
    [3, 7, 'lt', 100, 3, 94],
    [100, -1, 'ne', 0, 1, 100],
    [100, -5, 'ge', 1, 5, 100],
  ])('from %d by %d while %s %d: %d..%d', (...loop) => {
    expect(() => verifyFunction(counter(...loop), 'words')).not.toThrow();
  });

  test.each<[number, number, Test, number, number, number]>([
    [0, 1, 'ne', 100, 0, 98],
    [1, 1, 'ne', 0, 0, 99],
    [0, 3, 'ne', 100, 0, 97],
    [0, 7, 'lt', 100, 0, 91],
    [0, 1, 'ge', 100, 0, 99],
    [100, -1, 'ne', 0, 2, 100],
    [100, -3, 'ne', 0, 3, 100],
    [100, -5, 'lt', 1, 5, 100],
  ])('not from %d by %d while %s %d: %d..%d', (...loop) => {
    expect(() => verifyFunction(counter(...loop), 'words')).toThrow('does not contain');
  });

  test('up to a number that is known to be above', () => {
    const build = (guard: Test): IrFunction => {
      const fn = counter(0, 1, 'ne', 100, 0, 99);
      const [entry, loop, exit] = fn.blocks;
      const most = fn.value('int', 0, 100);
      most.block = entry;
      entry.params.push(most);
      (loop.terminator as { args: Value[] }).args[1] = most;
      const { edge } = entry.terminator as { edge: Edge };
      const leave = fn.block();
      fn.blocks.push(leave);
      leave.terminator = { kind: 'return', values: [most] };
      entry.terminator = {
        kind: 'branch',
        test: guard,
        args: [most, fn.constant('int', 0)],
        then: edge,
        else: { target: leave, args: [] },
      };
      expect(fn.blocks).toContain(exit);
      return fn;
    };
    expect(() => verifyFunction(build('ne'), 'words')).not.toThrow();
    expect(() => verifyFunction(build('ge'), 'words')).toThrow('does not contain');
  });
});
