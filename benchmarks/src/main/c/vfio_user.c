/*
 * The floor over vfio-user: 4 KiB random reads from an NVMe controller that another process serves, by as little code as that
 * can be done with. One queue, polled, no checks of what comes back but the status.
 *
 *     vfio_user ENDPOINT [-q DEPTH] [-t SECONDS] [-w SECONDS] [-l]
 *
 * ENDPOINT is the directory that the socket `cntrl` is in. -w is how long it runs before it measures. -l takes the time when each
 * request begins and ends. Prints one line,
 *
 *     peer=c depth=32 seconds=5.000 requests=9314210 iops=1862842 ns=536.8 cpu_ns=536.1 p50=17090 p99=21340
 *
 * The protocol is docs/vfio-user.rst of libvfio-user; registers and commands are from the NVM Express base specification 1.4.
 */
#define _GNU_SOURCE
#include "measure.h"

#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { CMD_VERSION = 1, CMD_DMA_MAP = 2, CMD_REGION_INFO = 5, CMD_REGION_READ = 9, CMD_REGION_WRITE = 10 };
enum { BAR0 = 0, CONFIG = 7 };
enum { REG_CAP = 0x00, REG_CC = 0x14, REG_CSTS = 0x1c, REG_AQA = 0x24, REG_ASQ = 0x28, REG_ACQ = 0x30 };
enum { ADMIN_ENTRIES = 16, MOST_ENTRIES = 256, PAGE = 4096 };

/* Where things are in the one region of shared memory, and in the device's view of it. */
enum {
	AT_ADMIN_SQ = 0,
	AT_ADMIN_CQ = PAGE,
	AT_IDENTIFY = 2 * PAGE,
	AT_SQ = 16 * PAGE,
	AT_CQ = 32 * PAGE,
	AT_DATA = 64 * PAGE,
	MEMORY = 512 * PAGE,
};
#define IOVA 0x1000000u

struct header {
	uint16_t id, command;
	uint32_t size, flags, error;
};

struct command {
	uint8_t opcode, flags;
	uint16_t id;
	uint32_t nsid;
	uint64_t reserved, metadata, prp1, prp2;
	uint32_t cdw10, cdw11, cdw12, cdw13, cdw14, cdw15;
};

struct completion {
	uint32_t result, reserved;
	uint16_t sq_head, sq_id, id, status;
};

struct queue {
	struct command *commands;
	struct completion *completions;
	volatile uint32_t *sq_doorbell, *cq_doorbell;
	uint32_t entries, tail, head, phase;
};

/* Latencies in steps of 10 ns; the last bucket has what is longer. */
enum { LATENCY_STEP = 10, LATENCIES = 100000 };

static int connection;
static uint8_t *memory;
static bool timed;
static uint64_t latencies[LATENCIES];

static void fail(const char *what)
{
	fprintf(stderr, "vfio_user: %s\n", what);
	exit(2);
}

/* Sends a request and takes its reply, into `reply` after the header; returns the descriptor that came along, or -1. */
static int ask(uint16_t command, const void *payload, uint32_t size, int descriptor, void *reply, uint32_t room)
{
	static uint16_t id;
	struct header header = {.id = ++id, .command = command, .size = sizeof header + size};
	union {
		char bytes[CMSG_SPACE(8 * sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	struct iovec parts[2] = {{&header, sizeof header}, {(void *)payload, size}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
	struct cmsghdr *attached;
	ssize_t got;
	int received = -1;

	if (descriptor >= 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(sizeof(int));
		attached = CMSG_FIRSTHDR(&message);
		attached->cmsg_level = SOL_SOCKET;
		attached->cmsg_type = SCM_RIGHTS;
		attached->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(attached), &descriptor, sizeof(int));
	}
	if (sendmsg(connection, &message, MSG_NOSIGNAL) != (ssize_t)header.size)
		die("sendmsg", "vfio_user");

	parts[0] = (struct iovec){&header, sizeof header};
	message = (struct msghdr){.msg_iov = parts, .msg_iovlen = 1, .msg_control = control.bytes,
				  .msg_controllen = sizeof control.bytes};
	got = recvmsg(connection, &message, MSG_WAITALL | MSG_CMSG_CLOEXEC);
	if (got != sizeof header)
		fail("the server has hung up");
	for (attached = CMSG_FIRSTHDR(&message); attached; attached = CMSG_NXTHDR(&message, attached))
		if (attached->cmsg_level == SOL_SOCKET && attached->cmsg_type == SCM_RIGHTS && received < 0)
			memcpy(&received, CMSG_DATA(attached), sizeof(int));
	if (header.id != id || header.command != command || !(header.flags & 1))
		fail("that is no reply to what was asked");
	if (header.flags & 0x20) {
		fprintf(stderr, "vfio_user: request %u is refused: %s\n", command, strerror((int)header.error));
		exit(2);
	}
	size = header.size - sizeof header;
	if (header.size < sizeof header || size > room)
		fail("a reply of another size than expected");
	if (size > 0 && recv(connection, reply, size, MSG_WAITALL) != (ssize_t)size)
		fail("the server has hung up in a reply");
	return received;
}

struct access {
	uint64_t offset;
	uint32_t region, count;
	uint64_t data;
};

static uint64_t region_read(uint32_t region, uint64_t offset, uint32_t count)
{
	struct access access = {offset, region, count, 0};

	ask(CMD_REGION_READ, &access, 16, -1, &access, sizeof access);
	return access.data;
}

static void region_write(uint32_t region, uint64_t offset, uint32_t count, uint64_t data)
{
	struct access access = {offset, region, count, data};

	ask(CMD_REGION_WRITE, &access, 16 + count, -1, &access, sizeof access);
}

static void meet(const char *endpoint)
{
	static const char json[] = "{\"capabilities\":{\"max_msg_fds\":8,\"max_data_xfer_size\":1048576}}";
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	uint8_t version[4 + sizeof json] = {0, 0, 1, 0}, reply[4096];

	if (snprintf(address.sun_path, sizeof address.sun_path, "%s/cntrl", endpoint) >= (int)sizeof address.sun_path)
		fail("the endpoint's path is too long");
	connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connection < 0 || connect(connection, (struct sockaddr *)&address, sizeof address) != 0)
		die("connect", address.sun_path);
	memcpy(version + 4, json, sizeof json);
	ask(CMD_VERSION, version, sizeof version, -1, reply, sizeof reply);
}

/* Maps the doorbells: the only area of BAR0 that can be mapped, as a list of areas says, or all of it. */
static volatile uint32_t *map_doorbells(void)
{
	struct {
		uint32_t argsz, flags, index, cap_offset;
		uint64_t size, offset;
		uint8_t capabilities[256];
	} info = {.argsz = sizeof info, .index = BAR0};
	uint64_t start = 0, length;
	uint8_t *mapped;
	int file = ask(CMD_REGION_INFO, &info, 32, -1, &info, sizeof info);

	if (file < 0)
		fail("BAR0 cannot be mapped");
	length = info.size;
	if ((info.flags & 8) && info.cap_offset == 32) {
		memcpy(&start, info.capabilities + 16, 8);
		memcpy(&length, info.capabilities + 24, 8);
	}
	mapped = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, file, (off_t)(info.offset + start));
	if (mapped == MAP_FAILED)
		die("mmap", "doorbells");
	return (volatile uint32_t *)(mapped + 0x1000 - start);
}

static void share_memory(void)
{
	struct {
		uint32_t argsz, flags;
		uint64_t offset, iova, size;
	} map = {32, 3, 0, IOVA, MEMORY};
	int file = memfd_create("vfio_user", MFD_CLOEXEC);
	uint8_t none[8];

	if (file < 0 || ftruncate(file, MEMORY) != 0)
		die("memfd_create", "vfio_user");
	memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file, 0);
	if (memory == MAP_FAILED)
		die("mmap", "memory");
	ask(CMD_DMA_MAP, &map, sizeof map, file, none, sizeof none);
}

static inline void push(struct queue *queue, const struct command *command)
{
	queue->commands[queue->tail] = *command;
	if (++queue->tail == queue->entries)
		queue->tail = 0;
}

static inline void ring(volatile uint32_t *doorbell, uint32_t value)
{
	__atomic_store_n(doorbell, value, __ATOMIC_RELEASE);
}

/* Takes a completion, if there is one. */
static inline bool pop(struct queue *queue, uint16_t *id)
{
	struct completion *next = &queue->completions[queue->head];
	uint16_t status = __atomic_load_n(&next->status, __ATOMIC_ACQUIRE);

	if ((status & 1) != queue->phase)
		return false;
	if (status >> 1) {
		fprintf(stderr, "vfio_user: a command has failed with status 0x%x\n", status >> 1);
		exit(2);
	}
	*id = next->id;
	if (++queue->head == queue->entries) {
		queue->head = 0;
		queue->phase ^= 1;
	}
	return true;
}

static void admin(struct queue *queue, struct command command)
{
	uint64_t began = clock_ns(CLOCK_MONOTONIC);
	uint16_t id;

	push(queue, &command);
	ring(queue->sq_doorbell, queue->tail);
	while (!pop(queue, &id))
		if (clock_ns(CLOCK_MONOTONIC) - began > 5000000000u)
			fail("an admin command is not answered");
	ring(queue->cq_doorbell, queue->head);
}

static void await_ready(uint32_t ready)
{
	uint64_t began = clock_ns(CLOCK_MONOTONIC);

	while ((region_read(BAR0, REG_CSTS, 4) & 1) != ready)
		if (clock_ns(CLOCK_MONOTONIC) - began > 10000000000u)
			fail("the controller does not get ready");
}

static struct queue queue_at(uint32_t sq, uint32_t cq, uint32_t entries, volatile uint32_t *doorbells, uint32_t number,
			     uint32_t stride)
{
	return (struct queue){
		.commands = (struct command *)(memory + sq),
		.completions = (struct completion *)(memory + cq),
		.sq_doorbell = doorbells + (2 * number * stride) / 4,
		.cq_doorbell = doorbells + ((2 * number + 1) * stride) / 4,
		.entries = entries,
		.phase = 1,
	};
}

static uint64_t percentile(double part)
{
	uint64_t all = 0, seen = 0;

	for (int i = 0; i < LATENCIES; i++)
		all += latencies[i];
	for (int i = 0; i < LATENCIES; i++)
		if ((seen += latencies[i]) > 0 && (double)seen >= part * (double)all)
			return (uint64_t)i * LATENCY_STEP;
	return 0;
}

/* One run: keeps `depth` reads in flight until the time is over, then waits for the last. Returns how many were done. */
static uint64_t run(struct queue *queue, uint32_t depth, double seconds, uint64_t units, uint32_t unit_blocks)
{
	struct command read = {.opcode = 2, .nsid = 1, .cdw12 = unit_blocks - 1};
	uint64_t random = 88172645463325252u, done = 0, end = clock_ns(CLOCK_MONOTONIC) + (uint64_t)(seconds * 1e9);
	uint32_t in_flight = 0, next_look = 0;
	uint64_t began[MOST_ENTRIES];
	uint16_t free_ids[MOST_ENTRIES], id;
	uint32_t free_count = 0;
	bool more = true;

	for (uint32_t i = 0; i < depth; i++)
		free_ids[free_count++] = (uint16_t)i;
	while (more || in_flight > 0) {
		uint32_t begun = 0, taken = 0;

		while (more && free_count > 0) {
			uint64_t block;

			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			block = (uint64_t)(((unsigned __int128)random * units) >> 64) * unit_blocks;
			read.id = free_ids[--free_count];
			read.prp1 = IOVA + AT_DATA + (uint64_t)read.id * PAGE;
			read.cdw10 = (uint32_t)block;
			read.cdw11 = (uint32_t)(block >> 32);
			if (timed)
				began[read.id] = clock_ns(CLOCK_MONOTONIC);
			push(queue, &read);
			begun++;
		}
		if (begun > 0) {
			ring(queue->sq_doorbell, queue->tail);
			in_flight += begun;
		}
		while (taken < depth && pop(queue, &id)) {
			if (timed) {
				uint64_t bucket = (clock_ns(CLOCK_MONOTONIC) - began[id]) / LATENCY_STEP;

				latencies[bucket < LATENCIES ? bucket : LATENCIES - 1]++;
			}
			free_ids[free_count++] = id;
			taken++;
		}
		if (taken > 0) {
			ring(queue->cq_doorbell, queue->head);
			in_flight -= taken;
			done += taken;
		} else {
			__builtin_ia32_pause();
		}
		if (++next_look == 256) {
			next_look = 0;
			more = clock_ns(CLOCK_MONOTONIC) < end;
		}
	}
	return done;
}

int main(int argc, char **argv)
{
	uint32_t depth = 1, entries, stride;
	double seconds = 5, warm = 1;
	uint64_t cap, blocks, done, requests;
	uint32_t block_bytes;
	volatile uint32_t *doorbells;
	struct queue admin_queue, queue;
	struct stopwatch watch;
	int option;

	while ((option = getopt(argc, argv, "q:t:w:l")) != -1) {
		switch (option) {
		case 'q': depth = (uint32_t)atoi(optarg); break;
		case 't': seconds = atof(optarg); break;
		case 'w': warm = atof(optarg); break;
		case 'l': timed = true; break;
		default: fail("usage: vfio_user ENDPOINT [-q DEPTH] [-t SECONDS] [-w SECONDS] [-l]");
		}
	}
	if (optind != argc - 1 || depth < 1 || depth >= MOST_ENTRIES)
		fail("usage: vfio_user ENDPOINT [-q DEPTH] [-t SECONDS] [-w SECONDS] [-l]; DEPTH is 1 to 255");
	meet(argv[optind]);
	doorbells = map_doorbells();
	share_memory();
	region_write(CONFIG, 4, 2, 6); /* memory space and bus master */

	cap = region_read(BAR0, REG_CAP, 8);
	stride = 4u << ((cap >> 32) & 0xf);
	entries = (uint32_t)(cap & 0xffff) + 1 < MOST_ENTRIES ? (uint32_t)(cap & 0xffff) + 1 : MOST_ENTRIES;
	if (depth >= entries)
		fail("the controller's queues are too short for this depth");
	region_write(BAR0, REG_CC, 4, 0);
	await_ready(0);
	region_write(BAR0, REG_AQA, 4, (ADMIN_ENTRIES - 1) << 16 | (ADMIN_ENTRIES - 1));
	region_write(BAR0, REG_ASQ, 8, IOVA + AT_ADMIN_SQ);
	region_write(BAR0, REG_ACQ, 8, IOVA + AT_ADMIN_CQ);
	region_write(BAR0, REG_CC, 4, 4u << 20 | 6u << 16 | 1);
	await_ready(1);

	admin_queue = queue_at(AT_ADMIN_SQ, AT_ADMIN_CQ, ADMIN_ENTRIES, doorbells, 0, stride);
	admin(&admin_queue, (struct command){.opcode = 6, .nsid = 1, .prp1 = IOVA + AT_IDENTIFY}); /* IDENTIFY namespace 1 */
	memcpy(&blocks, memory + AT_IDENTIFY, 8);
	block_bytes = 1u << memory[AT_IDENTIFY + 128 + 4 * (memory[AT_IDENTIFY + 26] & 0xf) + 2];
	if (block_bytes < 512 || block_bytes > PAGE || blocks * block_bytes < PAGE)
		fail("namespace 1 has blocks of more than 4 KiB, or is not there");
	admin(&admin_queue, (struct command){.opcode = 5, .id = 1, .prp1 = IOVA + AT_CQ, .cdw10 = (entries - 1) << 16 | 1,
					     .cdw11 = 1}); /* CREATE I/O COMPLETION QUEUE, without interrupts */
	admin(&admin_queue, (struct command){.opcode = 1, .id = 2, .prp1 = IOVA + AT_SQ, .cdw10 = (entries - 1) << 16 | 1,
					     .cdw11 = 1 << 16 | 1}); /* CREATE I/O SUBMISSION QUEUE */
	queue = queue_at(AT_SQ, AT_CQ, entries, doorbells, 1, stride);

	blocks = blocks * block_bytes / PAGE;
	done = warm > 0 ? run(&queue, depth, warm, blocks, PAGE / block_bytes) : 0;
	memset(latencies, 0, sizeof latencies);
	watch = stopwatch_start();
	requests = run(&queue, depth, seconds, blocks, PAGE / block_bytes);
	watch = stopwatch_stop(watch);
	printf("peer=c depth=%u seconds=%.3f warm=%llu requests=%llu iops=%.0f ns=%.1f cpu_ns=%.1f", depth, watch.wall / 1e9,
	       (unsigned long long)done, (unsigned long long)requests, requests * 1e9 / watch.wall,
	       (double)watch.wall / requests, (double)watch.cpu / requests);
	if (timed)
		printf(" p50=%llu p99=%llu", (unsigned long long)percentile(0.5), (unsigned long long)percentile(0.99));
	putchar('\n');
	region_write(BAR0, REG_CC, 4, 0);
	return 0;
}
