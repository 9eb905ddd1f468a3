// quickjs-wasi (C, 637 KB): a JavaScript engine starts and evaluates programs.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { compareWithV8 } from './replay.ts';

const require = createRequire(import.meta.url);
const PROGRAM = `
  const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2));
  const words = 'the quick brown fox jumps over the lazy dog'.replace(/o(.)/g, '0$1').split(' ').sort();
  JSON.stringify({ fib: fib(12), words, big: String(3n ** 100n), pi: Math.atan2(1, 1) * 4, inf: String(-1 / 0) });
`;

it('quickjs-wasi', async () => {
  const result = await compareWithV8('quickjs', async () => {
    const { QuickJS } = await import('quickjs-wasi');
    const vm = await QuickJS.create(readFileSync(require.resolve('quickjs-wasi/quickjs.wasm')));
    const value = vm.evalCode(PROGRAM);
    expect(() => vm.evalCode('null.x')).toThrow('null');
    const text = value.toString();
    value.dispose();
    vm.dispose();
    return text;
  });
  expect(JSON.parse(result)).toMatchObject({ fib: 144, big: '515377520732011331036461129765621272702107522001' });
}, 180_000);
