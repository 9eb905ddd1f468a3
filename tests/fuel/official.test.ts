// The official tests on a build that counts instructions and tests every annotated type: all of version 2.0 where
// WASM2BEAM_TESTS says so (`make test-all`), else the scripts about control, calls and bulk instructions.
import { testRelease } from '../spec/suite.ts';
import { TABLE } from '../spec/v2.0.0.ts';

const SAMPLE = [
  ...['block', 'br', 'br_if', 'br_table', 'bulk', 'call', 'call_indirect', 'elem', 'fac', 'func', 'func_ptrs', 'if'],
  ...[
    'imports',
    'labels',
    'left-to-right',
    'linking',
    'local_tee',
    'loop',
    'memory_copy',
    'memory_fill',
    'memory_grow',
  ],
  ...[
    'memory_init',
    'nop',
    'return',
    'select',
    'stack',
    'start',
    'switch',
    'table_fill',
    'table_grow',
    'traps',
    'unwind',
  ],
].map((name) => `${name}.wast`);

const all = process.env.WASM2BEAM_TESTS === 'all';

testRelease({
  folder: 'v2.0.0',
  rules: '2.0',
  checked: true,
  fuel: true,
  only: all ? undefined : SAMPLE,
  explained: [],
  table: all ? TABLE : { 'v2.0.0': { files: SAMPLE.length, passed: 7318, waiting: 0, refused: 0 } },
});
