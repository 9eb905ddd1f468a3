// es-module-lexer (C, compiled by clang; the build without SIMD): imports and exports of this project's own sources.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compareWithV8 } from './replay.ts';

const root = join(import.meta.dirname, '../..');

it('es-module-lexer', async () => {
  const names = await compareWithV8('es_module_lexer', async () => {
    const { parse } = await import('es-module-lexer/minimal');
    for (const file of ['scripts/test.mjs', 'node_modules/undici/index.js', 'eslint.config.js']) {
      parse(readFileSync(join(root, file), 'utf8'));
    }
    parse('export default function f() { return import(`./${f}`); } import.meta.url; export let h = /[/]/;');
    parse('');
    expect(() => parse('import { from "x')).toThrow();
    const [imports, exports] = parse('import a, { b } from "./a.js"; export * as g from "g"; export { b as c };');
    return [imports.map(({ n }) => n), exports.map(({ n }) => n)];
  });
  expect(names).toEqual([
    ['./a.js', 'g'],
    ['g', 'c'],
  ]);
});
