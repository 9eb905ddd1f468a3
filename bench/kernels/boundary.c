// What is called from outside and calls outside: the guest of the boundary measurements. Not a kernel of its own.
#include "kernel.h"

__attribute__((import_module("env"), import_name("step"))) uint32_t step(uint32_t x);

/* Holds the bytes from 64 KiB to 128 KiB, which the host reads and writes. */
static uint8_t buffer[3 * 65536];

EXPORT(add) uint32_t add(uint32_t a, uint32_t b) { return a + b; }

EXPORT(call_host) uint32_t call_host(uint32_t n) {
  uint32_t x = 0;
  for (uint32_t i = 0; i < n; i++) x = step(x) + i;
  return x;
}

EXPORT(byte_at) uint32_t byte_at(uint32_t offset) { return buffer[offset % sizeof buffer]; }

/* Never returns. */
EXPORT(spin) void spin(uint32_t x) {
  for (;;) {
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    buffer[x & 0xff] = (uint8_t)x;
  }
}
