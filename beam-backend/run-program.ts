// A run of float instructions as data, for wasm2beam_float_run:run/3.
import { numericArgs, type Instruction as IrInstruction, type Value } from '../ir/ir.ts';
import type { Source, Term } from './assembly.ts';
import { constantSource } from './constants.ts';

/** Positions of a run's values in the tuple that wasm2beam_float_run makes: operands from `first` on, then results. */
export function positionsOf({ args, body }: IrInstruction, first: number): Map<Value, number> {
  const positions = new Map<Value, number>();
  args.forEach((arg, index) => positions.set(arg, first + index));
  body.forEach(({ results: [result] }, index) => positions.set(result, first + args.length + index));
  return positions;
}

/** What wasm2beam_float_run:run/3 takes to do a run. */
export function programOf(at: IrInstruction, positions: ReadonlyMap<Value, number>): Term {
  const operand = (value: Value): Term => positions.get(value) ?? { tuple: [termOf(constantSource(value))] };
  return {
    list: at.body.map((inner) => {
      const fn = inner.operator === 'float.from_int' ? 'float' : inner.name.replace('.', '_');
      return { tuple: [{ atom: fn }, { list: numericArgs(inner).map(operand) }] };
    }),
  };
}

function termOf(source: Source): Term {
  switch (source.kind) {
    case 'integer':
      return source.value;
    case 'atom':
      return { atom: source.name };
    case 'literal':
      return source.term;
    default:
      throw new Error('a register is no constant');
  }
}
