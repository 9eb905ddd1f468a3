// What wasi-libc makes of the calls: floats, much memory, sorting, buffers, time, random numbers, environment, exit.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static unsigned state = 12345;

static unsigned draw(void) {
  state = state * 1664525u + 1013904223u;
  return state >> 8;
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void sorting(void) {
  enum { COUNT = 20000 };
  double *values = malloc(COUNT * sizeof *values);
  for (int i = 0; i < COUNT; i++) values[i] = draw() / 1000.0;
  qsort(values, COUNT, sizeof *values, compare);
  int ordered = 1;
  for (int i = 1; i < COUNT; i++) ordered &= values[i - 1] <= values[i];
  printf("%s, from %.3f to %.3f\n", ordered ? "sorted" : "not sorted", values[0], values[COUNT - 1]);
  free(values);
}

static void allocating(void) {
  enum { SLOTS = 500 };
  char *slots[SLOTS] = {0};
  unsigned long total = 0;
  for (int i = 0; i < 20000; i++) {
    unsigned slot = draw() % SLOTS;
    if (slots[slot]) total += strlen(slots[slot]);
    free(slots[slot]);
    size_t length = draw() % 400;
    slots[slot] = malloc(length + 1);
    memset(slots[slot], 'a', length);
    slots[slot][length] = 0;
  }
  for (int i = 0; i < SLOTS; i++) free(slots[i]);
  printf("%lu characters\n", total);
}

static void last(void) { printf("at exit\n"); }

int main(int argc, char **argv) {
  atexit(last);
  printf("%g %e %.10f %a %g %g %g\n", 0.1, 6.02214076e23, sqrt(2), 1.5, INFINITY, -0.0, 1e-310);
  printf("%.17g %.3g %Lf %lld %llu\n", 1 / 3.0, 123456.0, 1.25L, -9007199254740993LL, 18446744073709551615ULL);
  printf("%.15g %.15g %.15g\n", strtod("2.2250738585072014e-308", NULL), sin(1e6), pow(2, 0.5));
  sorting();
  allocating();
  time_t now = time(NULL);
  struct tm *date = gmtime(&now);
  char text[64];
  strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", date);
  printf("%s\n", text);
  struct timespec before, after, pause = {0, 20000000};
  clock_gettime(CLOCK_MONOTONIC, &before);
  nanosleep(&pause, NULL);
  clock_gettime(CLOCK_MONOTONIC, &after);
  long long slept = (after.tv_sec - before.tv_sec) * 1000000000LL + after.tv_nsec - before.tv_nsec;
  printf("slept %s\n", slept >= 20000000 ? "long enough" : "too short");
  unsigned char random[16] = {0};
  printf("random: %d\n", getentropy(random, sizeof random));
  fflush(stdout);
  setvbuf(stdout, NULL, _IONBF, 0);
  for (int i = 0; i < argc; i++) printf("[%s]", argv[i]);
  fprintf(stderr, "to standard error\n");
  fflush(stdout);
  setvbuf(stdout, NULL, _IOLBF, 256);
  printf("\n%s\n", getenv("MODE"));
  if (getenv("MODE") && strcmp(getenv("MODE"), "abort") == 0) abort();
  exit(300);
}
