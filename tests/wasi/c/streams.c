// Copies standard input to standard output, or, by its argument: writes many bytes, or lines without end.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned char block[65536];

static int copy(void) {
  ssize_t count;
  while ((count = read(0, block, sizeof block)) > 0)
    if (write(1, block, count) != count) return 1;
  return count < 0;
}

static int many(int blocks) {
  for (int i = 0; i < (int)sizeof block; i++) block[i] = i * 7 + (i >> 8);
  for (int i = 0; i < blocks; i++)
    if (fwrite(block, 1, sizeof block, stdout) != sizeof block) return 1;
  return fflush(stdout);
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "many") == 0) return many(atoi(argv[2]));
  if (argc > 1 && strcmp(argv[1], "endless") == 0)
    for (;;) puts("y");
  return copy();
}
