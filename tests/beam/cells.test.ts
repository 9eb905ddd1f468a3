// The module of in-place words: against a plain model on the real virtual machine, and before OTP's validator.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assembleCells, CELLS_MODULE, writeCells } from '../../beam-backend/cells.ts';
import { AssemblyPrinter } from '../../beam-backend/print-asm.ts';
import { otpRelease, runEscript, validateFiles, withFolder } from '../harness/erlang.ts';

describe('wasm2beam_cells', () => {
  test.each([1, 2, 3])('agrees with a model, seed %i', async (seed) => {
    await withFolder(async (folder) => {
      writeFileSync(join(folder, `${CELLS_MODULE.name}.beam`), assembleCells(await otpRelease()));
      const [answer] = await runEscript('cells_model.escript', [folder, String(seed), '100000']);
      expect(answer).toMatch(/^ok 100000 slow \d{4,}$/);
    });
  });

  test('passes the validator and the disassembler', async () => {
    await withFolder(async (folder) => {
      const printer = new AssemblyPrinter(CELLS_MODULE);
      writeCells(printer);
      const assembly = join(folder, `${CELLS_MODULE.name}.S`);
      writeFileSync(assembly, printer.finish().join(''));
      mkdirSync(join(folder, 'beam'));
      const beam = join(folder, 'beam', `${CELLS_MODULE.name}.beam`);
      writeFileSync(beam, assembleCells(await otpRelease()));
      expect(await validateFiles([assembly, beam])).toEqual([]);
    });
  });

  test.each([25, 26, 27] as const)('is the same file each time for OTP %i', (otp) => {
    expect(Buffer.compare(assembleCells(otp), assembleCells(otp))).toBe(0);
  });
});
