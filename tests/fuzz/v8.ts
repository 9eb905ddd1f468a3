// A generated program in V8, which sits in this very process: the answers that the others are compared with.
//
// Consumes a program and its encoding; produces what fuzz_node.escript writes too: a line for each call of a host
// function, call, global and memory, values by their bits and every NaN as `nan`, traps by the specification's text.
import { createHash } from 'node:crypto';
import type { Mnemonic, ValueType } from '../../ir/instructions.ts';
import { COUNT } from './counted.ts';
import { encode } from './encode.ts';
import { FUEL, functionTypeOf, type Program } from './program.ts';

/** V8's words for traps, and the reasons that they stand for. */
const TRAPS: readonly (readonly [RegExp, string])[] = [
  [/^unreachable/, 'unreachable'],
  [/divide by zero|remainder by zero/, 'integer_divide_by_zero'],
  [/divide result unrepresentable/, 'integer_overflow'],
  [/float unrepresentable/, 'integer_overflow|invalid_conversion_to_integer'],
  [/memory access out of bounds|data segment/, 'out_of_bounds_memory_access'],
  [/table index is out of bounds|table access out of bounds/, 'out_of_bounds_table_access|undefined_element'],
  [/element segment/, 'out_of_bounds_table_access'],
  [/null function or function signature/, 'indirect_call_type_mismatch|uninitialized_element'],
];

const view = new DataView(new ArrayBuffer(8));

function floatBits(type: 'f32' | 'f64', value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (type === 'f32') {
    view.setFloat32(0, value);
    return view.getUint32(0).toString(16);
  }
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16);
}

function shown(type: ValueType, value: unknown): string {
  switch (type) {
    case 'i32':
      return ((value as number) >>> 0).toString(16);
    case 'i64':
      return BigInt.asUintN(64, value as bigint).toString(16);
    case 'f32':
    case 'f64':
      return floatBits(type, value as number);
    case 'funcref':
      return value === null ? 'null' : 'func';
    case 'externref':
      return value === null ? 'null' : (value as number).toString(16);
  }
}

const shownAll = (types: readonly ValueType[], values: readonly unknown[]): string =>
  types.map((type, i) => shown(type, values[i])).join(' ');

/** A JavaScript value from bits. */
function fromBits(type: ValueType, bits: bigint | null): unknown {
  if (bits === null) return null;
  if (type === 'i64') return bits;
  if (type === 'f32') {
    view.setUint32(0, Number(bits));
    return view.getFloat32(0);
  }
  if (type === 'f64') {
    view.setBigUint64(0, bits);
    return view.getFloat64(0);
  }
  return Number(bits);
}

/** What a call gave, as a list. */
const asList = (count: number, answer: unknown): unknown[] =>
  count === 0 ? [] : count === 1 ? [answer] : (answer as unknown[]);

/** A trap's text; other errors (V8's own limits) pass. */
function trapText(error: unknown): string {
  if (!(error instanceof WebAssembly.RuntimeError)) throw error;
  const known = TRAPS.find(([words]) => words.test(error.message));
  if (!known) throw new Error(`a trap of V8 without a name: ${error.message}`);
  return `trap ${known[1]}`;
}

/** What V8 cannot be asked: it ran out of its own stack or memory. */
export class NoOpinion extends Error {}

interface GlobalObject {
  value: unknown;
}

/** spec: js-api#globals */
const { Global } = WebAssembly as unknown as {
  Global: new (descriptor: { value: string; mutable: boolean }, initial: unknown) => GlobalObject;
};

class Observer {
  readonly lines: string[] = [];
  memoryBytes: Uint8Array = new Uint8Array();
  private readonly program: Program;
  private readonly counts: number[];
  private exports: Record<string, unknown> | undefined;

  constructor(program: Program) {
    this.program = program;
    this.counts = program.hosts.map(() => 0);
  }

  run(bytes: Uint8Array, mark?: (number: number) => void): void {
    const hosts = this.program.hosts.map((_, i) => [`h${i}`, (...args: unknown[]) => this.host(i, args)]);
    const module = new WebAssembly.Module(bytes);
    this.attempt('instantiate', () => {
      const functions = Object.fromEntries(hosts) as Record<string, unknown>;
      const imports = { fuzz: { ...functions, ...this.importedValues(), mark } };
      this.exports = new WebAssembly.Instance(module, imports).exports;
    });
    if (!this.exports) return;
    const { exports } = this;
    this.program.calls.forEach((call, i) => {
      const { parameters, results } = functionTypeOf(this.program, this.program.hosts.length + call.function);
      (exports.g0 as GlobalObject).value = FUEL;
      const count = exports[COUNT] as GlobalObject | undefined;
      if (count) count.value = 0n;
      const args = call.args.map((bits, at) => fromBits(parameters[at], bits));
      this.attempt(`call ${i}`, () => {
        const answer = (exports[`f${call.function}`] as (...args: unknown[]) => unknown)(...args);
        this.lines.push(`call ${i}: ${shownAll(results, asList(results.length, answer))}`);
        if (count) this.lines.push(`used ${i}: ${String(count.value)}`);
      });
    });
    this.program.globals.forEach(({ type }, i) => {
      this.lines.push(`global ${i}: ${shown(type, (exports[`g${i}`] as GlobalObject).value)}`);
    });
    if (this.program.memory) this.memory(new Uint8Array((exports.m as WebAssembly.Memory).buffer));
  }

  /** Memory and globals of the embedder. */
  private importedValues(): Record<string, unknown> {
    const { globals, importedGlobals, importsMemory, memory } = this.program;
    const made = globals.slice(0, importedGlobals).map(({ type, mutable, initial }, i) => {
      const value = type === 'funcref' ? 'anyfunc' : type;
      return [`g${i}`, new Global({ value, mutable }, fromBits(type, initial.bits ?? null))];
    });
    const shared = importsMemory
      ? { m: new WebAssembly.Memory({ initial: memory!.minimum, maximum: memory!.maximum }) }
      : {};
    return { ...(Object.fromEntries(made) as Record<string, unknown>), ...shared };
  }

  private host(index: number, args: readonly unknown[]): unknown {
    const { type, rows, callback } = this.program.hosts[index];
    this.lines.push(`host ${index}: ${shownAll(type.parameters, args)}`);
    const row = rows[this.counts[index]++ % rows.length];
    if (callback !== undefined) (this.exports?.[`f${callback}`] as (() => void) | undefined)?.();
    const values = row.map((bits, i) => fromBits(type.results[i], bits));
    return values.length > 1 ? values : values[0];
  }

  private attempt(what: string, action: () => void): void {
    try {
      action();
    } catch (error) {
      if (error instanceof RangeError) throw new NoOpinion(error.message);
      this.lines.push(`${what}: ${trapText(error)}`);
    }
  }

  private memory(bytes: Uint8Array): void {
    this.memoryBytes = bytes;
    this.lines.push(`memory: ${bytes.length / 65536} pages ${createHash('md5').update(bytes).digest('hex')}`);
  }
}

export interface Observation {
  readonly lines: readonly string[];
  /** The memory at the end. */
  readonly memory: Uint8Array;
}

/**
 * Runs a program in V8.
 *
 * @param bytes the program, or the same as it counts its instructions
 * @throws NoOpinion where V8 gave up for want of stack or memory
 */
export function observeV8(program: Program, bytes: Uint8Array): Observation {
  const observer = new Observer(program);
  observer.run(bytes);
  return { lines: observer.lines, memory: observer.memoryBytes };
}

/** Which of the instructions are executed when V8 runs the program. */
export function executedOf(program: Program, wanted: readonly Mnemonic[]): Mnemonic[] {
  const found = new Set<Mnemonic>();
  const marked = encode(program, new Map(wanted.map((mnemonic, i) => [mnemonic, i])));
  new Observer(program).run(marked, (number) => found.add(wanted[number]));
  return [...found];
}
