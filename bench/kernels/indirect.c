// Calls through a table of eight functions, chosen by the running value.
#include "kernel.h"

typedef uint32_t (*Operation)(uint32_t, uint32_t);

static uint32_t add(uint32_t a, uint32_t b) { return a + b; }
static uint32_t subtract(uint32_t a, uint32_t b) { return a - b; }
static uint32_t exclusive_or(uint32_t a, uint32_t b) { return a ^ b; }
static uint32_t shift(uint32_t a, uint32_t b) { return a ^ a << (b & 7); }
static uint32_t rotate(uint32_t a, uint32_t b) { return rotate_left(a, 5) + b; }
static uint32_t either(uint32_t a, uint32_t b) { return a | b << 3; }
static uint32_t maximum(uint32_t a, uint32_t b) { return a > b ? a - 1 : b; }
static uint32_t complement(uint32_t a, uint32_t b) { return ~a + b; }

static Operation operations[8] = {add, subtract, exclusive_or, shift, rotate, either, maximum, complement};

EXPORT(run) uint32_t run(uint32_t n) {
  uint32_t x = 1;
  uint32_t sum = 0;
  for (uint32_t i = 0; i < n; i++) {
    x = operations[(x >> 3 ^ i) & 7](x, i);
    sum = sum * 3 + x;
  }
  return sum;
}

/* Keeps the table writable, so that the calls stay indirect. */
EXPORT(swap) void swap(uint32_t i, uint32_t j) {
  Operation first = operations[i & 7];
  operations[i & 7] = operations[j & 7];
  operations[j & 7] = first;
}
