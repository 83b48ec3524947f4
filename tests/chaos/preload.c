/*
 * Preloaded into a program. CHAOS_CLOCK names a file of two numbers of eight bytes: how many nanoseconds later than it is the
 * program is told that it is, and whether the disk is full.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static volatile const int64_t *told;

__attribute__((constructor)) static void find_clock(void) {
    const char *path = getenv("CHAOS_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *found = mmap(NULL, 2 * sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (found != MAP_FAILED) told = found;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int failed = (int)syscall(SYS_clock_gettime, clock, now);
    if (!failed && told && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        int64_t all = now->tv_sec * 1000000000LL + now->tv_nsec + told[0];
        now->tv_sec = all / 1000000000LL;
        now->tv_nsec = all % 1000000000LL;
    }
    return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec moment;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &moment);
    now->tv_sec = moment.tv_sec;
    now->tv_usec = moment.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *now) {
    struct timespec moment;
    clock_gettime(CLOCK_REALTIME, &moment);
    if (now) *now = moment.tv_sec;
    return moment.tv_sec;
}

/* A full disk: what is written already can be written over, and no file grows. What goes to stderr is on another one. */
static int is_full_for(int file, off_t end) {
    struct stat about;
    return told && told[1] && file != STDERR_FILENO && !fstat(file, &about) && S_ISREG(about.st_mode) && end > about.st_size;
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
    if (is_full_for(file, at + (off_t)count)) return errno = ENOSPC, -1;
    return syscall(SYS_pwrite64, file, bytes, count, at);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
    return pwrite(file, bytes, count, at);
}

ssize_t pwritev(int file, const struct iovec *pieces, int count, off_t at) {
    off_t end = at;
    for (int piece = 0; piece < count; piece++) end += (off_t)pieces[piece].iov_len;
    if (is_full_for(file, end)) return errno = ENOSPC, -1;
    return syscall(SYS_pwritev, file, pieces, count, at, 0);
}

ssize_t pwritev64(int file, const struct iovec *pieces, int count, off64_t at) {
    return pwritev(file, pieces, count, at);
}

ssize_t write(int file, const void *bytes, size_t count) {
    if (told && told[1] && is_full_for(file, lseek(file, 0, SEEK_CUR) + (off_t)count)) return errno = ENOSPC, -1;
    return syscall(SYS_write, file, bytes, count);
}

int posix_fallocate(int file, off_t at, off_t count) {
    if (is_full_for(file, at + count)) return ENOSPC;
    return syscall(SYS_fallocate, file, 0, at, count) ? errno : 0;
}

int posix_fallocate64(int file, off64_t at, off64_t count) {
    return posix_fallocate(file, at, count);
}
