// Modules that count instructions, on both back ends, in a checked build and with nothing inlined, called in one Erlang node.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile, compileToCore, CoreCompiler, parseWat } from '../../compiler.ts';
import { evaluate, otpRelease, RUNTIME, withFolder } from '../harness/erlang.ts';

/** The ways to make a module, by the suffix of its name. */
export const BUILDS = ['direct', 'checked', 'core', 'called'] as const;
export type Build = (typeof BUILDS)[number];

/**
 * Compiles texts with fuel and evaluates Erlang expressions.
 *
 * @param sources by name: what the module NAME_BUILD is made from
 * @param expressions for each build: expressions that may name those modules, each on one line
 * @returns what they gave, as text, by build
 */
export async function evaluateMetered(
  sources: Readonly<Record<string, string>>,
  expressions: (module: (name: string) => string) => readonly string[],
  builds: readonly Build[] = BUILDS,
): Promise<Record<string, string[]>> {
  const otp = await otpRelease();
  const erlc = new CoreCompiler(process.env.WASM2BEAM_ERL);
  try {
    return await withFolder(async (folder) => {
      const answers: Record<string, string[]> = {};
      for (const build of builds) {
        const files: string[] = [];
        for (const [name, text] of Object.entries(sources)) {
          const options = {
            name: `${name}_${build}`,
            source: `${name}.wat`,
            otp,
            fuel: true,
            checked: build === 'checked',
            inline: build !== 'called',
          };
          const { bytes } = parseWat(text);
          const file = join(folder, options.name);
          if (build === 'core') {
            const { beam, warnings } = await erlc.compile(compileToCore(bytes, options));
            if (warnings.length > 0) throw new Error(warnings.join('\n'));
            writeFileSync(`${file}.beam`, beam);
          } else writeFileSync(`${file}.beam`, compile(bytes, options));
          files.push(file);
        }
        const all = [`code:add_path("${RUNTIME}")`, ...expressions((name) => `${name}_${build}`)];
        answers[build] = (await evaluate(files, all)).slice(1);
      }
      return answers;
    });
  } finally {
    erlc.close();
  }
}
