// Proof that the fuzzer finds faults: plants each of FAULTS in a copy of what it tests, and lets it look for a minute.
//
//   node build/fuzz/tests/fuzz/selftest.js [--only WORDS] [--seed 1]
//
// Consumes the sources and their build under build/fuzz; the product code has no hook for it. Ends with status 1 where a
// fault was not found, and with an error where a fault's text is no longer in the source.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import ts from 'typescript';
import { FAULTS, type Fault } from './faults.ts';

const SECONDS = 60;
const BUILD = 'build/fuzz';
const COPY = 'build/fuzz-selftest';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: '1' },
    runtime: { type: 'string', default: '_build/default/lib/wasm2beam/ebin' },
  },
});

function patched({ name, file, edits }: Fault): string {
  let text = readFileSync(file, 'utf8');
  for (const { find, replace } of edits) {
    if (!text.includes(find)) throw new Error(`the fault '${name}' no longer applies: ${file} does not hold '${find}'`);
    text = text.replace(find, () => replace);
  }
  return text;
}

/** Puts the fault into the copy; gives the folders of the runtime. */
async function plant(fault: Fault): Promise<string[]> {
  const text = patched(fault);
  rmSync(COPY, { recursive: true, force: true });
  cpSync(BUILD, COPY, { recursive: true });
  if (fault.file.endsWith('.erl')) {
    const ebin = join(COPY, 'ebin');
    const source = join(COPY, basename(fault.file));
    mkdirSync(ebin);
    writeFileSync(source, text);
    await execa('erlc', ['-o', ebin, source]);
    return [values.runtime, ebin];
  }
  const { target, module } = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext };
  const compilerOptions = { target, module, rewriteRelativeImportExtensions: true, verbatimModuleSyntax: true };
  const { outputText } = ts.transpileModule(text, { compilerOptions });
  writeFileSync(join(COPY, fault.file.replace(/\.ts$/, '.js')), outputText);
  return [values.runtime];
}

/** Seconds until the fuzzer found the fault; undefined where it did not. */
async function search(fault: Fault): Promise<number | undefined> {
  const runtime = await plant(fault);
  const start = Date.now();
  const options = [
    '--seconds',
    String(SECONDS),
    '--seed',
    values.seed,
    '--most',
    '1',
    '--reduce',
    '0',
    '--ways',
    fault.way ?? 'direct',
  ];
  const where = [
    '--save',
    join(COPY, 'found'),
    '--runtime',
    runtime.join(),
    '--mode',
    fault.isValidity ? 'bytes' : 'programs',
  ];
  const { exitCode, stdout, stderr } = await execa('node', [join(COPY, 'tests/fuzz/main.js'), ...options, ...where], {
    reject: false,
  });
  const found = exitCode === 1 && stdout.includes('DISAGREEMENT');
  if (!found && exitCode !== 0) throw new Error(`the fuzzer failed with '${fault.name}': ${stdout}${stderr}`);
  return found ? (Date.now() - start) / 1000 : undefined;
}

let missed = 0;
const chosen = FAULTS.filter(({ name }) => name.includes(values.only));
for (const fault of chosen) {
  const seconds = await search(fault);
  if (seconds === undefined) missed++;
  console.log(`${seconds === undefined ? 'MISSED' : `found in ${seconds.toFixed(1)} s`}: ${fault.name}`);
}
console.log(`${chosen.length - missed} of ${chosen.length} planted faults found`);
if (missed > 0) process.exitCode = 1;
