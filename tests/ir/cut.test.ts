// Long blocks are cut where few values live on, and procedures stay as small as is asked for.
import { describe, expect, test } from 'vitest';
import { parseWat } from '../../compiler.ts';
import { analyseCalls } from '../../frontend/callgraph.ts';
import { decodeModule } from '../../frontend/decode.ts';
import { lowerModule } from '../../frontend/lower-module.ts';
import { validateModule } from '../../frontend/validate.ts';
import type { IrFunction } from '../../ir/ir.ts';
import { cutBlocks } from '../../ir/passes/cut.ts';
import { divide, weigh } from '../../ir/procedures.ts';
import { verifyFunction } from '../../ir/verify.ts';
import { randomModule } from './random-module.ts';

/** The functions with a body of a module, in the second level. */
function functionsOf(text: string): IrFunction[] {
  const { bytes } = parseWat(text);
  const wasm = decodeModule(bytes);
  const module = lowerModule(wasm, analyseCalls(wasm, validateModule(wasm), false), { name: 'cut', source: 'cut' });
  return [...module.bodies(module.stubCount, module.bodySizes.length)].map(({ fn }) => fn);
}

/** Names of the instructions, block by block. */
const operators = ({ blocks }: IrFunction): string[][] =>
  blocks.map(({ instructions }) => instructions.map(({ operator }) => operator));

describe('cutBlocks', () => {
  test.each(Array.from({ length: 10 }, (_, i) => 10 * i))('leaves random functions valid from seed %i on', (first) => {
    let cuts = 0;
    for (let seed = first; seed < first + 10; seed++) {
      for (const fn of functionsOf(randomModule(seed))) {
        const [before, count] = [operators(fn).flat(), fn.blocks.length];
        cutBlocks(fn, 4);
        verifyFunction(fn, 'words');
        expect(operators(fn).flat()).toEqual(before);
        expect(Math.max(...fn.blocks.map(({ instructions }) => instructions.length))).toBeLessThanOrEqual(4);
        cuts += fn.blocks.length - count;
      }
    }
    expect(cuts).toBeGreaterThan(10);
  });

  test('cuts where few values live on', () => {
    const product = (a: number): string => `(i32.mul (i32.xor (local.get 0) (i32.const ${a})) (i32.const 3))`;
    const sum = (a: number): string => `(i32.mul (i32.xor ${product(a)} ${product(a + 1)}) ${product(a + 2)})`;
    const [fn] = functionsOf(`(module (memory 1) (func (param i32) (result i32)
      (i32.store (i32.const 0) ${sum(1)}) (i32.store (i32.const 1024) ${sum(5)}) (i32.store (i32.const 2048) ${sum(9)})
      (i32.const 0)))`);
    const length = fn.blocks[0].instructions.length;
    cutBlocks(fn, Math.ceil((2 * length) / 3));
    // Behind a store.
    expect(operators(fn).map((names) => names.at(-1))).toEqual(['mem.store', 'mem.store']);
  });
});

describe('divide', () => {
  test('makes no procedure heavier than is asked for, unless a block is', () => {
    const fn = functionsOf(randomModule(3)).reduce((a, b) => (a.blocks.length > b.blocks.length ? a : b));
    const weights = (weight?: number): number[] =>
      divide(fn, { weight }).procedures.map(({ blocks }) => blocks.reduce((sum, block) => sum + weigh(block), 0));
    const heaviest = Math.max(...weights());
    const limit = Math.ceil(heaviest / 2);
    const block = Math.max(...fn.blocks.map(weigh));
    expect(block).toBeLessThan(heaviest);
    expect(Math.max(...weights(limit))).toBeLessThanOrEqual(Math.max(limit, block));
    expect(weights(limit).length).toBeGreaterThan(weights().length);
  });
});
