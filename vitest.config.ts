// Tests are the files named *.test.ts under tests/. Those that start an Erlang node take the binary from WASM2BEAM_ERL.
import { delimiter, join } from 'node:path';
import { defineConfig } from 'vitest/config';

// npx and npm put the packages' own commands first, of all folders above too; among them is a wasm-opt, and clang hands what it links to any
// wasm-opt it finds. Programs are to be the same however the tests were started.
const folders = (process.env.PATH ?? '').split(delimiter);
const path = folders.filter((folder) => !folder.endsWith(join('node_modules', '.bin'))).join(delimiter);

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    // Most tests wait for what they started; by default one core would be left alone.
    maxWorkers: '100%',
    // A test that starts an Erlang node needs a second or two, one that compiles 22 modules by way of Core Erlang half a
    // minute, and a busy machine several times that: a limit is there to end what hangs.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    env: { PATH: path },
  },
});
