// Indirect calls: by table, by pointers in structures, with every kind of value; null and a wrong type trap.
#include "export.h"

typedef int32_t (*binary)(int32_t, int32_t);
static int32_t add(int32_t a, int32_t b) { return (int32_t)((uint32_t)a + (uint32_t)b); }
static int32_t sub(int32_t a, int32_t b) { return (int32_t)((uint32_t)a - (uint32_t)b); }
static int32_t mul(int32_t a, int32_t b) { return (int32_t)((uint32_t)a * (uint32_t)b); }
static int32_t divide(int32_t a, int32_t b) { return a / b; }
static int32_t first(int32_t a, int32_t b) { return (void)b, a; }
static binary volatile operations[] = {add, sub, mul, divide, first, 0};

int32_t EXPORT(calculate)(uint32_t operation, int32_t a, int32_t b) { return operations[operation % 6](a, b); }

static int64_t wide(int64_t a, double b, float c) { return a * 3 + (int64_t)(b < 1e6 ? 1 : 2) + (c > 0 ? 5 : 7); }
static int64_t wider(int64_t a, double b, float c) { return a ^ (int64_t)(b == b) << 40 ^ (int64_t)(c != c) << 50; }
static int64_t (*volatile wides[])(int64_t, double, float) = {wide, wider};
int64_t EXPORT(mixed)(uint32_t which, int64_t a, double b, float c) { return wides[which % 2](a, b, c); }

static double half(double x) { return x / 2; }
static double twice(double x) { return x + x; }
static double (*volatile scales[])(double) = {half, twice};
double EXPORT(scale)(uint32_t steps, double x) {
  for (uint32_t i = 0; i < steps % 20; i++) x = scales[(steps >> i) & 1](x);
  return x;
}

struct shape {
  uint64_t (*area)(const struct shape *);
  uint32_t width, height;
};
static uint64_t rectangle(const struct shape *s) { return (uint64_t)s->width * s->height; }
static uint64_t triangle(const struct shape *s) { return (uint64_t)s->width * s->height / 2; }
uint64_t EXPORT(areas)(uint32_t width, uint32_t height) {
  volatile struct shape shapes[] = {{rectangle, width, height}, {triangle, height, width + 1}, {rectangle, 3, width}};
  uint64_t sum = 0;
  for (int i = 0; i < 3; i++) sum += shapes[i].area((const struct shape *)&shapes[i]);
  return sum;
}

static void sort(int64_t *items, int count, int (*before)(int64_t, int64_t)) {
  for (int i = 1; i < count; i++) {
    int64_t item = items[i];
    int j = i;
    for (; j > 0 && before(item, items[j - 1]); j--) items[j] = items[j - 1];
    items[j] = item;
  }
}
static int ascending(int64_t a, int64_t b) { return a < b; }
static int descending(int64_t a, int64_t b) { return a > b; }
static int by_low_half(int64_t a, int64_t b) { return (uint32_t)a < (uint32_t)b; }
static int (*volatile orders[])(int64_t, int64_t) = {ascending, descending, by_low_half};
int64_t EXPORT(sorted)(uint32_t order, int64_t seed) {
  int64_t items[12], sum = 0;
  for (int i = 0; i < 12; i++) items[i] = seed = (int64_t)((uint64_t)seed * 6364136223846793005u + 1442695040888963407u);
  sort(items, 12, orders[order % 3]);
  for (int i = 0; i < 12; i++) sum = (int64_t)((uint64_t)sum * 31 + (uint64_t)items[i]);
  return sum;
}

// A function of another type behind the pointer: indirect call type mismatch.
static void nothing(void) {}
static void *volatile anything[] = {(void *)nothing, (void *)add, (void *)wide, (void *)7777};
int32_t EXPORT(wrong)(uint32_t which, int32_t a) { return ((binary)anything[which % 4])(a, 2); }

static int32_t countdown(int32_t n, binary next);
static int32_t step(int32_t n, int32_t m) { return n <= 0 ? m : countdown(n - 1, operations[n % 3]) + m; }
static int32_t __attribute__((noinline)) countdown(int32_t n, binary next) { return step(n, next(n, 3)); }
int32_t EXPORT(mutual)(uint32_t n) { return countdown((int32_t)(n % 50), operations[n % 3]); }
