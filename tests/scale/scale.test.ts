// Any size: generated modules beyond the bounds of BEAM's registers and arguments give V8's results, in one node.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { compile, compileToAssembly } from '../../compiler.ts';
import { otpRelease, runEscript, RUNTIME, validateFiles, withFolder } from '../harness/erlang.ts';
import type { Case } from './case.ts';
import * as functions from './function-cases.ts';
import * as modules from './module-cases.ts';
import * as pressure from './pressure-cases.ts';
import { trace } from './trace.ts';

const CASES: readonly Case[] = [
  functions.longBody(),
  functions.straightLine(400),
  functions.manyLocals(),
  functions.crowdedLoops(),
  functions.deepOperands(),
  functions.manyValues(),
  functions.branchTable(),
  functions.nesting('block'),
  functions.nesting('loop'),
  functions.nesting('if'),
  functions.externrefs(),
  functions.wideFunction(),
  pressure.waitingElses(),
  pressure.threefoldValues(),
  modules.manyFunctions(),
  modules.largeMemory(),
  modules.manySegments(),
  modules.manyGlobals(),
];

describe('any size', () => {
  const answers: string[] = [];
  const problems = new Map<string, string>();

  beforeAll(async () => {
    const otp = await otpRelease();
    await withFolder(async (folder) => {
      const lines: string[] = [];
      const listings: string[] = [];
      for (const [i, example] of CASES.entries()) {
        const path = join(folder, `scale_${i}`);
        writeFileSync(`${path}.beam`, compile(example.bytes, { name: `scale_${i}`, otp }));
        writeFileSync(`${path}.trace`, await trace(example));
        lines.push(`scale_${i} ${path}.beam ${path}.trace\n`);
        if (!example.validated) continue;
        writeFileSync(`${path}.S`, compileToAssembly(example.bytes, { name: `scale_${i}` }).join(''));
        listings.push(`${path}.S`);
      }
      answers.push(...(await runEscript('../modules/replay.escript', [RUNTIME], lines.join(''))));
      for (const problem of await validateFiles(listings)) problems.set(/scale_(\d+)/.exec(problem)![1], problem);
    });
  }, 300_000);

  test.each(CASES.map(({ name }, i) => [name, i] as const))('%s', (_, i) => {
    expect(answers[i]).toMatch(/^ok /);
    expect(problems.get(String(i))).toBeUndefined();
  });
});
