// Files: offsets, appending, sizes, rights, times.
#include "check.h"

static void pread_pwrite(void) {
    OK(open_at(scratch, "file", CREAT, READ | WRITE | __WASI_RIGHTS_FD_SEEK));
    __wasi_ciovec_t out = {.buf = (const uint8_t *)"\0\1\2\3", .buf_len = 4};
    uint8_t data[8] = {9, 9, 9, 9, 9, 9, 9, 9};
    __wasi_iovec_t in = {.buf = data, .buf_len = 4};
    __wasi_size_t done;
    OK(__wasi_fd_pwrite(fd, &out, 1, 0, &done));
    CHECK(done == 4);
    OK(__wasi_fd_pread(fd, &in, 1, 0, &done));
    CHECK(done == 4 && memcmp(data, "\0\1\2\3", 4) == 0);
    memset(data, 0, sizeof data);
    OK(__wasi_fd_pread(fd, &in, 1, 2, &done));
    CHECK(done == 2 && memcmp(data, "\2\3\0\0", 4) == 0);
    OK(__wasi_fd_pread(fd, &in, 1, 4, &done));
    CHECK(done == 0);
    OK(__wasi_fd_pread(fd, &in, 1, 400, &done));
    CHECK(done == 0);
    out = (__wasi_ciovec_t){.buf = (const uint8_t *)"\1", .buf_len = 1};
    OK(__wasi_fd_pwrite(fd, &out, 1, 7, &done)); // leaves a hole of zeroes
    in.buf_len = 8;
    OK(__wasi_fd_pread(fd, &in, 1, 0, &done));
    CHECK(done == 8 && memcmp(data, "\0\1\2\3\0\0\0\1", 8) == 0);
    __wasi_filesize_t at;
    OK(__wasi_fd_tell(fd, &at));
    CHECK(at == 0);
    OK(close_fd(fd));
    OK(unlink_at(scratch, "file"));
}

static void seek_tell(void) {
    static uint8_t zeroes[100];
    OK(open_at(scratch, "file", CREAT, READ | WRITE | __WASI_RIGHTS_FD_SEEK | __WASI_RIGHTS_FD_TELL));
    __wasi_filesize_t at;
    OK(__wasi_fd_tell(fd, &at));
    CHECK(at == 0);
    OK(write_fd(fd, zeroes, 100));
    OK(__wasi_fd_tell(fd, &at));
    CHECK(at == 100);
    CHECK(seek_fd(fd, -50, __WASI_WHENCE_CUR) == 50);
    CHECK(seek_fd(fd, 0, __WASI_WHENCE_SET) == 0);
    CHECK(seek_fd(fd, -10, __WASI_WHENCE_END) == 90);
    CHECK(seek_fd(fd, 1000, __WASI_WHENCE_CUR) == 1090);
    FAILS(__wasi_fd_seek(fd, -2000, __WASI_WHENCE_CUR, &at), E(INVAL));
    CHECK(seek_fd(fd, 0, __WASI_WHENCE_SET) == 0);
    uint8_t data[100];
    OK(read_fd(fd, data, 100, 100));
    OK(__wasi_fd_tell(fd, &at));
    CHECK(at == 100);
    OK(read_fd(fd, data, 100, 0));
    OK(close_fd(fd));
    OK(unlink_at(scratch, "file"));
}

static void truncation(void) {
    uint8_t data[100];
    OK(open_at(scratch, "file", CREAT, WRITE));
    OK(write_fd(fd, "this content will be truncated!", 31));
    OK(close_fd(fd));
    OK(open_at(scratch, "file", CREAT | TRUNC, WRITE | READ));
    OK(read_fd(fd, data, 100, 0));
    OK(write_fd(fd, "again", 5));
    OK(close_fd(fd));
    OK(open_at(scratch, "file", TRUNC, 0));
    CHECK(stat_fd(fd).size == 0);
    OK(close_fd(fd));
    FAILS(open_at(scratch, "file", CREAT | EXCL, 0), E(EXIST));
    FAILS(open_at(scratch, "missing", 0, 0), E(NOENT));
    OK(unlink_at(scratch, "file"));
}

static void unbuffered_write(void) {
    uint8_t byte = 0;
    OK(open_at(scratch, "file", CREAT, READ));
    int reader = fd;
    OK(open_at(scratch, "file", 0, WRITE));
    OK(read_fd(reader, &byte, 1, 0));
    OK(write_fd(fd, "\1", 1));
    OK(read_fd(reader, &byte, 1, 1));
    CHECK(byte == 1);
    OK(close_fd(fd));
    OK(close_fd(reader));
    OK(unlink_at(scratch, "file"));
}

static void append(void) {
    uint8_t data[200], block[100];
    OK(open_as(scratch, 0, "file", CREAT, READ | WRITE, __WASI_FDFLAGS_APPEND));
    memset(block, 0, 100);
    OK(write_fd(fd, block, 100));
    CHECK(seek_fd(fd, 0, __WASI_WHENCE_SET) == 0);
    memset(block, 1, 100);
    OK(write_fd(fd, block, 100));
    CHECK(seek_fd(fd, 0, __WASI_WHENCE_CUR) == 200);
    CHECK(seek_fd(fd, 100, __WASI_WHENCE_SET) == 100);
    OK(read_fd(fd, data, 100, 100));
    CHECK(memcmp(data, block, 100) == 0);
    OK(__wasi_fd_fdstat_set_flags(fd, 0));
    CHECK(seek_fd(fd, 0, __WASI_WHENCE_SET) == 0);
    memset(block, 2, 100);
    OK(write_fd(fd, block, 100));
    CHECK(seek_fd(fd, 0, __WASI_WHENCE_SET) == 0);
    OK(read_fd(fd, data, 100, 100));
    CHECK(memcmp(data, block, 100) == 0);
    OK(close_fd(fd));
    CHECK(stat_at(scratch, 0, "file").size == 200);
    OK(unlink_at(scratch, "file"));
}

static void sizes(void) {
    OK(open_at(scratch, "file", CREAT, READ | WRITE));
    OK(__wasi_fd_filestat_set_size(fd, 100));
    CHECK(stat_fd(fd).size == 100);
    OK(__wasi_fd_advise(fd, 10, 50, __WASI_ADVICE_NORMAL));
    CHECK(stat_fd(fd).size == 100);
    OK(__wasi_fd_filestat_set_size(fd, 10));
    CHECK(stat_fd(fd).size == 10);
    CHECK(__wasi_fd_filestat_set_size(fd, -1) != 0);
    CHECK(__wasi_fd_filestat_set_size(fd, (uint64_t)1 << 50) == E(NOSPC));
    CHECK(stat_fd(fd).size == 10);
    OK(__wasi_fd_sync(fd));
    OK(__wasi_fd_datasync(fd));
    OK(close_fd(fd));
    OK(unlink_at(scratch, "file"));
}

static void read_or_write(void) {
    uint8_t data[100];
    static const uint8_t ones[50] = {1};
    __wasi_fdstat_t stat;
    make_file(scratch, "file");
    OK(open_at(scratch, "file", 0, READ));
    OK(__wasi_fd_fdstat_get(fd, &stat));
    CHECK((stat.fs_rights_base & READ) && !(stat.fs_rights_base & WRITE));
    OK(read_fd(fd, data, 100, 0));
    FAILS3(write_fd(fd, ones, 50), E(BADF), E(NOTCAPABLE), E(ACCES));
    FAILS3(__wasi_fd_filestat_set_size(fd, 10), E(INVAL), E(BADF), E(ACCES));
    OK(close_fd(fd));
    OK(open_at(scratch, "file", 0, WRITE));
    OK(__wasi_fd_fdstat_get(fd, &stat));
    CHECK(!(stat.fs_rights_base & READ) && (stat.fs_rights_base & WRITE));
    FAILS3(read_fd(fd, data, 100, 0), E(BADF), E(NOTCAPABLE), E(ACCES));
    OK(write_fd(fd, ones, 50));
    OK(close_fd(fd));
    OK(open_at(scratch, "file", 0, READ | WRITE));
    OK(read_fd(fd, data, 100, 50));
    OK(write_fd(fd, ones, 25));
    CHECK(stat_fd(fd).size == 75);
    OK(close_fd(fd));
    OK(unlink_at(scratch, "file"));
}

static void times(void) {
    make_file(scratch, "file");
    OK(open_at(scratch, "file", 0, READ | WRITE));
    __wasi_filestat_t before = stat_fd(fd);
    OK(__wasi_fd_filestat_set_times(fd, before.mtim - 100, before.mtim - 100, __WASI_FSTFLAGS_MTIM));
    __wasi_filestat_t after = stat_fd(fd);
    CHECK(after.mtim == before.mtim - 100 && after.atim == before.atim && after.ctim > before.ctim);
    FAILS(__wasi_fd_filestat_set_times(fd, 1, 2, __WASI_FSTFLAGS_MTIM | __WASI_FSTFLAGS_MTIM_NOW), E(INVAL));
    FAILS(__wasi_fd_filestat_set_times(fd, 1, 2, __WASI_FSTFLAGS_ATIM | __WASI_FSTFLAGS_ATIM_NOW), E(INVAL));
    CHECK(stat_fd(fd).mtim == after.mtim);
    OK(__wasi_fd_filestat_set_times(fd, 5, 0, __WASI_FSTFLAGS_ATIM | __WASI_FSTFLAGS_MTIM_NOW));
    CHECK(stat_fd(fd).atim == 5 && stat_fd(fd).mtim > before.mtim);
    uint64_t modified = stat_fd(fd).mtim;
    OK(write_fd(fd, "x", 1));
    CHECK(stat_fd(fd).mtim > modified);
    OK(close_fd(fd));
    uint64_t directory = stat_fd(scratch).mtim;
    OK(unlink_at(scratch, "file"));
    CHECK(stat_fd(scratch).mtim > directory);
}

static void times_by_path(void) {
    OK(open_as(scratch, 0, "file", CREAT, READ | WRITE, __WASI_FDFLAGS_APPEND | __WASI_FDFLAGS_SYNC));
    __wasi_fdstat_t flags;
    OK(__wasi_fd_fdstat_get(fd, &flags));
    CHECK((flags.fs_flags & __WASI_FDFLAGS_APPEND) && (flags.fs_flags & __WASI_FDFLAGS_SYNC));
    OK(close_fd(fd));
    __wasi_filestat_t file = stat_at(scratch, 0, "file");
    OK(__wasi_path_filestat_set_times(scratch, 0, "file", 0, file.mtim - 100, __WASI_FSTFLAGS_MTIM));
    CHECK(stat_at(scratch, 0, "file").mtim == file.mtim - 100);
    OK(symlink_in(scratch, "file", "symlink"));
    __wasi_filestat_t link = stat_at(scratch, 0, "symlink");
    OK(__wasi_path_filestat_set_times(scratch, 0, "symlink", 0, link.mtim - 200, __WASI_FSTFLAGS_MTIM));
    CHECK(stat_at(scratch, 0, "symlink").mtim == link.mtim - 200);
    CHECK(stat_at(scratch, 0, "file").mtim == file.mtim - 100);
    CHECK(stat_at(scratch, FOLLOW, "symlink").mtim == file.mtim - 100);
    OK(__wasi_path_filestat_set_times(scratch, FOLLOW, "symlink", 0, link.mtim, __WASI_FSTFLAGS_MTIM));
    CHECK(stat_at(scratch, 0, "file").mtim == link.mtim);
    CHECK(stat_at(scratch, 0, "symlink").mtim == link.mtim - 200);
    FAILS(__wasi_path_filestat_set_times(scratch, 0, "missing", 0, 1, __WASI_FSTFLAGS_MTIM), E(NOENT));
    OK(unlink_at(scratch, "symlink"));
    OK(unlink_at(scratch, "file"));
}

static void full_disk(void) {
    static uint8_t block[1 << 16];
    OK(open_at(scratch, "file", CREAT, WRITE));
    int error = 0;
    for (int i = 0; i < 4096 && !error; i++) error = write_fd(fd, block, sizeof block);
    CHECK(error == 0 || error == E(NOSPC)); // as the quota is
    OK(close_fd(fd));
    OK(unlink_at(scratch, "file"));
    make_file(scratch, "file"); // there is room again
    OK(unlink_at(scratch, "file"));
}

int main(void) {
    RUN(pread_pwrite);
    RUN(seek_tell);
    RUN(truncation);
    RUN(unbuffered_write);
    RUN(append);
    RUN(sizes);
    RUN(read_or_write);
    RUN(times);
    RUN(times_by_path);
    RUN(full_disk);
    return 0;
}
