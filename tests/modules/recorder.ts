// Records what a package does with its WebAssembly instances, so that the same can be done to the compiled module.
//
// While `record` runs, every instance is made through wrappers that note each step of the host in order: calls with
// arguments and results, calls of imports with what the host did meanwhile, and its writes to memory, which are found by
// comparing the memory with how WebAssembly code last left it. The steps are Erlang terms for replay.escript. Invariant:
// steps are added to the list of the innermost host frame, so that nesting in the trace is nesting of calls.
import { createHash } from 'node:crypto';
import { decodeModule } from '../../frontend/decode.ts';
import type { FunctionType, Import } from '../../frontend/module.ts';
import { atom, list, text, tuple, type Term } from '../../ir/term.ts';
import { MemoryWatch } from './memory-watch.ts';
import { ValueTerms } from './value-terms.ts';

/** Memory is compared after each call while the sum of what was compared stays below this; and once at the end. */
const COMPARED_BYTES = 32 * 1024 * 1024;

type Callable = (...args: unknown[]) => unknown;

/** One instance's life. */
export interface Trace {
  /** The module's binary. */
  readonly bytes: Uint8Array;
  /** Adds a check that the instance's memory holds these bytes at this point. */
  expectBytes(address: number, expected: Uint8Array): void;
  /** From now on memory is not compared: it may hold a NaN that was computed, whose bits are not specified. */
  ignoreMemory(): void;
  /** Exported functions called so far, nested calls included. */
  readonly calls: number;
  /** What the exported function returned last. */
  lastResult(name: string): unknown;
  /** The trace as replay.escript takes it. */
  finish(): Term;
}

class Recording implements Trace {
  readonly bytes: Uint8Array;
  calls = 0;
  readonly #lastResults = new Map<string, unknown>();
  readonly #imports: Term[] = [];
  /** Steps of the host frames that are active, innermost last. */
  readonly #frames: Term[][] = [[]];
  /** Calls of imports made by the active calls of exports, innermost last. */
  readonly #hostCalls: Term[][] = [[]];
  readonly #values = new ValueTerms();
  #memory: MemoryWatch | undefined;
  #compared = 0;
  #comparable = true;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  instantiate(module: WebAssembly.Module, imports: WebAssembly.Imports): WebAssembly.Instance {
    const decoded = decodeModule(this.bytes);
    const wrapped: WebAssembly.Imports = {};
    for (const entry of decoded.imports) {
      const given = imports[entry.module][entry.name];
      wrapped[entry.module] ??= {};
      wrapped[entry.module][entry.name] = this.#wrapImport(entry, given, decoded.types);
    }
    const instance = new Instance(module, wrapped);
    const exports = new Map(decoded.exports.map((entry) => [entry.name, entry]));
    const wrappedExports: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(instance.exports)) {
      const { kind, index } = exports.get(name)!;
      wrappedExports[name] =
        kind === 'func' ? this.#wrapExport(name, value as Callable, decoded.types[decoded.functions[index]]) : value;
      if (kind === 'memory') this.#memory ??= new MemoryWatch(value as WebAssembly.Memory);
    }
    this.#memory?.handOver();
    this.#step(tuple(atom('start'), list(this.#hostCalls.pop()!)));
    return Object.create(Instance.prototype, { exports: { value: wrappedExports } }) as WebAssembly.Instance;
  }

  lastResult(name: string): unknown {
    return this.#lastResults.get(name);
  }

  expectBytes(address: number, expected: Uint8Array): void {
    this.#noteWrites();
    this.#step(tuple(atom('bytes'), address, { binary: expected.slice() }));
  }

  ignoreMemory(): void {
    this.#comparable = false;
  }

  finish(): Term {
    this.#noteWrites();
    this.#compareMemory();
    return tuple(list(this.#imports), list(this.#frames[0]));
  }

  #step(term: Term): void {
    this.#frames.at(-1)!.push(term);
  }

  /** What the host wrote since WebAssembly code last ran. */
  #noteWrites(): void {
    for (const step of this.#memory?.takeBack() ?? []) {
      if (step.kind === 'grow') this.#step(tuple(atom('grow'), step.pages));
      else this.#step(tuple(atom('write'), step.address, { binary: step.bytes }));
    }
  }

  #compareMemory(): void {
    if (!this.#memory || !this.#comparable) return;
    const { contents } = this.#memory;
    this.#step(tuple(atom('memory'), contents.length, { binary: createHash('md5').update(contents).digest() }));
    this.#compared += contents.length;
  }

  #wrapImport({ module, name, description }: Import, given: unknown, types: readonly FunctionType[]): unknown {
    const note = (...what: Term[]): void => void this.#imports.push(tuple(text(module), text(name), ...what));
    switch (description.kind) {
      case 'func': {
        const type = types[description.type];
        note(atom('func'), type.parameters.length);
        return this.#wrapHost(tuple(text(module), text(name)), given as Callable, type);
      }
      case 'memory': {
        const memory = given as WebAssembly.Memory;
        const { maximum } = description.memory;
        note(atom('memory'), memory.buffer.byteLength / 65536, maximum ?? atom('none'));
        this.#memory = new MemoryWatch(memory);
        return given;
      }
      case 'global': {
        const { type, mutable } = description.global;
        if (mutable) throw new Error(`not recorded: the mutable global ${module}.${name}`);
        note(atom('global'), this.#values.term(type, given));
        return given;
      }
      case 'table':
        throw new Error(`not recorded: the imported table ${module}.${name}`);
    }
  }

  #wrapHost(key: Term, host: Callable, { parameters, results }: FunctionType): Callable {
    return (...args) => {
      this.#memory?.handOver();
      const steps: Term[] = [];
      this.#frames.push(steps);
      let outcome: Term = atom('none');
      try {
        const result = host(...args);
        outcome = this.#values.results(results, result);
        return result;
      } catch (error) {
        outcome = this.#values.thrown(error);
        throw error;
      } finally {
        this.#noteWrites();
        this.#frames.pop();
        this.#hostCalls.at(-1)!.push(tuple(key, this.#values.list(parameters, args), list(steps), outcome));
      }
    };
  }

  #wrapExport(name: string, fn: Callable, { parameters, results }: FunctionType): Callable {
    return (...args) => {
      this.#noteWrites();
      this.calls++;
      const hostCalls: Term[] = [];
      this.#hostCalls.push(hostCalls);
      let outcome: Term = atom('none');
      try {
        const result = fn(...args);
        outcome = this.#values.results(results, result);
        this.#lastResults.set(name, result);
        return result;
      } catch (error) {
        outcome = error instanceof WebAssembly.RuntimeError ? atom('trap') : this.#values.thrown(error);
        throw error;
      } finally {
        this.#memory?.handOver();
        this.#hostCalls.pop();
        const given = parameters.map((_, i) => args[i]);
        this.#step(tuple(atom('call'), text(name), this.#values.list(parameters, given), list(hostCalls), outcome));
        if (this.#compared < COMPARED_BYTES) this.#compareMemory();
      }
    };
  }
}

// Node compiles a module for its own use when the classes of fetch are first touched: before anything is recorded.
Reflect.get(globalThis, 'Response');

const { Module, Instance, compile, instantiate } = WebAssembly;

/** Of all modules compiled under a recording: packages keep them, and instantiate them later again. Others are Node's. */
const bytesOf = new WeakMap<WebAssembly.Module, Uint8Array>();

/**
 * Runs `action` and records every WebAssembly instance that is made meanwhile, for as long as it is used.
 *
 * @param action is given the traces, which grow while it runs
 * @returns one trace for each instance, in the order of their making, and what the action returned
 */
export async function record<T>(action: (traces: Trace[]) => Promise<T> | T): Promise<{ traces: Trace[]; result: T }> {
  const traces: Trace[] = [];
  const remember = (module: WebAssembly.Module, bytes: ArrayBuffer | Uint8Array): WebAssembly.Module => {
    bytesOf.set(module, new Uint8Array(bytes));
    return module;
  };
  const start = (module: WebAssembly.Module, imports: WebAssembly.Imports = {}): WebAssembly.Instance => {
    const bytes = bytesOf.get(module);
    if (!bytes) return new Instance(module, imports);
    const recording = new Recording(bytes);
    traces.push(recording);
    return recording.instantiate(module, imports);
  };
  const compileAndRemember = async (bytes: ArrayBuffer | Uint8Array): Promise<WebAssembly.Module> =>
    remember(await compile(bytes), bytes);

  Object.assign(WebAssembly, {
    compile: compileAndRemember,
    instantiate: async (source: WebAssembly.Module | ArrayBuffer | Uint8Array, imports?: WebAssembly.Imports) => {
      if (source instanceof Module) return start(source, imports);
      const module = await compileAndRemember(source);
      return { module, instance: start(module, imports) };
    },
    Module: new Proxy(Module, { construct: (_, [bytes]: [Uint8Array]) => remember(new Module(bytes), bytes) }),
    Instance: new Proxy(Instance, {
      construct: (_, [module, imports]: [WebAssembly.Module, WebAssembly.Imports?]) => start(module, imports),
    }),
  });
  try {
    return { result: await action(traces), traces };
  } finally {
    Object.assign(WebAssembly, { Module, Instance, compile, instantiate });
  }
}
