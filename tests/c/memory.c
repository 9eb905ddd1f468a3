// Memory: every width at every alignment and across pages, overlapping copies, growth, accesses out of bounds.
#include "export.h"

// Where the instructions of bulk memory are not allowed, clang calls these.
__attribute__((no_builtin("memset"))) void *memset(void *to, int byte, size_t length) {
  uint8_t *p = to;
  while (length--) *p++ = (uint8_t)byte;
  return to;
}
__attribute__((no_builtin("memmove", "memcpy"))) void *memmove(void *to, const void *from, size_t length) {
  uint8_t *p = to;
  const uint8_t *q = from;
  if (p <= q) {
    for (size_t i = 0; i < length; i++) p[i] = q[i];
  } else {
    while (length--) p[length] = q[length];
  }
  return to;
}

#define SIZE 200000
static uint8_t area[SIZE];

// Addresses near the ends of leaves (4 KiB) and pages (64 KiB), where an access touches two of them.
static uint8_t *spot(uint32_t at) {
  uint32_t address = (uint32_t)(uintptr_t)area;
  uint32_t edge = (address / 4096 + 1 + at % 40) * 4096;
  return (uint8_t *)(uintptr_t)(edge - 9 + (at >> 8) % 18);
}

uint64_t EXPORT(store_and_load)(uint32_t at, uint64_t value) {
  uint8_t *p = spot(at);
  uint64_t before, after;
  __builtin_memcpy(&before, p, 8);
  __builtin_memcpy(p, &value, 8);
  __builtin_memcpy(p + 3, (uint8_t *)&value + 1, 4);
  __builtin_memcpy(p - 1, (uint8_t *)&value + 5, 2);
  p[2] ^= (uint8_t)at;
  __builtin_memcpy(&after, p - 1, 8);
  return before * 3 + after;
}

struct __attribute__((packed)) record {
  uint8_t a;
  uint16_t b;
  uint8_t c;
  uint32_t d;
  int64_t e;
  int8_t f;
  float g;
  double h;
  int16_t i;
};
uint64_t EXPORT(packed)(uint32_t at, int64_t value, double x) {
  struct record *r = (struct record *)spot(at);
  r->a = (uint8_t)value;
  r->b = (uint16_t)(value >> 3);
  r->c += 1;
  r->d = (uint32_t)(value >> 7);
  r->e ^= value;
  r->f = (int8_t)at;
  r->g = (float)(x != x ? 0 : x);
  r->h = x != x ? 1.5 : x;
  r->i = (int16_t)value;
  return r->a + r->b * 3u + r->c + r->d * 5u + (uint64_t)r->e + (uint64_t)(int64_t)r->f + bits32(r->g) + bits64(r->h) +
         (uint64_t)(int64_t)r->i;
}

static uint64_t sum(const uint8_t *from, uint32_t length) {
  uint64_t result = 0;
  for (uint32_t i = 0; i < length; i++) result = result * 31 + from[i];
  return result;
}

uint64_t EXPORT(overlapping)(uint32_t at, uint32_t distance, uint32_t length) {
  uint8_t *p = spot(at) - 500;
  distance %= 300;
  length %= 700;
  for (uint32_t i = 0; i < 1000; i++) p[i] = (uint8_t)(i * 7 + at);
  __builtin_memmove(p + distance, p, length);
  uint64_t up = sum(p, 1000);
  __builtin_memmove(p, p + distance, length);
  return up ^ sum(p, 1000);
}

uint64_t EXPORT(fill)(uint32_t at, uint32_t length, uint32_t byte) {
  uint8_t *p = spot(at) - 40;
  __builtin_memset(p, (int)byte, length % 900);
  return sum(p, 1000);
}

uint32_t EXPORT(grow)(uint32_t pages) {
  uint32_t old = __builtin_wasm_memory_grow(0, pages % 3);
  volatile uint32_t *last = (uint32_t *)(uintptr_t)(__builtin_wasm_memory_size(0) * 65536u - 4);
  uint32_t before = *last;
  *last = pages;
  return old * 1000 + __builtin_wasm_memory_size(0) + before;
}
uint32_t EXPORT(grow_too_much)(uint32_t pages) { return __builtin_wasm_memory_grow(0, 60000 + pages % 10000); }

// The last accesses that are inside, the first that are outside.
uint32_t EXPORT(edge32)(int32_t offset) {
  return *(volatile uint32_t *)(uintptr_t)(__builtin_wasm_memory_size(0) * 65536u - 4 + offset % 8);
}
uint64_t EXPORT(edge64)(int32_t offset) {
  return *(volatile uint64_t *)(uintptr_t)(__builtin_wasm_memory_size(0) * 65536u - 8 + offset % 16);
}
void EXPORT(store_edge)(int32_t offset, uint64_t value) {
  *(volatile uint64_t *)(uintptr_t)(__builtin_wasm_memory_size(0) * 65536u - 8 + offset % 16) = value;
}
uint32_t EXPORT(anywhere)(uint32_t address) { return *(volatile uint16_t *)(uintptr_t)address; }
int32_t EXPORT(far)(uint32_t index) { return ((volatile int32_t *)0x7ffffff0)[index % 64]; }

int64_t EXPORT(signed_loads)(uint32_t at, uint64_t value) {
  uint8_t *p = spot(at);
  __builtin_memcpy(p, &value, 8);
  int16_t half;
  int32_t word;
  __builtin_memcpy(&half, p + 1, 2);
  __builtin_memcpy(&word, p + 3, 4);
  return (int64_t)(int8_t)p[7] * 3 + (int64_t)half * 5 + (int64_t)word * 7 + (int8_t)p[0];
}

uint32_t EXPORT(sieve)(uint32_t n) {
  n = n % 3000 + 2;
  for (uint32_t i = 0; i < n; i++) area[i] = 1;
  uint32_t count = 0;
  for (uint32_t i = 2; i < n; i++) {
    if (!area[i]) continue;
    count++;
    for (uint32_t j = i * i; j < n; j += i) area[j] = 0;
  }
  return count;
}

static int32_t a[12][12], b[12][12], c[12][12];
int32_t EXPORT(matrix)(int32_t seed) {
  for (int i = 0; i < 12; i++) {
    for (int j = 0; j < 12; j++) {
      a[i][j] = (int32_t)((uint32_t)seed * (uint32_t)(i + 1) + (uint32_t)j);
      b[i][j] = (int32_t)((uint32_t)seed ^ (uint32_t)(i * 12 + j));
      c[i][j] = 0;
    }
  }
  for (int i = 0; i < 12; i++) {
    for (int j = 0; j < 12; j++) {
      uint32_t cell = 0;
      for (int k = 0; k < 12; k++) cell += (uint32_t)a[i][k] * (uint32_t)b[k][j];
      c[i][j] = (int32_t)cell;
    }
  }
  return c[3][5] ^ c[11][0] ^ c[0][11];
}
