// `wasm2beam compile`: a module to a BEAM file, to assembly, to Core Erlang or to the register IR.
import { dirname, join } from 'node:path';
import {
  compileInThreads,
  compileToAssembly,
  compileToCore,
  compileToIr,
  type CompileOptions,
  type NameChoice,
  type OtpRelease,
  printFunction,
} from '../compiler.ts';
import { type Backend, ModuleCompiler } from '../wast/backend.ts';
import { type Binding, bindingLookup } from './bindings.ts';
import { installedRelease } from './erlang.ts';
import { CommandFailure } from './failure.ts';
import { watchCompilation } from './progress.ts';
import { readModule, stem, withSource, writeOutput } from './source.ts';

export interface CompileArguments {
  readonly output?: string;
  readonly module?: string;
  readonly emit: 'beam' | 'asm' | 'ir' | 'core';
  readonly backend: Backend;
  readonly otp?: OtpRelease;
  readonly import?: readonly Binding[];
  readonly dump?: string;
  /** Bytes of Wasm code in a part. */
  readonly split?: number;
  readonly checked?: boolean;
  readonly names: NameChoice;
  readonly fuel?: boolean;
  readonly inline: boolean;
}

/** Writes NAME.beam into the current folder, or what `output` names; text goes to standard output unless it is named. */
export async function compileCommand(file: string, options: CompileArguments): Promise<void> {
  const { emit, dump, checked, fuel, inline, split, names } = options;
  if (split !== undefined && (emit !== 'beam' || options.backend !== 'direct')) {
    throw new CommandFailure('--split goes with --emit beam and --backend direct only');
  }
  const source = readModule(file);
  const name = options.module ?? stem(options.output ?? file);
  checkModuleName(name);
  const { bound, check } = bindingLookup(options.import ?? []);
  const otp = options.otp ?? (emit === 'beam' ? await installedRelease() : 27);
  const { progress, end } = watchCompilation(file);
  const passes = new Set<string>();
  const observe: CompileOptions['observe'] = (pass, fn) => {
    passes.add(pass);
    if (pass === dump) process.stdout.write(printFunction(fn));
  };
  const watched = dump === undefined ? { progress } : { observe };
  const compileOptions: CompileOptions = { name, source: file, otp, bound, names, checked, fuel, inline, ...watched };
  const compiler = new ModuleCompiler(options.backend);
  const output = options.output ?? `${name}.beam`;
  const produce = (): string | Promise<Uint8Array> => {
    if (split !== undefined) return writeParts(source.bytes, compileOptions, split, output);
    switch (emit) {
      case 'beam':
        return compiler.compile(source.bytes, compileOptions);
      case 'asm':
        return compileToAssembly(source.bytes, compileOptions).join('');
      case 'core':
        return compileToCore(source.bytes, compileOptions);
      case 'ir':
        return [...compileToIr(source.bytes, compileOptions)].join('\n');
    }
  };
  let product: string | Uint8Array;
  try {
    product = await withSource<string | Uint8Array>(source, produce);
  } finally {
    end();
    compiler.close();
  }
  check(file);
  if (dump !== undefined && !passes.has(dump)) {
    throw new CommandFailure(`there is no pass ${dump}: they are ${[...passes].join(', ')}`);
  }
  if (emit !== 'beam' && options.output === undefined) process.stdout.write(product);
  else writeOutput(output, product);
}

/** Writes all parts but the first beside it, and gives the first. */
async function writeParts(
  bytes: Uint8Array,
  options: CompileOptions,
  size: number,
  output: string,
): Promise<Uint8Array> {
  const [first, ...others] = await compileInThreads(bytes, options, size);
  for (const { name, beam } of others) writeOutput(join(dirname(output), `${name}.beam`), beam);
  return first.beam;
}

/** The name becomes an atom, and part of a file name. */
function checkModuleName(name: string): void {
  if (name === '' || [...name].length > 255 || /[/\0]/.test(name)) {
    throw new CommandFailure(`not the name of a module: ${JSON.stringify(name.slice(0, 300))}`);
  }
}
