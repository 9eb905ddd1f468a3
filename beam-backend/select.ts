// What each operator of the second level becomes in BEAM instructions.
//
// Consumes one instruction with its operands in registers; writes to the emitter.
import type { Instruction as IrInstruction, WordOperator } from '../ir/ir.ts';
import type { Source } from './assembly.ts';
import { element, emitInt, getElement, int, range, x } from './bifs.ts';
import { kindOf, untyped } from './operand-types.ts';
import {
  floatArithmetic,
  floatBits,
  floatChoice,
  floatFromInt,
  floatMagnitude,
  floatSign,
  floatTest,
} from './select-float.ts';
import { chargeFuel } from './select-fuel.ts';
import { inlineTemporaries, selectLoad, selectStore } from './select-memory.ts';
import { selectLoads, selectStores } from './select-neighbours.ts';
import { floatRounding, floatToInt } from './select-rounding.ts';
import { floatRun } from './select-run.ts';
import type { CodeWriter } from './writer.ts';

/** Writes the code of one instruction; its operands and results have registers. */
export function selectInstruction(e: CodeWriter, at: IrInstruction, inline: boolean): void {
  SELECT[at.operator as WordOperator](e, at, inline);
}

type Select = (e: CodeWriter, at: IrInstruction, inline: boolean) => void;

/** BEAM's tests; each jumps when it fails. */
export const TESTS = { lt: 'is_lt', ge: 'is_ge', eq: 'is_eq_exact', ne: 'is_ne_exact' } as const;

// --- integers ----------------------------------------------------------------------------------------------------------

const BIFS = {
  add: '+',
  sub: '-',
  mul: '*',
  div: 'div',
  rem: 'rem',
  and: 'band',
  or: 'bor',
  xor: 'bxor',
  shl: 'bsl',
  shr: 'bsr',
} as const;

const arithmetic =
  (name: string): Select =>
  (e, { args, results }) => {
    const to = e.register(results[0]);
    let live = 0;
    const sources: Source[] = args.map((arg) => e.source(arg));
    if (args.every((arg) => arg.constant !== undefined)) {
      // The loader wants a register among the operands.
      e.out.push({ op: 'move', from: sources[0], to: untyped(to) });
      e.defined(results[0]);
      if (to.kind === 'x') live = to.index + 1;
      sources[0] = untyped(to); // its type is that of the result
    }
    emitInt(e, name, sources, to, live);
    e.defined(results[0]);
  };

const selectValue: Select = (e, { operator, args, results }) => {
  const [a, b, yes, no] = args.map((arg) => e.source(arg));
  const to = untyped(e.register(results[0]));
  const [otherwise, end] = [e.newLabel(), e.newLabel()];
  const test = operator.slice('select.'.length) as keyof typeof TESTS;
  e.out.push(
    { op: 'test', name: TESTS[test], fail: otherwise, args: [a, b] },
    { op: 'move', from: untyped(yes), to },
    { op: 'jump', label: end },
    { op: 'label', label: otherwise },
    { op: 'move', from: untyped(no), to },
    { op: 'label', label: end },
  );
  e.defined(results[0]);
};

/** The test that holds where the trap does not. */
const PASSES = { lt: 'is_ge', ge: 'is_lt', eq: 'is_ne_exact', ne: 'is_eq_exact' } as const;

const trapIf: Select = (e, { args, test, text, offset }) => {
  const label = e.newLabel();
  const sources = args.map((arg) => e.source(arg));
  if (args.every((arg) => arg.constant !== undefined)) e.out.push({ op: 'jump', label });
  else e.out.push({ op: 'test', name: PASSES[test], fail: label, args: sources });
  e.defer(label, () => e.raise(text, offset));
};

// --- state ---------------------------------------------------------------------------------------------------------------

const getFromTuple: Select = (e, { args, results, index }) => {
  getElement(e, e.register(args[0]), index - 1, e.register(results[0]));
  e.defined(results[0]);
};

const cellSet: Select = (e, { args: [cell, word], index }) =>
  void e.out.push({
    op: 'set_tuple_element',
    value: untyped(e.source(word)),
    tuple: untyped(e.register(cell)),
    index: index - 1,
  });

// --- memory ----------------------------------------------------------------------------------------------------------------

const load: Select = (e, at, inline) => selectLoad(e, at, inline && inlineTemporaries(at) !== undefined);
const store: Select = (e, at, inline) => selectStore(e, at, inline && inlineTemporaries(at) !== undefined);

const refresh: Select = (e, at) => {
  const [root, state] = at.args;
  const [cells, generation] = e.allocation.temporaries.get(at)!;
  const path = e.slowPath(() => {
    getElement(e, e.register(state), e.context.memory - 1, x(0));
    e.out.push({ op: 'call_ext', arity: 1, module: 'wasm2beam_memory', name: 'root' });
  }, [root]);
  getElement(e, e.register(state), e.context.memoryCells - 1, x(cells));
  e.known(x(cells), 2);
  getElement(e, x(cells), 0, x(cells));
  getElement(e, e.register(root), 0, x(generation));
  e.out.push({ op: 'test', name: 'is_eq_exact', fail: path.label, args: [x(cells), x(generation)] });
  e.resume(path);
};

/** An element of a funcref table: an in-place tuple, its size first. A table that moved has size 0 here. */
const tableElement: Select = (e, at) => {
  const [state, index] = at.args;
  const [table, size] = e.allocation.temporaries.get(at)!;
  const path = e.slowPath(() => {
    e.loadArguments([e.source(state), int(at.index), untyped(e.source(index))]);
    e.line(at.offset);
    e.out.push({ op: 'call_ext', arity: 3, module: 'wasm2beam_table', name: 'element' });
  }, at.results);
  getElement(e, e.register(state), at.index2 - 1, x(table));
  e.live.write(table);
  e.known(x(table), 1);
  getElement(e, x(table), 0, x(size));
  e.live.write(size);
  e.out.push({ op: 'test', name: 'is_lt', fail: path.label, args: [e.source(index), x(size, range(0, 2 ** 32))] });
  if (index.constant === undefined) {
    emitInt(e, '+', [e.source(index), int(2)], x(size));
    element(e, path.label, x(size, range(2, 2 ** 32 + 1)), x(table), untyped(e.register(at.results[0])));
  } else {
    const constant = int((index.constant as number) + 2);
    element(e, path.label, constant, x(table), untyped(e.register(at.results[0])));
  }
  e.resume(path);
};

// --- terms -------------------------------------------------------------------------------------------------------------------

const makeTuple: Select = (e, { args, results }) => {
  const live = e.live.count(e.position, 0, e.out);
  e.out.push({ op: 'test_heap', heap: { words: args.length + 1, floats: 0 }, live });
  const to = untyped(e.register(results[0]));
  e.tuple(
    args.map((arg) => untyped(e.source(arg))),
    to,
  );
  e.defined(results[0]);
};

const makeList: Select = (e, at) => {
  const [temporary] = e.allocation.temporaries.get(at)!;
  const to = untyped(e.register(at.results[0]));
  if (at.args.length === 0) e.out.push({ op: 'move', from: { kind: 'literal', term: { list: [] } }, to });
  else {
    const live = e.live.count(e.position, 0, e.out);
    e.out.push({ op: 'test_heap', heap: { words: 2 * at.args.length, floats: 0 }, live });
    let tail: Source = { kind: 'literal', term: { list: [] } };
    at.args.toReversed().forEach((arg, index) => {
      const target = index === at.args.length - 1 ? to : x(temporary);
      e.out.push({ op: 'put_list', head: untyped(e.source(arg)), tail, to: target });
      tail = x(temporary);
    });
  }
  e.defined(at.results[0]);
};

// --- calls -------------------------------------------------------------------------------------------------------------------

const call: Select = (e, { args, results, index, offset }) => {
  e.loadArguments(args.map((arg) => e.source(arg)));
  e.line(offset);
  e.callFunction(index, args.length, results);
  e.takeResults(results);
};

const callProtected: Select = (e, { args, results, index }) => {
  const [cells, depth] = args.slice(-2);
  const rest = args.slice(0, -2);
  const restore = (): void =>
    void e.out.push({
      op: 'set_tuple_element',
      value: untyped(e.source(depth)),
      tuple: untyped(e.register(cells)),
      index: 0,
    });
  e.protect(() => {
    e.loadArguments(rest.map((arg) => e.source(arg)));
    e.callFunction(index, rest.length, results);
  }, restore);
  restore();
  e.takeResults(results);
};

const callRuntime: Select = (e, { args, results, text, name, offset }) => {
  e.loadArguments(args.map((arg) => e.source(arg)));
  e.line(offset);
  e.out.push({ op: 'call_ext', arity: args.length, module: text, name, results: results.map(kindOf) });
  e.takeResults(results);
};

const callFun: Select = (e, { args, results, offset }) => {
  e.loadArguments(args.map((arg) => e.source(arg)));
  e.line(offset);
  e.out.push({ op: 'call_fun', arity: args.length - 1 });
  e.takeResults(results);
};

const onlyInRuns: Select = (_e, { operator }) => {
  throw new Error(`${operator} outside of a run`);
};

const unreachableTest: Select = (_e, { operator }) => {
  throw new Error(`${operator} outlived the pass that turns it into arithmetic`);
};

const SELECT: Record<WordOperator, Select> = {
  'int.add': arithmetic(BIFS.add),
  'int.sub': arithmetic(BIFS.sub),
  'int.mul': arithmetic(BIFS.mul),
  'int.div': arithmetic(BIFS.div),
  'int.rem': arithmetic(BIFS.rem),
  'int.and': arithmetic(BIFS.and),
  'int.or': arithmetic(BIFS.or),
  'int.xor': arithmetic(BIFS.xor),
  'int.shl': arithmetic(BIFS.shl),
  'int.shr': arithmetic(BIFS.shr),
  'int.lt': unreachableTest,
  'int.ge': unreachableTest,
  'int.eq': unreachableTest,
  'int.ne': unreachableTest,
  'select.lt': selectValue,
  'select.ge': selectValue,
  'select.eq': selectValue,
  'select.ne': selectValue,
  trap_if: trapIf,
  'state.get': getFromTuple,
  'cell.get': getFromTuple,
  'cell.set': cellSet,
  'mem.load': load,
  'mem.load64': load,
  'mem.store': store,
  'mem.store64': store,
  'mem.loads': selectLoads,
  'mem.stores': selectStores,
  'root.refresh': refresh,
  'fuel.charge': chargeFuel,
  'table.element': tableElement,
  'float.arith': floatArithmetic,
  'float.test': floatTest,
  'float.choice': floatChoice,
  'float.magnitude': floatMagnitude,
  'float.rounding': floatRounding,
  'float.sign': floatSign,
  truncate: floatToInt,
  'float.from_int': floatFromInt,
  'float.bits': floatBits,
  'float.from_bits': onlyInRuns,
  'float.run': floatRun,
  list: makeList,
  tuple: makeTuple,
  element: (e, { args, results, index }) => {
    // The type is for the verifier of stores.
    e.out.push({ op: 'get_tuple_element', from: untyped(e.register(args[0])), index, to: e.register(results[0]) });
    e.defined(results[0]);
  },
  call,
  call_protected: callProtected,
  runtime: callRuntime,
  call_fun: callFun,
};
