// Fibonacci numbers by double recursion: calls and returns.
#include "kernel.h"

static __attribute__((noinline)) uint32_t fib(uint32_t n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

EXPORT(run) uint32_t run(uint32_t n) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < n; i++) sum = sum * 31 + fib(12 + (i & 7));
  return sum;
}
