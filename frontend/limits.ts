// The documented limits: one row each, with the words of its error.
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
  nesting: limit(1_000_000, 'nested blocks'),
  operands: limit(1_000_000, 'values on the operand stack of a function'),
} as const satisfies Record<string, Limit>;

/** The error for a count beyond its limit: kind 'unsupported', since a larger module may well be valid. */
export function exceeds({ most, what }: Limit, count: number, offset: number, functionIndex?: number): WasmError {
  return new WasmError('unsupported', `too many ${what}: ${count}, at most ${most}`, { offset, functionIndex });
}
