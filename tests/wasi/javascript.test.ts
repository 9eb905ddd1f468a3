// QuickJS, a JavaScript engine in C, evaluates programs on the BEAM, with host functions in Erlang (javascript.escript). What
// it prints is compared with what Node prints for the same scripts and the same host functions in JavaScript.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { afterAll, expect, test } from 'vitest';
import { compile } from '../../compiler.ts';
import { otpRelease, runEscript, RUNTIME } from '../harness/erlang.ts';

const require = createRequire(import.meta.url);
const SCRIPTS = join(import.meta.dirname, 'javascript');
const folder = mkdtempSync(join(tmpdir(), 'wasm2beam-javascript-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A parser of JavaScript, some 6,000 lines, parses one of the scripts and counts what it found. */
function parserScript(): string {
  const parser = readFileSync(require.resolve('acorn'), 'utf8');
  const source = readFileSync(join(SCRIPTS, 'closures.js'), 'utf8');
  return `${parser}
const counts = {};
const visit = (node) => {
  if (Array.isArray(node)) return node.forEach(visit);
  if (node === null || typeof node !== 'object') return;
  if (typeof node.type === 'string') counts[node.type] = (counts[node.type] ?? 0) + 1;
  Object.values(node).forEach(visit);
};
visit(acorn.parse(${JSON.stringify(source)}, { ecmaVersion: 2023, locations: true }));
print(JSON.stringify(counts));
`;
}

async function evaluateInNode(script: string): Promise<string[]> {
  const lines: string[] = [];
  const each = (call: (n: number) => number, n: number): number => {
    let sum = 0;
    for (let i = 1; i <= n; i++) sum += call(i);
    return sum;
  };
  const context = createContext({
    print: (...values: unknown[]) => void lines.push(...values.map(String).join(' ').split('\n')),
    upper: (text: string) => text.toUpperCase(),
    add: (a: number, b: number) => a + b,
    negate: (flag: boolean) => !flag,
    lookup: (key: string) => ({ city: 'Zürich', nul: null, list: 3 })[key],
    each,
  });
  // An error of the script's own world, as it gets one in the engine.
  runInContext('globalThis.fail = (message) => { throw new Error(message); }', context);
  runInContext(readFileSync(script, 'utf8'), context, { filename: script });
  await new Promise((resolve) => setImmediate(resolve));
  return lines;
}

test('quickjs-wasi evaluates what Node evaluates', { timeout: 300_000 }, async () => {
  const parser = join(folder, 'parser.js');
  writeFileSync(parser, parserScript());
  const scripts = [...readdirSync(SCRIPTS).map((name) => join(SCRIPTS, name)), parser];
  const beam = join(folder, 'quickjs.beam');
  const wasm = readFileSync(require.resolve('quickjs-wasi/quickjs.wasm'));
  writeFileSync(beam, compile(wasm, { name: 'quickjs', otp: await otpRelease() }));

  const expected: string[] = [];
  for (const script of scripts) expected.push(`== ${basename(script)}`, ...(await evaluateInNode(script)));
  expect(await runEscript('../wasi/javascript.escript', [RUNTIME, beam, ...scripts])).toEqual(expected);
});
