// Functions larger than a part: divided among several, in a checked build, they give V8's results.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compileParts } from '../../compiler.ts';
import { otpRelease, runEscript, RUNTIME, withFolder } from '../harness/erlang.ts';
import type { Case } from './case.ts';
import * as functions from './function-cases.ts';
import * as pressure from './pressure-cases.ts';
import { trace } from './trace.ts';

/** And the bytes of code in a part. */
const CASES: readonly (readonly [Case, number])[] = [
  [functions.longBody(), 64_000],
  [functions.straightLine(20), 32_000],
  [functions.straightLine(400), 32_000],
  [functions.manyLocals(), 16_000],
  [functions.crowdedLoops(), 4_000],
  [functions.deepOperands(), 16_000],
  [functions.branchTable(), 32_000],
  [functions.nesting('if'), 64_000],
  [functions.externrefs(), 8_000],
  [functions.wideFunction(), 4_000],
  [pressure.threefoldValues(), 4_000],
];

test.each(CASES.map(([example, size]) => [example.name, size, example] as const))(
  '%s, in parts of %i bytes',
  async (_, size, example) => {
    const otp = await otpRelease();
    const parts = compileParts(example.bytes, { name: 'divided', otp, checked: true }, size);
    const sizes = parts.map(({ beam }) => beam.length);
    expect(sizes.length).toBeGreaterThanOrEqual(Math.floor(example.bytes.length / size));
    expect(Math.max(...sizes)).toBeLessThan((2.5 * sizes.reduce((sum, bytes) => sum + bytes, 0)) / sizes.length);
    await withFolder(async (folder) => {
      for (const { name, beam } of parts) writeFileSync(join(folder, `${name}.beam`), beam);
      writeFileSync(join(folder, 'trace'), await trace(example));
      const line = `divided ${join(folder, 'divided.beam')} ${join(folder, 'trace')}\n`;
      expect(await runEscript('../modules/replay.escript', [RUNTIME], line)).toEqual([expect.stringMatching(/^ok /)]);
    });
  },
  180_000,
);
