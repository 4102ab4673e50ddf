/* What the shim writes down, and the settings that it takes from the environment. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Kinds of record; recording.py reads them. */
enum kind {
  CREATE = 1, WRITE, TRUNCATE, SYNC_BEGIN, SYNC_END, UNLINK, RENAME, LINK, FOLDER, SAY, CONNECT, SEND,
  FAILED,
};

/* Kinds of operation that can be made to fail, and to be counted apart. */
enum class { CHANGES, SYNCS, NAMES, OTHERS, CLASSES };

/* A record: this, then the name, then the data. */
struct record {
  uint32_t kind, error;
  uint64_t file, folder, offset, name_size, data_size;
};

/* Where a name is: the folder's number, and the name in it. */
struct place {
  uint64_t folder;
  char name[256];
};

bool watching(void);
void lock(void);
void unlock(void);
bool quick_sync(void);
bool lying_sync(void);
int64_t tick(void);

/* An operation is about to happen; the lock is held. Dies if it is the one to die before.
   0, or the error that it is to fail with. */
int arrive(enum class class);
void note(struct record record, const void *name, const void *data);
/* For each operation that arrives there is one record: this, where it came to nothing. */
void note_failed(void);

/* The number of the watched file or folder behind a descriptor; 0: it is none. */
uint64_t watched(int fd);
/* Whether the name is in a watched folder. */
bool placed(int folder, const char *path, struct place *place);
long failed(int error);
