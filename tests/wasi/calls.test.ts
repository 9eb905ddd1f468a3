// All calls of both versions of the interface, imported by a module with the types that the specification gives them,
// and called by compiled code with nothing but ones in every argument.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runProgram } from './programs.ts';

const folder = mkdtempSync(join(tmpdir(), 'wasm2beam-calls-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const [SUCCESS, BADF, FAULT, INVAL] = [0, 8, 21, 28];

/** Parameters (i: i32, l: i64), and the code for arguments that are all -1: a pointer, a descriptor, a number too large. */
const CALLS: Readonly<Record<string, readonly [parameters: string, code: number]>> = {
  args_get: ['ii', FAULT],
  args_sizes_get: ['ii', FAULT],
  environ_get: ['ii', FAULT],
  environ_sizes_get: ['ii', FAULT],
  clock_res_get: ['ii', INVAL],
  clock_time_get: ['ili', INVAL],
  fd_advise: ['illi', BADF],
  fd_allocate: ['ill', BADF],
  fd_close: ['i', BADF],
  fd_datasync: ['i', BADF],
  fd_fdstat_get: ['ii', BADF],
  fd_fdstat_set_flags: ['ii', BADF],
  fd_fdstat_set_rights: ['ill', BADF],
  fd_filestat_get: ['ii', BADF],
  fd_filestat_set_size: ['il', BADF],
  fd_filestat_set_times: ['illi', BADF],
  fd_pread: ['iiili', BADF],
  fd_prestat_get: ['ii', BADF],
  fd_prestat_dir_name: ['iii', BADF],
  fd_pwrite: ['iiili', BADF],
  fd_read: ['iiii', BADF],
  fd_readdir: ['iiili', BADF],
  fd_renumber: ['ii', BADF],
  fd_seek: ['ilii', BADF],
  fd_sync: ['i', BADF],
  fd_tell: ['ii', BADF],
  fd_write: ['iiii', BADF],
  path_create_directory: ['iii', BADF],
  path_filestat_get: ['iiiii', BADF],
  path_filestat_set_times: ['iiiilli', BADF],
  path_link: ['iiiiiii', BADF],
  path_open: ['iiiiillii', BADF],
  path_readlink: ['iiiiii', BADF],
  path_remove_directory: ['iii', BADF],
  path_rename: ['iiiiii', BADF],
  path_symlink: ['iiiii', BADF],
  path_unlink_file: ['iii', BADF],
  poll_oneoff: ['iiii', INVAL],
  proc_raise: ['i', INVAL],
  random_get: ['ii', FAULT],
  sched_yield: ['', SUCCESS],
  sock_accept: ['iii', BADF],
  sock_recv: ['iiiiii', BADF],
  sock_send: ['iiiii', BADF],
  sock_shutdown: ['ii', BADF],
};

function program(version: string): string {
  const types = { i: 'i32', l: 'i64' } as const;
  const calls = Object.entries(CALLS).map(([name, [parameters]]) => {
    const letters = [...parameters] as (keyof typeof types)[];
    return { name, types: letters.map((letter) => types[letter]) };
  });
  return `(module
${calls.map(({ name, types }) => `(import "${version}" "${name}" (func $${name} (param ${types.join(' ')}) (result i32)))`).join('\n')}
(import "${version}" "proc_exit" (func $proc_exit (param i32)))
(memory (export "memory") 1)
(func (export "codes") (result ${calls.map(() => 'i32').join(' ')})
${calls.map(({ name, types }) => `${types.map((type) => `${type}.const -1`).join(' ')} call $${name}`).join('\n')})
(func (export "_start") i32.const -1 call $proc_exit))
`;
}

test.each(['wasi_snapshot_preview1', 'wasi_unstable'])('%s', async (version) => {
  writeFileSync(join(folder, 'calls.wat'), program(version));
  const { status, out, err } = await runProgram(folder, ['calls.wat', '--invoke', 'codes']);
  const codes = Object.values(CALLS).map(([, code]) => `${code}`);
  expect({ status, err, out: out.trim().split(/\s+/) }).toEqual({ status: 0, err: '', out: codes });
  expect(await runProgram(folder, ['calls.wat'])).toEqual({ status: 255, out: '', err: '' });
});
