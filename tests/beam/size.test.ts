// A module of 20 MB: written function by function, loaded, and called at both ends.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Assembler } from '../../beam-backend/assemble.ts';
import type { Instruction, Source } from '../../beam-backend/assembly.ts';
import { evaluate, otpRelease, withFolder } from '../harness/erlang.ts';
import { int, label, ret, WORD, x } from './cases/case.ts';

const FUNCTIONS = 2_000;
const ADDITIONS = 950;

test('a large module loads and runs', async () => {
  const otp = await otpRelease();
  await withFolder(async (folder) => {
    const assembler = new Assembler({ name: 'large', source: 'large.wasm', attributes: [] }, otp);
    for (let f = 0; f < FUNCTIONS; f++) {
      const [start, entry] = [assembler.newLabel(), assembler.newLabel()];
      const name = `f${f}`;
      const add = (from: Source): Instruction => ({
        op: 'gc_bif',
        name: '+',
        fail: 0,
        live: 1,
        args: [from, int(f + 20_000)],
        to: x(0),
      });
      assembler.addFunction({
        name,
        arity: 1,
        entry,
        instructions: [
          label(start),
          { op: 'line', line: f + 1 },
          { op: 'func_info', name, arity: 1 },
          label(entry),
          add(x(0)), // the argument may be anything, a sum is an integer
          ...Array.from({ length: ADDITIONS - 1 }, () => add(x(0, WORD))),
          ret,
        ],
      });
      assembler.export(name, 1, entry);
    }
    const file = assembler.finish();
    expect(file.length).toBeGreaterThan(20_000_000);
    writeFileSync(join(folder, 'large.beam'), file);
    const last = FUNCTIONS - 1;
    const calls = ['large:f0(1)', `large:f${last}(1)`, `catch large:f${last}(a)`, 'length(large:module_info(exports))'];
    const [first, second, third, fourth] = await evaluate([join(folder, 'large')], calls);
    expect(first).toBe(String(1 + 20_000 * ADDITIONS));
    expect(second).toBe(String(1 + (20_000 + last) * ADDITIONS));
    expect(third).toMatch(new RegExp(`\\{large,f${last},1,\\[\\{file,.*\\{line,${FUNCTIONS}\\}`));
    expect(fourth).toBe(String(FUNCTIONS + 2));
  });
});
