// sql.js (SQLite in C, compiled by Emscripten, 688 KB): a database in memory.
import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { compareWithV8 } from './replay.ts';

const require = createRequire(import.meta.url);

interface Database {
  run(sql: string, values?: readonly unknown[]): void;
  exec(sql: string): { columns: string[]; values: unknown[][] }[];
  export(): Uint8Array;
  close(): void;
}

it('sql.js', async () => {
  const rows = await compareWithV8('sql_js', async () => {
    const initSqlJs = require('sql.js') as () => Promise<{ Database: new () => Database }>;
    const { Database } = await initSqlJs();
    const database = new Database();
    database.run('CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, x REAL); CREATE INDEX n ON t (name)');
    for (let i = 0; i < 20; i++) database.run('INSERT INTO t (name, x) VALUES (?, ?)', [`name ${i % 7}`, i * 0.1]);
    expect(() => database.run('INSERT INTO nowhere VALUES (1)')).toThrow('no such table');
    const [result] = database.exec(
      "SELECT name, count(*), round(sum(x), 3) FROM t WHERE name LIKE 'name%' GROUP BY name ORDER BY 3 DESC LIMIT 3",
    );
    database.close();
    return result.values;
  });
  expect(rows).toEqual([
    ['name 5', 3, 3.6],
    ['name 4', 3, 3.3],
    ['name 3', 3, 3],
  ]);
}, 180_000);
