// The kernels: which there are, and how they become WebAssembly.
//
// Produces one `.wasm` a kernel, without imports, which exports `run(n)`. A kernel is built again only when its source
// changed.
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { execa } from 'execa';
import { root } from './paths.ts';
import { addQuickjsRun, PROGRAMS } from './quickjs.ts';
import { addXxhashRun } from './xxhash.ts';

/** What a kernel leans on; the aims are set by group. */
export type Group = 'integer' | 'memory' | 'float' | 'real' | 'boundary';

export interface Kernel {
  readonly name: string;
  readonly group: Group;
  /** One unit of `run(n)`. */
  readonly unit: string;
}

/** Kernels in C, bench/kernels/NAME.c, and real modules. */
export const KERNELS: readonly Kernel[] = [
  { name: 'xorshift', group: 'integer', unit: 'step' },
  { name: 'collatz', group: 'integer', unit: 'sequence' },
  { name: 'fnv1a', group: 'integer', unit: '4 bytes' },
  { name: 'siphash', group: 'integer', unit: '16 bytes' },
  { name: 'fib', group: 'integer', unit: 'fib(12..19)' },
  { name: 'indirect', group: 'integer', unit: 'call' },
  { name: 'sha256', group: 'memory', unit: '64 bytes' },
  { name: 'sha512', group: 'memory', unit: '128 bytes' },
  { name: 'crc32', group: 'memory', unit: '4 KiB' },
  { name: 'sieve', group: 'memory', unit: '16 KiB' },
  { name: 'quicksort', group: 'memory', unit: '4,096 words' },
  { name: 'matmul_i32', group: 'memory', unit: '32 x 32' },
  { name: 'interpreter', group: 'memory', unit: '1,907 instructions' },
  { name: 'search', group: 'memory', unit: '16 KiB' },
  { name: 'bulk', group: 'memory', unit: '96 KiB' },
  { name: 'byte_copy', group: 'memory', unit: '8 KiB' },
  { name: 'matmul_f64', group: 'float', unit: '32 x 32' },
  { name: 'nbody', group: 'float', unit: 'step' },
  { name: 'mandelbrot', group: 'float', unit: 'point' },
  { name: 'xxhash', group: 'real', unit: '16 KiB' },
  { name: 'json', group: 'real', unit: '4.8 KB in QuickJS' },
  { name: 'regex', group: 'real', unit: '40 lines in QuickJS' },
];

const SOURCES = join(root, 'bench/kernels');
const CLANG = [
  ...['--target=wasm32', '-std=c11', '-O2', '-nostdlib', '-ffreestanding', '-Wall', '-Wextra', '-Werror'],
  // A loop over bytes shall stay one; what is written as memcpy or memset becomes one instruction.
  ...['-fno-builtin', '-fno-math-errno', '-mbulk-memory'],
  ...['-Wl,--no-entry', '-Wl,-z,stack-size=16384'],
];

/** Puts NAME.wasm of each kernel into a folder. Throws where a compiler refuses one. */
export async function buildKernels(kernels: readonly Kernel[], folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const { name, group } of kernels) {
    const target = join(folder, `${name}.wasm`);
    if (group === 'real') {
      writeFileSync(target, realModule(name));
      continue;
    }
    const source = join(SOURCES, `${name}.c`);
    const newest = Math.max(...[source, join(SOURCES, 'kernel.h')].map((file) => statSync(file).mtimeMs));
    const built = statSync(target, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (built > newest) continue;
    await execa('clang', [...CLANG, '-o', `${target}.new`, source]);
    copyFileSync(`${target}.new`, target);
  }
}

function realModule(name: string): Uint8Array {
  const { resolve } = createRequire(import.meta.url);
  if (name === 'json' || name === 'regex') {
    return addQuickjsRun(readFileSync(resolve('quickjs-wasi/quickjs.wasm')), PROGRAMS[name]);
  }
  // The package carries the module as text in its script, and once more as a file.
  return addXxhashRun(readFileSync(join(resolve('xxhash-wasm'), '../../workerd/xxhash.wasm')));
}
