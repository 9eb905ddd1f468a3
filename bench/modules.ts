// The modules that compiling is measured with: real ones from a few KB to 2.4 MB, and one generated module at 1 to 16
// times its size, which is more than 10 MB.
import { copyFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { record } from '../tests/modules/recorder.ts';
import { ordinaryModule } from '../tests/scale/ordinary-module.ts';
import { root } from './paths.ts';

const require = createRequire(import.meta.url);
/** Paths in node_modules: not every package exports its module. */
const REAL = [
  'quickjs-wasi/quickjs.wasm',
  'sql.js/dist/sql-wasm.wasm',
  'tiktoken/tiktoken_bg.wasm',
  '@dimforge/rapier2d/rapier_wasm2d_bg.wasm',
  '@wasm-fmt/zig_fmt/zig_fmt.wasm',
  'tiny-secp256k1/lib/secp256k1.wasm',
];
/** Packages that keep their module in their own code, and what gives its bytes. */
const EMBEDDED: readonly (readonly [name: string, bytes: () => Promise<Uint8Array>])[] = [
  [
    'es-module-lexer',
    async () => {
      const { parse } = await import('es-module-lexer/minimal');
      return firstInstantiated(() => void parse(''));
    },
  ],
  ['undici/lib/llhttp', () => Promise.resolve(require('undici/lib/llhttp/llhttp-wasm.js') as Uint8Array)],
  [
    '@chainsafe/as-sha256',
    async () => {
      const { reinitializeInstance } = await import('@chainsafe/as-sha256');
      return firstInstantiated(() => reinitializeInstance(false));
    },
  ],
];
const MULTIPLES = [1, 2, 4, 8, 16];
const FUNCTIONS = 1_000;

/** A module to compile: how tables call it, and its file. */
export interface Sample {
  readonly name: string;
  readonly wasm: string;
}

/** The real modules, as files in the folder. */
export async function realModules(folder: string): Promise<Sample[]> {
  const samples = REAL.map((path, i) => {
    const wasm = join(folder, `real${i}.wasm`);
    copyFileSync(join(root, 'node_modules', path), wasm);
    return { name: path, wasm };
  });
  for (const [i, [name, bytes]] of EMBEDDED.entries()) {
    const wasm = join(folder, `embedded${i}.wasm`);
    // One after the other: a recording replaces functions of WebAssembly.
    writeFileSync(wasm, await bytes());
    samples.push({ name, wasm });
  }
  return samples;
}

/** The generated module at each of its sizes, the smallest first, as files in the folder. */
export function generatedModules(folder: string): Sample[] {
  return MULTIPLES.map((times) => {
    const wasm = join(folder, `generated${times}.wasm`);
    writeFileSync(wasm, ordinaryModule(times * FUNCTIONS));
    return { name: `generated, ${times} times`, wasm };
  });
}

async function firstInstantiated(action: () => void): Promise<Uint8Array> {
  const { traces } = await record(action);
  return traces[0].bytes;
}
