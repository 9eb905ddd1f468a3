// Arguments, environment, both output streams and an exit status.
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  for (int i = 0; i < argc; i++) printf("argument %d: %s\n", i, argv[i]);
  const char *name = getenv("NAME");
  printf("%s, %.3f, %5d|%-5d|%x\n", name ? name : "nobody", 3.14159, 42, 42, 48879);
  fprintf(stderr, "%d arguments\n", argc);
  return argc - 1;
}
