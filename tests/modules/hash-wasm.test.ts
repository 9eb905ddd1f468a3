// hash-wasm: its 22 modules (C, compiled by clang), each compared with V8, and with node:crypto where it has the algorithm.
import { createHash, getHashes, scryptSync } from 'node:crypto';
import * as hashWasm from 'hash-wasm';
import { describe, expect, it } from 'vitest';
import type { Trace } from './recorder.ts';
import { compareWithV8 } from './replay.ts';

/** Around the block sizes 64 and 128, and beyond the module's buffer of 16 KiB. */
const LENGTHS = [0, 1, 55, 56, 63, 64, 65, 111, 112, 127, 128, 129, 1000, 20_000];

/** Creator of a hasher, and the name of the algorithm in node:crypto. */
const HASHES: readonly [create: () => Promise<hashWasm.IHasher>, nodeName?: string][] = [
  [() => hashWasm.createAdler32()],
  [() => hashWasm.createBLAKE2b(512), 'blake2b512'],
  [() => hashWasm.createBLAKE2s(256), 'blake2s256'],
  [() => hashWasm.createBLAKE3(256)],
  [() => hashWasm.createCRC32()],
  [() => hashWasm.createCRC64()],
  [() => hashWasm.createMD4(), 'md4'],
  [() => hashWasm.createMD5(), 'md5'],
  [() => hashWasm.createRIPEMD160(), 'ripemd160'],
  [() => hashWasm.createSHA1(), 'sha1'],
  [() => hashWasm.createSHA256(), 'sha256'],
  [() => hashWasm.createSHA3(512), 'sha3-512'],
  [() => hashWasm.createSHA512(), 'sha512'],
  [() => hashWasm.createSM3(), 'sm3'],
  [() => hashWasm.createWhirlpool(), 'whirlpool'],
  [() => hashWasm.createXXHash32(11)],
  [() => hashWasm.createXXHash64(11, 12)],
  [() => hashWasm.createXXHash3(11, 12)],
  [() => hashWasm.createXXHash128(11, 12)],
];
const HEX = { outputType: 'hex' } as const;

const bytes = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => Math.imul(i + seed, 0x9e37_79b1) >>> 24);

async function hashAll(create: () => Promise<hashWasm.IHasher>, nodeName: string | undefined, traces: Trace[]) {
  const hasher = await create();
  const trace = traces.at(-1)!;
  for (const length of LENGTHS) {
    const data = bytes(length, length);
    hasher.init();
    hasher.update(data.subarray(0, length >> 1));
    hasher.update(data.subarray(length >> 1));
    const digest = hasher.digest('hex');
    if (nodeName === undefined || !getHashes().includes(nodeName)) continue;
    const expected = createHash(nodeName).update(data).digest();
    expect(digest).toBe(expected.toString('hex'));
    // And the compiled module's own memory must hold it.
    trace.expectBytes(trace.lastResult('Hash_GetBuffer') as number, expected);
  }
}

describe('hash-wasm', () => {
  it('hashes', async () => {
    await compareWithV8('hash_wasm', async (traces) => {
      for (const [create, nodeName] of HASHES) await hashAll(create, nodeName, traces);
      expect(new Set(traces.map((trace) => Buffer.from(trace.bytes).toString('latin1'))).size).toBe(19);
    });
  });

  it('derives keys: argon2, bcrypt, scrypt', async () => {
    const password = 'correct horse';
    const salt = bytes(16, 3);
    const key = await compareWithV8('hash_wasm_keys', async (traces) => {
      const argon2 = { password, salt, parallelism: 1, iterations: 2, memorySize: 32, hashLength: 32, ...HEX };
      await hashWasm.argon2id(argon2);
      await hashWasm.argon2d(argon2);
      await hashWasm.bcrypt({ password, salt, costFactor: 4, outputType: 'encoded' });
      const scrypt = { password, salt, costFactor: 16, blockSize: 4, parallelism: 2, hashLength: 40, ...HEX };
      const result = await hashWasm.scrypt(scrypt);
      // Argon2 hashes with BLAKE2b, scrypt with SHA-256.
      expect(new Set(traces.map((trace) => Buffer.from(trace.bytes).toString('latin1'))).size).toBe(5);
      return result;
    });
    expect(key).toBe(scryptSync(password, salt, 40, { N: 16, r: 4, p: 2 }).toString('hex'));
  });
});
