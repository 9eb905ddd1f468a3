// The compiler behind a port, as one file: frames in, frames out. What the runtime makes of it is tested with the runtime.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseWat } from '../../compiler.ts';

const BUNDLE = join(import.meta.dirname, '../../erlang-shim/priv/wasm2beam.mjs');
const FAST = '(module (func (export "f")))';
/** Takes seconds to compile: each function has some thousands of values alive at once. */
const SLOW = `(module ${Array.from({ length: 400 }, () => `(func (param i64) (result i64) ${'local.get 0 '.repeat(2000)}${'i64.add '.repeat(1999)})`).join('')})`;

function frame(text: boolean, milliseconds: number, content: Uint8Array | string): Buffer {
  const body = Buffer.from(content);
  const header = Buffer.alloc(10);
  header.writeUint32BE(6 + body.length, 0);
  header.writeUint8(25, 4);
  header.writeUint8(text ? 1 : 0, 5);
  header.writeUint32BE(milliseconds, 6);
  return Buffer.concat([header, body]);
}

/** Sends bytes as they are cut; gives what came back until the process ended, and its signal. */
async function serve(pieces: readonly Buffer[]): Promise<{ answers: Buffer[]; signal: string | null }> {
  const server = spawn('node', [BUNDLE, 'serve'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  server.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  for (const piece of pieces) server.stdin.write(piece);
  server.stdin.end();
  const [, signal] = (await once(server, 'close')) as [number | null, string | null];
  let all = Buffer.concat(chunks);
  const answers: Buffer[] = [];
  for (; all.length > 0; all = all.subarray(4 + all.readUint32BE(0)))
    answers.push(all.subarray(4, 4 + all.readUint32BE(0)));
  return { answers, signal };
}

test('answers one request after the other, however they are cut, and ends with its input', async () => {
  const binary = frame(false, 60_000, parseWat(FAST).bytes);
  const requests = Buffer.concat([
    binary,
    frame(true, 60_000, FAST),
    frame(true, 60_000, '(module (func (result i32)\n i64.const 1))'),
    frame(false, 60_000, 'no module'),
    binary,
  ]);
  const { answers, signal } = await serve([requests.subarray(0, 3), requests.subarray(3, 47), requests.subarray(47)]);
  expect(signal).toBe(null);
  expect(answers.map((answer) => answer.toString('latin1', 0, 5))).toEqual([
    '\0FOR1',
    '\0FOR1',
    '\x01\x07inv',
    '\x01\x09mal',
    '\0FOR1',
  ]);
  expect(answers[2].toString('latin1', 2)).toMatch(/^invalidtype mismatch.*\(at 2:/);
  expect(answers[0]).toEqual(answers[4]);
});

test('kills itself when a request takes too long', async () => {
  const { answers, signal } = await serve([frame(true, 100, SLOW)]);
  expect(signal).toBe('SIGKILL');
  expect(answers).toEqual([]);
});
