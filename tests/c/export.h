// Every function marked EXPORT is called with many arguments of its types, so it has to be defined for all of them: it
// may trap, and bounds the work that its arguments ask for.
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(#name), noinline)) name

// Which NaN an operation makes is not specified, so results are compared after this.
static inline uint64_t bits64(double x) {
  uint64_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return x != x ? 0x7ff8000000000000u : bits;
}

static inline uint32_t bits32(float x) {
  uint32_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return x != x ? 0x7fc00000u : bits;
}
