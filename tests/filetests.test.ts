// Filetests: tests/filetests/**/*.wat, each with its expected output behind it as comments.
//
// The first line says what is shown, `;; test: MODE [NAME ...]`: `ir` (after all passes) or the name of a pass, `asm`, or
// `error`; NAMEs choose functions. What is expected stands at the end, behind `;; expected:`. BLESS=1 rewrites it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  type CompileOptions,
  compileToAssembly,
  compileToIr,
  formatTextError,
  parseWat,
  printFunction,
  validate,
  WasmError,
} from '../compiler.ts';

const folder = join(import.meta.dirname, 'filetests');
const EXPECTED = ';; expected:\n';

interface Filetest {
  readonly mode: string;
  readonly functions: readonly string[];
  /** The file without what is expected. */
  readonly input: string;
  readonly expected: string;
}

function readFiletest(file: string): Filetest {
  const text = readFileSync(join(folder, file), 'utf8');
  const [, mode, names] = /^;; test: (\S+)(.*)\n/.exec(text) ?? [];
  if (mode === undefined) throw new Error(`${file} does not begin with ';; test: MODE'`);
  const at = text.indexOf(`\n${EXPECTED}`) + 1;
  const input = at === 0 ? `${text.trimEnd()}\n\n` : text.slice(0, at);
  const expected = at === 0 ? '' : text.slice(at + EXPECTED.length);
  return { mode, functions: names.split(' ').filter(Boolean), input, expected };
}

/** What a filetest shows. */
function output({ mode, functions, input }: Filetest, file: string): string {
  const { bytes, positions } = parseWat(input);
  const isChosen = (name: string) => functions.length === 0 || functions.includes(name);
  const options: CompileOptions = { name: 'filetest', source: file };
  switch (mode) {
    case 'error':
      return errorOf(
        () => validate(bytes),
        input,
        file,
        (error) => positions.locate(error),
      );
    case 'ir':
      return [...compileToIr(bytes, options)].filter((text) => isChosen(irName(text))).join('\n');
    case 'asm':
      return assemblyFunctions(compileToAssembly(bytes, options).join(''))
        .filter(({ name }) => isChosen(name))
        .map(({ text }) => text)
        .join('\n');
    default: {
      const texts: string[] = [];
      const observe: CompileOptions['observe'] = (pass, fn) => {
        if (pass === mode && isChosen(fn.name)) texts.push(printFunction(fn));
      };
      Array.from(compileToIr(bytes, { ...options, observe }));
      if (texts.length === 0) throw new Error(`no function is shown: is there a pass ${mode}?`);
      return texts.join('\n');
    }
  }
}

const irName = (text: string): string => JSON.parse(/^function ("(?:[^"\\]|\\.)*")/.exec(text)![1]) as string;

function assemblyFunctions(text: string): { readonly name: string; readonly text: string }[] {
  return text
    .split(/^(?=\{function, )/m)
    .slice(1)
    .map((one) => ({ name: /^\{function, '?(.*?)'?, \d+, \d+\}/.exec(one)![1], text: `${one.trimEnd()}\n` }));
}

function errorOf(action: () => void, source: string, file: string, locate: (error: WasmError) => WasmError): string {
  try {
    action();
  } catch (error) {
    if (error instanceof WasmError) return `${formatTextError(locate(error), source, file)}\n`;
    throw error;
  }
  return 'valid\n';
}

/** The output; that of a text which does not even parse is its error. */
function show(filetest: Filetest, file: string): string {
  if (filetest.mode !== 'error') return output(filetest, file);
  let text = '';
  const parse = errorOf(
    () => {
      text = output(filetest, file);
    },
    filetest.input,
    file,
    (error) => error,
  );
  return text === '' ? parse : text;
}

const asComments = (text: string): string =>
  text.replace(/^(.*)$\n/gm, (_, line: string) => `${`;; ${line}`.trimEnd()}\n`);

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.wat'));

test.each(files.sort())('%s', (file) => {
  const filetest = readFiletest(file);
  const got = asComments(show(filetest, file));
  if (process.env.BLESS === '1') {
    writeFileSync(join(folder, file), `${filetest.input}${EXPECTED}${got}`);
    return;
  }
  expect(got, `BLESS=1 npx vitest run tests/filetests.test.ts -t '${file}' accepts it`).toBe(filetest.expected);
});
