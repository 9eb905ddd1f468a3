// The product of two 32 by 32 matrices of 32-bit integers: word loads, multiplications, additions.
#include "kernel.h"

enum { SIZE = 32 };

static int32_t a[SIZE][SIZE], b[SIZE][SIZE], c[SIZE][SIZE];

static void multiply(void) {
  for (int i = 0; i < SIZE; i++) {
    for (int j = 0; j < SIZE; j++) {
      int32_t sum = 0;
      for (int k = 0; k < SIZE; k++) sum += a[i][k] * b[k][j];
      c[i][j] = sum;
    }
  }
}

EXPORT(run) uint32_t run(uint32_t n) {
  for (int i = 0; i < SIZE; i++) {
    for (int j = 0; j < SIZE; j++) {
      a[i][j] = (int32_t)(i * 3 + j * 7 + 1) * 65537;
      b[i][j] = (int32_t)(i - j) * 3001;
    }
  }
  for (uint32_t round = 0; round < n; round++) {
    multiply();
    int i = round % SIZE, j = round / SIZE % SIZE;
    a[i][j] = c[i][j];
  }
  uint32_t sum = 0;
  for (int i = 0; i < SIZE * SIZE; i++) sum = sum * 31 + (uint32_t)c[i / SIZE][i % SIZE];
  return sum;
}
