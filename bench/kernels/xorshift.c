// Marsaglia's xorshift with 32 bits: shifts and exclusive ors, no memory.
#include "kernel.h"

EXPORT(run) uint32_t run(uint32_t n) {
  uint32_t x = 2463534242u;
  uint32_t sum = 0;
  for (uint32_t i = 0; i < n; i++) {
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    sum += x;
  }
  return sum;
}
