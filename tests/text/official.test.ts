// The official tests as far as they concern the text: every script is read, every text module is compared with V8, and
// every malformed quoted module must fail in the specification's words.
//
// The folder is ../shared/spec beside the checkout, or what WASM_TESTSUITE names.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { WasmError } from '../../frontend/errors.ts';
import { type ScriptCommand, type ScriptModule, parseScript } from '../../frontend/script.ts';

const SUITE = process.env.WASM_TESTSUITE ?? join(import.meta.dirname, '../../../shared/spec');

interface Counts {
  /** Modules in text or quoted that are to be valid, or invalid, or malformed. */
  valid: number;
  invalid: number;
  malformed: number;
}

/** The module of a command that is given in text, if any. */
function textModule(command: ScriptCommand): ScriptModule | undefined {
  if (!('module' in command)) return undefined;
  return command.module.form === 'binary' ? undefined : command.module;
}

function outcome(module: ScriptModule): string {
  try {
    return WebAssembly.validate(module.load().bytes) ? 'valid' : 'invalid';
  } catch (error) {
    if (error instanceof WasmError) return `${error.kind}: ${error.text}`;
    throw error;
  }
}

/** What is wrong with one script, a line for each. */
function check(path: string, counts: Counts): string[] {
  const wrong: string[] = [];
  for (const command of parseScript(readFileSync(path, 'utf8'))) {
    const module = textModule(command);
    if (module === undefined) continue;
    const got = outcome(module);
    let expected = 'valid';
    if (command.kind === 'assert_malformed') {
      counts.malformed++;
      expected = `malformed: ${command.text}`;
    } else if (command.kind === 'assert_invalid') {
      counts.invalid++;
      expected = 'invalid';
    } else {
      counts.valid++;
    }
    if (!got.startsWith(expected)) wrong.push(`${command.line}: got ${got}, expected ${expected}`);
  }
  return wrong;
}

/** Scripts of version 3.0 about what this compiler has: where they need more, they are not listed here. */
const LATER = [
  'annotations',
  'comments',
  'const',
  'float_literals',
  'id',
  'int_literals',
  'names',
  'obsolete-keywords',
  'return_call',
  'return_call_indirect',
  'token',
  'utf8-invalid-encoding',
];

function scripts(folder: string): string[] {
  return readdirSync(join(SUITE, folder)).filter((name) => name.endsWith('.wast'));
}

if (existsSync(SUITE)) describe('the official tests', officialTests);
else describe('the official tests', missingTests);

function officialTests(): void {
  const counts: Counts = { valid: 0, invalid: 0, malformed: 0 };

  test.each(scripts('v2.0.0'))('v2.0.0/%s', (name) => {
    expect(check(join(SUITE, 'v2.0.0', name), counts)).toEqual([]);
  });

  test('of version 2.0 are all there', () => {
    expect(counts).toEqual({ valid: 1177, invalid: 1470, malformed: 567 });
  });

  test.each(LATER)('wg-3.0/%s.wast', (name) => {
    expect(check(join(SUITE, 'wg-3.0', `${name}.wast`), { valid: 0, invalid: 0, malformed: 0 })).toEqual([]);
  });

  test('every malformed text of version 3.0 fails in its words', () => {
    const wrong: string[] = [];
    let malformed = 0;
    // ref_null has reference values of the garbage collection proposal, and no malformed module.
    for (const name of scripts('wg-3.0').filter((script) => script !== 'ref_null.wast')) {
      for (const command of parseScript(readFileSync(join(SUITE, 'wg-3.0', name), 'utf8'))) {
        const module = textModule(command);
        if (module === undefined || command.kind !== 'assert_malformed') continue;
        malformed++;
        const got = outcome(module);
        if (!got.startsWith(`malformed: ${command.text}`)) wrong.push(`${name}:${command.line}: got ${got}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(malformed).toBe(658);
  });

  test.each(scripts('v2.0.0/simd'))('SIMD is refused by name in simd/%s', (name) => {
    const path = join(SUITE, 'v2.0.0/simd', name);
    let refusals = 0;
    const refused = (error: unknown) =>
      error instanceof WasmError && error.kind === 'unsupported' && error.text.includes('SIMD');
    try {
      for (const command of parseScript(readFileSync(path, 'utf8'))) {
        const module = textModule(command);
        if (module !== undefined && outcome(module).includes('SIMD')) refusals++;
      }
    } catch (error) {
      if (!refused(error)) throw error;
      refusals++;
    }
    expect(refusals).toBeGreaterThan(0);
  });
}

function missingTests(): void {
  test('did not run: put the specification tests into ../shared/spec or name their folder in WASM_TESTSUITE', () => {
    console.warn(`No folder ${SUITE}: the official tests of the text format did not run.`);
    expect(process.env.WASM_TESTSUITE, 'WASM_TESTSUITE names no folder').toBeUndefined();
  });
}
