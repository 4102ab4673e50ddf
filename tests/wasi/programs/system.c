// Descriptors as such, standard streams, clocks, waiting, randomness.
#include "check.h"
#include <time.h>
#include <unistd.h>

static void directory_operations(void) {
    uint8_t buffer[128];
    __wasi_iovec_t in = {.buf = buffer, .buf_len = sizeof buffer};
    __wasi_ciovec_t out = {.buf = buffer, .buf_len = sizeof buffer};
    __wasi_size_t done;
    __wasi_filesize_t at;
    __wasi_fdstat_t stat;
    CHECK(stat_fd(scratch).filetype == __WASI_FILETYPE_DIRECTORY);
    FAILS3(__wasi_fd_read(scratch, &in, 1, &done), E(ISDIR), E(BADF), E(NOTCAPABLE));
    FAILS3(__wasi_fd_pread(scratch, &in, 1, 0, &done), E(ISDIR), E(BADF), E(NOTCAPABLE));
    FAILS3(__wasi_fd_write(scratch, &out, 1, &done), E(ISDIR), E(BADF), E(NOTCAPABLE));
    FAILS3(__wasi_fd_pwrite(scratch, &out, 1, 0, &done), E(ISDIR), E(BADF), E(NOTCAPABLE));
    FAILS3(__wasi_fd_seek(scratch, 0, __WASI_WHENCE_CUR, &at), E(ISDIR), E(BADF), E(NOTCAPABLE));
    FAILS3(__wasi_fd_tell(scratch, &at), E(ISDIR), E(BADF), E(NOTCAPABLE));
    FAILS3(__wasi_fd_filestat_set_size(scratch, 0), E(ISDIR), E(INVAL), E(BADF));
    FAILS(open_at(scratch, ".", DIRECTORY, READ | WRITE), E(ISDIR));
    FAILS(open_at(scratch, ".", CREAT, 0), E(ISDIR));
    FAILS(open_at(scratch, ".", TRUNC, 0), E(ISDIR));
    OK(open_as(scratch, 0, ".", 0, 0, __WASI_FDFLAGS_NONBLOCK));
    OK(close_fd(fd));
    OK(open_at(scratch, ".", DIRECTORY, READ));
    OK(__wasi_fd_fdstat_get(fd, &stat));
    CHECK(stat.fs_filetype == __WASI_FILETYPE_DIRECTORY && stat.fs_flags == 0);
    CHECK(!(stat.fs_rights_base & __WASI_RIGHTS_FD_SEEK));
    OK(close_fd(fd));
    make_file(scratch, "file");
    OK(open_at(scratch, "file", 0, READ));
    FAILS2(open_at(fd, "foo", CREAT, 0), E(NOTDIR), E(NOTCAPABLE));
    CHECK(!isatty(fd));
    OK(close_fd(fd));
    OK(unlink_at(scratch, "file"));
}

static void renumber(void) {
    OK(open_at(scratch, "one", CREAT, READ | WRITE));
    int from = fd;
    OK(open_at(scratch, "two", CREAT, READ | WRITE));
    int to = fd;
    uint64_t inode = stat_fd(from).ino;
    OK(__wasi_fd_renumber(from, to));
    FAILS(close_fd(from), E(BADF));
    CHECK(stat_fd(to).ino == inode);
    FAILS(__wasi_fd_renumber(to, from), E(BADF));
    OK(close_fd(to));
    OK(unlink_at(scratch, "one"));
    OK(unlink_at(scratch, "two"));
}

static void clocks(void) {
    __wasi_timestamp_t first, second, wall;
    OK(__wasi_clock_res_get(__WASI_CLOCKID_REALTIME, &first));
    CHECK(first > 0);
    OK(__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &first));
    OK(__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 0, &second));
    CHECK(first < second);
    OK(__wasi_clock_time_get(__WASI_CLOCKID_REALTIME, 0, &wall));
    struct timespec pause = {.tv_sec = 3600};
    CHECK(nanosleep(&pause, NULL) == 0);
    OK(__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 0, &first));
    CHECK(first >= second + 3600000000000u && first < second + 3601000000000u);
    OK(__wasi_clock_time_get(__WASI_CLOCKID_REALTIME, 0, &first));
    CHECK(first >= wall + 3600000000000u && first < wall + 3601000000000u);
}

static __wasi_subscription_t timer(uint64_t id, uint64_t timeout) {
    __wasi_subscription_t it = {.userdata = id, .u.tag = __WASI_EVENTTYPE_CLOCK};
    it.u.u.clock.id = __WASI_CLOCKID_MONOTONIC;
    it.u.u.clock.timeout = timeout;
    return it;
}

static void polling(void) {
    __wasi_subscription_t wanted[4];
    __wasi_event_t got[4];
    __wasi_size_t count;
    wanted[0] = timer(1, 5000000000u);
    wanted[1] = timer(2, 1000000000u);
    wanted[2] = timer(3, 9000000000u);
    OK(__wasi_poll_oneoff(wanted, got, 3, &count));
    CHECK(count == 1 && got[0].userdata == 2 && got[0].type == __WASI_EVENTTYPE_CLOCK);
    wanted[1] = (__wasi_subscription_t){.userdata = 4, .u.tag = __WASI_EVENTTYPE_FD_WRITE};
    wanted[1].u.u.fd_write.file_descriptor = 1;
    wanted[2] = (__wasi_subscription_t){.userdata = 5, .u.tag = __WASI_EVENTTYPE_FD_WRITE};
    wanted[2].u.u.fd_write.file_descriptor = 2;
    wanted[3] = (__wasi_subscription_t){.userdata = 6, .u.tag = __WASI_EVENTTYPE_FD_READ};
    wanted[3].u.u.fd_read.file_descriptor = 0;
    OK(__wasi_poll_oneoff(wanted, got, 4, &count));
    CHECK(count == 3 && got[0].userdata == 4 && got[1].userdata == 5 && got[2].userdata == 6);
    for (int i = 0; i < 3; i++) CHECK(got[i].error == 0);
}

static void randomness(void) {
    static uint8_t one[1024], other[1024], zeroes[1024];
    OK(__wasi_random_get(one, sizeof one));
    OK(__wasi_random_get(other, sizeof other));
    CHECK(memcmp(one, zeroes, 1024) != 0 && memcmp(one, other, 1024) != 0);
    OK(__wasi_random_get(one, 0));
}

static void stdio(void) {
    // Last: after it nothing can be printed.
    for (int from = 0; from < 3; from++) {
        __wasi_fdstat_t stat;
        OK(open_at(scratch, "file", CREAT, 0));
        OK(__wasi_fd_renumber(from, fd));
        OK(__wasi_fd_fdstat_get(fd, &stat));
        FAILS(__wasi_fd_fdstat_get(from, &stat), E(BADF));
        OK(unlink_at(scratch, "file"));
    }
}

static void close_preopen(void) {
    __wasi_fdstat_t stat;
    OK(open_at(ROOT, ".", DIRECTORY, 0));
    OK(close_fd(ROOT));
    FAILS(__wasi_fd_fdstat_get(ROOT, &stat), E(BADF));
    OK(__wasi_fd_fdstat_get(fd, &stat));
}

int main(void) {
    RUN(directory_operations);
    RUN(renumber);
    RUN(clocks);
    RUN(polling);
    RUN(randomness);
    fflush(stdout);
    RUN(stdio);
    close_preopen();
    _Exit(0);
}
