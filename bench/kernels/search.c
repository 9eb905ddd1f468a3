// Substring search by Boyer, Moore and Horspool in 16 KiB of four letters: byte loads and compares.
#include "kernel.h"

enum { LENGTH = 16384, PATTERN = 6 };

static uint8_t text[LENGTH];
static uint8_t skip[256];

static uint32_t count_matches(const uint8_t *pattern) {
  for (int i = 0; i < 256; i++) skip[i] = PATTERN;
  for (int i = 0; i < PATTERN - 1; i++) skip[pattern[i]] = (uint8_t)(PATTERN - 1 - i);
  uint32_t count = 0;
  for (uint32_t at = 0; at <= LENGTH - PATTERN; at += skip[text[at + PATTERN - 1]]) {
    int i = PATTERN - 1;
    while (i >= 0 && text[at + (uint32_t)i] == pattern[i]) i--;
    if (i < 0) count += at;
  }
  return count;
}

EXPORT(run) uint32_t run(uint32_t n) {
  uint32_t random = 1, sum = 0;
  for (uint32_t i = 0; i < LENGTH; i++) text[i] = "acgt"[(random = next_random(random)) >> 30];
  for (uint32_t i = 0; i < n; i++) {
    uint32_t at = (random = next_random(random)) >> 18;
    sum = sum * 31 + count_matches(text + (at > LENGTH - PATTERN ? 0 : at));
  }
  return sum;
}
