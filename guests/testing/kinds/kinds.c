/* Uses of a system that a command may have, each under a name: see tests/wasi/test_compiled_commands.py. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static int files(void) {
  FILE *file = fopen("data/a.txt", "w+");
  if (!file) return perror("fopen"), 1;
  fputs("hello world", file);
  fseek(file, 6, SEEK_SET);
  char rest[16] = {0};
  fgets(rest, sizeof rest, file);
  struct stat stat;
  fflush(file);
  fstat(fileno(file), &stat);
  printf("%s %lld\n", rest, (long long)stat.st_size);
  ftruncate(fileno(file), 5);
  fclose(file);
  file = fopen("data/a.txt", "a");
  fputs("!", file);
  fclose(file);
  file = fopen("data/a.txt", "r");
  printf("%s\n", fgets(rest, sizeof rest, file));
  fclose(file);
  printf("%d\n", open("data/none", O_RDONLY) < 0 && errno == ENOENT);
  return 0;
}

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static int folders(void) {
  mkdir("data/x", 0777);
  mkdir("data/x/y", 0777);
  const char *names[] = {"b", "a", "c"};
  for (int n = 0; n < 3; n++) {
    char path[32];
    snprintf(path, sizeof path, "data/x/%s", names[n]);
    close(open(path, O_CREAT | O_WRONLY, 0666));
  }
  rename("data/x/c", "data/x/d");
  unlink("data/x/b");
  struct dirent **found;
  int count = scandir("data/x", &found, 0, by_name);
  for (int n = 0; n < count; n++) printf("%s%s ", found[n]->d_name, found[n]->d_type == DT_DIR ? "/" : "");
  printf("\n%d\n", rmdir("data/x") < 0 && errno == ENOTEMPTY);
  return 0;
}

static int clocks(void) {
  time_t real = time(0);
  struct timespec begun, ended, span = {1, 500000000};
  clock_gettime(CLOCK_MONOTONIC, &begun);
  nanosleep(&span, 0);
  clock_gettime(CLOCK_MONOTONIC, &ended);
  printf("%lld %lld\n", (long long)real,
         (long long)(ended.tv_sec - begun.tv_sec) * 10 + (ended.tv_nsec - begun.tv_nsec) / 100000000);
  return 0;
}

static int drawn(void) {
  unsigned char bytes[8];
  getentropy(bytes, sizeof bytes);
  for (int n = 0; n < 8; n++) printf("%02x", bytes[n]);
  putchar('\n');
  return 0;
}

static int surroundings(int argc, char **argv) {
  for (int n = 2; n < argc; n++) printf("[%s]\n", argv[n]);
  for (char **it = environ; *it; it++) puts(*it);
  return 0;
}

static int input(void) {
  struct pollfd ready = {.fd = 0, .events = POLLIN};
  printf("%d\n", poll(&ready, 1, 1000));
  char line[64];
  while (fgets(line, sizeof line, stdin)) fputs(line, stdout);
  fputs("done\n", stderr);
  return 0;
}

int main(int argc, char **argv) {
  const char *kind = argc > 1 ? argv[1] : "";
  if (!strcmp(kind, "files")) return files();
  if (!strcmp(kind, "folders")) return folders();
  if (!strcmp(kind, "clocks")) return clocks();
  if (!strcmp(kind, "random")) return drawn();
  if (!strcmp(kind, "surroundings")) return surroundings(argc, argv);
  if (!strcmp(kind, "input")) return input();
  exit(33);
}
