// The sieve of Eratosthenes over 16,384 bytes: strided byte stores, sequential byte loads.
#include "kernel.h"

enum { LIMIT = 16384 };

static uint8_t composite[LIMIT];

static uint32_t count_primes(void) {
  for (uint32_t i = 0; i < LIMIT; i++) composite[i] = 0;
  uint32_t count = 0;
  for (uint32_t i = 2; i < LIMIT; i++) {
    if (composite[i]) continue;
    count++;
    for (uint32_t j = i * i; i < 128 && j < LIMIT; j += i) composite[j] = 1;
  }
  return count;
}

EXPORT(run) uint32_t run(uint32_t n) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < n; i++) sum += count_primes() ^ composite[i & (LIMIT - 1)];
  return sum;
}
