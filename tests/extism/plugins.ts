// Plug-ins for tests: compiled into a folder, then used by Erlang expressions in one node.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { compile, parseWat } from '../../compiler.ts';
import { evaluate, otpRelease, RUNTIME, withFolder } from '../harness/erlang.ts';

/** A plug-in in the text format, perhaps to be compiled with fuel, or the bytes of one. */
export type Source = string | Uint8Array | { readonly metered: string };

const root = join(import.meta.dirname, '../..');
const C_FLAGS = ['-O2', '-Wall', '-Werror', '-Wno-unused-function', `-I${join(root, 'examples/game/plugins')}`];
const TARGETS = {
  bare: ['--target=wasm32', '-nostdlib', '-Wl,--no-entry'],
  wasi: ['--target=wasm32-wasi', '-mexec-model=reactor'],
} as const;

/** A plug-in in C, without a C library or with the one of WASI. */
export async function buildC(source: string, target: keyof typeof TARGETS): Promise<Uint8Array> {
  return withFolder(async (folder) => {
    const output = join(folder, 'out.wasm');
    await execa('clang', [...TARGETS[target], ...C_FLAGS, '-o', output, source]);
    return readFileSync(output);
  });
}

/** A plug-in in AssemblyScript, whose exported `abort` is what assertions call. */
export async function buildAssemblyScript(source: string): Promise<Uint8Array> {
  return withFolder(async (folder) => {
    const name = basename(source, '.as');
    copyFileSync(source, join(folder, `${name}.ts`));
    const options = [
      '-O',
      '--use',
      `abort=${name}/abort`,
      '--path',
      join(root, 'node_modules'),
      '--outFile',
      'out.wasm',
    ];
    const asc = join(root, 'node_modules/assemblyscript/bin/asc.js');
    await execa('node', [asc, `${name}.ts`, ...options], { cwd: folder });
    return readFileSync(join(folder, 'out.wasm'));
  });
}

/** Compiles each source to a module of its key's name, and gives what the expressions evaluate to, printed by `~w`. */
export async function evaluateWith(
  sources: Readonly<Record<string, Source>>,
  expressions: readonly string[],
): Promise<string[]> {
  const otp = await otpRelease();
  return withFolder(async (folder) => {
    const files = Object.entries(sources).map(([name, source]) => {
      const fuel = typeof source === 'object' && 'metered' in source;
      const text = fuel ? source.metered : source;
      const bytes = typeof text === 'string' ? parseWat(text).bytes : text;
      const file = join(folder, name);
      writeFileSync(`${file}.beam`, compile(bytes, { name, otp, fuel }));
      return file;
    });
    const [, ...answers] = await evaluate(files, [`code:add_patha("${RUNTIME}")`, ...expressions]);
    return answers;
  });
}

/** As evaluateWith, for expressions by name. */
export async function evaluateCases<Name extends string>(
  sources: Readonly<Record<string, Source>>,
  cases: Readonly<Record<Name, string>>,
): Promise<Record<Name, string>> {
  const names = Object.keys(cases) as Name[];
  const answers = await evaluateWith(
    sources,
    names.map((name) => cases[name].replaceAll(/\s*\n\s*/g, ' ').trim()),
  );
  return Object.fromEntries(names.map((name, index) => [name, answers[index]])) as Record<Name, string>;
}

/** Bytes as Erlang reads and prints them. */
export function binary(bytes: string | Uint8Array): string {
  return `<<${[...Buffer.from(bytes)].join(',')}>>`;
}
