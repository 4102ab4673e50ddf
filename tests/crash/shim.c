/* Stands between a program and the C library (LD_PRELOAD), and notes in one order what it does to the
 * files of one folder and to the network. What a power failure leaves of it, disk.py then works out. */
#define _GNU_SOURCE
#include "shim.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define ALIAS(name, of) __attribute__((alias(#of), visibility("default")))
enum { NOTED_OF_A_SEND = 1 << 16, COPIED = 1 << 13 };

/* Contents. */

static ssize_t put(int fd, uint64_t file, const void *data, size_t size, off_t offset) {
  lock();
  int error = arrive(CHANGES);
  /* A disk that is full takes what it has room for first. */
  if (error == ENOSPC && size > 1) size /= 2, error = 0;
  if (!error) {
    note((struct record){WRITE, 0, file, 0, (uint64_t)offset, 0, size}, 0, data);
    if (syscall(SYS_pwrite64, fd, data, size, offset) != (ssize_t)size) error = errno ? errno : EIO;
  } else {
    note_failed();
  }
  unlock();
  return error ? failed(error) : (ssize_t)size;
}

static ssize_t say(int fd, const void *data, size_t size) {
  lock();
  arrive(OTHERS);
  ssize_t written = syscall(SYS_write, fd, data, size);
  if (written > 0) note((struct record){SAY, 0, (uint64_t)fd, 0, 0, 0, (uint64_t)written}, 0, data);
  else note_failed();
  unlock();
  return written;
}

/* The number of an Internet socket, or 0. */
static uint64_t connection(int fd) {
  struct sockaddr_storage peer;
  socklen_t size = sizeof peer;
  struct stat status;
  int kept = errno;
  bool ours = !syscall(SYS_getpeername, fd, &peer, &size) && !syscall(SYS_fstat, fd, &status);
  errno = kept;
  return ours && (peer.ss_family == AF_INET || peer.ss_family == AF_INET6) ? status.st_ino : 0;
}

static void sending(uint64_t socket, const void *data, size_t size) {
  size = size < NOTED_OF_A_SEND ? size : NOTED_OF_A_SEND;
  lock();
  arrive(OTHERS);
  note((struct record){SEND, 0, socket, 0, 0, 0, size}, 0, data);
  unlock();
}

ssize_t write(int fd, const void *data, size_t size) {
  if (!watching()) return syscall(SYS_write, fd, data, size);
  if (fd == 1 || fd == 2) return say(fd, data, size);
  uint64_t file = watched(fd);
  if (file) {
    int flags = fcntl(fd, F_GETFL);
    off_t at = lseek(fd, 0, flags & O_APPEND ? SEEK_END : SEEK_CUR);
    ssize_t written = put(fd, file, data, size, at);
    if (written > 0) lseek(fd, at + written, SEEK_SET);
    return written;
  }
  uint64_t socket = connection(fd);
  if (socket) sending(socket, data, size);
  return syscall(SYS_write, fd, data, size);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  if (!watching() || !(watched(fd) || fd == 1 || fd == 2))
    return syscall(SYS_writev, fd, parts, count);
  /* One after another, and the first that comes out short is the last. */
  ssize_t total = 0;
  for (int i = 0; i < count; i++) {
    ssize_t written = write(fd, parts[i].iov_base, parts[i].iov_len);
    if (written < 0) return total ? total : written;
    total += written;
    if ((size_t)written < parts[i].iov_len) break;
  }
  return total;
}

ssize_t pwrite64(int fd, const void *data, size_t size, off_t offset) {
  uint64_t file = watching() ? watched(fd) : 0;
  if (file) return put(fd, file, data, size, offset);
  return syscall(SYS_pwrite64, fd, data, size, offset);
}
ALIAS(pwrite, pwrite64) ssize_t pwrite(int, const void *, size_t, off_t);

/* Copies inside the kernel become copies through here. */
static ssize_t copy(int target, int source, off_t *from, size_t size) {
  char room[COPIED];
  size = size < sizeof room ? size : sizeof room;
  ssize_t taken = from ? syscall(SYS_pread64, source, room, size, *from)
                       : syscall(SYS_read, source, room, size);
  if (taken <= 0) return taken;
  if (from) *from += taken;
  return write(target, room, (size_t)taken);
}

ssize_t sendfile64(int target, int source, off_t *from, size_t size) {
  if (watching() && watched(target)) return copy(target, source, from, size);
  return syscall(SYS_sendfile, target, source, from, size);
}
ALIAS(sendfile, sendfile64) ssize_t sendfile(int, int, off_t *, size_t);

int ftruncate64(int fd, off_t size) {
  uint64_t file = watching() ? watched(fd) : 0;
  if (!file) return (int)syscall(SYS_ftruncate, fd, size);
  lock();
  int error = arrive(CHANGES);
  if (!error) {
    note((struct record){TRUNCATE, 0, file, 0, (uint64_t)size, 0, 0}, 0, 0);
    if (syscall(SYS_ftruncate, fd, size)) error = errno;
  } else {
    note_failed();
  }
  unlock();
  return error ? (int)failed(error) : 0;
}
ALIAS(ftruncate, ftruncate64) int ftruncate(int, off_t);

static int make_durable(long call, int fd) {
  uint64_t file = watching() ? watched(fd) : 0;
  if (!file) return (int)syscall(call, fd);
  if (lying_sync()) return 0;
  /* What was written when it begins is durable when it ends; others go on in between. */
  lock();
  int error = arrive(SYNCS);
  note((struct record){SYNC_BEGIN, 0, file, 0, 0, 0, 0}, 0, 0);
  unlock();
  if (!error && !quick_sync() && syscall(call, fd)) error = errno;
  lock();
  note((struct record){SYNC_END, (uint32_t)error, file, 0, 0, 0, 0}, 0, 0);
  unlock();
  return error ? (int)failed(error) : 0;
}

int fsync(int fd) { return make_durable(SYS_fsync, fd); }
int fdatasync(int fd) { return make_durable(SYS_fdatasync, fd); }

/* Names. */

static int open_at(int folder, const char *path, int flags, mode_t mode) {
  struct place place;
  bool creates = flags & O_CREAT && (flags & O_TMPFILE) != O_TMPFILE;
  if (!watching() || !(creates || flags & O_TRUNC) || !placed(folder, path, &place))
    return (int)syscall(SYS_openat, folder, path, flags, mode);
  lock();
  struct stat before;
  int kept = errno;
  bool fresh = syscall(SYS_newfstatat, folder, path, &before, AT_SYMLINK_NOFOLLOW) != 0;
  errno = kept;
  bool counts = fresh || flags & O_TRUNC;
  int error = fresh ? arrive(NAMES) : counts ? arrive(CHANGES) : 0;
  int fd = error ? (int)failed(error) : (int)syscall(SYS_openat, folder, path, flags, mode);
  uint64_t file = fd < 0 ? 0 : watched(fd);
  if (file && fresh)
    note((struct record){CREATE, 0, file, place.folder, 0, strlen(place.name), 0}, place.name, 0);
  else if (file && counts)
    note((struct record){TRUNCATE, 0, file, 0, 0, 0, 0}, 0, 0);
  else if (counts)
    note_failed();
  unlock();
  return fd;
}

#define MODE(flags) \
  mode_t mode = 0; \
  if ((flags) & (O_CREAT | O_TMPFILE)) { \
    va_list rest; \
    va_start(rest, flags); \
    mode = (mode_t)va_arg(rest, int); \
    va_end(rest); \
  }

int open64(const char *path, int flags, ...) {
  MODE(flags)
  return open_at(AT_FDCWD, path, flags, mode);
}
ALIAS(open, open64) int open(const char *, int, ...);

int openat64(int folder, const char *path, int flags, ...) {
  MODE(flags)
  return open_at(folder, path, flags, mode);
}
ALIAS(openat, openat64) int openat(int, const char *, int, ...);

int __open64_2(const char *path, int flags) { return open_at(AT_FDCWD, path, flags, 0); }
ALIAS(__open_2, __open64_2) int __open_2(const char *, int);

int unlinkat(int folder, const char *path, int flags) {
  struct place place;
  if (!watching() || !placed(folder, path, &place))
    return (int)syscall(SYS_unlinkat, folder, path, flags);
  lock();
  int error = arrive(NAMES);
  int status = error ? (int)failed(error) : (int)syscall(SYS_unlinkat, folder, path, flags);
  if (!status)
    note((struct record){UNLINK, 0, 0, place.folder, 0, strlen(place.name), 0}, place.name, 0);
  else note_failed();
  unlock();
  return status;
}

int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

static int second_name(
  enum kind kind, int from, const char *path, int to, const char *other, unsigned flags
) {
  long call = kind == RENAME ? SYS_renameat2 : SYS_linkat;
  struct place old, new;
  /* Both: what comes from elsewhere would have contents that nobody noted. */
  if (!watching() || !placed(from, path, &old) || !placed(to, other, &new))
    return (int)syscall(call, from, path, to, other, flags);
  lock();
  int error = arrive(NAMES);
  int status = error ? (int)failed(error) : (int)syscall(call, from, path, to, other, flags);
  if (!status)
    note(
      (struct record){kind, 0, new.folder, old.folder, 0, strlen(old.name), strlen(new.name)},
      old.name, new.name
    );
  else note_failed();
  unlock();
  return status;
}

int renameat2(int from, const char *path, int to, const char *other, unsigned flags) {
  return second_name(RENAME, from, path, to, other, flags);
}
int renameat(int from, const char *path, int to, const char *other) {
  return second_name(RENAME, from, path, to, other, 0);
}
int rename(const char *path, const char *other) {
  return second_name(RENAME, AT_FDCWD, path, AT_FDCWD, other, 0);
}
int linkat(int from, const char *path, int to, const char *other, int flags) {
  return second_name(LINK, from, path, to, other, (unsigned)flags);
}
int link(const char *path, const char *other) {
  return second_name(LINK, AT_FDCWD, path, AT_FDCWD, other, 0);
}

int mkdirat(int folder, const char *path, mode_t mode) {
  struct place place;
  if (!watching() || !placed(folder, path, &place))
    return (int)syscall(SYS_mkdirat, folder, path, mode);
  lock();
  int error = arrive(NAMES);
  int status = error ? (int)failed(error) : (int)syscall(SYS_mkdirat, folder, path, mode);
  struct stat made;
  if (!status && !syscall(SYS_newfstatat, folder, path, &made, 0))
    note(
      (struct record){FOLDER, 0, made.st_ino, place.folder, 0, strlen(place.name), 0}, place.name, 0
    );
  else note_failed();
  unlock();
  return status;
}

int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

/* The network, and the clock. */

int connect(int fd, const struct sockaddr *to, socklen_t size) {
  if (watching() && (to->sa_family == AF_INET || to->sa_family == AF_INET6)) {
    struct stat status;
    syscall(SYS_fstat, fd, &status);
    lock();
    arrive(OTHERS);
    note((struct record){CONNECT, 0, status.st_ino, 0, 0, 0, size}, 0, to);
    unlock();
  }
  return (int)syscall(SYS_connect, fd, to, size);
}

ssize_t sendto(
  int fd, const void *data, size_t size, int flags, const struct sockaddr *to, socklen_t length
) {
  uint64_t socket = watching() ? connection(fd) : 0;
  if (socket) sending(socket, data, size);
  return syscall(SYS_sendto, fd, data, size, flags, to, length);
}

ssize_t send(int fd, const void *data, size_t size, int flags) {
  return sendto(fd, data, size, flags, 0, 0);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
  uint64_t socket = watching() ? connection(fd) : 0;
  for (size_t i = 0; socket && i < message->msg_iovlen; i++)
    sending(socket, message->msg_iov[i].iov_base, message->msg_iov[i].iov_len);
  return syscall(SYS_sendmsg, fd, message, flags);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  static _Atomic int64_t gained;
  int status = (int)syscall(SYS_clock_gettime, clock, time);
  if (!status && clock == CLOCK_MONOTONIC && tick() && watching()) {
    int64_t nanoseconds = time->tv_nsec + (gained += tick());
    time->tv_sec += nanoseconds / 1000000000;
    time->tv_nsec = nanoseconds % 1000000000;
  }
  return status;
}
