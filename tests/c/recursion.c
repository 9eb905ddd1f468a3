// Recursion: single, double, mutual, deep, and with arrays in the frame.
#include "export.h"

static uint32_t fib_of(uint32_t n) { return n < 2 ? n : fib_of(n - 1) + fib_of(n - 2); }
uint32_t EXPORT(fib)(uint32_t n) { return fib_of(n % 16); }

static uint64_t fib64_of(uint64_t n) { return n < 2 ? n * 0x100000001u : fib64_of(n - 1) + fib64_of(n - 2); }
uint64_t EXPORT(fib64)(uint64_t n) { return fib64_of(n % 14); }

static uint32_t ackermann_of(uint32_t m, uint32_t n) {
  return m == 0 ? n + 1 : n == 0 ? ackermann_of(m - 1, 1) : ackermann_of(m - 1, ackermann_of(m, n - 1));
}
uint32_t EXPORT(ackermann)(uint32_t m, uint32_t n) { return ackermann_of(m % 3, n % 8); }

static int is_odd(uint32_t n);
static int __attribute__((noinline)) is_even(uint32_t n) { return n == 0 ? 1 : is_odd(n - 1); }
static int __attribute__((noinline)) is_odd(uint32_t n) { return n == 0 ? 0 : is_even(n - 1); }
int32_t EXPORT(parity)(uint32_t n) { return is_even(n % 300); }

// Depth without tail calls: the result is used after the call.
static uint64_t __attribute__((noinline)) depth_of(uint32_t n, uint64_t x) {
  return n == 0 ? x : depth_of(n - 1, x * 31 + n) ^ (x >> 3);
}
uint64_t EXPORT(depth)(uint32_t n, uint64_t x) { return depth_of(n % 2000, x); }

static uint32_t queens_from(uint32_t n, uint32_t columns, uint32_t left, uint32_t right) {
  uint32_t all = (1u << n) - 1;
  if (columns == all) return 1;
  uint32_t count = 0;
  for (uint32_t free = all & ~(columns | left | right); free; free &= free - 1) {
    uint32_t bit = free & -free;
    count += queens_from(n, columns | bit, (left | bit) << 1, (right | bit) >> 1);
  }
  return count;
}
uint32_t EXPORT(queens)(uint32_t n) { return queens_from(n % 6 + 1, 0, 0, 0); }

static void sort(int32_t *items, int32_t from, int32_t to) {
  if (from >= to) return;
  int32_t pivot = items[(from + to) / 2], i = from, j = to;
  while (i <= j) {
    while (items[i] < pivot) i++;
    while (items[j] > pivot) j--;
    if (i <= j) {
      int32_t t = items[i];
      items[i++] = items[j];
      items[j--] = t;
    }
  }
  sort(items, from, j);
  sort(items, i, to);
}
uint32_t EXPORT(sorted)(uint32_t seed) {
  int32_t items[100];
  for (int i = 0; i < 100; i++) items[i] = (int32_t)(seed = seed * 1664525 + 1013904223);
  sort(items, 0, 99);
  uint32_t sum = 0;
  for (int i = 0; i < 100; i++) sum = sum * 31 + items[i] + (i > 0 && items[i - 1] > items[i]);
  return sum;
}

static uint32_t permute(uint8_t *items, int n, uint32_t sum) {
  if (n == 1) {
    for (int i = 0; i < 5; i++) sum = sum * 33 + items[i];
    return sum;
  }
  for (int i = 0; i < n; i++) {
    uint8_t t = items[i];
    items[i] = items[n - 1];
    items[n - 1] = t;
    sum = permute(items, n - 1, sum);
    items[n - 1] = items[i];
    items[i] = t;
  }
  return sum;
}
uint32_t EXPORT(permutations)(uint32_t seed) {
  uint8_t items[5] = {(uint8_t)seed, 2, 3, 5, 7};
  return permute(items, 5, seed);
}
