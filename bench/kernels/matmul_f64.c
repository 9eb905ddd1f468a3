// The product of two 32 by 32 matrices of doubles: loads, multiplications and additions of 64-bit floats.
#include "kernel.h"

enum { SIZE = 32 };

static double a[SIZE][SIZE], b[SIZE][SIZE], c[SIZE][SIZE];

static void multiply(void) {
  for (int i = 0; i < SIZE; i++) {
    for (int j = 0; j < SIZE; j++) {
      double sum = 0;
      for (int k = 0; k < SIZE; k++) sum += a[i][k] * b[k][j];
      c[i][j] = sum;
    }
  }
}

EXPORT(run) uint32_t run(uint32_t n) {
  for (int i = 0; i < SIZE; i++) {
    for (int j = 0; j < SIZE; j++) {
      a[i][j] = 1.0 + i * 0.25 - j * 0.5;
      b[i][j] = (i - j) / 64.0;
    }
  }
  for (uint32_t round = 0; round < n; round++) {
    multiply();
    int i = round % SIZE, j = round / SIZE % SIZE;
    a[i][j] = c[i][j] / 4096.0;
  }
  uint32_t sum = 0;
  for (int i = 0; i < SIZE * SIZE; i++) {
    uint64_t bits;
    __builtin_memcpy(&bits, &c[i / SIZE][i % SIZE], sizeof bits);
    sum = sum * 31 + (uint32_t)(bits ^ bits >> 32);
  }
  return sum;
}
