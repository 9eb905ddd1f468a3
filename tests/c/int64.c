// 64-bit integers, which compiled code holds as two halves: carries, borrows, shifts across the halves, division.
#include "export.h"

uint64_t EXPORT(add)(uint64_t a, uint64_t b) { return a + b; }
uint64_t EXPORT(sub)(uint64_t a, uint64_t b) { return a - b; }
uint64_t EXPORT(mul)(uint64_t a, uint64_t b) { return a * b; }
int64_t EXPORT(divide)(int64_t a, int64_t b) { return a / b; }
uint64_t EXPORT(divide_unsigned)(uint64_t a, uint64_t b) { return a / b; }
int64_t EXPORT(modulo)(int64_t a, int64_t b) { return b == -1 ? 0 : a % b; }
uint64_t EXPORT(modulo_unsigned)(uint64_t a, uint64_t b) { return a % b; }
uint64_t EXPORT(divide_by_constants)(uint64_t a) { return a / 10 + a / 641 + a % 1000000007 + a / 0x100000001u; }
int64_t EXPORT(divide_signed_by_constants)(int64_t a) { return a / 7 - a % 1024 + a / -3; }
uint64_t EXPORT(shift)(uint64_t a, uint64_t n) { return (a << (n & 63)) ^ (a >> (-n & 63)); }
int64_t EXPORT(shift_signed)(int64_t a, uint64_t n) { return a >> (n & 63); }
uint64_t EXPORT(shift_by_constants)(uint64_t a) { return (a << 1) + (a << 31) + (a << 32) + (a << 33) + (a >> 1) + (a >> 32) + (a >> 63); }
uint64_t EXPORT(rotate)(uint64_t a, uint64_t n) { return __builtin_rotateleft64(a, n) ^ __builtin_rotateright64(a, 17); }
uint64_t EXPORT(count)(uint64_t a) {
  return a == 0 ? 0 : __builtin_clzll(a) + 100 * __builtin_ctzll(a) + 10000 * __builtin_popcountll(a);
}
uint64_t EXPORT(swap_bytes)(uint64_t a) { return __builtin_bswap64(a); }
uint32_t EXPORT(compare)(int64_t a, int64_t b) {
  uint64_t c = a, d = b;
  return (a < b) | (a <= b) << 1 | (a > b) << 2 | (a >= b) << 3 | (c < d) << 4 | (c <= d) << 5 | (c > d) << 6 |
         (c >= d) << 7 | (a == b) << 8 | (a != b) << 9 | (a == 0) << 10 | (a < 0) << 11;
}
int64_t EXPORT(extend)(int32_t a) { return (int64_t)a * (int64_t)a - (int64_t)(uint32_t)a + (int8_t)a + (int16_t)a; }
int64_t EXPORT(narrow)(int64_t a) { return (int64_t)(int8_t)a ^ (int64_t)(int16_t)a << 8 ^ (int64_t)(int32_t)a << 16; }
int64_t EXPORT(select)(int64_t a, int64_t b, int32_t c) { return c ? a : b; }

// The high half of a 128-bit product.
uint64_t EXPORT(multiply_high)(uint64_t a, uint64_t b) {
  uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
  uint64_t low = al * bl, mid = ah * bl + (low >> 32), mid2 = al * bh + (uint32_t)mid;
  return ah * bh + (mid >> 32) + (mid2 >> 32);
}

uint64_t EXPORT(power_modulo)(uint64_t base, uint64_t exponent, uint64_t modulus) {
  modulus = (uint32_t)modulus | 1;
  uint64_t result = 1;
  for (base %= modulus; exponent; exponent >>= 1, base = base * base % modulus) {
    if (exponent & 1) result = result * base % modulus;
  }
  return result;
}

uint64_t EXPORT(greatest_common_divisor)(uint64_t a, uint64_t b) {
  while (b) {
    uint64_t t = a % b;
    a = b;
    b = t;
  }
  return a;
}

uint64_t EXPORT(hash)(uint64_t seed) {
  uint64_t x = seed, sum = 0xcbf29ce484222325u;
  for (int i = 0; i < 50; i++) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    sum = (sum ^ (x & 0xff)) * 0x100000001b3u + __builtin_rotateleft64(x, i);
  }
  return sum;
}
