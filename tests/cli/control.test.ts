// `run` with --fuel, --timeout and --max-memory: functions and WASI programs within their limits and beyond them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failed, runCommand, success, type Outcome } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'wasm2beam-control-'));

const GUEST = `(module
  (memory 2)
  (func (export "three") (result i32) (nop) (nop) (i32.const 3))
  (func (export "forever") (loop (br 0)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))`;
/** Six instructions print a line; what follows is up to the program. */
const program = (rest: string): string => `(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 2)
  (data (i32.const 0) "\\08\\00\\00\\00\\03\\00\\00\\00hi\\0a")
  (func (export "_start")
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))
    ${rest}))`;

/** Waits for an hour of the monotonic clock. */
const SLEEPER = `(module
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (func (export "_start")
    (i32.store (i32.const 16) (i32.const 1))
    (i64.store (i32.const 24) (i64.const 3600000000000))
    (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))))`;

beforeAll(() => {
  const sources = {
    sleeper: SLEEPER,
    guest: GUEST,
    ends: program('(call $exit (i32.const 7))'),
    endless: program('(loop (br 0))'),
  };
  for (const [name, text] of Object.entries(sources)) writeFileSync(join(folder, `${name}.wat`), text);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FOREVER_AT = '\n  at forever (guest.wat:4:29)';
const THREE_AT = '\n  at three (guest.wat:3:40)';
const ENDS_AT = '\n  at _start (ends.wat:7:25)';
const ENDLESS_AT = '\n  at _start (endless.wat:8:6)';
const BEYOND = (file: string): Outcome => failed(`${file}: memory of 2 pages exceeds the limit of 1`);

test.each<[string, Outcome]>([
  ['guest.wat --invoke three --fuel 3', success('3')],
  ['guest.wat --invoke three --fuel 2', failed(`wasm trap: out of fuel${THREE_AT}`, 134)],
  ['guest.wat --invoke three --fuel 0', failed(`wasm trap: out of fuel${THREE_AT}`, 134)],
  ['guest.wat --invoke three --fuel 3 --backend core', success('3')],
  ['guest.wat --invoke three --fuel 2 --backend core', failed(`wasm trap: out of fuel${THREE_AT}`, 134)],
  ['guest.wat --invoke forever --fuel 1000000', failed(`wasm trap: out of fuel${FOREVER_AT}`, 134)],
  ['guest.wat --invoke forever --fuel 1000000 --backend core', failed(`wasm trap: out of fuel${FOREVER_AT}`, 134)],
  ['guest.wat --invoke three --timeout 60000', success('3')],
  ['guest.wat --invoke forever --timeout 20', failed(`wasm trap: timeout${FOREVER_AT}`, 134)],
  // A guest that is not to grow any more is told so; it need not trap.
  ['guest.wat --invoke grow --max-memory 3 -- 1', success('2')],
  ['guest.wat --invoke grow --max-memory 3 -- 2', success('-1')],
  ['guest.wat --invoke grow --max-memory 1 -- 0', BEYOND('guest.wat')],
  ['guest.wat --invoke three --fuel 3 --timeout 60000 --max-memory 2', success('3')],
])('a function: %s', async (line, outcome) => {
  expect(await runCommand(folder, ['run', ...line.split(' ')])).toEqual(outcome);
});

// What a program has written before it is stopped is out.
test.each<[string, Outcome]>([
  ['ends.wat --fuel 8 --timeout 60000 --max-memory 2', failed('', 7, 'hi')],
  ['ends.wat --fuel 7', failed(`wasm trap: out of fuel${ENDS_AT}`, 134)],
  ['endless.wat --fuel 1000000', failed(`wasm trap: out of fuel${ENDLESS_AT}`, 134, 'hi')],
  ['endless.wat --timeout 1000', failed(`wasm trap: timeout${ENDLESS_AT}`, 134, 'hi')],
  ['sleeper.wat --timeout 100', failed('wasm trap: timeout\n  at _start (sleeper.wat:7:12)', 134)],
  ['ends.wat --max-memory 1', BEYOND('ends.wat')],
])('a program: %s', async (line, outcome) => {
  expect(await runCommand(folder, ['run', ...line.split(' ')])).toEqual(outcome);
});

describe('values that are none', () => {
  test.each([
    ['--fuel <number>', 'instructions, at most 4503599627370495', ['-1', '1.5', 'much', '', '4503599627370496']],
    ['--timeout <ms>', 'milliseconds, at most 4294967295', ['-1', '20ms', '4294967296']],
    ['--max-memory <pages>', 'pages of 64 KiB, at most 65536', ['-1', '64K', '65537']],
  ])('%s', async (option, expected, wrong) => {
    for (const value of wrong) {
      const given = `${option.split(' ')[0]}=${value}`;
      expect(await runCommand(folder, ['run', 'guest.wat', '--invoke', 'three', given])).toEqual(
        failed(
          `error: option '${option}' argument '${value}' is invalid. Give it in ${expected}.\n(add --help for the options)`,
        ),
      );
    }
  });
});
