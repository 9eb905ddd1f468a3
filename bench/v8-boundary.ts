// The peer V8 at the boundary: calls between JavaScript and a guest, by the protocol of peer.ts.
//
// node v8-boundary.js FOLDER: the guest is FOLDER/boundary.wasm.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

interface Guest {
  add(a: number, b: number): number;
  call_host(n: number): number;
}

const [folder] = process.argv.slice(2);
const module = new WebAssembly.Module(readFileSync(join(folder, 'boundary.wasm')));
const imports = { env: { step: (x: number): number => x ^ 1 } };
const guest = instance();

function instance(): Guest {
  return new WebAssembly.Instance(module, imports).exports as unknown as Guest;
}

const MEASURES: Readonly<Record<string, (n: number) => number>> = {
  export(n) {
    let sum = 0;
    for (let i = n; i > 0; i--) sum = guest.add(sum, i);
    return sum;
  },
  host: (n) => guest.call_host(n),
  instantiate(n) {
    let made = 0;
    for (let i = 0; i < n; i++) if ('add' in instance()) made++;
    return made;
  },
};

console.log(`ready Node ${process.versions.node}, V8 ${process.versions.v8}`);
for await (const line of createInterface({ input: process.stdin })) {
  const [name, n] = line.split(' ');
  const start = process.hrtime.bigint();
  const checksum = MEASURES[name](Number(n));
  console.log(`${checksum >>> 0} ${process.hrtime.bigint() - start}`);
}
