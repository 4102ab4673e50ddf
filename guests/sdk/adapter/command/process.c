/* Arguments, environment, clocks, entropy, waiting, the end. */
#include "preview1.h"

static void put(char **at, text_t text, char end) {
  __builtin_memcpy(*at, text.ptr, text.size);
  *at += text.size;
  *(*at)++ = end;
}

EXPORT(args_sizes_get)(uint32_t *count, uint32_t *size) {
  texts_t found;
  arguments(&found);
  *count = found.count;
  *size = 0;
  for (uint32_t n = 0; n < found.count; n++) *size += found.ptr[n].size + 1;
  return OK;
}

EXPORT(args_get)(char **places, char *at) {
  texts_t found;
  arguments(&found);
  for (uint32_t n = 0; n < found.count; n++) {
    places[n] = at;
    put(&at, found.ptr[n], 0);
  }
  return OK;
}

EXPORT(environ_sizes_get)(uint32_t *count, uint32_t *size) {
  pairs_t found;
  environment(&found);
  *count = found.count;
  *size = 0;
  for (uint32_t n = 0; n < found.count; n++) *size += found.ptr[n].name.size + found.ptr[n].value.size + 2;
  return OK;
}

EXPORT(environ_get)(char **places, char *at) {
  pairs_t found;
  environment(&found);
  for (uint32_t n = 0; n < found.count; n++) {
    places[n] = at;
    put(&at, found.ptr[n].name, '=');
    put(&at, found.ptr[n].value, 0);
  }
  return OK;
}

static uint64_t nanoseconds(datetime_t time) { return time.seconds * 1000000000 + time.nanoseconds; }

static uint64_t real_time(void) {
  datetime_t time;
  wall_now(&time);
  return nanoseconds(time);
}

EXPORT(clock_time_get)(uint32_t clock, uint64_t precision, uint64_t *out) {
  (void)precision;
  if (clock > 1) return INVAL;
  *out = clock == 0 ? real_time() : monotonic_now();
  return OK;
}

EXPORT(clock_res_get)(uint32_t clock, uint64_t *out) {
  if (clock > 1) return INVAL;
  datetime_t time;
  if (clock == 0) wall_resolution(&time);
  *out = clock == 0 ? nanoseconds(time) : monotonic_resolution();
  return OK;
}

EXPORT(random_get)(char *at, uint32_t size) {
  while (size) {
    uint32_t part = size < 32768 ? size : 32768;
    text_t bytes;
    random_bytes(part, &bytes);
    __builtin_memcpy(at, bytes.ptr, part);
    at += part;
    size -= part;
  }
  return OK;
}

__attribute__((export_name("proc_exit"))) void proc_exit(uint32_t code) {
  exit_with(code & 0xff);
  __builtin_trap();
}

EXPORT(proc_raise)(uint32_t signal) {
  (void)signal;
  return NOTSUP;
}

EXPORT(sched_yield)(void) { return OK; }

typedef struct {
  uint64_t user;
  uint8_t type; /* 0 a clock, 1 reading, 2 writing */
  union {
    struct { uint32_t clock; uint64_t timeout, precision; uint16_t flags; };
    uint32_t fd;
  };
} subscription_t;
typedef struct { uint64_t user; uint16_t error; uint8_t type; uint64_t size; uint16_t flags; } event_t;
_Static_assert(sizeof(subscription_t) == 48 && sizeof(event_t) == 32, "layout");
enum { ABSOLUTE = 1, NOTHING = 0xffffffff };

/* What to wait for, or nothing where there is nothing to wait for. */
static uint32_t waiting(const subscription_t *it, uint16_t *error) {
  if (it->type == 0) {
    if (it->clock > 1) return *error = INVAL, NOTHING;
    if (!(it->flags & ABSOLUTE)) return after(it->timeout);
    if (it->clock == 1) return at_instant(it->timeout);
    uint64_t now = real_time();
    return after(it->timeout > now ? it->timeout - now : 0);
  }
  const descriptor_t *fd = descriptor(it->fd);
  if (!fd) return *error = BADF, NOTHING;
  if (fd->kind == INPUT) return input_ready(fd->handle);
  if (fd->kind == OUTPUT) return output_ready(fd->handle);
  return NOTHING; /* files are always ready */
}

EXPORT(poll_oneoff)(const subscription_t *in, event_t *out, uint32_t count, uint32_t *events) {
  if (count == 0) return INVAL;
  uint32_t *pollables = room_again(0, 0, 8, count * 4), *places = room_again(0, 0, 8, count * 4);
  uint32_t open = 0;
  *events = 0;
  for (uint32_t n = 0; n < count; n++) {
    uint16_t error = OK;
    uint32_t pollable = waiting(&in[n], &error);
    if (pollable == NOTHING) {
      out[(*events)++] = (event_t){.user = in[n].user, .error = error, .type = in[n].type};
    } else {
      pollables[open] = pollable;
      places[open++] = n;
    }
  }
  if (*events == 0) {
    numbers_t ready;
    poll(pollables, open, &ready);
    for (uint32_t n = 0; n < ready.count; n++) {
      const subscription_t *it = &in[places[ready.ptr[n]]];
      out[(*events)++] = (event_t){.user = it->user, .type = it->type, .size = it->type ? 1 : 0};
    }
  }
  for (uint32_t n = 0; n < open; n++) drop_pollable(pollables[n]);
  return OK;
}

EXPORT(sock_accept)(uint32_t fd, uint32_t flags, uint32_t *out) {
  (void)fd, (void)flags, (void)out;
  return NOTSOCK;
}
EXPORT(sock_recv)(uint32_t fd, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e) {
  (void)fd, (void)a, (void)b, (void)c, (void)d, (void)e;
  return NOTSOCK;
}
EXPORT(sock_send)(uint32_t fd, uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  (void)fd, (void)a, (void)b, (void)c, (void)d;
  return NOTSOCK;
}
EXPORT(sock_shutdown)(uint32_t fd, uint32_t how) {
  (void)fd, (void)how;
  return NOTSOCK;
}
