// cjs-module-lexer (C, compiled by clang -Oz): finds the exports of this project's own dependencies.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { compareWithV8 } from './replay.ts';

const require = createRequire(import.meta.url);

const SOURCES: Record<string, string> = {
  plain: 'exports.a = 1; module.exports.b = 2; Object.defineProperty(exports, "c", { value: 3 });',
  literal: 'module.exports = { a, b: c, "d": 1, ...require("./e") }',
  reexport: '__exportStar(require("./x"), exports); __exportStar(require("./y"), exports);',
  strings: 'exports["\\u{1F600}"] = `a${`b${c}`}`; /[/\\]]/.test(x) // exports.no = 1\nexports.ok = 1',
  empty: '',
};

it('cjs-module-lexer', async () => {
  const result = await compareWithV8('cjs_module_lexer', async () => {
    const { init, parse } = await import('cjs-module-lexer');
    await init();
    const files = ['typescript', 'undici', 'source-map'].map((name) => readFileSync(require.resolve(name), 'utf8'));
    // Of the largest, the TypeScript compiler's ten megabytes, a part.
    for (const source of files) parse(source.slice(0, 200_000));
    expect(() => parse('import a from "b"; export { a };')).toThrow();
    expect(() => parse('exports.a = "')).toThrow();
    return Object.values(SOURCES).map((source) => parse(source));
  });
  expect(result[0].exports).toEqual(['a', 'b', 'c']);
  expect(result[2].reexports).toEqual(['./x', './y']);
});
