// The project's own scripts, tests/run/*.wast, on the Core Erlang back end, but for functions that take erlc minutes.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ModuleCompiler } from '../../wast/backend.ts';
import { runScript } from '../../wast/run.ts';
import { Session } from '../../wast/session.ts';

const folder = join(import.meta.dirname, '../run');
const TOO_LARGE = ['wide.wast'];
const compiler = new ModuleCompiler('core');
const session = new Session({ compile: compiler.compile });
afterAll(() => {
  session.close();
  compiler.close();
});

const files = readdirSync(folder).filter((name) => name.endsWith('.wast') && !TOO_LARGE.includes(name));

test.each(files)('%s', async (file) => {
  const report = await runScript(readFileSync(join(folder, file), 'utf8'), session, { source: file });
  const wrong = report.failures.map(({ line, got, expected }) => `${file}:${line}: got ${got}, expected ${expected}`);
  expect(wrong, `bin/wasm2beam wast --backend core tests/run/${file}`).toEqual([]);
  expect(report.passed).toBeGreaterThan(0);
});
