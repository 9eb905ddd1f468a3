// `snapshot` writes what a function left of an instance, and `run --snapshot` begins there.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { failed, runCommand, success } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'wasm2beam-snapshot-'));

const GUEST = `(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\\20\\00\\00\\00\\03\\00\\00\\00") (data (i32.const 32) "hi\\0a")
  (func (export "_initialize") (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24))) (i32.store (i32.const 8) (i32.const 42)))
  (func (export "keep") (param i32) (i32.store (i32.const 8) (local.get 0)))
  (func (export "fail") unreachable)
  (func (export "kept") (result i32) (i32.load (i32.const 8))))`;

beforeAll(() => {
  writeFileSync(join(folder, 'guest.wat'), GUEST);
  writeFileSync(join(folder, 'other.wat'), '(module (func (export "kept")))');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (line: string) => runCommand(folder, line.split(' '));

test('an instance begins as _initialize, or the function that is named, left one', { timeout: 60_000 }, async () => {
  expect(await run('snapshot guest.wat')).toEqual(success('hi'));
  expect(statSync(join(folder, 'guest.snapshot')).size).toBeLessThan(4096 + 200);
  expect(await run('run guest.wat --invoke kept')).toEqual(success('0'));
  expect(await run('run guest.wat --snapshot guest.snapshot --invoke kept')).toEqual(success('42'));
  expect(await run('run guest.wat --snapshot guest.snapshot --invoke kept --backend core --fuel 9')).toEqual(
    success('42'),
  );
  expect(await run('snapshot guest.wat -o seven --invoke keep -- 7')).toEqual(success(''));
  expect(await run('run guest.wat --snapshot seven --invoke kept')).toEqual(success('7'));
});

test('what cannot be taken or restored is told', { timeout: 60_000 }, async () => {
  expect(await run('snapshot guest.wat -o none --invoke fail')).toEqual(
    failed('wasm trap: unreachable\n  at fail (guest.wat:7:25)', 134),
  );
  expect(() => statSync(join(folder, 'none'))).toThrow();
  expect(await run('run guest.wat --snapshot none --invoke kept')).toEqual(failed('none: no such file'));
  expect(await run('run guest.wat --snapshot guest.wat --invoke kept')).toEqual(
    failed('guest.wat: snapshot: the binary is none'),
  );
  expect(await run('snapshot other.wat -o other')).toEqual(success(''));
  expect(await run('run guest.wat --snapshot other --invoke kept')).toEqual(
    failed('guest.wat: snapshot: it was taken of another module'),
  );
});
