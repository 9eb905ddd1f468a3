// A plug-in in C that counts words: all that the ABI has for input, output, variables, configuration and logs.
#include "extism.h"

HOST_FUNCTION("extism:host/user", lookup) handle lookup(handle name);
HOST_FUNCTION("numbers", add) int32_t add(int32_t a, int64_t b, double c);

static char buffer[1 << 20];

static size_t number(uint32_t n, char *to) {
  char digits[10];
  size_t count = 0;
  do digits[count++] = (char)('0' + n % 10);
  while (n /= 10);
  for (size_t i = 0; i < count; i++) to[i] = digits[count - 1 - i];
  return count;
}

// The words of the input, and those of all inputs so far: "3 of 7".
PLUGIN_FUNCTION(count) {
  size_t length = extism_read(extism_input(), buffer, sizeof buffer);
  if (length > sizeof buffer) return extism_fail("the text is too long");
  char separator = ' ';
  handle configured = extism_config_get(extism_text("separator"));
  if (configured) separator = (char)extism_load_u8(configured);
  uint32_t words = 0, total = 0;
  for (size_t i = 0; i < length; i++) words += buffer[i] != separator && (i == 0 || buffer[i - 1] == separator);
  handle before = extism_var_get(extism_text("total"));
  if (before) extism_read(before, &total, sizeof total);
  total += words;
  extism_var_set(extism_text("total"), extism_block(&total, sizeof total));
  extism_log_info(extism_text("counted"));
  size_t at = number(words, buffer);
  buffer[at++] = ' ', buffer[at++] = 'o', buffer[at++] = 'f', buffer[at++] = ' ';
  at += number(total, buffer + at);
  return extism_output(buffer, at);
}

// The input from its end to its start.
PLUGIN_FUNCTION(reverse) {
  size_t length = extism_read(extism_input(), buffer, sizeof buffer);
  if (length > sizeof buffer) return extism_fail("the text is too long");
  for (size_t i = 0; i < length / 2; i++) {
    char byte = buffer[i];
    buffer[i] = buffer[length - 1 - i];
    buffer[length - 1 - i] = byte;
  }
  return extism_output(buffer, length);
}

// What the host knows of the input.
PLUGIN_FUNCTION(ask) {
  handle answer = lookup(extism_input());
  if (!answer) return extism_fail("unknown");
  extism_output_set(answer, extism_length(answer));
  return 0;
}

PLUGIN_FUNCTION(sum) { return add(-40, (int64_t)1 << 40, 0.5); }
