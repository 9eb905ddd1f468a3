// @chainsafe/as-sha256 (AssemblyScript): the build without SIMD, against V8 and node:crypto.
import { createHash } from 'node:crypto';
import * as asSha256 from '@chainsafe/as-sha256';
import { expect, it } from 'vitest';
import { compareWithV8 } from './replay.ts';

it('@chainsafe/as-sha256', async () => {
  await compareWithV8('as_sha256', () => {
    asSha256.reinitializeInstance(false);
    for (const length of [0, 1, 55, 56, 63, 64, 65, 128, 500, 512, 513, 3000]) {
      const data = Uint8Array.from({ length }, (_, i) => i * 7 + length);
      expect(Buffer.from(asSha256.digest(data))).toEqual(createHash('sha256').update(data).digest());
    }
    const blocks = Array.from({ length: 4 }, (_, i) => new Uint8Array(64).fill(i + 1));
    expect(asSha256.batchHash4UintArray64s(blocks).map((digest) => Buffer.from(digest))).toEqual(
      blocks.map((block) => createHash('sha256').update(block).digest()),
    );
  });
});
