// es-module-lexer (C, compiled by clang): finds the imports and exports of this project's own sources.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compareWithV8 } from './replay.ts';

const root = join(import.meta.dirname, '../..');
const SOURCES = [
  'import a, { b as c } from "./a.js"; import * as d from \'d\' with { type: "json" }; export { c as "e f", d };',
  'export default function f() { return import(`./${f}`); } import.meta.url; export * as g from "g"; export let h = /[/]/;',
  '',
];

it('es-module-lexer', async () => {
  const result = await compareWithV8('es_module_lexer', async () => {
    const { init, parse } = await import('es-module-lexer');
    await init;
    for (const file of ['tests/modules/recorder.ts', 'compiler.ts']) parse(readFileSync(join(root, file), 'utf8'));
    parse(readFileSync(join(root, 'node_modules/source-map/lib/source-map-consumer.js'), 'utf8'));
    expect(() => parse('import { from "x"')).toThrow();
    return SOURCES.map((source) => parse(source));
  });
  console.log(JSON.stringify(result));
});
