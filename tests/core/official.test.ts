// The official tests on the Core Erlang back end: all of version 2.0 where WASM2BEAM_TESTS says so (`make test-all`), else
// scripts that between them have every kind of instruction and are soon compiled. A warning of erlc fails them.
import { testRelease } from '../spec/suite.ts';
import { TABLE } from '../spec/v2.0.0.ts';

const SAMPLE = [
  ...['address', 'block', 'br_if', 'bulk', 'call', 'call_indirect', 'data', 'elem', 'endianness', 'f32', 'f64_cmp'],
  ...['fac', 'float_memory', 'func_ptrs', 'global', 'i64', 'imports', 'int_exprs', 'labels', 'linking', 'loop'],
  ...['memory_copy', 'memory_grow', 'ref_func', 'select', 'stack', 'start', 'switch', 'table_grow', 'traps', 'unwind'],
].map((name) => `${name}.wast`);

const all = process.env.WASM2BEAM_TESTS === 'all';

testRelease({
  folder: 'v2.0.0',
  rules: '2.0',
  backend: 'core',
  only: all ? undefined : SAMPLE,
  explained: [],
  table: all ? TABLE : { 'v2.0.0': { files: SAMPLE.length, passed: 11906, waiting: 0, refused: 0 } },
});
