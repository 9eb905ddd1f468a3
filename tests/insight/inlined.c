// What is inlined where, for stack traces: the tests find lines by the marks behind them.
#define INLINE static inline __attribute__((always_inline))
#define EXPORT(name) __attribute__((noinline, export_name(#name)))

int table[16];

INLINE int divide(int a, int b) {
  return a / b; // divide
}

INLINE int half(int a, int b) {
  int r = divide(a, b); // half
  return r + 1;
}

EXPORT(work) int work(int a, int b) {
  int x = half(a, b); // first
  table[a & 7] = x;
  int y = divide(x, b - 1); // second
  return x + y;
}

EXPORT(run) int run(int a, int b) {
  return work(a, b) + // run
         1;
}

INLINE int at(int *list, int index) {
  return list[index]; // at
}

EXPORT(far) int far(int index) {
  return at(table, index) + at(table + 1, index * 3); // far
}
