// A stack machine's interpreter, a switch over byte codes: jumps by table, byte loads, a stack in memory.
#include "kernel.h"

enum { PUSH, LOAD, STORE, ADD, SUBTRACT, MULTIPLY, EXCLUSIVE_OR, SHIFT, LESS, JUMP, JUMP_UNLESS, HALT };

/* i = 100; x = argument; while (0 < i) { x = (x * 31 + i) ^ (x >> 3); i = i - 1; } */
static uint8_t program[] = {
    PUSH, 100, STORE, 1,                      // 0
    PUSH, 0, LOAD, 1, LESS, JUMP_UNLESS, 36,  // 4
    LOAD, 0, PUSH, 31, MULTIPLY, LOAD, 1, ADD, // 11
    LOAD, 0, PUSH, 3, SHIFT, EXCLUSIVE_OR, STORE, 0, // 19
    LOAD, 1, PUSH, 1, SUBTRACT, STORE, 1, JUMP, 4, // 27
    HALT,                                     // 36
};

static uint32_t stack[32];
static uint32_t variables[4];

static uint32_t interpret(uint32_t argument) {
  variables[0] = argument;
  uint32_t *top = stack;
  const uint8_t *at = program;
  for (;;) {
    switch (*at++) {
      case PUSH: *top++ = *at++; break;
      case LOAD: *top++ = variables[*at++]; break;
      case STORE: variables[*at++] = *--top; break;
      case ADD: top--, top[-1] += top[0]; break;
      case SUBTRACT: top--, top[-1] -= top[0]; break;
      case MULTIPLY: top--, top[-1] *= top[0]; break;
      case EXCLUSIVE_OR: top--, top[-1] ^= top[0]; break;
      case SHIFT: top--, top[-1] >>= top[0] & 31; break;
      case LESS: top--, top[-1] = top[-1] < top[0]; break;
      case JUMP: at = program + *at; break;
      case JUMP_UNLESS: at = *--top ? at + 1 : program + *at; break;
      default: return variables[0];
    }
  }
}

EXPORT(run) uint32_t run(uint32_t n) {
  uint32_t x = 1;
  for (uint32_t i = 0; i < n; i++) x = interpret(x + i);
  return x;
}

/* Keeps the program unknown to the compiler. */
EXPORT(patch) void patch(uint32_t at, uint32_t byte) { program[at % sizeof program] = (uint8_t)byte; }
