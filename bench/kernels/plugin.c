// A plug-in of Extism, against its ABI: the guest of two measurements of the boundary. Not a kernel of its own.
#include "kernel.h"

#define HOST(name) __attribute__((import_module("extism:host/env"), import_name(#name)))

HOST(input_offset) uint64_t input_offset(void);
HOST(input_length) uint64_t input_length(void);
HOST(load_u64) uint64_t load_u64(uint64_t address);
HOST(alloc) uint64_t alloc(uint64_t length);
HOST(store_u64) void store_u64(uint64_t address, uint64_t value);
HOST(output_set) void output_set(uint64_t address, uint64_t length);
__attribute__((import_module("extism:host/user"), import_name("step"))) uint32_t step(uint32_t x);

static uint64_t words[8192];

/* Reads the input and gives it back, eight bytes at a time, as plug-in development kits do. */
EXPORT(echo) int echo(void) {
  uint64_t input = input_offset(), length = input_length(), output;
  uint32_t count = (uint32_t)(length / 8) % 8193;
  for (uint32_t i = 0; i < count; i++) words[i] = load_u64(input + 8 * i);
  output = alloc(length);
  for (uint32_t i = 0; i < count; i++) store_u64(output + 8 * i, words[i]);
  output_set(output, length);
  return 0;
}

/* As call_host(1000) of boundary.c. */
EXPORT(call_host) int call_host(void) {
  uint32_t x = 0;
  for (uint32_t i = 0; i < 1000; i++) x = step(x) + i;
  uint64_t output = alloc(8);
  store_u64(output, x);
  output_set(output, 8);
  return 0;
}
