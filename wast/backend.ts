// The choice between the two back ends, for what loads modules into a node.
//
// Both give a BEAM file with the same interface. The second one needs OTP's compiler, which starts with the first module.
import { type CompileOptions, compileInThreads, compileToCore, CoreCompiler, ErlcError } from '../compiler.ts';
import { erlangProgram } from './node.ts';

export type Backend = 'direct' | 'core';
export const BACKENDS: readonly Backend[] = ['direct', 'core'];

export class ModuleCompiler {
  readonly #backend: Backend;
  #erlc: CoreCompiler | undefined;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /**
   * Compiles a module to a BEAM file.
   *
   * @returns rejects with WasmError for a module that is refused, with ErlcError where OTP's compiler finds anything wrong
   *   with what was written, be it a warning
   */
  readonly compile = async (bytes: Uint8Array, options: CompileOptions): Promise<Uint8Array> => {
    if (this.#backend === 'core') return this.#finish(compileToCore(bytes, options));
    const [{ beam }] = await compileInThreads(bytes, options);
    return beam;
  };

  close(): void {
    this.#erlc?.close();
    this.#erlc = undefined;
  }

  async #finish(text: string): Promise<Uint8Array> {
    this.#erlc ??= new CoreCompiler(erlangProgram());
    const { beam, warnings } = await this.#erlc.compile(text);
    if (warnings.length > 0) throw new ErlcError(`erlc warns: ${warnings.join('; ')}`);
    return beam;
  }
}
