// What all kernels share: each exports `run(n)`, whose work is proportional to n and which returns a checksum of all of
// it. No kernel has an import or a library; memory is what the linker lays out.
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(#name)))

static inline uint32_t rotate_left(uint32_t x, int count) { return x << count | x >> (32 - count); }
static inline uint32_t rotate_right(uint32_t x, int count) { return x >> count | x << (32 - count); }
static inline uint64_t rotate_left64(uint64_t x, int count) { return x << count | x >> (64 - count); }
static inline uint64_t rotate_right64(uint64_t x, int count) { return x >> count | x << (64 - count); }

/* A step of a linear congruential generator: what fills tables and texts. */
static inline uint32_t next_random(uint32_t x) { return x * 1664525u + 1013904223u; }
