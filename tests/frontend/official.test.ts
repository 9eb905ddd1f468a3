// The official tests, as far as decoding and validation go: every module of every script is judged as the script says,
// in the specification's words. Running them is for the script runner.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { decodeModule } from '../../frontend/decode.ts';
import { WasmError } from '../../frontend/errors.ts';
import { parseScript, type ScriptCommand } from '../../frontend/script.ts';
import { validateModule, type ValidationOptions } from '../../frontend/validate.ts';

const folder = process.env.WASM_TESTSUITE ?? fileURLToPath(new URL('../../../shared/spec', import.meta.url));
const files = (release: string): string[] =>
  existsSync(`${folder}/${release}`)
    ? readdirSync(`${folder}/${release}`).filter((file) => file.endsWith('.wast'))
    : [];

type ModuleCommand = Extract<ScriptCommand, { readonly module: unknown }>;

/** '' where the module is judged as the command wants, else what was got instead. */
function judge(command: ModuleCommand, options: ValidationOptions): string {
  const wanted = { assert_malformed: 'malformed', assert_invalid: 'invalid' }[command.kind as string];
  const text = wanted === undefined || !('text' in command) ? '' : command.text;
  try {
    validateModule(decodeModule(command.module.load().bytes), options);
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
    if (error.kind === wanted && error.text.startsWith(text)) return '';
    return `line ${command.line}: wanted ${wanted ?? 'valid'} ${text}, got ${error.kind} ${error.text}`;
  }
  return wanted === undefined ? '' : `line ${command.line}: wanted ${wanted} ${text}, got valid`;
}

const commands = (release: string, file: string): ModuleCommand[] =>
  parseScript(readFileSync(`${folder}/${release}/${file}`, 'utf8')).filter((one) => 'module' in one);

if (files('v2.0.0').length === 0) {
  test.skip(`the official tests are not in ${folder}: set WASM_TESTSUITE to a folder that holds v2.0.0`, () =>
    undefined);
} else {
  test.each(files('v2.0.0'))('v2.0.0/%s', (file) => {
    const wrong = commands('v2.0.0', file).map((command) => judge(command, { constants: '2.0' }));
    expect(wrong.filter(Boolean)).toEqual([]);
  });

  test.each(files('wg-3.0').filter((file) => /^return_call(_indirect)?\.wast$/.test(file)))('wg-3.0/%s', (file) => {
    expect(
      commands('wg-3.0', file)
        .map((command) => judge(command, {}))
        .filter(Boolean),
    ).toEqual([]);
  });

  test.each(files('wg-3.0').filter((file) => /^(global|data|elem)\.wast$/.test(file)))(
    'wg-3.0/%s: constants',
    (file) => {
      // What other proposals brought into these files is refused.
      const wrong = commands('wg-3.0', file).map((command) => judge(command, {}));
      expect(wrong.filter((one) => one !== '' && !one.includes('got unsupported'))).toEqual([]);
    },
  );
}
