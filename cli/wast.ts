// `wasm2beam wast`: runs scripts of the specification on compiled code, all on one Erlang node.
import { basename } from 'node:path';
import { type Backend, ModuleCompiler } from '../wast/backend.ts';
import { runScript } from '../wast/run.ts';
import { Session } from '../wast/session.ts';
import { CommandFailure, style } from './failure.ts';
import { readInput } from './source.ts';

export interface WastArguments {
  /** Rules of which version hold where versions differ. */
  readonly spec: '2.0' | '3.0';
  readonly backend: Backend;
  /** Seconds for one command of a script. */
  readonly timeout: number;
  readonly checked?: boolean;
  readonly fuel?: boolean;
}

/** Runs scripts, each `FILE` or `FILE:LINE` for one command of it; fails if an assertion does. */
export async function wastCommand(files: readonly string[], options: WastArguments): Promise<void> {
  const { spec, backend, timeout, checked, fuel } = options;
  const compiler = new ModuleCompiler(backend);
  const session = new Session({ timeout: timeout * 1000, compile: compiler.compile, checked, fuel });
  const chosen = [
    ...(spec === '3.0' ? [] : ['--spec', spec]),
    ...(backend === 'direct' ? [] : ['--backend', backend]),
    ...(checked === true ? ['--checked'] : []),
    ...(fuel === true ? ['--fuel'] : []),
  ];
  let passed = 0;
  const failures: string[] = [];
  try {
    for (const argument of files) {
      const [, file, line] = /^(.*?)(?::(\d+))?$/s.exec(argument)!;
      const text = decode(file);
      const only = line === undefined ? undefined : Number(line);
      const report = await runScript(text, session, { source: basename(file), constants: spec, line: only });
      passed += report.passed;
      const failed = report.failures.length;
      const counts = `${report.passed} passed, ${failed} failed`;
      process.stdout.write(`${argument}: ${failed > 0 ? style.red(counts) : counts}\n`);
      for (const { line: at, got, expected } of report.failures) {
        failures.push(
          shown(`${file}:${at}: got ${got}, expected ${expected}`),
          style.dim(`  ${['bin/wasm2beam', 'wast', ...chosen, quote(`${file}:${at}`)].join(' ')}`),
        );
      }
    }
  } finally {
    session.close();
    compiler.close();
  }
  const failed = failures.length / 2;
  process.stdout.write([...failures, `${passed} passed, ${failed} failed\n`].join('\n'));
  process.exitCode = failed > 0 ? 1 : 0;
}

/** On one line of bounded length, with nothing in it that a terminal obeys: names in messages are the script's. */
const shown = (text: string): string => text.slice(0, 1000).replace(/\p{Cc}|\p{Cf}/gu, '?');

/** For a shell. */
const quote = (word: string): string => (/^[\w./:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

function decode(file: string): string {
  const bytes = readInput(file);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CommandFailure(`${file}: malformed UTF-8 encoding`);
  }
}
