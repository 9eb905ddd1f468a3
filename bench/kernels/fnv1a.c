// FNV-1a with 64 bits over the bytes of a counter: exclusive or and a 64-bit multiplication, no memory.
#include "kernel.h"

EXPORT(run) uint32_t run(uint32_t n) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (uint32_t i = 0; i < n; i++) {
    for (uint32_t j = 0; j < 4; j++) {
      hash ^= (uint8_t)(i >> (8 * j));
      hash *= 0x100000001b3u;
    }
  }
  return (uint32_t)(hash ^ hash >> 32);
}
