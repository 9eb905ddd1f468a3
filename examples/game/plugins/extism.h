// Extism's ABI for plug-ins in C, without a C library: input, output, errors, and bytes to and from the host.
//
// A handle names a block of memory that the host keeps, 0 is none. Functions that take a handle to a name, a value or a
// message take it for good: the host frees it.
#ifndef EXTISM_H
#define EXTISM_H

#include <stddef.h>
#include <stdint.h>

typedef uint64_t handle;

#define HOST(name) __attribute__((import_module("extism:host/env"), import_name(#name))) extern
#define HOST_FUNCTION(module, name) __attribute__((import_module(module), import_name(#name))) extern
#define PLUGIN_FUNCTION(name) __attribute__((export_name(#name))) int32_t name(void)

HOST(alloc) handle extism_alloc(uint64_t length);
HOST(free) void extism_free(handle block);
HOST(length) uint64_t extism_length(handle block);
HOST(load_u8) uint32_t extism_load_u8(uint64_t address);
HOST(load_u64) uint64_t extism_load_u64(uint64_t address);
HOST(store_u8) void extism_store_u8(uint64_t address, uint32_t byte);
HOST(store_u64) void extism_store_u64(uint64_t address, uint64_t value);
HOST(input_offset) handle extism_input(void);
HOST(input_length) uint64_t extism_input_length(void);
HOST(output_set) void extism_output_set(uint64_t address, uint64_t length);
HOST(error_set) void extism_error_set(handle message);
HOST(config_get) handle extism_config_get(handle name);
HOST(var_get) handle extism_var_get(handle name);
HOST(var_set) void extism_var_set(handle name, handle value);
HOST(log_info) void extism_log_info(handle message);

static size_t text_length(const char *text) {
  size_t length = 0;
  while (text[length]) length++;
  return length;
}

// Copies a block to memory, at most `room` bytes of it; its length, which may be more.
static size_t extism_read(handle block, void *to, size_t room) {
  size_t length = (size_t)extism_length(block), count = length < room ? length : room, at = 0;
  for (; at + 8 <= count; at += 8) {
    uint64_t word = extism_load_u64(block + at);
    __builtin_memcpy((char *)to + at, &word, 8);
  }
  for (; at < count; at++) ((char *)to)[at] = (char)extism_load_u8(block + at);
  return length;
}

// A new block with these bytes.
static handle extism_block(const void *from, size_t length) {
  handle block = extism_alloc(length);
  size_t at = 0;
  for (; at + 8 <= length; at += 8) {
    uint64_t word;
    __builtin_memcpy(&word, (const char *)from + at, 8);
    extism_store_u64(block + at, word);
  }
  for (; at < length; at++) extism_store_u8(block + at, ((const unsigned char *)from)[at]);
  return block;
}

static handle extism_text(const char *text) { return extism_block(text, text_length(text)); }

static int32_t extism_output(const void *from, size_t length) {
  extism_output_set(extism_block(from, length), length);
  return 0;
}

static int32_t extism_fail(const char *message) {
  extism_error_set(extism_text(message));
  return 1;
}

#endif
