// Waits for standard input, a twentieth of a second at a time, and tells what came of it. Reading never waits.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
  struct pollfd input = {.fd = 0, .events = POLLIN};
  int idle = 0;
  if (fcntl(0, F_SETFL, O_NONBLOCK) < 0 || !(fcntl(0, F_GETFL) & O_NONBLOCK)) return 1;
  for (;;) {
    char text[16];
    ssize_t count = read(0, text, sizeof text);
    if (count < 0 && errno == EAGAIN) {
      int ready = poll(&input, 1, 50);
      if (ready < 0) return 1;
      idle += ready == 0;
      continue;
    }
    if (count <= 0) return count < 0;
    printf("%.*s after waiting: %s\n", (int)count, text, idle > 2 ? "yes" : "no");
    fflush(stdout);
    idle = 0;
  }
}
