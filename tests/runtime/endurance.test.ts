// The runtime holds: endless loops and recursion, memory that nobody touches, thousands of instances, misuse. The checks
// are in endurance.escript; they run in one node, on modules that are compiled here.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { compile, parseWat } from '../../compiler.ts';
import { decodeModule } from '../../frontend/decode.ts';
import { readInstruction } from '../../frontend/instruction-reader.ts';
import { Reader } from '../../frontend/reader.ts';
import { otpRelease, runEscript, RUNTIME, withFolder } from '../harness/erlang.ts';

/** Declares a memory of 4,000 pages and touches none of it. */
const SPARE = `(module (memory (export "memory") 4000)
  (func (export "keep") (param i32) (result i32) (if (i32.eqz (local.get 0)) (then (i32.store (i32.const 0) (i32.const 1))))
    (local.get 0)))`;

const CHECKS = [
  'endless loops',
  'recursion plain',
  'recursion mutual',
  'recursion table',
  'recursion host',
  'recursion heavy',
  'max_depth',
  'untouched memory',
  'instances come and go',
  'stack trace',
  'another process',
  'foreign values',
  'purged module',
];

function parsed(text: string): Uint8Array {
  return parseWat(text).bytes;
}

/** Where the module's only division stands. */
function divisionOffset(bytes: Uint8Array): number {
  for (const { body } of decodeModule(bytes).code) {
    for (const reader = new Reader(bytes, body.start, body.end); reader.position < body.end;) {
      const { op, offset } = readInstruction(reader);
      if (op.mnemonic === 'i32.div_s') return offset;
    }
  }
  throw new Error('no division');
}

describe('the runtime holds', () => {
  let answers: string[] = [];

  beforeAll(async () => {
    const otp = await otpRelease();
    const bytes = parsed(readFileSync(join(import.meta.dirname, 'endurance.wat'), 'utf8'));
    await withFolder(async (folder) => {
      // Functions that only divide or call stay functions.
      const options = { name: 'endurance', source: 'endurance.wasm', otp, inline: false };
      writeFileSync(join(folder, 'endurance.beam'), compile(bytes, options));
      writeFileSync(join(folder, 'spare.beam'), compile(parsed(SPARE), { name: 'spare', otp }));
      const args = [RUNTIME, folder, String(divisionOffset(bytes))];
      answers = await runEscript('../runtime/endurance.escript', args, CHECKS.map((name) => `${name}\n`).join(''));
    });
  }, 180_000);

  test.each(CHECKS.map((name, i) => [name, i] as const))('%s', (name, i) => {
    expect(answers[i]).toBe(`ok ${name}`);
  });
});
