// xxhash-wasm: one-shot and streaming hashes of many lengths; XXH64 works on 64-bit integers throughout.
import { expect, it } from 'vitest';
import { compareWithV8 } from './replay.ts';

const LENGTHS = [0, 1, 3, 4, 7, 8, 15, 16, 31, 32, 33, 63, 64, 65, 100, 1000, 4999];

it('xxhash-wasm', async () => {
  const result = await compareWithV8('xxhash', async () => {
    const { default: xxhash } = await import('xxhash-wasm');
    const hashes = await xxhash();
    const data = Uint8Array.from({ length: 5000 }, (_, i) => (i * i * 31 + i) >> 3);
    for (const length of LENGTHS) {
      hashes.h32Raw(data.subarray(0, length), length);
      hashes.h64Raw(data.subarray(0, length), 0xfedc_ba98_7654_3210n);
    }
    const stream32 = hashes.create32(7);
    const stream64 = hashes.create64(7n);
    for (let i = 0; i < 40; i++) {
      stream32.update(data.subarray(i * 100, i * 103));
      stream64.update(data.subarray(i * 100, i * 103));
    }
    stream32.digest();
    stream64.digest();
    const nothing = new Uint8Array(0);
    return [hashes.h32Raw(nothing), hashes.h64Raw(nothing)];
  });
  // From the algorithm's specification.
  expect(result).toEqual([0x02cc_5d05, 0xef46_db37_51d8_e999n]);
});
