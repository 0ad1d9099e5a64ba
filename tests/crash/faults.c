/* A layer over the C library that makes a disk fail while a file says so: with "fsync" in it no sync succeeds, with
   "write" no write, and with "full" a write finds no room.
   For databases alone, so that logs and run files stay writable. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int wanted(const char *what) {
    const char *path = getenv("POINTSMAN_TEST_FAULTS");
    char said[32];
    int file, length, (*open_of)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    if (!path || (file = open_of(path, O_RDONLY)) < 0) return 0;
    length = (int)read(file, said, sizeof said - 1);
    close(file);
    if (length < 0) return 0;
    said[length] = 0;
    return strstr(said, what) != NULL;
}

static int is_database(int file) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return strstr(path, ".db") != NULL;
}

#define SYNC(name)                                                     \
    int name(int file) {                                               \
        int (*own)(int) = dlsym(RTLD_NEXT, #name);                     \
        if (is_database(file) && wanted("fsync")) { errno = EIO; return -1; } \
        return own(file);                                              \
    }
SYNC(fsync)
SYNC(fdatasync)

#define WRITE(name, offset)                                            \
    ssize_t name(int file, const void *from, size_t count, offset at) { \
        ssize_t (*own)(int, const void *, size_t, offset) = dlsym(RTLD_NEXT, #name); \
        if (is_database(file) && wanted("write")) { errno = EROFS; return -1; } \
        if (is_database(file) && wanted("full")) { errno = ENOSPC; return -1; } \
        return own(file, from, count, at);                             \
    }
WRITE(pwrite, off_t)
WRITE(pwrite64, off64_t)
