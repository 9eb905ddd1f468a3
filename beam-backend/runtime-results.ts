// Results of the runtime's functions, as far as stores in place depend on them: docs/abi.md in a table.
//
// Consumes a module and a name; what is not here may return any term.
import type { Fact } from './store-facts.ts';

const PAIR: Fact = ['int', 'int'];
const FETCHED: Fact = ['int', 'root'];
const FETCHED_PAIR: Fact = ['int', 'int', 'root'];

const RESULTS: Readonly<Record<string, Readonly<Record<string, Fact>>>> = {
  wasm2beam_instance: { enter: 'state' },
  wasm2beam_fuel: { enter: 'state', charge: 'int' },
  wasm2beam_cells: {
    load8_u: 'int',
    load16_u: 'int',
    load32: 'int',
    load64: PAIR,
    fetch16: FETCHED,
    fetch32: FETCHED,
    fetch64: FETCHED_PAIR,
    store8: 'root',
    store16: 'root',
    store32: 'root',
    store64: 'root',
  },
  wasm2beam_memory: {
    load: 'int',
    load64: PAIR,
    fetch: FETCHED,
    fetch64: FETCHED_PAIR,
    store: 'root',
    store64: 'root',
    root: 'root',
    grow: 'int',
  },
  wasm2beam_table: { size: 'int', grow: 'int', growth: 'int', element: 'int' },
  wasm2beam_value: { to_i32: 'int', to_i64: PAIR, to_funcref: 'int', results: 'results', pack: 'results' },
  wasm2beam_float_bits: { f32_bits: 'int', f64_bits: PAIR },
};

/** Wasm's own instructions whose result is an integer, by how their names begin and end. */
const COMPARISON = /^f(32|64)_(eq|ne|lt|gt|le|ge)$/;

/** What a function of the runtime, or of anybody, returns. */
export function runtimeResult(module: string, name: string): Fact {
  if (module === 'wasm2beam_int' || module === 'wasm2beam_float') {
    if (name.startsWith('i32_') || COMPARISON.test(name)) return 'int';
    // Comparisons of i64 give one word.
    if (name.startsWith('i64_')) return /^i64_(eqz|eq|ne|[lg][te]_[su])$/.test(name) ? 'int' : PAIR;
    return 'other';
  }
  return RESULTS[module]?.[name] ?? 'other';
}
