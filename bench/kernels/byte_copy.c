// Fills and copies 4 KiB by loops over bytes: a byte load and a byte store at a time.
#include "kernel.h"

enum { LENGTH = 4096 };

static uint8_t source[LENGTH + 64], target[LENGTH + 64];

EXPORT(run) uint32_t run(uint32_t n) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < n; i++) {
    uint8_t *from = source + (i & 63);
    uint8_t *to = target + (i * 4 & 63);
    // Unrolled, four bytes would become a word.
#pragma clang loop unroll(disable)
    for (uint32_t j = 0; j < LENGTH; j++) from[j] = (uint8_t)(i + j);
#pragma clang loop unroll(disable)
    for (uint32_t j = 0; j < LENGTH; j++) to[j] = from[j];
    sum = sum * 31 + target[i & (LENGTH - 1)];
  }
  return sum;
}
