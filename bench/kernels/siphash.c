// SipHash-2-4 of a two-word message, chained: 64-bit additions, rotations and exclusive ors, no memory.
#include "kernel.h"

#define ROUND                                                                                                          \
  do {                                                                                                                 \
    v0 += v1, v1 = rotate_left64(v1, 13) ^ v0, v0 = rotate_left64(v0, 32);                                             \
    v2 += v3, v3 = rotate_left64(v3, 16) ^ v2;                                                                         \
    v0 += v3, v3 = rotate_left64(v3, 21) ^ v0;                                                                         \
    v2 += v1, v1 = rotate_left64(v1, 17) ^ v2, v2 = rotate_left64(v2, 32);                                             \
  } while (0)

static uint64_t siphash(uint64_t key0, uint64_t key1, uint64_t first, uint64_t second) {
  uint64_t v0 = key0 ^ 0x736f6d6570736575u, v1 = key1 ^ 0x646f72616e646f6du;
  uint64_t v2 = key0 ^ 0x6c7967656e657261u, v3 = key1 ^ 0x7465646279746573u;
  v3 ^= first;
  ROUND;
  ROUND;
  v0 ^= first;
  v3 ^= second;
  ROUND;
  ROUND;
  v0 ^= second;
  uint64_t length = (uint64_t)16 << 56;
  v3 ^= length;
  ROUND;
  ROUND;
  v0 ^= length;
  v2 ^= 0xff;
  ROUND;
  ROUND;
  ROUND;
  ROUND;
  return v0 ^ v1 ^ v2 ^ v3;
}

EXPORT(run) uint32_t run(uint32_t n) {
  uint64_t hash = 0;
  for (uint32_t i = 0; i < n; i++) hash = siphash(0x0706050403020100u, 0x0f0e0d0c0b0a0908u, hash, i);
  return (uint32_t)(hash ^ hash >> 32);
}
