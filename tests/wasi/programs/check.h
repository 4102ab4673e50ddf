// What every program here shares: checks that say where they failed, and the calls of preview 1
// with fewer arguments. A program runs its tests in a scratch directory below the first preopen.
#pragma once
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasi/api.h>

#define FOLLOW __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW
#define READ __WASI_RIGHTS_FD_READ
#define WRITE __WASI_RIGHTS_FD_WRITE
#define CREAT __WASI_OFLAGS_CREAT
#define DIRECTORY __WASI_OFLAGS_DIRECTORY
#define EXCL __WASI_OFLAGS_EXCL
#define TRUNC __WASI_OFLAGS_TRUNC
#define E(name) __WASI_ERRNO_##name

static const char *running = "";

#define CHECK(condition)                                                              \
    do {                                                                              \
        if (!(condition)) {                                                           \
            fprintf(stderr, "%s, line %d: %s\n", running, __LINE__, #condition);      \
            exit(1);                                                                  \
        }                                                                             \
    } while (0)

// The call succeeds.
#define OK(call)                                                                      \
    do {                                                                              \
        int got_ = (call);                                                            \
        if (got_ != 0) {                                                              \
            fprintf(stderr, "%s, line %d: %s: errno %d\n", running, __LINE__, #call, got_); \
            exit(1);                                                                  \
        }                                                                             \
    } while (0)

// The call fails with one of up to three errors.
#define FAILS3(call, a, b, c)                                                         \
    do {                                                                              \
        int got_ = (call);                                                            \
        if (got_ == 0 || (got_ != (a) && got_ != (b) && got_ != (c))) {               \
            fprintf(stderr, "%s, line %d: %s: errno %d\n", running, __LINE__, #call, got_); \
            exit(1);                                                                  \
        }                                                                             \
    } while (0)
#define FAILS2(call, a, b) FAILS3(call, a, b, b)
#define FAILS(call, a) FAILS3(call, a, a, a)

static int fd; // what `open_at` opened last

static inline int open_as(int dir, int look, const char *path, int how, uint64_t rights, int flags) {
    __wasi_fd_t opened = -1;
    int error = __wasi_path_open(dir, look, path, how, rights, rights, flags, &opened);
    if (error == 0) fd = opened;
    return error;
}
static inline int open_at(int dir, const char *path, int how, uint64_t rights) {
    return open_as(dir, 0, path, how, rights, 0);
}
static inline int close_fd(int which) { return __wasi_fd_close(which); }

static inline void make_file(int dir, const char *path) {
    OK(open_at(dir, path, CREAT, 0));
    OK(close_fd(fd));
}
static inline int make_dir(int dir, const char *path) { return __wasi_path_create_directory(dir, path); }
static inline int remove_dir(int dir, const char *path) { return __wasi_path_remove_directory(dir, path); }
static inline int unlink_at(int dir, const char *path) { return __wasi_path_unlink_file(dir, path); }
static inline int rename_in(int dir, const char *from, const char *to) {
    return __wasi_path_rename(dir, from, dir, to);
}
static inline int link_in(int dir, const char *from, const char *to) {
    return __wasi_path_link(dir, 0, from, dir, to);
}
static inline int symlink_in(int dir, const char *target, const char *path) {
    return __wasi_path_symlink(target, dir, path);
}
static inline __wasi_filestat_t stat_at(int dir, int look, const char *path) {
    __wasi_filestat_t stat;
    OK(__wasi_path_filestat_get(dir, look, path, &stat));
    return stat;
}
static inline __wasi_filestat_t stat_fd(int which) {
    __wasi_filestat_t stat;
    OK(__wasi_fd_filestat_get(which, &stat));
    return stat;
}
static inline int write_fd(int which, const void *data, size_t size) {
    __wasi_ciovec_t vector = {.buf = data, .buf_len = size};
    __wasi_size_t done = 0;
    int error = __wasi_fd_write(which, &vector, 1, &done);
    return error ? error : done == size ? 0 : -1;
}
static inline int read_fd(int which, void *data, size_t size, size_t expected) {
    __wasi_iovec_t vector = {.buf = data, .buf_len = size};
    __wasi_size_t done = 0;
    int error = __wasi_fd_read(which, &vector, 1, &done);
    return error ? error : done == expected ? 0 : -1;
}
static inline uint64_t seek_fd(int which, int64_t offset, int whence) {
    __wasi_filesize_t now;
    OK(__wasi_fd_seek(which, offset, whence, &now));
    return now;
}

#define ROOT 3

static int scratch; // a fresh directory for each test

static inline void run_test(const char *name, void (*test)(void)) {
    running = name;
    OK(make_dir(ROOT, "scratch.dir"));
    OK(open_at(ROOT, "scratch.dir", DIRECTORY, 0));
    scratch = fd;
    test();
    OK(close_fd(scratch));
    OK(remove_dir(ROOT, "scratch.dir"));
    printf("ok %s\n", name);
}
#define RUN(test) run_test(#test, test)
