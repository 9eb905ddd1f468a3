// What each operator of the second level becomes in Core Erlang.
//
// Consumes one instruction; writes lines to the scope that it stands in. Whatever touches an in-place tuple is a remote
// call, since the Erlang compiler moves reads of tuples past calls.
import type { Locations } from '../ir/locations.ts';
import {
  numericArgs,
  WRAPS,
  type Instruction,
  type Operator,
  type Test,
  type Value,
  type WordOperator,
} from '../ir/ir.ts';
import { FUEL_CELL } from '../ir/shape.ts';
import { coreAtom, located, quiet, remoteCall, tupleElement } from './print-core.ts';

/** What the operators need to know of the place where they stand. */
export interface CoreScope {
  /** What stack traces show. */
  readonly locations: Locations;
  /** Elements of S that hold memory 0 and its cells. */
  readonly memory: number;
  readonly memoryCells: number;
  /** Name and arity of a function of the module. */
  readonly functionOf: (id: number) => string;
  /** The operand for a value. */
  readonly use: (value: Value) => string;
  /** The variable of a value that is defined here. */
  readonly define: (value: Value) => string;
  /** A new variable for a value that is updated in place. */
  readonly redefine: (value: Value) => string;
  /** A variable of no value. */
  readonly fresh: () => string;
  /** Whether the function returns this value, just defined, and nothing else. */
  readonly isReturned: (value: Value) => boolean;
  /** Whether anything reads it. */
  readonly isUsed: (value: Value) => boolean;
  /** Whether the compiler may find out what these are. */
  readonly areKnown: (values: readonly Value[]) => boolean;
  /** From here on the compiler may find out what this is. */
  readonly know: (value: Value) => void;
  readonly line: (text: string) => void;
}

const COMPARISONS: Record<Test, string> = { lt: '<', ge: '>=', eq: '=:=', ne: '=/=' };

const TRAP_CONTEXT = "[{'error_info',~{'module'=>'wasm2beam_trap'}~}]";

/** Raises a trap in the function itself: the stack trace must show it. */
export function raiseTrap(reason: string, locations: Locations, offset: number): string {
  const args = [`{'wasm_trap',${coreAtom(reason)}}`, "'none'", TRAP_CONTEXT];
  return located(remoteCall('erlang', 'error', args), locations, offset);
}

/** One expression or another, by a comparison, which may be known to the compiler. */
function choose(test: string, yes: string, no: string, isKnown: boolean): string {
  const clauses = [`<> when ${test} -> ${yes}`, `<> when 'true' -> ${no}`];
  return `case <> of ${(isKnown ? clauses.map(quiet) : clauses).join(' ')} end`;
}

/** A comparison of two operands. */
export const compare = (test: Test, a: string, b: string): string => remoteCall('erlang', COMPARISONS[test], [a, b]);

/** Writes one instruction. */
export function selectCore(scope: CoreScope, at: Instruction): void {
  const select = SELECT[at.operator as WordOperator];
  if (!select) throw new Error(`${at.operator} cannot be selected`);
  select(scope, at);
}

type Select = (scope: CoreScope, at: Instruction) => void;

const uses = (scope: CoreScope, values: readonly Value[]): string[] => values.map((value) => scope.use(value));

/** Binds the results of an expression; several come as a tuple. */
function bind(scope: CoreScope, results: readonly Value[], expression: string): void {
  if (results.length === 0) return scope.line(`do ${expression}`);
  if (results.length === 1) return scope.line(`let <${scope.define(results[0])}> = ${expression} in`);
  const tuple = scope.fresh();
  scope.line(`let <${tuple}> = ${expression} in`);
  results.forEach((result, i) => {
    if (scope.isUsed(result)) scope.line(`let <${scope.define(result)}> = ${tupleElement(i + 1, tuple)} in`);
  });
}

/** An expression of the operands, with one result. */
const expression =
  (build: (args: string[], at: Instruction) => string): Select =>
  (scope, at) =>
    bind(scope, at.results, build(uses(scope, at.args), at));

/** Binds the results of a call that may raise, so that the function stays in the stack trace. */
function bindCall(scope: CoreScope, results: readonly Value[], call: string): void {
  // `erlc` makes a tail call of a last call. It does not where the call stands in a try.
  const isLast = results.length === 1 && scope.isReturned(results[0]);
  bind(
    scope,
    results,
    isLast
      ? protect(
          scope,
          call,
          (result) => result,
          (raised) => raised,
        )
      : call,
  );
}

/** A call, what becomes of its result, and what is done before an exception goes on as it was. */
function protect(scope: CoreScope, call: string, returned: Wrap, before: Wrap): string {
  const [result, kind, reason, trace] = Array.from({ length: 4 }, () => scope.fresh());
  const raise = `primop 'raw_raise'(${kind}, ${reason}, ${trace})`;
  return `try ${call} of <${result}> -> ${returned(result)} catch <${kind},${reason},${trace}> -> ${before(raise)}`;
}

type Wrap = (expression: string) => string;

/** A call of the runtime, at the place of the Wasm instruction. */
function callAt(scope: CoreScope, at: Instruction, module: string, name: string, args: readonly string[]): string {
  return located(remoteCall(module, name, args), scope.locations, at.offset);
}

// --- integers --------------------------------------------------------------------------------------------------------

const bif =
  (name: string): Select =>
  (scope, { args, results: [result] }) => {
    if (scope.areKnown(args)) scope.know(result);
    // `erlc` may find out that nobody needs it, by folding what comes later.
    bind(scope, [result], quiet(remoteCall('erlang', name, uses(scope, args))));
  };

const unreachableTest: Select = (_, { operator }) => {
  throw new Error(`${operator} outlived the pass that turns it into arithmetic`);
};

/** The compiler knows, too, that a value equals itself. */
export const isKnownTest = (scope: CoreScope, [a, b]: readonly Value[]): boolean => a === b || scope.areKnown([a, b]);

const selectValue =
  (test: Test): Select =>
  (scope, { args, results: [result] }) => {
    const [a, b, yes, no] = uses(scope, args);
    const isKnown = isKnownTest(scope, args);
    if (isKnown) scope.know(result);
    // `erlc` may find out that nobody needs it.
    bind(scope, [result], choose(compare(test, a, b), quiet(yes), quiet(no), isKnown));
  };

const trapIf: Select = (scope, { args, test, text, offset }) => {
  const [a, b] = uses(scope, args);
  const raise = raiseTrap(text, scope.locations, offset);
  scope.line(`do ${choose(compare(test, a, b), raise, "'ok'", isKnownTest(scope, args))}`);
};

// --- state -----------------------------------------------------------------------------------------------------------

const memoryOf = (scope: CoreScope, state: string): string => tupleElement(scope.memory, state);

/** The address of an access, 0 to 2^33: as it is given, or that of neighbours with what this one's is beyond. */
function addressOf({ index, displacement }: Instruction, address: string): string {
  const sum = displacement === 0 ? address : remoteCall('erlang', '+', [address, String(displacement)]);
  return index === WRAPS ? remoteCall('erlang', 'band', [sum, '4294967295']) : sum;
}

function loadFrom(scope: CoreScope, at: Instruction, [address, root, state]: readonly string[]): void {
  const name = `load${8 * at.bytes}${at.bytes < 4 ? '_u' : ''}`;
  const args = [addressOf(at, address), root, memoryOf(scope, state)];
  bindCall(scope, at.results, callAt(scope, at, 'wasm2beam_cells', name, args));
}

/** The root is one value that stores and refreshes update: each gives it a new variable. */
function storeTo(
  scope: CoreScope,
  at: Instruction,
  root: Value,
  address: string,
  words: string[],
  state: string,
): void {
  const args = [scope.use(root), addressOf(at, address), ...words, memoryOf(scope, state)];
  const call = callAt(scope, at, 'wasm2beam_cells', `store${8 * at.bytes}`, args);
  scope.line(`let <${scope.redefine(root)}> = ${call} in`);
}

const load: Select = (scope, at) => loadFrom(scope, at, uses(scope, at.args));

const loads: Select = (scope, { args, body }) => {
  const operands = uses(scope, args);
  for (const at of body) loadFrom(scope, at, operands);
};

const store: Select = (scope, at) => {
  const position = at.bytes === 8 ? 4 : 3;
  const [address, ...words] = uses(scope, at.args.slice(1, position));
  storeTo(scope, at, at.args[0], address, words, scope.use(at.args[position]));
};

const stores: Select = (scope, { args: [root, ...args], body }) => {
  const [address, ...rest] = uses(scope, args);
  const state = rest[body.reduce((sum, { bytes }) => sum + bytes / 4, 0)];
  for (const at of body) storeTo(scope, at, root, address, rest.splice(0, at.bytes / 4), state);
};

/** Asks for the root only where the memory has another generation by now. */
const refresh: Select = (scope, { args }) => {
  const [root, state] = uses(scope, args);
  const generation = scope.fresh();
  const cells = tupleElement(scope.memoryCells, state);
  scope.line(`let <${generation}> = ${remoteCall('wasm2beam_cells', 'get', [cells, '1'])} in`);
  const fetched = remoteCall('wasm2beam_memory', 'root', [memoryOf(scope, state)]);
  const kept = choose(compare('eq', generation, tupleElement(1, root)), root, fetched, false);
  scope.line(`let <${scope.redefine(args[0])}> = ${kept} in`);
};

/** The fuel is a value that charges update; its cell is set at once. */
const chargeFuel: Select = (scope, at) => {
  const [fuel, cells, state, units] = uses(scope, at.args);
  const left = scope.fresh();
  const kept = remoteCall('wasm2beam_cells', 'set', [cells, String(FUEL_CELL), left]);
  const paid = `let <${left}> = ${remoteCall('erlang', '-', [fuel, units])} in do ${kept} ${left}`;
  const asked = callAt(scope, at, 'wasm2beam_fuel', 'charge', [state, units]);
  scope.line(`let <${scope.redefine(at.args[0])}> = ${choose(compare('ge', fuel, units), paid, asked, false)} in`);
};

const tableElement: Select = (scope, at) => {
  const [state, index] = uses(scope, at.args);
  bindCall(scope, at.results, callAt(scope, at, 'wasm2beam_table', 'element', [state, String(at.index), index]));
};

/** So far reaches wasm2beam_cells:set/3. A larger frame is a tuple of such tuples. */
const REACH = 1024;

/** The in-place tuple that holds a cell, and its place there. */
function cellOf(cells: string, { args, index }: Instruction): [tuple: string, place: string] {
  if (args[0].tupleSize <= REACH) return [cells, String(index)];
  return [tupleElement(Math.ceil(index / REACH), cells), String(((index - 1) % REACH) + 1)];
}

const makeFrame: Select = (scope, { results }) => {
  const { tupleSize } = results[0];
  const part = (words: number): string => remoteCall('erlang', 'make_tuple', [String(words), '0']);
  const parts = Array.from({ length: Math.ceil(tupleSize / REACH) }, () => part(REACH));
  // Perhaps no instance was made of the module.
  scope.line(`do ${remoteCall('wasm2beam_cells_loader', 'ensure', [])}`);
  bind(scope, results, parts.length > 1 ? `{${parts.join(', ')}}` : part(tupleSize));
};

// --- calls -----------------------------------------------------------------------------------------------------------

const floatFunction: Select = (scope, at) =>
  bind(
    scope,
    at.results,
    callAt(scope, at, 'wasm2beam_float', at.name.replace('.', '_'), uses(scope, numericArgs(at))),
  );

/** The words of each float in turn. */
const floatBits: Select = (scope, { name, args, results }) => {
  const words = results.length / args.length;
  args.forEach((arg, i) => {
    const call = remoteCall('wasm2beam_float', name.replace('.', '_'), uses(scope, [arg]));
    bind(scope, results.slice(words * i, words * (i + 1)), call);
  });
};

const apply = (scope: CoreScope, id: number, args: readonly Value[]): string =>
  `apply ${scope.functionOf(id)}(${uses(scope, args).join(', ')})`;

/** The call of a function of the module, as an expression: what a tail call ends in. */
export const applyFunction = (scope: CoreScope, { index, args, offset }: Instruction): string =>
  located(apply(scope, index, args), scope.locations, offset);

/** The depth goes back into its cell whether the call returns or raises; what was raised goes on as it was. */
const callProtected: Select = (scope, { args, results, index }) => {
  const [cells, depth] = uses(scope, args.slice(-2));
  const restore = remoteCall('wasm2beam_cells', 'set', [cells, '1', depth]);
  const restored: Wrap = (then) => `do ${restore} ${then}`;
  bind(scope, results, protect(scope, apply(scope, index, args.slice(0, -2)), restored, restored));
};

const callRuntime: Select = (scope, at) => {
  if (at.name === 'make_tuple') return makeFrame(scope, at);
  const args = uses(scope, at.args);
  // What is asked of Erlang itself never fails here, and `erlc` may find out that nobody needs the tuple.
  if (at.text === 'erlang') return bind(scope, at.results, quiet(remoteCall(at.text, at.name, args)));
  bindCall(scope, at.results, callAt(scope, at, at.text, at.name, args));
};

const callFun: Select = (scope, { args, results, offset }) => {
  const operands = uses(scope, args);
  const fun = operands.pop()!;
  bindCall(scope, results, located(`apply ${fun}(${operands.join(', ')})`, scope.locations, offset));
};

const SELECT: Partial<Record<Operator, Select>> & Record<WordOperator, Select> = {
  'int.add': bif('+'),
  'int.sub': bif('-'),
  'int.mul': bif('*'),
  'int.div': bif('div'),
  'int.rem': bif('rem'),
  'int.and': bif('band'),
  'int.or': bif('bor'),
  'int.xor': bif('bxor'),
  'int.shl': bif('bsl'),
  'int.shr': bif('bsr'),
  'int.lt': unreachableTest,
  'int.ge': unreachableTest,
  'int.eq': unreachableTest,
  'int.ne': unreachableTest,
  'select.lt': selectValue('lt'),
  'select.ge': selectValue('ge'),
  'select.eq': selectValue('eq'),
  'select.ne': selectValue('ne'),
  trap_if: trapIf,
  'state.get': expression(([state], { index }) => tupleElement(index, state)),
  'cell.get': expression(([cells], at) => remoteCall('wasm2beam_cells', 'get', cellOf(cells, at))),
  'cell.set': expression(([cells, word], at) => remoteCall('wasm2beam_cells', 'set', [...cellOf(cells, at), word])),
  'mem.load': load,
  'mem.load64': load,
  'mem.store': store,
  'mem.store64': store,
  'mem.loads': loads,
  'mem.stores': stores,
  'root.refresh': refresh,
  'fuel.charge': chargeFuel,
  'table.element': tableElement,
  'float.arith': floatFunction,
  'float.test': floatFunction,
  'float.choice': floatFunction,
  'float.magnitude': floatFunction,
  'float.rounding': floatFunction,
  'float.sign': floatFunction,
  truncate: floatFunction,
  'float.bits': floatBits,
  'float.from_bits': floatFunction,
  'float.from_int': bif('float'),
  'float.run': (scope, { body }) => body.forEach((instruction) => selectCore(scope, instruction)),
  list: expression((args) => `[${args.join(', ')}]`),
  tuple: expression((args) => `{${args.join(', ')}}`),
  element: expression(([tuple], { index }) => tupleElement(index + 1, tuple)),
  call: (scope, at) => bindCall(scope, at.results, applyFunction(scope, at)),
  call_protected: callProtected,
  runtime: callRuntime,
  call_fun: callFun,
};
