// The project's own scripts, tests/run/*.wast: one for every bug found, and what the official tests do not reach.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runScript } from '../wast/run.ts';
import { Session } from '../wast/session.ts';

const folder = join(import.meta.dirname, 'run');
const session = new Session();
afterAll(() => session.close());

const files = readdirSync(folder).filter((name) => name.endsWith('.wast'));

test.each(files)('%s', async (file) => {
  const report = await runScript(readFileSync(join(folder, file), 'utf8'), session, { source: file });
  const wrong = report.failures.map(({ line, got, expected }) => `${file}:${line}: got ${got}, expected ${expected}`);
  expect(wrong, `bin/wasm2beam wast tests/run/${file}`).toEqual([]);
  expect(report.passed).toBeGreaterThan(0);
});
