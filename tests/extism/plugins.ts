// Plug-ins for tests: compiled into a folder, then used by Erlang expressions in one node.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile, parseWat } from '../../compiler.ts';
import { evaluate, otpRelease, withFolder } from '../harness/erlang.ts';

/** A plug-in in the text format, or the bytes of one. */
export type Source = string | Uint8Array;

const EBIN = process.env.WASM2BEAM_EBIN ?? join(import.meta.dirname, '../../_build/default/lib/wasm2beam/ebin');

/** Compiles each source to a module of its key's name, and gives what the expressions evaluate to, printed by `~w`. */
export async function evaluateWith(
  sources: Readonly<Record<string, Source>>,
  expressions: readonly string[],
): Promise<string[]> {
  const otp = await otpRelease();
  return withFolder(async (folder) => {
    const files = Object.entries(sources).map(([name, source]) => {
      const bytes = typeof source === 'string' ? parseWat(source).bytes : source;
      const file = join(folder, name);
      writeFileSync(`${file}.beam`, compile(bytes, { name, otp }));
      return file;
    });
    const [, ...answers] = await evaluate(files, [`code:add_patha("${EBIN}")`, ...expressions]);
    return answers;
  });
}

/** As evaluateWith, for expressions by name. */
export async function evaluateCases<Name extends string>(
  sources: Readonly<Record<string, Source>>,
  cases: Readonly<Record<Name, string>>,
): Promise<Record<Name, string>> {
  const names = Object.keys(cases) as Name[];
  const answers = await evaluateWith(
    sources,
    names.map((name) => cases[name].replaceAll(/\s*\n\s*/g, ' ').trim()),
  );
  return Object.fromEntries(names.map((name, index) => [name, answers[index]])) as Record<Name, string>;
}

/** Bytes as Erlang reads and prints them. */
export function binary(bytes: string | Uint8Array): string {
  return `<<${[...Buffer.from(bytes)].join(',')}>>`;
}
