// The limits of docs/limits.md: one row each, with the words of its error.
//
// The specification allows an implementation to restrict what it accepts; these are the figures that web engines
// agreed on where those exist, so that a module that runs in a browser stays within them. Each keeps a few bytes of
// input from taking memory or time out of proportion.
//
// spec: appendix/implementation#syntactic-limits
import { WasmError } from './errors.ts';

export interface Limit {
  readonly most: number;
  /** What is counted, as it stands in the message. */
  readonly what: string;
}

const limit = (most: number, what: string): Limit => Object.freeze({ most, what });

export const LIMITS = {
  moduleBytes: limit(1_073_741_824, 'bytes in the module'),
  types: limit(1_000_000, 'types'),
  imports: limit(1_000_000, 'imports'),
  functions: limit(1_000_000, 'functions'),
  tables: limit(100_000, 'tables'),
  memories: limit(100_000, 'memories'),
  globals: limit(1_000_000, 'globals'),
  exports: limit(1_000_000, 'exports'),
  elements: limit(1_000_000, 'element segments'),
  items: limit(10_000_000, 'items in an element segment'),
  data: limit(100_000, 'data segments'),
  parameters: limit(1_000, 'parameters'),
  results: limit(1_000, 'results'),
  locals: limit(50_000, 'locals in a function, parameters included'),
  bodyBytes: limit(7_654_321, 'bytes in a function body'),
  nesting: limit(250_000, 'nested blocks'),
  operands: limit(1_000_000, 'values on the operand stack of a function'),
  /** A call of two bytes may pass 2,000 values, each of which takes code. */
  passed: limit(200_000, 'values passed more than 64 at a time by calls, blocks and branches'),
} as const satisfies Record<string, Limit>;

/** So many values an instruction may take or give without their being counted as `passed`. */
export const FEW_VALUES = 64;

/** The error for a count beyond its limit: kind 'unsupported', since a larger module may well be valid. */
export function exceeds({ most, what }: Limit, count: number, offset: number, functionIndex?: number): WasmError {
  return new WasmError('unsupported', `too many ${what}: ${count}, at most ${most}`, { offset, functionIndex });
}
