// Files and folders below the folder `work`: writing, reading, seeking, appending, listing, links, renaming, removing;
// and what must not work. Prints what happened, errors by name.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void tell(const char *what, int result) {
  printf("%s: %s\n", what, result < 0 ? strerror(errno) : "ok");
}

static int compare(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void list(const char *path) {
  char *names[64];
  int count = 0;
  DIR *folder = opendir(path);
  if (!folder) {
    tell(path, -1);
    return;
  }
  for (struct dirent *entry; (entry = readdir(folder)) && count < 64;) names[count++] = strdup(entry->d_name);
  closedir(folder);
  qsort(names, count, sizeof names[0], compare);
  printf("%s:", path);
  for (int i = 0; i < count; i++) {
    printf(" %s", names[i]);
    free(names[i]);
  }
  printf("\n");
}

int main(void) {
  tell("mkdir", mkdir("work/d", 0777));
  tell("mkdir again", mkdir("work/d", 0777));
  FILE *file = fopen("work/d/numbers", "w+");
  if (!file) return 1;
  for (int i = 0; i < 20000; i++) fprintf(file, "%d\n", i);
  long size = ftell(file);
  fseek(file, -6, SEEK_END);
  char line[32];
  printf("last: %s", fgets(line, sizeof line, file));
  rewind(file);
  long sum = 0;
  while (fgets(line, sizeof line, file)) sum += atoi(line);
  fclose(file);
  printf("%ld bytes, sum %ld\n", size, sum);

  file = fopen("work/d/numbers", "a");
  fputs("more\n", file);
  fclose(file);
  struct stat status;
  tell("stat", stat("work/d/numbers", &status));
  printf("%lld bytes, %s\n", (long long)status.st_size, S_ISREG(status.st_mode) ? "a file" : "no file");

  tell("symlink", symlink("d/numbers", "work/link"));
  tell("link", link("work/d/numbers", "work/second"));
  file = fopen("work/link", "r");
  printf("through the link: %s", fgets(line, sizeof line, file));
  fclose(file);
  list("work");
  list("work/d");
  tell("rename", rename("work/second", "work/d/third"));
  tell("truncate", truncate("work/d/third", 3));
  tell("stat", stat("work/d/numbers", &status));
  printf("%lld bytes, %d links\n", (long long)status.st_size, (int)status.st_nlink);
  tell("rmdir", rmdir("work/d"));
  tell("unlink a folder", unlink("work/d"));
  tell("unlink", unlink("work/d/numbers"));
  tell("unlink", unlink("work/d/third"));
  tell("unlink", unlink("work/link"));
  tell("rmdir", rmdir("work/d"));
  list("work");

  tell("up", open("work/../../secret", O_RDONLY));
  tell("absolute", open("/etc/passwd", O_RDONLY));
  tell("missing", open("work/none", O_RDONLY));
  tell("symlink out", symlink("../../secret", "work/out"));
  tell("through it", open("work/out", O_RDONLY));
  tell("read only", open("fixed/new", O_CREAT | O_WRONLY, 0666));
  tell("read only", unlink("fixed/text"));
  file = fopen("fixed/text", "r");
  printf("fixed: %s\n", fgets(line, sizeof line, file));
  return 0;
}
