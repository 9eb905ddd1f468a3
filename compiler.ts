// The way through the house: bytes to a BEAM module, straight down.
import { Assembler } from './beam-backend/assemble.ts';
import { CheckedTarget } from './beam-backend/checked.ts';
import { divideModule, emitModule, emitParts, linkParts } from './beam-backend/compile.ts';
import type { AssemblyTarget, OtpRelease } from './beam-backend/assembly.ts';
import { emitCore } from './beam-backend/core.ts';
import { AssemblyPrinter } from './beam-backend/print-asm.ts';
import { partName } from './beam-backend/parts.ts';
import { StoreVerifier } from './beam-backend/verify-stores.ts';
import { analyseCalls } from './frontend/callgraph.ts';
import { decodeModule } from './frontend/decode.ts';
import type { RemoteFunction } from './frontend/describe.ts';
import type { NameChoice } from './frontend/function-names.ts';
import { inspectModule, type Inspection } from './frontend/inspect.ts';
import { findPrices, lowerModule } from './frontend/lower-module.ts';
import { type ValidationOptions, validateModule } from './frontend/validate.ts';
import type { IrFunction } from './ir/ir.ts';
import type { IrModule } from './ir/module.ts';
import { printFunction } from './ir/print.ts';
import { compileShares, threadsFor } from './threads.ts';

export { CoreCompiler, ErlcError } from './beam-backend/erlc.ts';
export type { OtpRelease } from './beam-backend/assembly.ts';
export type { RemoteFunction } from './frontend/describe.ts';
export { WasmError } from './frontend/errors.ts';
export type { NameChoice } from './frontend/function-names.ts';
export type { ExternType, Inspection } from './frontend/inspect.ts';
export { printFunction } from './ir/print.ts';
export type { ValidationOptions } from './frontend/validate.ts';
export { formatTextError, parseWat, type ParsedText } from './frontend/wat.ts';

/** One BEAM file of the several that a module may become. */
export interface CompiledPart {
  /** Of the BEAM module. */
  readonly name: string;
  readonly beam: Uint8Array;
}

export interface CompileOptions extends ValidationOptions {
  /** Name of the BEAM module. */
  readonly name: string;
  /** File name for stack traces; default: the module's name. */
  readonly source?: string;
  /** Release whose Type chunk is written; 27 serves 27 to 29. Default 27. */
  readonly otp?: OtpRelease;
  /** Functions of the embedder that imports are bound to at compile time. */
  readonly bound?: (module: string, name: string) => RemoteFunction | undefined;
  /** Whose names functions have: the Wasm module's 'own' (the default), or names from a fixed pool, 'pooled'. */
  readonly names?: NameChoice;
  /** Counts instructions, so that instances can have `fuel` and `timeout` and can be cancelled: docs/fuel.md. */
  readonly fuel?: boolean;
  /** Whether bodies of tiny functions stand in place of calls to them: then nobody sees those being called. Default true. */
  readonly inline?: boolean;
  /** Proves that stores in place are safe, and tests every annotated type at run time: for tests of this compiler. */
  readonly checked?: boolean;
  /** Sees each function after each pass. */
  readonly observe?: (pass: string, fn: IrFunction) => void;
  /** Is told by several threads how many pieces of the module they have compiled, and how many there are. */
  readonly progress?: (pieces: number, total: number) => void;
}

/**
 * Compiles a WebAssembly binary to a BEAM file.
 *
 * @param bytes the binary module
 * @returns the BEAM file: the same bytes for the same input and options
 * @throws WasmError for a module that is malformed, invalid or in need of what is not supported
 */
export function compile(bytes: Uint8Array, options: CompileOptions): Uint8Array {
  const { name, source = name, otp = 27 } = options;
  const module = lower(bytes, options);
  const { locations } = module;
  const assembler = new Assembler({ name, source, locations, attributes: [] }, otp);
  const { target, finish } = checks(module, options);
  emitModule(module, target(assembler, name));
  finish();
  return assembler.finish();
}

/**
 * The same in several BEAM modules, NAME, NAME_1, NAME_2, ..., each of about `size` bytes of Wasm code, so that loading
 * none of them holds a scheduler for long; a function of more is divided among several. All must be loaded, or on the code path, before the first is called.
 */
export function compileParts(bytes: Uint8Array, options: CompileOptions, size: number): CompiledPart[] {
  const { name, source = name, otp = 27 } = options;
  const assemblers: Assembler[] = [];
  const module = lower(bytes, options);
  const { target, finish } = checks(module, options);
  emitParts(module, size, (part) => {
    const { locations } = module;
    const assembler = new Assembler({ name: partName(name, part), source, locations, attributes: [] }, otp);
    assemblers[part] = assembler;
    return target(assembler, partName(name, part));
  });
  finish();
  return finishParts(name, assemblers);
}

/**
 * The same by several threads at once where the module is large enough for that to pay, and the same bytes as by one.
 * What looks at single functions, `checked` and `observe`, is for one thread only.
 *
 * @param size as for `compileParts`; default: one part
 * @param threads how many; default: as many as pay, 0 for the one that asks
 * @returns rejects with WasmError, or where a thread finds no memory with Error
 */
export async function compileInThreads(
  bytes: Uint8Array,
  options: CompileOptions,
  size = Infinity,
  threads?: number,
): Promise<CompiledPart[]> {
  const { name, source = name, otp = 27, bound, names, checked, fuel, inline = true } = options;
  const { observe, progress } = options;
  if (checked === true || observe) return compileParts(bytes, options, size);
  const assemblers: Assembler[] = [];
  const wasm = decodeModule(bytes);
  const facts = validateModule(wasm, options);
  const prices = fuel === true ? findPrices(wasm, inline) : undefined;
  const graph = analyseCalls(wasm, facts, prices !== undefined);
  const module = lowerModule(wasm, graph, { name, source, bound, names, prices, inline });
  const makeAssembler = (part: number): Assembler =>
    (assemblers[part] = new Assembler(
      { name: partName(name, part), source, locations: module.locations, attributes: [] },
      otp,
    ));
  const count = threads ?? threadsFor(module);
  if (count === 0) emitParts(module, size, makeAssembler);
  else {
    const shares = divideModule(module, size);
    const settles = module.settle !== undefined;
    const work = { wasm, graph, options: { name, source, names, prices, inline }, settles, otp, size, shares };
    await linkParts(module, size, makeAssembler, compileShares(work, count, progress));
  }
  return finishParts(name, assemblers);
}

/** The same as `.S` text in pieces, which OTP's validator and `erlc +from_asm` read. */
export function compileToAssembly(bytes: Uint8Array, options: CompileOptions): string[] {
  const { name, source = name } = options;
  const module = lower(bytes, options);
  const { locations } = module;
  const printer = new AssemblyPrinter({ name, source, locations, attributes: [] });
  const { target, finish } = checks(module, options);
  emitModule(module, target(printer, name));
  finish();
  return printer.finish();
}

/** The same as text of Core Erlang, of which `erlc` makes a BEAM file with the same interface. */
export function compileToCore(bytes: Uint8Array, options: CompileOptions): string {
  return emitCore(lower(bytes, options));
}

/** The same as text of the register IR in pieces, as it is after all passes. */
export function* compileToIr(bytes: Uint8Array, options: CompileOptions): Generator<string> {
  for (const { fn } of lower(bytes, options).functions) yield printFunction(fn);
}

/** Throws WasmError for a module that is malformed, invalid or in need of what is not supported. */
export function validate(bytes: Uint8Array, options: ValidationOptions = {}): void {
  validateModule(decodeModule(bytes), options);
}

/** What a module has and needs. Throws WasmError as validate does. */
export function inspect(bytes: Uint8Array): Inspection {
  const module = decodeModule(bytes);
  return inspectModule(module, validateModule(module));
}

/** A part that there is nothing for has no assembler. */
const finishParts = (name: string, assemblers: readonly Assembler[]): CompiledPart[] =>
  assemblers.flatMap((assembler, part) => ({ name: partName(name, part), beam: assembler.finish() }));

/** What stands between a module's functions and what takes them, and is told when all have passed. */
function checks(
  module: IrModule,
  { checked }: CompileOptions,
): { target: (target: AssemblyTarget, name: string) => AssemblyTarget; finish: () => void } {
  if (checked !== true) return { target: (target) => target, finish: () => undefined };
  const stores = new StoreVerifier(module);
  return {
    target: (target, name) => stores.wrap(new CheckedTarget(target), name),
    finish: () => stores.finish(),
  };
}

function lower(bytes: Uint8Array, options: CompileOptions): IrModule {
  const { name, source = name, bound, names, fuel, inline = true, observe } = options;
  const module = decodeModule(bytes);
  const facts = validateModule(module, options);
  const prices = fuel === true ? findPrices(module, inline) : undefined;
  const graph = analyseCalls(module, facts, prices !== undefined);
  return lowerModule(module, graph, { name, source, bound, names, prices, inline, observe });
}
