// How functions of wasm2beam_cells are written: operands, single instructions, choices.
import type { AccessWriter } from './memory-layout.ts';
import type { AssemblyTarget, Instruction, Label, OperandType, Register, Source } from './assembly.ts';

export const range = (min: number, max: number) => ({ kind: 'integer', min, max }) as const;
export const TUPLE = { kind: 'tuple' } as const;

export const x = (index: number, type?: OperandType): Register => ({ kind: 'x', index, ...(type ? { type } : {}) });
export const int = (value: number): Source => ({ kind: 'integer', value });
export const atom = (name: string): Source => ({ kind: 'atom', name });

/** Adds a function with this code behind its entry, which is returned. */
export function add(
  target: AssemblyTarget,
  name: string,
  arity: number,
  body: readonly Instruction[],
  entry = target.newLabel(),
): Label {
  target.addFunction({
    name,
    arity,
    entry,
    instructions: [
      { op: 'label', label: target.newLabel() },
      { op: 'line', line: 0 },
      { op: 'func_info', name, arity },
      { op: 'label', label: entry },
      ...body,
    ],
  });
  return entry;
}

export const test = (name: string, fail: Label, ...args: Source[]): Instruction => ({ op: 'test', name, fail, args });
export const move = (from: Source, to: number): Instruction => ({ op: 'move', from, to: x(to) });
/** The operands' types keep the result small, so that it cannot fail and never collects garbage. */
export const compute = (name: string, live: number, a: Source, b: Source, to: number): Instruction => ({
  op: 'gc_bif',
  name,
  fail: 0,
  live,
  args: [a, b],
  to: x(to),
});
export const element = (fail: Label, index: Source, tuple: Source, to: number): Instruction => ({
  op: 'bif',
  name: 'element',
  fail,
  args: [index, tuple],
  to: x(to),
});

/** Raises badarg without the arguments: a report of them could print a whole memory. */
export function failWithBadarg(fail: Label): Instruction[] {
  return [
    { op: 'label', label: fail },
    move(atom('badarg'), 0),
    { op: 'call_ext_only', arity: 1, module: 'erlang', name: 'error' },
  ];
}

/** A balanced tree of comparisons of a register in first..last; `arm` writes what follows for one of its values. */
export function choose(
  target: AssemblyTarget,
  body: Instruction[],
  value: Register,
  first: number,
  last: number,
  arm: (index: number) => void,
): void {
  if (first === last) return arm(first);
  const middle = Math.ceil((first + last) / 2);
  const above = target.newLabel();
  body.push(test('is_lt', above, value, int(middle)));
  choose(target, body, value, first, middle - 1, arm);
  body.push({ op: 'label', label: above });
  choose(target, body, value, middle, last, arm);
}

/** Writes accesses in a function with `arity` arguments, whose scratch registers come behind them in order. */
export function access(target: AssemblyTarget, out: Instruction[], arity: number): AccessWriter {
  let live = arity;
  return {
    out,
    newLabel: () => target.newLabel(),
    compute: (name, a, b, to) => {
      out.push(compute(name, live, a, b, to));
      live = Math.max(live, to + 1);
    },
  };
}
