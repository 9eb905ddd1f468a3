// tiny-secp256k1 (C, 1.2 MB with its precomputed tables): keys, signatures of both kinds, and their verification.
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { compareWithV8 } from './replay.ts';

it('tiny-secp256k1', async () => {
  await compareWithV8('tiny_secp256k1', async () => {
    const secp = await import('tiny-secp256k1');
    const key = createHash('sha256').update('a key').digest();
    const message = createHash('sha256').update('a message').digest();
    const point = secp.pointFromScalar(key, true)!;
    const signature = secp.sign(message, key);
    expect(secp.verify(message, point, signature)).toBe(true);
    expect(secp.verify(key, point, signature)).toBe(false);
    const schnorr = secp.signSchnorr(message, key, key);
    expect(secp.verifySchnorr(message, point.subarray(1), schnorr)).toBe(true);
    secp.pointAdd(point, secp.pointMultiply(point, message)!);
    expect(() => secp.pointAdd(point, key)).toThrow();
  });
});
