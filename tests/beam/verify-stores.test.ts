// The verifier of stores in place: it passes what the compiler makes, and finds each fault planted in a function, between
// functions, and in the instructions of a real module.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import type { AssemblyTarget, Instruction, Register, Source, ValueKind } from '../../beam-backend/assembly.ts';
import { emitModule, emitParts } from '../../beam-backend/compile.ts';
import { partName } from '../../beam-backend/parts.ts';
import { StoreVerifier } from '../../beam-backend/verify-stores.ts';
import { decodeModule } from '../../frontend/decode.ts';
import { analyseCalls } from '../../frontend/callgraph.ts';
import { lowerModule } from '../../frontend/lower-module.ts';
import { validateModule } from '../../frontend/validate.ts';
import type { IrModule } from '../../ir/module.ts';
import { layoutState } from '../../ir/shape.ts';
import { parseWat } from '../../frontend/wat.ts';
import { everything } from '../frontend/binary.ts';
import { randomModule } from '../ir/random-module.ts';

const x = (index: number): Register => ({ kind: 'x', index });
const y = (index: number) => ({ kind: 'y' as const, index });
const int = (value: number): Source => ({ kind: 'integer', value });
const float: Source = { kind: 'literal', term: { float: 1.5 } };
const store = (value: Source, tuple: Register): Instruction => ({ op: 'set_tuple_element', value, tuple, index: 0 });
const get = (from: Register, index: number, to: Register): Instruction => ({
  op: 'get_tuple_element',
  from,
  index,
  to,
});
const move = (from: Source, to: Register): Instruction => ({ op: 'move', from, to });
const ret: Instruction = { op: 'return' };
const call = (label: number, arity: number, results: ValueKind[]): Instruction => ({
  op: 'call',
  arity,
  label,
  results,
});

/** Takes everything and keeps nothing. */
function sink(): AssemblyTarget {
  let label = 1000;
  return { newLabel: () => ++label, addFunction: () => undefined, export: () => undefined };
}

interface Fn {
  readonly parameters: readonly ValueKind[];
  readonly body: readonly Instruction[];
  readonly exported?: boolean;
}

/** Verifies functions that are entered at the labels 1, 2, ...; S has a memory (5, 6) and a global (7). */
function verify(...functions: readonly Fn[]): void {
  const verifier = new StoreVerifier({ inPlace: new Set([2, 6, 7]), layout: layoutState(1, 0, 1, 0) });
  const target = verifier.wrap(sink(), 'm');
  functions.forEach(({ parameters, body, exported }, index) => {
    const entry = index + 1;
    const instructions: Instruction[] = [{ op: 'label', label: entry }, ...body];
    target.addFunction({ name: `f${entry}`, arity: parameters.length, entry, parameters, instructions });
    if (exported === true) target.export(`f${entry}`, parameters.length, entry);
  });
  verifier.finish();
}

const cells = get(x(0), 6, x(2));
const NOT_OURS = /not proved: f1: instruction \d+, .*not proved to be an in-place tuple/;
const NOT_SMALL = /not proved: f1: instruction \d+, .*not proved to be a small integer/;
const JUMPS: Instruction = { op: 'test', name: 'is_lt', fail: 50, args: [x(1), int(5)] };

describe('a function that stores', () => {
  const one = (...body: Instruction[]): void => verify({ parameters: ['state', 'int', 'other'], body });

  test.each<[string, Instruction[]]>([
    ['a parameter into a cell of S', [cells, store(x(1), x(2)), ret]],
    ['into a tuple made at run time', [move(int(3), x(0)), move(int(0), x(1)), makeTuple(), store(int(1), x(0)), ret]],
    ['what a cell holds', [cells, get(x(2), 0, x(1)), store(x(1), x(2)), ret]],
    ['a sum of bounded numbers', [cells, sum(2 ** 57), store(x(1), x(2)), ret]],
    ['what was saved', [...saved(1), store(x(1), x(2)), ret]],
    ['what either way gives', [JUMPS, move(int(3), x(1)), { op: 'label', label: 50 }, cells, store(x(1), x(2)), ret]],
  ])('%s, is right', (_, body) => one(...body));

  test.each<[string, RegExp, Instruction[]]>([
    ['into S itself', NOT_OURS, [store(x(1), x(0)), ret]],
    ['into the memory of S', NOT_OURS, [get(x(0), 4, x(2)), store(x(1), x(2)), ret]],
    ['into a parameter', NOT_OURS, [store(x(1), x(2)), ret]],
    ['into a literal', NOT_OURS, [move({ kind: 'literal', term: { tuple: [0] } }, x(2)), store(x(1), x(2)), ret]],
    ['into a new tuple', NOT_OURS, [{ op: 'put_tuple', to: x(2), args: [int(1)] }, store(x(1), x(2)), ret]],
    [
      'into a tuple of terms',
      NOT_OURS,
      [move(int(3), x(0)), move({ kind: 'atom', name: 'null' }, x(1)), makeTuple(), store(int(1), x(0)), ret],
    ],
    ['a cell past a call', NOT_OURS, [cells, call(1, 3, []), store(int(1), x(2)), ret]],
    ['a cell on one way only', NOT_OURS, [JUMPS, cells, { op: 'label', label: 50 }, store(x(1), x(2)), ret]],
    ['a float', NOT_SMALL, [cells, store(float, x(2)), ret]],
    ['a term', NOT_SMALL, [move(x(2), x(1)), cells, store(x(1), x(2)), ret]],
    ['an atom', NOT_SMALL, [cells, store({ kind: 'atom', name: 'a' }, x(2)), ret]],
    ['a large integer', NOT_SMALL, [cells, store(int(2 ** 59), x(2)), ret]],
    ['a sum without bounds', NOT_SMALL, [cells, sum(2 ** 59 - 64), store(x(1), x(2)), ret]],
    [
      'a float register',
      NOT_SMALL,
      [cells, { op: 'fmove', from: { kind: 'fr', index: 0 }, to: x(1) }, store(x(1), x(2)), ret],
    ],
    [
      'what a function of no known result gives',
      NOT_SMALL,
      [...remote('wasm2beam_value', 'to_f64'), store(x(0), x(2)), ret],
    ],
    ['what was saved elsewhere', NOT_SMALL, [...saved(2), store(x(1), x(2)), ret]],
  ])('%s, is refused', (_, message, body) => {
    expect(() => one(...body)).toThrow(message);
  });

  test('through the memory stores words into its root', () => {
    const body = (root: Source, word: Source): Instruction[] => [
      move(root, x(0)),
      move(word, x(2)),
      { op: 'call_ext', arity: 4, module: 'wasm2beam_cells', name: 'store32' },
      ret,
    ];
    const parameters: ValueKind[] = ['root', 'int', 'other', 'other'];
    verify({ parameters, body: body(x(0), x(1)) });
    expect(() => verify({ parameters, body: body(x(0), x(2)) })).toThrow(NOT_SMALL);
    expect(() => verify({ parameters, body: body(x(2), x(1)) })).toThrow(/not proved to be the memory/);
  });

  test('behind a cycle of jumps is refused', () => {
    const loop: Instruction[] = [{ op: 'label', label: 60 }, cells, store(x(1), x(2)), { op: 'jump', label: 60 }];
    expect(() => one(...loop)).toThrow(/f1: .*is reached from behind/);
  });
});

describe('between functions', () => {
  const storing: Fn = { parameters: ['cells', 'int'], body: [store(x(1), x(0)), ret] };
  const passing = (...body: Instruction[]): Fn => ({
    parameters: ['state', 'int'],
    body: [...body, { op: 'call_only', arity: 2, label: 1 }],
  });
  const demanding: Fn = {
    parameters: ['state'],
    body: [
      { op: 'allocate', slots: 1, live: 1 },
      move(x(0), y(0)),
      call(1, 1, ['int']),
      get(y(0), 6, x(1)),
      store(x(0), x(1)),
      ret,
    ],
  };

  test('arguments are what parameters are said to be', () => {
    verify(storing, passing(get(x(0), 6, x(0))));
    expect(() => verify(storing, passing())).toThrow(/parameter 0 of f1 is cells, but not in calls such as f2's/);
    expect(() => verify(storing, passing(get(x(0), 6, x(0)), move(float, x(1))))).toThrow(/parameter 1 of f1 is int/);
    expect(() => verify(storing, passing(get(x(0), 6, x(0))), passing(get(x(0), 4, x(0))))).toThrow(
      /parameter 0 of f1/,
    );
  });

  test('results are what callers rely on, also through a tail call', () => {
    const tail: Fn = { parameters: ['state'], body: [{ op: 'call_only', arity: 1, label: 3 }] };
    const giving = (value: Source): Fn => ({ parameters: ['state'], body: [move(value, x(0)), ret] });
    verify(giving(int(1)), demanding);
    expect(() => verify(giving(float), demanding)).toThrow(/f1 does not return int/);
    verify(tail, demanding, giving(int(1)));
    expect(() => verify(tail, demanding, giving(float))).toThrow(/f3 does not return int/);
  });

  test('the embedder cannot pass what is stored into', () => {
    expect(() => verify({ ...storing, exported: true })).toThrow(/anybody can call f1, parameter 0 of which is cells/);
  });
});

describe('a real module', () => {
  const require = createRequire(import.meta.url);
  const modules: readonly (readonly [string, () => Uint8Array])[] = [
    ['everything', everything],
    ['mappings', () => readFileSync(require.resolve('source-map/lib/mappings.wasm'))],
    ...Array.from({ length: 20 }, (_, seed) => {
      return [`random ${seed}`, (): Uint8Array => parseWat(randomModule(seed)).bytes] as const;
    }),
  ];

  test.each(modules)('%s passes, whole and with functions in parts of a byte', (_, load) => {
    const bytes = load();
    expect(countStores(bytes)).toBeGreaterThan(0);
    const module = lower(bytes);
    const verifier = new StoreVerifier(module);
    const parts = new Set<number>();
    emitParts(module, 1, (part) => {
      parts.add(part);
      return verifier.wrap(sink(), partName('m', part));
    });
    verifier.finish();
    expect(parts.size).toBeGreaterThanOrEqual(module.bodySizes.filter((size) => size > 0).length);
  });

  const faults: readonly (readonly [string, (at: Instruction) => Instruction])[] = [
    ['another value', (at) => (at.op === 'set_tuple_element' ? { ...at, value: float } : at)],
    ['another tuple', (at) => (at.op === 'set_tuple_element' ? { ...at, tuple: { kind: 'x', index: 900 } } : at)],
  ];
  test.each(faults)('with %s in any of its stores is refused', (_, change) => {
    const bytes = everything();
    const stores = countStores(bytes);
    for (let wanted = 0; wanted < stores; wanted++) {
      let seen = 0;
      const fault = (at: Instruction): Instruction =>
        at.op === 'set_tuple_element' && seen++ === wanted ? change(at) : at;
      expect(() => verifyChanged(bytes, fault), `store ${wanted}`).toThrow(/stores not proved/);
    }
  });

  test('that fetches the wrong element of S is refused', () => {
    const { layout, inPlace } = lower(everything());
    const fault = (at: Instruction): Instruction =>
      at.op === 'get_tuple_element' && inPlace.has(at.index + 1) ? { ...at, index: layout.memory - 1 } : at;
    expect(() => verifyChanged(everything(), fault)).toThrow(/stores not proved/);
  });
});

function makeTuple(): Instruction {
  return { op: 'call_ext', arity: 2, module: 'erlang', name: 'make_tuple' };
}

/** x1 := x1 + x1, both between 0 and `max`. */
function sum(max: number): Instruction {
  const operand: Source = { kind: 'x', index: 1, type: { kind: 'integer', min: 0, max: max - 1 } };
  return { op: 'gc_bif', name: '+', fail: 0, live: 3, args: [operand, operand], to: x(1) };
}

/** Saves S and x1 or x2 over a call, and fetches them and a cell again. */
function saved(register: 1 | 2): Instruction[] {
  return [
    { op: 'allocate_heap', slots: 1, heap: { words: 3, floats: 0 }, live: 3 },
    { op: 'put_tuple', to: y(0), args: [x(0), x(register)] },
    call(1, 3, []),
    get(y(0), 0, x(0)),
    get(y(0), 1, x(1)),
    { op: 'deallocate', slots: 1 },
    cells,
  ];
}

/** A call with S and x1 saved, then a cell in x2 and the result in x0. */
function remote(module: string, name: string): Instruction[] {
  return [
    { op: 'allocate', slots: 1, live: 2 },
    move(x(0), y(0)),
    { op: 'call_ext', arity: 1, module, name },
    get(y(0), 6, x(2)),
  ];
}

function lower(bytes: Uint8Array): IrModule {
  const module = decodeModule(bytes);
  return lowerModule(module, analyseCalls(module, validateModule(module), false), { name: 'm', source: 'm' });
}

/** Verifies a module whose instructions were changed on the way. */
function verifyChanged(bytes: Uint8Array, change: (at: Instruction) => Instruction): void {
  const module = lower(bytes);
  const verifier = new StoreVerifier(module);
  const target = verifier.wrap(sink(), 'm');
  emitModule(module, {
    newLabel: () => target.newLabel(),
    addFunction: (fn) => target.addFunction({ ...fn, instructions: fn.instructions.map(change) }),
    export: (name, arity, label) => target.export(name, arity, label),
  });
  verifier.finish();
}

function countStores(bytes: Uint8Array): number {
  let stores = 0;
  verifyChanged(bytes, (at) => {
    if (at.op === 'set_tuple_element') stores++;
    return at;
  });
  return stores;
}
