// Runs a program by Node's own WASI, the second opinion of the tests: node-wasi.mjs FILE WORK ARG ...
import { readFileSync } from 'node:fs';
import { WASI } from 'node:wasi';

const [file, work, ...args] = process.argv.slice(2);
const env = { NAME: 'Ann' };
const wasi = new WASI({ version: 'preview1', args: [file, ...args], env, preopens: { '/work': work } });
const module = await WebAssembly.compile(readFileSync(file));
process.exitCode = wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject()));
