// The peer wasm3: runs kernels for bench/peer.ts, whose protocol this speaks.
//
// wasm3_peer FOLDER: the kernels are FOLDER/NAME.wasm.
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "m3_env.h"
#include "wasm3.h"

enum { MAX_KERNELS = 64, STACK_BYTES = 1 << 20 };

typedef struct {
  char name[64];
  IM3Runtime runtime;
  IM3Function run;
} Kernel;

static Kernel kernels[MAX_KERNELS];
static int kernel_count;

/* The whole file, which wasm3 needs for as long as the module lives; NULL if it cannot be read. */
static uint8_t *read_file(const char *path, uint32_t *size) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) return NULL;
  fseek(file, 0, SEEK_END);
  *size = (uint32_t)ftell(file);
  rewind(file);
  uint8_t *bytes = malloc(*size);
  if (bytes != NULL && fread(bytes, 1, *size, file) != *size) bytes = NULL;
  fclose(file);
  return bytes;
}

/* Fills in a kernel; gives wasm3's message if it refuses it. */
static M3Result load(IM3Environment environment, const char *folder, const char *name, Kernel *kernel) {
  char path[4096];
  uint32_t size = 0;
  snprintf(path, sizeof path, "%s/%s.wasm", folder, name);
  uint8_t *bytes = read_file(path, &size);
  if (bytes == NULL) return "file not read";
  snprintf(kernel->name, sizeof kernel->name, "%s", name);
  kernel->runtime = m3_NewRuntime(environment, STACK_BYTES, NULL);
  IM3Module module;
  M3Result result = m3_ParseModule(environment, &module, bytes, size);
  if (result == m3Err_none) result = m3_LoadModule(kernel->runtime, module);
  if (result == m3Err_none) result = m3_FindFunction(&kernel->run, kernel->runtime, "run");
  return result;
}

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void answer(IM3Environment environment, const char *folder, const char *name, const char *n) {
  Kernel *kernel = NULL;
  for (int i = 0; i < kernel_count; i++) {
    if (strcmp(kernels[i].name, name) == 0) kernel = &kernels[i];
  }
  M3Result result = m3Err_none;
  if (kernel == NULL && kernel_count == MAX_KERNELS) {
    result = "too many kernels";
  } else if (kernel == NULL) {
    kernel = &kernels[kernel_count];
    result = load(environment, folder, name, kernel);
    if (result == m3Err_none) kernel_count++;
  }
  if (result == m3Err_none) {
    const char *arguments[] = {n};
    long long start = now();
    result = m3_CallWithArgs(kernel->run, 1, arguments);
    long long nanoseconds = now() - start;
    // The result lies at the bottom of its stack.
    if (result == m3Err_none) printf("%u %lld\n", *(uint32_t *)kernel->runtime->stack, nanoseconds);
  }
  if (result != m3Err_none) printf("error %s\n", result);
}

int main(int count, char **arguments) {
  if (count != 2) {
    fprintf(stderr, "usage: wasm3_peer FOLDER\n");
    return 1;
  }
  setvbuf(stdout, NULL, _IOLBF, 0);
  IM3Environment environment = m3_NewEnvironment();
  printf("ready wasm3 %s\n", M3_VERSION);
  char name[64], n[16];
  while (scanf("%63s %15s", name, n) == 2) answer(environment, arguments[1], name, n);
  return 0;
}
