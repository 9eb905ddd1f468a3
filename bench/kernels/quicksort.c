// Quicksort of 4,096 signed words, recursive, by Hoare's partition: loads, stores, unpredictable branches.
#include "kernel.h"

enum { LENGTH = 4096 };

static int32_t numbers[LENGTH];

static void sort(int32_t low, int32_t high) {
  while (low < high) {
    int32_t pivot = numbers[low + (high - low) / 2];
    int32_t i = low - 1, j = high + 1;
    for (;;) {
      do i++;
      while (numbers[i] < pivot);
      do j--;
      while (numbers[j] > pivot);
      if (i >= j) break;
      int32_t swapped = numbers[i];
      numbers[i] = numbers[j];
      numbers[j] = swapped;
    }
    sort(low, j);
    low = j + 1;
  }
}

EXPORT(run) uint32_t run(uint32_t n) {
  uint32_t random = 1, sum = 0;
  for (uint32_t i = 0; i < n; i++) {
    for (int j = 0; j < LENGTH; j++) numbers[j] = (int32_t)(random = next_random(random));
    sort(0, LENGTH - 1);
    for (int j = 0; j < LENGTH; j += 64) sum = sum * 31 + (uint32_t)numbers[j];
  }
  return sum;
}
