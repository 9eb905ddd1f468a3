// sql.js (SQLite in C, compiled by Emscripten, 688 KB): a database in memory; 10,000 rows by so many statements.
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

function withDatabase<T>(database: Database, use: (database: Database) => T): T {
  const result = use(database);
  database.close();
  return result;
}

/** A schema with constraints, an index, a view and a trigger, then rows as statements of their own, in a transaction. */
function shopScript(rows: number): string {
  const schema = `
    CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, city TEXT);
    CREATE TABLE sale (id INTEGER PRIMARY KEY, customer REFERENCES customer, cents INTEGER CHECK (cents > 0), note TEXT);
    CREATE INDEX sale_customer ON sale (customer);
    CREATE TABLE total (customer INTEGER PRIMARY KEY, cents INTEGER NOT NULL);
    CREATE TRIGGER sold AFTER INSERT ON sale BEGIN
      INSERT INTO total VALUES (new.customer, new.cents) ON CONFLICT DO UPDATE SET cents = cents + excluded.cents;
    END;
    CREATE VIEW best AS SELECT name, city, cents FROM customer JOIN total ON total.customer = customer.id;
    BEGIN;`;
  const customers = Array.from(
    { length: 50 },
    (_, i) => `INSERT INTO customer VALUES (${i}, 'name ${i}', '${['Köln', 'Paris', 'Wien'][i % 3]}');`,
  );
  const sales = Array.from(
    { length: rows },
    (_, i) => `INSERT INTO sale VALUES (NULL, ${(i * i) % 50}, ${((i * 7919) % 5000) + 1}, 'sale ${i}');`,
  );
  return [schema, ...customers, ...sales, 'COMMIT;'].join('\n');
}

function boundValues(database: Database): unknown[][] {
  database.run('CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, x REAL); CREATE INDEX n ON t (name)');
  for (let i = 0; i < 20; i++) database.run('INSERT INTO t (name, x) VALUES (?, ?)', [`name ${i % 7}`, i * 0.1]);
  expect(() => database.run('INSERT INTO nowhere VALUES (1)')).toThrow('no such table');
  const [result] = database.exec(
    "SELECT name, count(*), round(sum(x), 3) FROM t WHERE name LIKE 'name%' GROUP BY name ORDER BY 3 DESC LIMIT 3",
  );
  return result.values;
}

function manyRows(database: Database): unknown[][][] {
  database.run(shopScript(10_000));
  expect(() => database.run("INSERT INTO sale VALUES (NULL, 1, -5, 'free')")).toThrow('CHECK constraint failed');
  return [
    'SELECT count(*), sum(cents), min(note), max(note), avg(cents) FROM sale',
    'SELECT * FROM best ORDER BY cents DESC, name LIMIT 3',
    'SELECT city, count(DISTINCT customer), sum(cents) FROM sale JOIN customer c ON c.id = customer GROUP BY city',
    'SELECT id, cents, sum(cents) OVER (ORDER BY id) FROM sale WHERE customer = 49 LIMIT 3',
    'PRAGMA integrity_check',
  ].map((sql) => database.exec(sql)[0].values);
}

it('sql.js', async () => {
  const { bound, many } = await compareWithV8('sql_js', async () => {
    const initSqlJs = require('sql.js') as () => Promise<{ Database: new () => Database }>;
    const { Database } = await initSqlJs();
    return { bound: withDatabase(new Database(), boundValues), many: withDatabase(new Database(), manyRows) };
  });
  expect(bound).toEqual([
    ['name 5', 3, 3.6],
    ['name 4', 3, 3.3],
    ['name 3', 3, 3],
  ]);
  const cents = Array.from({ length: 10_000 }, (_, i) => ((i * 7919) % 5000) + 1);
  const sum = cents.reduce((a, b) => a + b);
  expect(many[0]).toEqual([[10_000, sum, 'sale 0', 'sale 9999', sum / 10_000]]);
  expect(many[1]).toHaveLength(3);
  expect(many[2].map(([city]) => city)).toEqual(['Köln', 'Paris', 'Wien']);
  expect(many[4]).toEqual([['ok']]);
}, 300_000);
