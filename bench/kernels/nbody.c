// The five outer bodies of the solar system: 64-bit floats with square roots and divisions, state in memory.
#include "kernel.h"

enum { BODIES = 5 };

typedef struct {
  double x, y, z, vx, vy, vz, mass;
} Body;

static const Body initial[BODIES] = {
    {0, 0, 0, -0.000387, -0.003277, 0.000024, 39.478417},
    {4.841431, -1.160320, -0.103622, 0.606326, 2.811987, -0.025218, 0.037694},
    {8.343367, 4.124799, -0.403523, -1.010774, 1.825662, 0.008416, 0.011286},
    {12.894369, -15.111151, -0.223308, 1.082791, 0.868713, -0.010833, 0.001724},
    {15.379697, -25.919315, 0.179259, 0.979091, 0.594699, -0.034756, 0.002034},
};

static Body bodies[BODIES];

static void advance(double step) {
  for (int i = 0; i < BODIES; i++) {
    Body *a = &bodies[i];
    for (int j = i + 1; j < BODIES; j++) {
      Body *b = &bodies[j];
      double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
      double square = dx * dx + dy * dy + dz * dz;
      double magnitude = step / (square * __builtin_sqrt(square));
      a->vx -= dx * b->mass * magnitude;
      a->vy -= dy * b->mass * magnitude;
      a->vz -= dz * b->mass * magnitude;
      b->vx += dx * a->mass * magnitude;
      b->vy += dy * a->mass * magnitude;
      b->vz += dz * a->mass * magnitude;
    }
  }
  for (int i = 0; i < BODIES; i++) {
    Body *a = &bodies[i];
    a->x += step * a->vx;
    a->y += step * a->vy;
    a->z += step * a->vz;
  }
}

EXPORT(run) uint32_t run(uint32_t n) {
  for (int i = 0; i < BODIES; i++) bodies[i] = initial[i];
  for (uint32_t i = 0; i < n; i++) advance(0.01);
  uint32_t sum = 0;
  for (int i = 0; i < BODIES; i++) {
    uint64_t bits;
    __builtin_memcpy(&bits, &bodies[i].x, sizeof bits);
    sum = sum * 31 + (uint32_t)(bits ^ bits >> 32);
  }
  return sum;
}
