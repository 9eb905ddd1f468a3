// The Mandelbrot set, at most 64 steps a point: 64-bit floats in a loop, no memory.
#include "kernel.h"

EXPORT(run) uint32_t run(uint32_t n) {
  uint32_t total = 0;
  for (uint32_t i = 0; i < n; i++) {
    double cr = (double)(i & 63) / 32.0 - 1.5;
    double ci = (double)(i >> 6 & 63) / 32.0 - 1.0;
    double zr = 0, zi = 0;
    uint32_t steps = 0;
    while (steps < 64) {
      double rr = zr * zr, ii = zi * zi;
      if (rr + ii > 4.0) break;
      zi = 2.0 * zr * zi + ci;
      zr = rr - ii + cr;
      steps++;
    }
    total = total * 3 + steps;
  }
  return total;
}
