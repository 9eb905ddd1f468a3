// A WASI reactor in C: its functions read and write files of the folders that the plug-in was given.
#include <stdio.h>
#include "extism.h"

static int started;
__attribute__((constructor)) static void start(void) { started++; }

static char name[256], text[4096];

// The file of that name.
PLUGIN_FUNCTION(read_file) {
  size_t length = extism_read(extism_input(), name, sizeof name - 1);
  name[length] = 0;
  FILE *file = fopen(name, "r");
  if (!file) return extism_fail("no such file");
  size_t count = fread(text, 1, sizeof text, file);
  fclose(file);
  return extism_output(text, count);
}

// Whether a file of that name can be made.
PLUGIN_FUNCTION(create_file) {
  size_t length = extism_read(extism_input(), name, sizeof name - 1);
  name[length] = 0;
  FILE *file = fopen(name, "w");
  if (!file) return extism_fail("cannot be written");
  fputs("written", file);
  return fclose(file);
}

PLUGIN_FUNCTION(starts) {
  text[0] = (char)('0' + started);
  return extism_output(text, 1);
}
