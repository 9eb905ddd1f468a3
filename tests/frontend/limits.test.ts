// docs/limits.md tells of every limit of the front end, and of none that is not there.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LIMITS } from '../../frontend/limits.ts';

test('docs/limits.md lists the limits', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/limits.md'), 'utf8');
  const table = text.slice(text.indexOf('| too many'), text.indexOf('\n\nA table has'));
  const rows = table.split('\n').slice(2);
  const listed = rows.map((row) => row.split('|').map((cell) => cell.trim())).map(([, what, most]) => [what, most]);
  expect(listed).toEqual(Object.values(LIMITS).map(({ what, most }) => [what, most.toLocaleString('en-US')]));
});
