/* Mounted folders, by wasi:filesystem. */
#ifndef FILES_H
#define FILES_H
#include "text.h"

typedef struct { int32_t handle; uint64_t size; } file_t;

/* Opens a file by its absolute path; false where it cannot be. */
bool file_open(text_t path, file_t *file);
void file_close(file_t *file);
/* Bytes from a position on into memory; false where there are not as many. */
bool file_read_at(const file_t *file, uint64_t start, char *into, size_t size);
/* A whole file; false where it cannot be read. */
bool file_read_all(text_t path, text_t *data);
/* Paths of all files below a folder, in the order of their names' bytes; false where it cannot be read. */
bool files_below(text_t folder, text_list_t *paths);
#endif
