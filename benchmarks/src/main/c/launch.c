/*
 * Runs a command to its end and prints what the whole process cost, from before fork to after exit.
 *
 *     launch PEER PHASE DEVICES REP COMMAND [ARGUMENT]...
 *
 * The command's standard output is dropped (the results of a run inside it are of no use here), its errors are shown.
 */
#include "measure.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static uint64_t timeval_ns(struct timeval time)
{
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_usec * 1000u;
}

int main(int argc, char **argv)
{
	struct stopwatch watch;
	struct rusage usage;
	int status;
	pid_t child;

	if (argc < 6) {
		fprintf(stderr, "usage: launch PEER PHASE DEVICES REP COMMAND [ARGUMENT]...\n");
		return 2;
	}
	watch.wall = clock_ns(CLOCK_MONOTONIC);
	child = fork();
	if (child < 0)
		die("fork", argv[5]);
	if (child == 0) {
		int null = open("/dev/null", O_WRONLY);

		if (null < 0 || dup2(null, STDOUT_FILENO) < 0)
			die("open", "/dev/null");
		execvp(argv[5], argv + 5);
		perror(argv[5]);
		_exit(127);
	}
	if (wait4(child, &status, 0, &usage) != child)
		die("wait4", argv[5]);
	watch.wall = clock_ns(CLOCK_MONOTONIC) - watch.wall;
	watch.cpu = timeval_ns(usage.ru_utime) + timeval_ns(usage.ru_stime);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		fprintf(stderr, "launch: %s failed (wait status %d)\n", argv[5], status);
		return 1;
	}
	result(argv[1], argv[2], "cold", strtoul(argv[3], NULL, 10), atoi(argv[4]), watch);
	return 0;
}
