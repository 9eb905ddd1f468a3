// memory.fill and memory.copy of 32 KiB at shifting offsets, aligned and not.
#include "kernel.h"

enum { LENGTH = 32768 };

static uint8_t source[LENGTH + 64], target[LENGTH + 64];

EXPORT(run) uint32_t run(uint32_t n) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < n; i++) {
    __builtin_memset(source + (i & 63), (int)(i * 7 + 1), LENGTH);
    __builtin_memmove(target + (i * 4 & 63), source, LENGTH);
    __builtin_memmove(source + 1, target, LENGTH);
    sum = sum * 31 + source[i & (LENGTH - 1)] + target[LENGTH - 1];
  }
  return sum;
}
