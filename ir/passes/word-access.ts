// What the second level makes of values and of the instance's state: words of a value, elements of S, cells, the frame.
import type { ValueType } from '../instructions.ts';
import { Instruction, type Role, type Type, type Value } from '../ir.ts';
import type { ModuleShape } from '../shape.ts';
import { MASK, type Word, type WordBuilder } from '../words.ts';
import { resultValues } from './numeric.ts';

export function tupleOf(value: Value, size: number, role?: Role): Value {
  value.tupleSize = size;
  value.role = role;
  return value;
}

/** Elements of the table of scales, at least. */
const SCALES = 4095 + 512;

export const isWide = (type: Type): boolean => type === 'i64';

export class WordAccess {
  protected readonly shape: ModuleShape;
  protected readonly b: WordBuilder;
  /** For each value of the first level: one word, or two for an i64. */
  protected readonly words: (readonly Word[])[] = [];
  protected state!: Value;
  private scalesHere: Value | undefined;
  protected frame!: Value;

  constructor(shape: ModuleShape, b: WordBuilder) {
    this.shape = shape;
    this.b = b;
  }

  // --- operands ----------------------------------------------------------------------------------------------------

  protected wordsOf(value: Value): readonly Word[] {
    return (this.words[value.id] ??= this.constant(value));
  }

  protected constant(value: Value): Word[] {
    const { b } = this;
    switch (value.type) {
      case 'i32':
      case 'funcref':
        return [b.word(b.int(value.constant as number))];
      case 'i64': {
        const bits = value.constant as bigint;
        return [b.word(b.int(Number(bits >> 32n))), b.word(b.int(Number(bits & 0xffffffffn)))];
      }
      case 'externref':
        return [b.word(b.term({ atom: 'null' }))];
      default:
        return [b.word(b.fn.constant(value.type, value.constant!))];
    }
  }

  protected allWords(values: readonly Value[]): Word[] {
    const words: Word[] = [];
    for (const value of values) for (const word of this.wordsOf(value)) words.push(word);
    return words;
  }

  protected exact(value: Value): Value[] {
    const words = this.wordsOf(value);
    return words.length === 1 ? [words[0].exact] : [words[0].exact, words[1].exact];
  }

  protected exacts(values: readonly Value[]): Value[] {
    const exacts: Value[] = [];
    for (const value of values) for (const word of this.wordsOf(value)) exacts.push(word.exact);
    return exacts;
  }

  protected define(value: Value, words: readonly Value[]): void {
    const { b } = this;
    this.words[value.id] = words.length === 1 ? [b.word(words[0])] : words.map((word) => b.word(word));
  }

  protected defineAll(results: readonly Value[], values: readonly Value[]): void {
    let next = 0;
    for (const result of results) {
      const count = isWide(result.type) ? 2 : 1;
      this.define(result, values.slice(next, next + count));
      next += count;
    }
  }

  protected runtimeCall({ results, offset }: Instruction, module: string, name: string, args: Value[]): void {
    const values = resultValues(
      this.b,
      results.map((result) => result.type as ValueType),
    );
    this.b.runtime(module, name, args, values, offset);
    this.defineAll(results, values);
  }

  // --- state ---------------------------------------------------------------------------------------------------------

  /** Element `index` of S; `size` above 0 where it is an in-place tuple of so many words. */
  protected stateGet(index: number, size = 0): Value {
    const value = tupleOf(this.b.emit('state.get', [this.state], 'term'), size, size > 0 ? 'cells' : undefined);
    value.definition!.index = index;
    return value;
  }

  /** The table by which bits become floats, which holds no integers; fetched once in a block. */
  protected scales(): Value {
    if (this.scalesHere?.block !== this.b.block) {
      this.scalesHere = tupleOf(this.stateGet(this.shape.layout.scales), SCALES);
    }
    return this.scalesHere;
  }

  protected stateInt(index: number): Value {
    const value = this.b.emit('state.get', [this.state], 'int', 0, 2 ** 52);
    value.definition!.index = index;
    return value;
  }

  protected cellGet(cell: Value, index: number, min = 0, max = MASK): Value {
    const value = this.b.emit('cell.get', [cell], 'int', min, max);
    value.definition!.index = index;
    return value;
  }

  protected cellSet(cell: Value, index: number, word: Value): void {
    const set = new Instruction('cell.set', [cell, word], [], 0);
    set.index = index;
    this.b.append(set);
  }

  protected frameGet({ index, results }: Instruction): void {
    const type = results[0].type as ValueType;
    const [min, max] = type === 'funcref' ? [-1, 2 ** 53] : [0, MASK];
    const words = [this.cellGet(this.frame, index + 1, min, max)];
    if (type === 'i64' || type === 'f64') words.push(this.cellGet(this.frame, index + 2));
    this.define(results[0], type === 'f32' || type === 'f64' ? [this.b.floatFromBits(type, words)] : words);
  }

  protected frameSet({ index, args }: Instruction): void {
    const type = args[0].type;
    const exact = this.exact(args[0]);
    const words = type === 'f32' || type === 'f64' ? this.b.floatBits(type, exact[0]) : exact;
    words.forEach((word, i) => this.cellSet(this.frame, index + 1 + i, word));
  }
}
