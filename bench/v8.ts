// The peer V8: runs kernels in this process, compiled by its optimizing compiler from the start (see engines.ts).
//
// node v8.js FOLDER: the kernels are FOLDER/NAME.wasm; the protocol is that of peer.ts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

type Run = (n: number) => number;

const [folder] = process.argv.slice(2);
const kernels = new Map<string, Run>();

function load(name: string): Run {
  let run = kernels.get(name);
  if (run === undefined) {
    const module = new WebAssembly.Module(readFileSync(join(folder, `${name}.wasm`)));
    run = new WebAssembly.Instance(module).exports.run as Run;
    kernels.set(name, run);
  }
  return run;
}

function answer(line: string): string {
  const [name, n] = line.split(' ');
  try {
    const run = load(name);
    const start = process.hrtime.bigint();
    const checksum = run(Number(n));
    const nanoseconds = process.hrtime.bigint() - start;
    return `${checksum >>> 0} ${nanoseconds}`;
  } catch (error) {
    return `error ${String(error).replaceAll('\n', ' ')}`;
  }
}

console.log(`ready Node ${process.versions.node}, V8 ${process.versions.v8}`);
for await (const line of createInterface({ input: process.stdin })) console.log(answer(line));
