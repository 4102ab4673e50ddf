// The same through the C library: streams, directories, arguments, environment, standard input.
// Expects: the preopen /, a file `greeting` with "hello, world\n", a folder `folder` with `a` and `b`,
// the arguments "one" and "two words", the variables B=2 and A=1 in this order, and "typed" as input.
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void streams(void) {
    char text[64] = "";
    FILE *file = fopen("greeting", "r");
    assert(file && fread(text, 1, 5, file) == 5 && strcmp(text, "hello") == 0);
    assert(ftell(file) == 5 && fseek(file, -1, SEEK_END) == 0 && fgetc(file) == '\n');
    assert(fgetc(file) == EOF && feof(file) && fclose(file) == 0);
    assert(!fopen("missing", "r") && errno == ENOENT);
    file = fopen("new.txt", "a+");
    assert(file && fputs("first\n", file) >= 0 && fflush(file) == 0);
    assert(fputs("second\n", file) >= 0 && fclose(file) == 0);
    struct stat stat_;
    assert(stat("new.txt", &stat_) == 0 && stat_.st_size == 13 && S_ISREG(stat_.st_mode));
    assert(rename("new.txt", "folder/moved.txt") == 0 && stat("new.txt", &stat_) == -1 && errno == ENOENT);
    int fd = open("folder/moved.txt", O_RDWR | O_APPEND);
    assert(fd >= 0 && write(fd, "x", 1) == 1 && lseek(fd, 0, SEEK_CUR) == 14 && close(fd) == 0);
    assert(truncate("folder/moved.txt", 3) == 0 && stat("folder/moved.txt", &stat_) == 0 && stat_.st_size == 3);
    struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 2}};
    assert(utimensat(AT_FDCWD, "folder/moved.txt", times, 0) == 0);
    assert(stat("folder/moved.txt", &stat_) == 0 && stat_.st_atim.tv_sec == 1 && stat_.st_mtim.tv_sec == 2);
    fd = open("folder/moved.txt", O_RDONLY);
    times[1].tv_sec = 3;
    assert(fd >= 0 && futimens(fd, times) == 0 && fstat(fd, &stat_) == 0 && stat_.st_mtim.tv_sec == 3);
    assert(close(fd) == 0 && unlink("folder/moved.txt") == 0);
}

static void directories(void) {
    char names[3] = "";
    size_t count = 0;
    int dir = open("folder", O_RDONLY | O_DIRECTORY);
    DIR *listing = fdopendir(dir);
    assert(listing);
    for (struct dirent *entry; (entry = readdir(listing));) {
        struct stat stat_;
        if (entry->d_name[0] == '.') continue;
        assert(fstatat(dir, entry->d_name, &stat_, AT_SYMLINK_NOFOLLOW) == 0);
        assert(stat_.st_ino == entry->d_ino);
        assert(count < 2);
        names[count++] = entry->d_name[0];
    }
    assert(strcmp(names, "ab") == 0 && closedir(listing) == 0);
    assert(mkdir("folder/sub", 0777) == 0 && mkdir("folder/sub", 0777) == -1 && errno == EEXIST);
    assert(rmdir("folder") == -1 && errno == ENOTEMPTY && rmdir("folder/sub") == 0);
    struct stat a, b;
    assert(stat("folder/a", &a) == 0 && stat("folder/b", &b) == 0);
    assert(a.st_dev == b.st_dev && a.st_ino != b.st_ino);
    char target[16] = "";
    assert(symlink("a", "folder/link") == 0 && readlink("folder/link", target, 15) == 1 && target[0] == 'a');
    assert(lstat("folder/link", &b) == 0 && S_ISLNK(b.st_mode) && unlink("folder/link") == 0);
    assert(link("folder/a", "folder/c") == 0 && stat("folder/c", &b) == 0 && b.st_ino == a.st_ino);
    assert(unlink("folder/c") == 0 && access("folder/c", F_OK) == -1 && access("folder/a", R_OK) == 0);
}

int main(int count, char **args) {
    assert(count == 3 && strcmp(args[1], "one") == 0 && strcmp(args[2], "two words") == 0);
    assert(strcmp(environ[0], "B=2") == 0 && strcmp(environ[1], "A=1") == 0 && !environ[2]);
    char typed[16] = "";
    assert(fread(typed, 1, 15, stdin) == 5 && strcmp(typed, "typed") == 0 && feof(stdin));
    assert(!isatty(0) && !isatty(1));
    streams();
    directories();
    time_t now = time(NULL);
    assert(gmtime(&now)->tm_year == 125);
    puts("to stdout");
    fputs("to stderr", stderr);
    return 0;
}
