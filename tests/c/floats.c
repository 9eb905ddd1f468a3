// Floats, with zeros of both signs, subnormal numbers, infinities and NaNs as arguments: two types, every operation.
#include "export.h"

uint64_t EXPORT(add)(double a, double b) { return bits64(a + b); }
uint64_t EXPORT(sub)(double a, double b) { return bits64(a - b); }
uint64_t EXPORT(mul)(double a, double b) { return bits64(a * b); }
uint64_t EXPORT(divide)(double a, double b) { return bits64(a / b); }
uint64_t EXPORT(square_root)(double a) { return bits64(__builtin_sqrt(a)); }
uint64_t EXPORT(round_all)(double a) {
  return bits64(__builtin_floor(a)) ^ bits64(__builtin_ceil(a)) << 1 ^ bits64(__builtin_trunc(a)) << 2 ^
         bits64(__builtin_nearbyint(a)) << 3;
}
uint64_t EXPORT(sign)(double a, double b) {
  return bits64(-a) ^ bits64(__builtin_fabs(a)) << 1 ^ bits64(__builtin_copysign(a, b)) << 2;
}
uint32_t EXPORT(compare)(double a, double b) {
  return (a < b) | (a <= b) << 1 | (a > b) << 2 | (a >= b) << 3 | (a == b) << 4 | (a != b) << 5;
}
double EXPORT(larger)(double a, double b) { return a > b ? a : b; }
double EXPORT(pass)(double a) { return a; }
float EXPORT(pass_single)(float a) { return a; }

uint32_t EXPORT(add_single)(float a, float b) { return bits32(a + b); }
uint32_t EXPORT(mul_single)(float a, float b) { return bits32(a * b); }
uint32_t EXPORT(divide_single)(float a, float b) { return bits32(a / b); }
uint32_t EXPORT(fused_chain)(float a, float b, float c) { return bits32(a * b + c - a / (b + 1)); }
uint32_t EXPORT(square_root_single)(float a) { return bits32(__builtin_sqrtf(a)); }
uint32_t EXPORT(round_single)(float a) {
  return bits32(__builtin_floorf(a)) ^ bits32(__builtin_ceilf(a)) << 1 ^ bits32(__builtin_truncf(a)) << 2 ^
         bits32(__builtin_nearbyintf(a)) << 3;
}
uint32_t EXPORT(compare_single)(float a, float b) {
  return (a < b) | (a <= b) << 1 | (a > b) << 2 | (a >= b) << 3 | (a == b) << 4 | (a != b) << 5;
}

uint32_t EXPORT(demote)(double a) { return bits32((float)a); }
uint64_t EXPORT(promote)(float a) { return bits64((double)a); }
uint64_t EXPORT(from_integers)(int32_t a, uint32_t b, int64_t c, uint64_t d) {
  return bits64((double)a) ^ bits64((double)b) << 1 ^ bits64((double)c) << 2 ^ bits64((double)d) << 3;
}
uint64_t EXPORT(single_from_integers)(int32_t a, uint32_t b, int64_t c, uint64_t d) {
  return bits32((float)a) ^ (uint64_t)bits32((float)b) << 8 ^ (uint64_t)bits32((float)c) << 16 ^
         (uint64_t)bits32((float)d) << 24;
}
// Outside of the range of the type C leaves the result open; here it is what the code for WebAssembly happens to give.
int32_t EXPORT(to_int32)(double a) { return (int32_t)a; }
uint32_t EXPORT(to_uint32)(double a) { return (uint32_t)a; }
int64_t EXPORT(to_int64)(double a) { return (int64_t)a; }
uint64_t EXPORT(to_uint64)(double a) { return (uint64_t)a; }
int64_t EXPORT(single_to_int64)(float a) { return (int64_t)a ^ (int32_t)a ^ (uint32_t)a; }

// The bits of a NaN survive being moved, negated and stored.
uint64_t EXPORT(keep_bits)(uint64_t a) {
  volatile double x;
  __builtin_memcpy((void *)&x, &a, sizeof a);
  double y = x, z = -y;
  uint64_t b, c;
  __builtin_memcpy(&b, &y, sizeof b);
  __builtin_memcpy(&c, &z, sizeof c);
  return b ^ c << 1;
}

static double stored[64];
double EXPORT(through_memory)(double a, uint32_t i) {
  stored[i % 64] = a;
  float single = (float)stored[(i * 7) % 64];
  return stored[i % 64] + single;
}

double EXPORT(series)(uint32_t n) {
  double sum = 0, term = 1;
  for (uint32_t i = 1; i < n % 200; i++) {
    sum += term / i;
    term = -term * 1.0000001;
  }
  return sum;
}

uint32_t EXPORT(mandelbrot)(double x, double y) {
  double a = 0, b = 0;
  uint32_t i = 0;
  while (i < 100 && a * a + b * b < 4) {
    double c = a * a - b * b + x;
    b = 2 * a * b + y;
    a = c;
    i++;
  }
  return i;
}

float EXPORT(smooth)(float a, uint32_t n) {
  float values[16];
  for (int i = 0; i < 16; i++) values[i] = a * i - n % 1000;
  for (int round = 0; round < 5; round++) {
    for (int i = 1; i < 15; i++) values[i] = (values[i - 1] + values[i] + values[i + 1]) / 3;
  }
  return values[7];
}
