/*
 * Time taking and result lines, shared by the peers.
 *
 * A result is one line of key=value words on standard output; the report reads the lines of all peers together:
 *
 *     peer=floor phase=rescan start=warm devices=4096 rep=0 wall_ns=812345 cpu_ns=811002
 *
 * cpu_ns is the CPU time of the whole process, user and kernel, all threads.
 */
#ifndef BUSBAR_BENCH_MEASURE_H
#define BUSBAR_BENCH_MEASURE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct stopwatch {
	uint64_t wall;
	uint64_t cpu;
};

static inline uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	if (clock_gettime(clock, &now) != 0) {
		perror("clock_gettime");
		exit(2);
	}
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline struct stopwatch stopwatch_start(void)
{
	/* Wall time is taken outermost, so that it includes what reading the CPU clock costs. */
	struct stopwatch watch;

	watch.wall = clock_ns(CLOCK_MONOTONIC);
	watch.cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	return watch;
}

static inline struct stopwatch stopwatch_stop(struct stopwatch started)
{
	struct stopwatch elapsed;

	elapsed.cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - started.cpu;
	elapsed.wall = clock_ns(CLOCK_MONOTONIC) - started.wall;
	return elapsed;
}

static inline void result(const char *peer, const char *phase, const char *start, unsigned long devices, int rep,
			  struct stopwatch elapsed)
{
	printf("peer=%s phase=%s start=%s devices=%lu rep=%d wall_ns=%llu cpu_ns=%llu\n", peer, phase, start, devices, rep,
	       (unsigned long long)elapsed.wall, (unsigned long long)elapsed.cpu);
	fflush(stdout);
}

static inline void die(const char *what, const char *which)
{
	fprintf(stderr, "%s: ", which);
	perror(what);
	exit(2);
}

#endif
