// Random types of values and functions, and the types of a program's functions.
import type { FunctionType } from '../../frontend/module.ts';
import type { ValueType } from '../../ir/instructions.ts';
import { functionTypeOf, type Program } from './program.ts';
import type { Random } from './random.ts';

/** i32 most often, references least. */
export function randomType(random: Random): ValueType {
  return random.weighted<ValueType>([
    [8, 'i32'],
    [5, 'i64'],
    [3, 'f32'],
    [4, 'f64'],
    [1, 'funcref'],
    [1, 'externref'],
  ]);
}

export const randomTypes = (random: Random, count: number): ValueType[] =>
  Array.from({ length: count }, () => randomType(random));

/** Rarely far more values than BEAM registers are comfortable with. */
export function randomFunctionType(random: Random): FunctionType {
  const count = (usual: number): number =>
    random.weighted([
      [40, random.between(0, usual)],
      [4, random.between(5, 20)],
      [1, random.between(20, 140)],
    ]);
  return {
    parameters: randomTypes(random, count(4)),
    results: randomTypes(random, random.chance(70) ? random.below(2) : count(3)),
  };
}

/** Types of all functions, imported ones first. */
export const allFunctionTypes = (program: Program): FunctionType[] =>
  Array.from({ length: program.hosts.length + program.functions.length }, (_, i) => functionTypeOf(program, i));
