// The comparison itself must find what differs: a module is recorded in V8, and a slightly different one is replayed.
import { expect, it } from 'vitest';
import { parseWat } from '../../frontend/wat.ts';
import { record, type Trace } from './recorder.ts';
import { replay } from './replay.ts';

const SOURCE = `(module
  (import "env" "double" (func $double (param i32) (result i32)))
  (import "env" "fail" (func $fail))
  (memory (export "memory") 1)
  (func (export "answer") (param i64) (result i64) (i64.add (local.get 0) (i64.const 1)))
  (func (export "zero") (result f64) (f64.const 0))
  (func (export "doubled") (param i32) (result i32) (call $double (i32.add (local.get 0) (i32.const 2))))
  (func (export "store") (i32.store8 (i32.const 70) (i32.load8_u (i32.const 65))))
  (func (export "trap") (drop (i32.div_u (i32.const 1) (i32.const 0))))
  (func (export "fail") (call $fail)))`;

/** What is changed in the source, and what the replay has to say. */
const CHANGES: readonly [change: [string, string], complaint: RegExp][] = [
  [['f64.const 0', 'f64.const -0'], /<<"zero">>/],
  [['i64.const 1', 'i64.const 2'], /<<"answer">>/],
  [['i32.const 2', 'i32.const 3'], /<<"double">>/],
  [['(call $double (i32.add (local.get 0) (i32.const 2)))', '(i32.const 12)'], /host_calls_left/],
  [['i32.const 70', 'i32.const 71'], /memory/],
  [['i32.const 65', 'i32.const 66'], /memory/],
  [['(i32.const 1) (i32.const 0)', '(i32.const 1) (i32.const 1)'], /<<"trap">>/],
  [['(call $fail)', 'unreachable'], /<<"fail">>/],
];

async function recorded(): Promise<Trace> {
  const { traces } = await record(() => {
    const module = new WebAssembly.Module(parseWat(SOURCE).bytes);
    const env = {
      double: (x: number) => 2 * x,
      fail: () => {
        throw new Error('enough');
      },
    };
    const { exports } = new WebAssembly.Instance(module, { env });
    const call = exports as Record<string, (...args: unknown[]) => unknown>;
    new Uint8Array((exports.memory as WebAssembly.Memory).buffer).set([5], 65);
    call.store();
    call.zero();
    call.answer(41n);
    call.doubled(4);
    expect(() => call.trap()).toThrow(WebAssembly.RuntimeError);
    expect(() => call.fail()).toThrow('enough');
  });
  return traces[0];
}

it('finds every difference', async () => {
  const traces: Pick<Trace, 'bytes' | 'finish'>[] = [await recorded()];
  for (const [[from, to]] of CHANGES) {
    expect(SOURCE).toContain(from);
    const trace = await recorded();
    traces.push({ bytes: parseWat(SOURCE.replace(from, to)).bytes, finish: () => trace.finish() });
  }
  const [same, ...different] = await replay('replayed', traces);
  expect(same).toBe('ok');
  different.forEach((answer, i) => expect(answer).toMatch(CHANGES[i][1]));
});
