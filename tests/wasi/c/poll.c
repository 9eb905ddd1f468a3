// Waits for standard input, a twentieth of a second at a time, and tells what came of it.
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
  struct pollfd input = {.fd = 0, .events = POLLIN};
  int idle = 0;
  for (;;) {
    int ready = poll(&input, 1, 50);
    if (ready < 0) return 1;
    if (ready == 0) {
      idle++;
      continue;
    }
    char text[16];
    ssize_t count = read(0, text, sizeof text);
    if (count <= 0) break;
    printf("%.*s after waiting: %s\n", (int)count, text, idle > 2 ? "yes" : "no");
    fflush(stdout);
    idle = 0;
  }
  return 0;
}
