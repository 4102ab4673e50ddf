// Names: hard links, renaming, unlinking, directories and what they list.
#include "check.h"

static void same_file(int one, int other) {
    __wasi_filestat_t a = stat_fd(one), b = stat_fd(other);
    CHECK(a.dev == b.dev && a.ino == b.ino && a.filetype == b.filetype && a.nlink == b.nlink);
    CHECK(a.size == b.size && a.atim == b.atim && a.mtim == b.mtim && a.ctim == b.ctim);
    __wasi_fdstat_t x, y;
    OK(__wasi_fd_fdstat_get(one, &x));
    OK(__wasi_fd_fdstat_get(other, &y));
    CHECK(x.fs_filetype == y.fs_filetype && x.fs_flags == y.fs_flags);
    CHECK(x.fs_rights_base == y.fs_rights_base);
}

static void path_link(void) {
    OK(open_at(scratch, "file", CREAT, READ));
    int file = fd;
    CHECK(stat_fd(file).nlink == 1);
    OK(link_in(scratch, "file", "link"));
    OK(open_at(scratch, "link", 0, READ));
    CHECK(stat_fd(fd).nlink == 2);
    same_file(file, fd);
    OK(close_fd(fd));
    OK(unlink_at(scratch, "link"));
    CHECK(stat_fd(file).nlink == 1);
    OK(make_dir(scratch, "subdir"));
    OK(open_at(scratch, "subdir", DIRECTORY, READ));
    int subdir = fd;
    OK(__wasi_path_link(scratch, 0, "file", subdir, "link"));
    OK(open_at(subdir, "link", 0, READ));
    same_file(file, fd);
    OK(close_fd(fd));
    OK(close_fd(file));
    OK(unlink_at(subdir, "link"));
    OK(close_fd(subdir));
    OK(remove_dir(scratch, "subdir"));
    make_file(scratch, "link");
    FAILS(link_in(scratch, "file", "link"), E(EXIST));
    OK(unlink_at(scratch, "link"));
    FAILS(link_in(scratch, "file", "file"), E(EXIST));
    OK(make_dir(scratch, "link"));
    FAILS(link_in(scratch, "file", "link"), E(EXIST));
    OK(remove_dir(scratch, "link"));
    OK(make_dir(scratch, "subdir"));
    FAILS2(link_in(scratch, "subdir", "link"), E(PERM), E(ACCES));
    OK(remove_dir(scratch, "subdir"));
    FAILS(link_in(scratch, "file", "link/"), E(NOENT));
    FAILS2(link_in(scratch, "file/", "link"), E(NOTDIR), E(NOENT));
    FAILS(link_in(scratch, "missing", "link"), E(NOENT));
    OK(unlink_at(scratch, "file"));
}

static void link_of_symlink(void) {
    make_file(scratch, "file");
    OK(symlink_in(scratch, "target", "symlink"));
    OK(link_in(scratch, "symlink", "link"));
    CHECK(stat_at(scratch, 0, "link").filetype == __WASI_FILETYPE_SYMBOLIC_LINK);
    OK(unlink_at(scratch, "symlink"));
    OK(unlink_at(scratch, "link"));
    OK(symlink_in(scratch, "symlink", "symlink"));
    OK(link_in(scratch, "symlink", "link"));
    OK(unlink_at(scratch, "symlink"));
    OK(unlink_at(scratch, "link"));
    OK(symlink_in(scratch, "target", "symlink"));
    FAILS(link_in(scratch, "file", "symlink"), E(EXIST));
    FAILS2(__wasi_path_link(scratch, FOLLOW, "symlink", scratch, "link"), E(INVAL), E(NOENT));
    OK(unlink_at(scratch, "symlink"));
    OK(unlink_at(scratch, "file"));
}

static void is_dir(const char *path) {
    OK(open_at(scratch, path, DIRECTORY, 0));
    OK(close_fd(fd));
}

static void path_rename(void) {
    OK(make_dir(scratch, "source"));
    OK(rename_in(scratch, "source", "target"));
    FAILS(open_at(scratch, "source", DIRECTORY, 0), E(NOENT));
    is_dir("target");
    OK(remove_dir(scratch, "target"));
    OK(make_dir(scratch, "source"));
    OK(make_dir(scratch, "target"));
    OK(rename_in(scratch, "source", "target"));
    FAILS(open_at(scratch, "source", DIRECTORY, 0), E(NOENT));
    is_dir("target");
    OK(make_dir(scratch, "source"));
    make_file(scratch, "target/file");
    FAILS(rename_in(scratch, "source", "target"), E(NOTEMPTY));
    FAILS(rename_in(scratch, "source", "target/file"), E(NOTDIR));
    OK(unlink_at(scratch, "target/file"));
    OK(remove_dir(scratch, "source"));
    OK(remove_dir(scratch, "target"));
    make_file(scratch, "source");
    OK(rename_in(scratch, "source", "target"));
    FAILS(open_at(scratch, "source", 0, 0), E(NOENT));
    OK(open_at(scratch, "target", 0, 0));
    OK(close_fd(fd));
    make_file(scratch, "source");
    OK(rename_in(scratch, "source", "target"));
    FAILS(open_at(scratch, "source", 0, 0), E(NOENT));
    OK(unlink_at(scratch, "target"));
    make_file(scratch, "source");
    OK(make_dir(scratch, "target"));
    FAILS(rename_in(scratch, "source", "target"), E(ISDIR));
    FAILS(rename_in(scratch, "source", "new/"), E(NOTDIR));
    FAILS(rename_in(scratch, "source/", "new"), E(NOTDIR));
    FAILS2(rename_in(scratch, ".", "new"), E(BUSY), E(INVAL));
    FAILS(rename_in(scratch, "missing", "new"), E(NOENT));
    OK(rename_in(scratch, "source", "source"));
    OK(remove_dir(scratch, "target"));
    OK(unlink_at(scratch, "source"));
}

static void rename_into_itself(void) {
    OK(make_dir(scratch, "outer"));
    OK(make_dir(scratch, "outer/inner"));
    FAILS(rename_in(scratch, "outer", "outer/inner/outer"), E(INVAL));
    FAILS(rename_in(scratch, "outer", "outer/new"), E(INVAL));
    OK(open_at(scratch, "outer/inner", DIRECTORY, 0));
    FAILS(__wasi_path_rename(scratch, "outer", fd, "new"), E(INVAL));
    OK(close_fd(fd));
    FAILS(rename_in(scratch, "outer/inner", "outer"), E(NOTEMPTY));
    OK(rename_in(scratch, "outer/inner", "moved"));
    OK(rename_in(scratch, "outer", "moved/outer"));
    OK(remove_dir(scratch, "moved/outer"));
    OK(remove_dir(scratch, "moved"));
}

static void rename_hard_links(void) {
    make_file(scratch, "one");
    OK(link_in(scratch, "one", "two"));
    OK(rename_in(scratch, "one", "two")); // the same file: POSIX leaves both
    CHECK(stat_at(scratch, 0, "one").nlink == 2);
    make_file(scratch, "three");
    OK(rename_in(scratch, "three", "two"));
    CHECK(stat_at(scratch, 0, "one").nlink == 1);
    OK(unlink_at(scratch, "one"));
    OK(unlink_at(scratch, "two"));
}

static void rename_symlink(void) {
    make_file(scratch, "file");
    OK(symlink_in(scratch, "file", "link"));
    OK(rename_in(scratch, "link", "moved"));
    CHECK(stat_at(scratch, 0, "moved").filetype == __WASI_FILETYPE_SYMBOLIC_LINK);
    OK(rename_in(scratch, "file", "moved"));
    CHECK(stat_at(scratch, 0, "moved").filetype == __WASI_FILETYPE_REGULAR_FILE);
    OK(unlink_at(scratch, "moved"));
}

static void rename_trailing_slashes(void) {
    OK(make_dir(scratch, "source"));
    OK(rename_in(scratch, "source/", "target"));
    OK(rename_in(scratch, "target", "source/"));
    OK(rename_in(scratch, "source/", "target/"));
    OK(rename_in(scratch, "target", "source"));
    OK(remove_dir(scratch, "source"));
}

static void unlink_trailing_slashes(void) {
    OK(make_dir(scratch, "dir"));
    FAILS(unlink_at(scratch, "dir"), E(ISDIR));
    FAILS(unlink_at(scratch, "dir/"), E(ISDIR));
    OK(remove_dir(scratch, "dir"));
    make_file(scratch, "file");
    FAILS(unlink_at(scratch, "file/"), E(NOTDIR));
    OK(unlink_at(scratch, "file"));
    FAILS(unlink_at(scratch, "file"), E(NOENT));
    FAILS(unlink_at(scratch, ""), E(NOENT));
    FAILS2(unlink_at(scratch, "."), E(ISDIR), E(PERM));
}

static void remove_directories(void) {
    OK(make_dir(scratch, "dir"));
    OK(remove_dir(scratch, "dir"));
    OK(make_dir(scratch, "dir/"));
    FAILS(make_dir(scratch, "dir"), E(EXIST));
    OK(remove_dir(scratch, "dir/"));
    FAILS(make_dir(scratch, "."), E(EXIST));
    FAILS(make_dir(scratch, "missing/dir"), E(NOENT));
    make_file(scratch, "file");
    FAILS(make_dir(scratch, "file"), E(EXIST));
    FAILS(make_dir(scratch, "file/dir"), E(NOTDIR));
    FAILS(remove_dir(scratch, "file"), E(NOTDIR));
    FAILS(remove_dir(scratch, "file/"), E(NOTDIR));
    OK(unlink_at(scratch, "file"));
    OK(make_dir(scratch, "dir"));
    OK(make_dir(scratch, "dir/nested"));
    FAILS(remove_dir(scratch, "dir"), E(NOTEMPTY));
    OK(remove_dir(scratch, "dir/nested"));
    OK(symlink_in(scratch, "dir", "link"));
    FAILS(remove_dir(scratch, "link"), E(NOTDIR));
    FAILS(remove_dir(scratch, "link/"), E(NOTDIR));
    OK(unlink_at(scratch, "link"));
    OK(remove_dir(scratch, "dir"));
    FAILS2(remove_dir(scratch, "."), E(INVAL), E(ACCES));
    FAILS(remove_dir(scratch, "missing"), E(NOENT));
}

static void dangling_fd(void) {
    make_file(scratch, "file");
    OK(open_at(scratch, "file", 0, READ | WRITE));
    int file = fd;
    OK(unlink_at(scratch, "file"));
    CHECK(stat_fd(file).nlink == 0);
    OK(write_fd(file, "still there", 11));
    CHECK(stat_fd(file).size == 11);
    make_file(scratch, "file");
    CHECK(stat_at(scratch, 0, "file").size == 0);
    OK(close_fd(file));
    OK(unlink_at(scratch, "file"));
    OK(make_dir(scratch, "dir"));
    OK(open_at(scratch, "dir", DIRECTORY, 0));
    int dir = fd;
    OK(remove_dir(scratch, "dir"));
    FAILS(make_dir(dir, "new"), E(NOENT));
    FAILS(open_at(dir, "new", CREAT, 0), E(NOENT));
    OK(close_fd(dir));
    OK(make_dir(scratch, "dir"));
    OK(remove_dir(scratch, "dir"));
}

static uint8_t listing[256];
static __wasi_size_t used;

// The entry at an offset of the listing; answers the offset of the next one, 0 at the end.
static size_t entry(size_t at, __wasi_dirent_t *found, char *name) {
    if (used - at < sizeof *found) return 0;
    memcpy(found, listing + at, sizeof *found);
    if (used - at - sizeof *found < found->d_namlen) return 0;
    memcpy(name, listing + at + sizeof *found, found->d_namlen);
    name[found->d_namlen] = 0;
    return at + sizeof *found + found->d_namlen;
}

static void readdir(void) {
    __wasi_dirent_t found;
    char name[256];
    OK(__wasi_fd_readdir(scratch, listing, sizeof listing, 0, &used));
    size_t next = entry(0, &found, name);
    CHECK(next && strcmp(name, ".") == 0 && found.d_type == __WASI_FILETYPE_DIRECTORY);
    CHECK(found.d_ino == stat_fd(scratch).ino);
    next = entry(next, &found, name);
    CHECK(next && strcmp(name, "..") == 0 && found.d_type == __WASI_FILETYPE_DIRECTORY);
    CHECK(!entry(next, &found, name) && used < sizeof listing);
    OK(open_at(scratch, "file", CREAT, READ | WRITE));
    uint64_t inode = stat_fd(fd).ino;
    OK(close_fd(fd));
    OK(__wasi_fd_readdir(scratch, listing, sizeof listing, 0, &used));
    next = entry(0, &found, name);
    next = entry(next, &found, name);
    __wasi_dircookie_t cookie = found.d_next;
    next = entry(next, &found, name);
    CHECK(next && strcmp(name, "file") == 0 && found.d_type == __WASI_FILETYPE_REGULAR_FILE);
    CHECK(found.d_ino == inode && inode == stat_at(scratch, 0, "file").ino);
    CHECK(!entry(next, &found, name));
    OK(__wasi_fd_readdir(scratch, listing, sizeof listing, cookie, &used));
    next = entry(0, &found, name);
    CHECK(next && strcmp(name, "file") == 0 && !entry(next, &found, name));
    OK(unlink_at(scratch, "file"));
}

static void readdir_many(void) {
    char path[32], name[256], last[256] = "";
    for (int i = 0; i < 1000; i++) {
        snprintf(path, sizeof path, "file.%d", i);
        make_file(scratch, path);
    }
    int total = 0;
    __wasi_dircookie_t cookie = 0;
    __wasi_dirent_t found;
    do {
        OK(__wasi_fd_readdir(scratch, listing, sizeof listing, cookie, &used));
        for (size_t at = 0; (at = entry(at, &found, name)); total++) {
            cookie = found.d_next;
            if (name[0] == '.') continue;
            CHECK(strcmp(last, name) < 0); // in the order of the names' bytes
            strcpy(last, name);
        }
    } while (used == sizeof listing);
    CHECK(total == 1002);
    for (int i = 0; i < 1000; i++) {
        snprintf(path, sizeof path, "file.%d", i);
        OK(unlink_at(scratch, path));
    }
}

int main(void) {
    RUN(path_link);
    RUN(link_of_symlink);
    RUN(path_rename);
    RUN(rename_into_itself);
    RUN(rename_hard_links);
    RUN(rename_symlink);
    RUN(rename_trailing_slashes);
    RUN(unlink_trailing_slashes);
    RUN(remove_directories);
    RUN(dangling_fd);
    RUN(readdir);
    RUN(readdir_many);
    return 0;
}
