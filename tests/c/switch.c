// Control flow: dense and sparse switches, fall-through, a bytecode interpreter, gotos into loops, early exits.
#include "export.h"

int32_t EXPORT(dense)(uint32_t x) {
  switch (x % 20) {
    case 0: return 17;
    case 1: return -4;
    case 2: return 99;
    case 3:
    case 4: return 1234567;
    case 5: return -99;
    case 6: return 6;
    case 7: x += 5; // falls through
    case 8: x *= 3; // falls through
    case 9: return (int32_t)x;
    case 10: return 0x7fffffff;
    case 15: return (int32_t)(x >> 1);
    case 19: return -1;
    default: return (int32_t)-x;
  }
}

int32_t EXPORT(sparse)(int32_t x) {
  switch (x) {
    case INT32_MIN: return 1;
    case -1000000: return 2;
    case -1: return 3;
    case 0: return 4;
    case 1: return 5;
    case 255: return 6;
    case 65536: return 7;
    case 123456789: return 8;
    case INT32_MAX: return 9;
    default: return x / 3;
  }
}

int32_t EXPORT(wide)(int64_t x) {
  switch (x) {
    case 0: return 1;
    case 1: return 2;
    case -1: return 3;
    case 0x100000000: return 4;
    case INT64_MIN: return 5;
    case INT64_MAX: return 6;
    default: return 7;
  }
}

// Duff's device: a loop that is entered in its middle.
uint32_t EXPORT(unrolled)(uint32_t count) {
  count = count % 100 + 1;
  uint32_t sum = 0, rounds = (count + 7) / 8;
  switch (count % 8) {
    case 0: do { sum = sum * 3 + 1;
    case 7: sum += 2;
    case 6: sum ^= 3;
    case 5: sum += 4;
    case 4: sum ^= sum << 3;
    case 3: sum += 6;
    case 2: sum ^= 7;
    case 1: sum += 8;
    } while (--rounds);
  }
  return sum;
}

enum { PUSH, ADD, SUB, MUL, DUP, SWAP, JUMP_IF, DECREMENT, HALT };
int32_t EXPORT(interpret)(int32_t n, int32_t m) {
  // Product of n % 30 factors m, with a counter below the result.
  const int32_t code[] = {PUSH, n % 30, PUSH, 1, PUSH, m, MUL, PUSH, 1, ADD, SWAP, DECREMENT, SWAP, JUMP_IF, 4, HALT};
  int32_t stack[16], top = 0, at = 0, fuel = 2000;
  while (fuel-- > 0) {
    switch (code[at++]) {
      case PUSH: stack[top++] = code[at++]; break;
      case ADD: top--; stack[top - 1] = (int32_t)((uint32_t)stack[top - 1] + (uint32_t)stack[top]); break;
      case SUB: top--; stack[top - 1] = (int32_t)((uint32_t)stack[top - 1] - (uint32_t)stack[top]); break;
      case MUL: top--; stack[top - 1] = (int32_t)((uint32_t)stack[top - 1] * (uint32_t)stack[top]); break;
      case DUP: stack[top] = stack[top - 1]; top++; break;
      case SWAP: { int32_t t = stack[top - 1]; stack[top - 1] = stack[top - 2]; stack[top - 2] = t; break; }
      case JUMP_IF: at = stack[top - 2] > 0 ? code[at] : at + 1; break;
      case DECREMENT: stack[top - 1]--; break;
      case HALT: return stack[top - 1];
      default: __builtin_trap();
    }
  }
  return -1;
}

uint32_t EXPORT(collatz)(uint32_t n) {
  uint32_t steps = 0;
  for (uint64_t x = n; x > 1; x = x & 1 ? 3 * x + 1 : x / 2) {
    if (++steps > 300) goto out;
    for (int i = 0; i < 3; i++) {
      if ((x >> i) % 5 == 4) goto next;
    }
    steps ^= 1;
  next:;
  }
out:
  return steps;
}

int32_t EXPORT(reached)(int32_t x) {
  if (x == 42) __builtin_unreachable();
  if (x == 7) __builtin_trap();
  return x;
}

// Many values that live across a loop: more than a register file likes.
uint64_t EXPORT(many_values)(uint64_t a, uint64_t b, uint32_t n) {
  uint64_t v0 = a, v1 = b, v2 = a ^ b, v3 = a + b, v4 = a * b, v5 = ~a, v6 = ~b, v7 = a << 3, v8 = b >> 5, v9 = a - b;
  for (uint32_t i = 0; i < n % 50; i++) {
    uint64_t t = v0 + v9;
    v0 = v1 ^ i, v1 = v2 + v3, v2 = v3 * 3, v3 = v4 - v0, v4 = v5 ^ v6, v5 = v6 + i, v6 = v7 << 1, v7 = v8 ^ t;
    v8 = v9 + v2, v9 = t;
  }
  return v0 ^ v1 ^ v2 ^ v3 ^ v4 ^ v5 ^ v6 ^ v7 ^ v8 ^ v9;
}
