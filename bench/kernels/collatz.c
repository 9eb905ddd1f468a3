// Lengths of Collatz sequences: unpredictable branches, a multiplication and an addition, no memory.
#include "kernel.h"

EXPORT(run) uint32_t run(uint32_t n) {
  uint32_t total = 0;
  for (uint32_t i = 1; i <= n; i++) {
    // From below 2^14 no sequence leaves 32 bits.
    uint32_t x = (i & 0x3fff) + 1;
    while (x != 1) {
      x = x & 1 ? 3 * x + 1 : x >> 1;
      total++;
    }
  }
  return total;
}
