// Tests are the files named *.test.ts under tests/. Those that start an Erlang node take the binary from WASM2BEAM_ERL.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    // A test that starts an Erlang node needs a second or two, more on a busy machine.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
