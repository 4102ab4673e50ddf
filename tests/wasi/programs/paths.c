// Paths: `..`, slashes, symbolic links that are followed or not, dangling ones and loops.
#include "check.h"

static void interesting_paths(void) {
    OK(make_dir(scratch, "dir"));
    OK(make_dir(scratch, "dir/nested"));
    make_file(scratch, "dir/nested/file");
    FAILS2(open_at(scratch, "/dir/nested/file", 0, 0), E(PERM), E(NOTCAPABLE));
    OK(open_at(scratch, "dir/.//nested/../../dir/nested/../nested///./file", 0, 0));
    OK(close_fd(fd));
    FAILS2(open_at(scratch, "dir/nested/file/", 0, 0), E(NOTDIR), E(NOENT));
    FAILS2(open_at(scratch, "dir/nested/file///", 0, 0), E(NOTDIR), E(NOENT));
    FAILS2(open_at(scratch, "dir/nested/file/.", 0, 0), E(NOTDIR), E(NOENT));
    OK(open_at(scratch, "dir/nested/", 0, 0));
    OK(close_fd(fd));
    OK(open_at(scratch, "dir/nested///", 0, 0));
    OK(close_fd(fd));
    FAILS2(open_at(scratch, "dir/nested/../../../scratch.dir/dir/nested/file", 0, 0), E(PERM), E(NOTCAPABLE));
    FAILS(open_at(scratch, "missing/../dir", 0, 0), E(NOENT));
    FAILS(open_at(scratch, "", 0, 0), E(NOENT));
    FAILS2(open_at(scratch, "..", 0, 0), E(PERM), E(NOTCAPABLE));
    OK(unlink_at(scratch, "dir/nested/file"));
    OK(remove_dir(scratch, "dir/nested"));
    OK(remove_dir(scratch, "dir"));
}

static void long_names(void) {
    char name[5000];
    memset(name, 'n', sizeof name);
    name[256] = 0;
    FAILS(make_dir(scratch, name), E(NAMETOOLONG));
    FAILS(open_at(scratch, name, CREAT, 0), E(NAMETOOLONG));
    name[255] = 0;
    make_file(scratch, name);
    OK(unlink_at(scratch, name));
    name[255] = name[256] = 'n';
    for (size_t i = 100; i < sizeof name; i += 100) name[i] = '/';
    name[sizeof name - 1] = 0;
    FAILS(open_at(scratch, name, 0, 0), E(NAMETOOLONG));
}

static void trailing_nul(void) {
    make_file(scratch, "file");
    __wasi_fd_t opened;
    // The header's wrapper measures the path, so the raw import is called.
    extern int32_t path_open_raw(int32_t, int32_t, const char *, int32_t, int32_t, int64_t, int64_t, int32_t, void *)
        __attribute__((import_module("wasi_snapshot_preview1"), import_name("path_open")));
    FAILS3(path_open_raw(scratch, 0, "file", 5, 0, 0, 0, 0, &opened), E(INVAL), E(ILSEQ), E(NOENT));
    OK(unlink_at(scratch, "file"));
}

static void dangling_symlink(void) {
    OK(symlink_in(scratch, "target", "symlink"));
    FAILS2(open_at(scratch, "symlink", DIRECTORY, 0), E(NOTDIR), E(LOOP));
    FAILS(open_at(scratch, "symlink", 0, 0), E(LOOP));
    FAILS(open_as(scratch, FOLLOW, "symlink", 0, 0, 0), E(NOENT));
    OK(unlink_at(scratch, "symlink"));
}

static void create_through_dangling_symlink(void) {
    OK(symlink_in(scratch, "target", "symlink"));
    FAILS(open_as(scratch, FOLLOW, "symlink", CREAT | EXCL, WRITE, 0), E(EXIST));
    OK(open_as(scratch, FOLLOW, "symlink", CREAT, WRITE, 0));
    OK(close_fd(fd));
    CHECK(stat_at(scratch, 0, "target").filetype == __WASI_FILETYPE_REGULAR_FILE);
    OK(unlink_at(scratch, "symlink"));
    OK(unlink_at(scratch, "target"));
}

static void nofollow_errors(void) {
    OK(make_dir(scratch, "target"));
    OK(symlink_in(scratch, "target", "symlink"));
    FAILS2(open_at(scratch, "symlink", DIRECTORY, 0), E(LOOP), E(NOTDIR));
    FAILS2(open_at(scratch, "symlink", 0, 0), E(LOOP), E(ACCES));
    OK(open_as(scratch, FOLLOW, "symlink", DIRECTORY, 0, 0));
    OK(close_fd(fd));
    OK(unlink_at(scratch, "symlink"));
    OK(remove_dir(scratch, "target"));
    make_file(scratch, "target");
    OK(symlink_in(scratch, "target", "symlink"));
    FAILS2(open_at(scratch, "symlink", DIRECTORY, 0), E(LOOP), E(NOTDIR));
    FAILS(open_at(scratch, "symlink", 0, 0), E(LOOP));
    FAILS(open_as(scratch, FOLLOW, "symlink", DIRECTORY, 0, 0), E(NOTDIR));
    OK(unlink_at(scratch, "target"));
    OK(unlink_at(scratch, "symlink"));
}

static void symlink_create(void) {
    make_file(scratch, "target");
    OK(symlink_in(scratch, "target", "symlink"));
    OK(open_as(scratch, FOLLOW, "symlink", 0, 0, 0));
    OK(close_fd(fd));
    OK(unlink_at(scratch, "symlink"));
    OK(unlink_at(scratch, "target"));
    OK(make_dir(scratch, "target"));
    OK(symlink_in(scratch, "target", "symlink"));
    OK(open_as(scratch, FOLLOW, "symlink", DIRECTORY, 0, 0));
    OK(close_fd(fd));
    OK(unlink_at(scratch, "symlink"));
    OK(remove_dir(scratch, "target"));
    CHECK(symlink_in(scratch, "/", "symlink") != 0);
    CHECK(symlink_in(scratch, "/etc/passwd", "symlink") != 0);
    CHECK(symlink_in(scratch, "", "symlink") != 0);
}

static void symlink_loop(void) {
    OK(symlink_in(scratch, "symlink", "symlink"));
    FAILS(open_at(scratch, "symlink", 0, 0), E(LOOP));
    FAILS(open_as(scratch, FOLLOW, "symlink", 0, 0, 0), E(LOOP));
    OK(unlink_at(scratch, "symlink"));
}

static void symlink_out(void) {
    OK(symlink_in(scratch, "..", "parent"));
    OK(symlink_in(scratch, "parent/other", "indirect"));
    FAILS2(open_as(scratch, FOLLOW, "parent", 0, 0, 0), E(PERM), E(NOTCAPABLE));
    FAILS2(open_at(scratch, "parent/scratch.dir", 0, 0), E(PERM), E(NOTCAPABLE));
    FAILS2(open_as(scratch, FOLLOW, "indirect", CREAT, 0, 0), E(PERM), E(NOTCAPABLE));
    FAILS2(make_dir(scratch, "parent/new"), E(PERM), E(NOTCAPABLE));
    FAILS2(rename_in(scratch, "indirect", "parent/new"), E(PERM), E(NOTCAPABLE));
    OK(unlink_at(scratch, "indirect"));
    OK(unlink_at(scratch, "parent"));
}

static void symlink_trailing_slashes(void) {
    FAILS(symlink_in(scratch, "source", "target/"), E(NOENT));
    OK(symlink_in(scratch, "source", "target"));
    OK(unlink_at(scratch, "target"));
    OK(make_dir(scratch, "target"));
    FAILS(symlink_in(scratch, "source", "target/"), E(EXIST));
    FAILS(symlink_in(scratch, "source", "target"), E(EXIST));
    OK(remove_dir(scratch, "target"));
    make_file(scratch, "target");
    FAILS2(symlink_in(scratch, "source", "target/"), E(NOTDIR), E(EXIST));
    FAILS(symlink_in(scratch, "source", "target"), E(EXIST));
    OK(unlink_at(scratch, "target"));
}

static void path_exists(void) {
    OK(make_dir(scratch, "subdir"));
    CHECK(stat_at(scratch, 0, "subdir").filetype == __WASI_FILETYPE_DIRECTORY);
    CHECK(stat_at(scratch, FOLLOW, "subdir").filetype == __WASI_FILETYPE_DIRECTORY);
    make_file(scratch, "subdir/file");
    CHECK(stat_at(scratch, 0, "subdir/file").filetype == __WASI_FILETYPE_REGULAR_FILE);
    CHECK(stat_at(scratch, FOLLOW, "subdir/file").filetype == __WASI_FILETYPE_REGULAR_FILE);
    OK(symlink_in(scratch, "subdir/file", "link1"));
    CHECK(stat_at(scratch, 0, "link1").filetype == __WASI_FILETYPE_SYMBOLIC_LINK);
    CHECK(stat_at(scratch, 0, "link1").size == strlen("subdir/file"));
    CHECK(stat_at(scratch, FOLLOW, "link1").filetype == __WASI_FILETYPE_REGULAR_FILE);
    OK(symlink_in(scratch, "subdir", "link2"));
    CHECK(stat_at(scratch, 0, "link2").filetype == __WASI_FILETYPE_SYMBOLIC_LINK);
    CHECK(stat_at(scratch, FOLLOW, "link2").filetype == __WASI_FILETYPE_DIRECTORY);
    CHECK(stat_at(scratch, 0, "link2/file").filetype == __WASI_FILETYPE_REGULAR_FILE);
    OK(unlink_at(scratch, "link1"));
    OK(unlink_at(scratch, "link2"));
    OK(unlink_at(scratch, "subdir/file"));
    OK(remove_dir(scratch, "subdir"));
}

static void readlink(void) {
    OK(symlink_in(scratch, "target", "symlink"));
    uint8_t buffer[10] = {0};
    __wasi_size_t used = 0;
    OK(__wasi_path_readlink(scratch, "symlink", buffer, sizeof buffer, &used));
    CHECK(used == 6 && memcmp(buffer, "target\0\0\0\0", 10) == 0);
    OK(__wasi_path_readlink(scratch, "symlink", buffer, 4, &used));
    CHECK(used == 4);
    FAILS(__wasi_path_readlink(scratch, ".", buffer, 4, &used), E(INVAL));
    FAILS(__wasi_path_readlink(scratch, "missing", buffer, 4, &used), E(NOENT));
    OK(unlink_at(scratch, "symlink"));
}

int main(void) {
    RUN(interesting_paths);
    RUN(long_names);
    RUN(trailing_nul);
    RUN(dangling_symlink);
    RUN(create_through_dangling_symlink);
    RUN(nofollow_errors);
    RUN(symlink_create);
    RUN(symlink_loop);
    RUN(symlink_out);
    RUN(symlink_trailing_slashes);
    RUN(path_exists);
    RUN(readlink);
    return 0;
}
