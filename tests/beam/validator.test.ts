// OTP's own opinion of what the compiler makes: its validator on the instruction list that is assembled, its disassembler
// on the file; of plain and of checked builds, without and with fuel.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compile, compileToAssembly } from '../../compiler.ts';
import { parseWat } from '../../frontend/wat.ts';
import { everything } from '../frontend/binary.ts';
import { otpRelease, validateFiles, withFolder } from '../harness/erlang.ts';
import { randomModule } from '../ir/random-module.ts';

const RANDOM = 60;
const require = createRequire(import.meta.url);

/** A file of a package, whatever the package exports. */
function packageFile(name: string, path: string): Uint8Array {
  const file = require.resolve
    .paths(name)!
    .map((folder) => join(folder, name, path))
    .find(existsSync);
  if (file === undefined) throw new Error(`${name} has no ${path}`);
  return readFileSync(file);
}

const MODULES: readonly (readonly [string, () => Uint8Array])[] = [
  ['everything', everything],
  ['xxhash', () => packageFile('xxhash-wasm', 'workerd/xxhash.wasm')],
  ['mappings', () => packageFile('source-map', 'lib/mappings.wasm')],
  ...Array.from({ length: RANDOM }, (_, seed) => {
    return [`random_${seed}`, (): Uint8Array => parseWat(randomModule(seed)).bytes] as const;
  }),
];

describe('the validator and the disassembler', () => {
  test.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])(
    'pass all modules, checked: %s, fuel: %s',
    async (checked, fuel) => {
      const otp = await otpRelease();
      await withFolder(async (folder) => {
        mkdirSync(join(folder, 'beam'));
        const files = MODULES.flatMap(([name, load]) => {
          const bytes = load();
          const options = { name, otp, checked, fuel };
          const [assembly, beam] = [join(folder, `${name}.S`), join(folder, 'beam', `${name}.beam`)];
          writeFileSync(assembly, compileToAssembly(bytes, options).join(''));
          writeFileSync(beam, compile(bytes, options));
          return [assembly, beam];
        });
        expect(await validateFiles(files)).toEqual([]);
      });
    },
    240_000,
  );
});
