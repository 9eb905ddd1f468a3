// The load test of `make load` in small: many instances alive, called at once, made and dropped, and nothing grows.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compile, parseWat } from '../../compiler.ts';
import { otpRelease, runEscript, RUNTIME, withFolder } from '../harness/erlang.ts';

const ROOT = join(import.meta.dirname, '../..');

test('the node holds', { timeout: 240_000 }, async () => {
  await withFolder(async (folder) => {
    const { bytes } = parseWat(readFileSync(join(ROOT, 'bench/load/load.wat'), 'utf8'));
    writeFileSync(join(folder, 'load.beam'), compile(bytes, { name: 'load', otp: await otpRelease() }));
    const numbers = { live: 2000, callers: 200, calls: 5, made: 20_000 };
    const args = [RUNTIME, folder, ...Object.values(numbers).map(String)];
    const lines = await runEscript('../../bench/load/load.escript', args);
    expect(lines).toHaveLength(5);
    expect(lines[4]).toMatch(/^20000 instances made, called and dropped: .*\{atoms,0\},\{processes,0\},\{modules,0\}/);
  });
});
