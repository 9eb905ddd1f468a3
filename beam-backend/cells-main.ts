// Writes wasm2beam_cells.beam for each Type chunk version: `node cells-main.js FOLDER` fills FOLDER/otp25, otp26 and
// otp27 (which serves later releases as well).
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assembleCells, CELLS_MODULE } from './cells.ts';

const folder = process.argv[2];
if (folder === undefined) {
  console.error('usage: node cells-main.js FOLDER');
  process.exit(1);
}
for (const otp of [25, 26, 27] as const) {
  const target = join(folder, `otp${otp}`);
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, `${CELLS_MODULE.name}.beam`), assembleCells(otp));
}
