/*
 * A target for clients to be compared on: serves an NVMe controller over vfio-user whose reads and writes end at once and move no data.
 * What is left is the client, the doorbells and the completions. One thread, which looks at all doorbells without a pause.
 *
 *     vfio_user_null ENDPOINT
 *
 * Makes the directory ENDPOINT and the socket `cntrl` in it, says "listening", and takes one client after the other until it is killed.
 * It trusts its clients: it is for measurements and nothing else. The protocol is docs/vfio-user.rst of libvfio-user; registers,
 * commands and structures are from the NVM Express base specification 1.4.
 */
#define _GNU_SOURCE
#include "measure.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { PAGE = 4096, ENTRIES = 256, QUEUES = 17, VECTORS = 17, MAPPINGS = 1024, BAR_SIZE = 0x4000, BLOCK_SHIFT = 12 };
enum { TABLE_AT = 0x2000, PBA_AT = 0x3000, MSIX_AT = 0x40 };
#define BLOCKS ((uint64_t)1 << 24)

enum {
	CMD_VERSION = 1,
	CMD_DMA_MAP,
	CMD_DMA_UNMAP,
	CMD_DEVICE_INFO,
	CMD_REGION_INFO,
	CMD_REGION_FDS,
	CMD_IRQ_INFO,
	CMD_SET_IRQS,
	CMD_REGION_READ,
	CMD_REGION_WRITE,
	CMD_RESET = 13,
};

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

struct mapping {
	uint64_t iova, size;
	uint8_t *memory;
};

struct submission_queue {
	struct command *commands;
	uint32_t entries, head, completions;
};

struct completion_queue {
	struct completion *entries_at;
	uint32_t entries, tail, phase;
	int vector;
};

static int client, doorbell_file;
static volatile uint32_t *doorbells;
static uint8_t config[256], registers[0x1000];
static struct mapping mappings[MAPPINGS];
static int mapping_count, eventfds[VECTORS];
static struct submission_queue submissions[QUEUES];
static uint32_t last_queue;
static struct completion_queue completions[QUEUES];

static uint32_t get32(const uint8_t *at) { uint32_t value; memcpy(&value, at, 4); return value; }
static void put16(uint8_t *at, uint16_t value) { memcpy(at, &value, 2); }
static void put32(uint8_t *at, uint32_t value) { memcpy(at, &value, 4); }
static void put64(uint8_t *at, uint64_t value) { memcpy(at, &value, 8); }

/* Returns where the client's memory is here, or NULL. */
static void *at(uint64_t iova, uint64_t size)
{
	for (int i = 0; i < mapping_count; i++)
		if (iova >= mappings[i].iova && iova - mappings[i].iova + size <= mappings[i].size)
			return mappings[i].memory + (iova - mappings[i].iova);
	fprintf(stderr, "vfio_user_null: 0x%llx is not mapped\n", (unsigned long long)iova);
	return NULL;
}

static void complete(uint32_t sq, const struct command *command, uint16_t status, uint32_t result)
{
	struct completion_queue *queue = &completions[submissions[sq].completions];
	struct completion *next = &queue->entries_at[queue->tail];
	uint64_t one = 1;

	next->result = result;
	next->sq_head = (uint16_t)submissions[sq].head;
	next->sq_id = (uint16_t)sq;
	next->id = command->id;
	__atomic_store_n(&next->status, (uint16_t)(status << 1 | queue->phase), __ATOMIC_RELEASE);
	if (++queue->tail == queue->entries) {
		queue->tail = 0;
		queue->phase ^= 1;
	}
	if (queue->vector >= 0 && eventfds[queue->vector] >= 0 && write(eventfds[queue->vector], &one, 8) < 0)
		perror("eventfd");
}

static void stop_controller(void)
{
	memset(submissions, 0, sizeof submissions);
	memset(completions, 0, sizeof completions);
	last_queue = 0;
}

static void identify(uint8_t *page, const struct command *command)
{
	memset(page, 0, PAGE);
	switch (command->cdw10 & 0xff) {
	case 0: /* namespace */
		put64(page, BLOCKS);
		put64(page + 8, BLOCKS);
		put64(page + 16, BLOCKS);
		page[130] = BLOCK_SHIFT;
		break;
	case 1: /* controller */
		put16(page, 0x1b36);
		put16(page + 2, 0x1af4);
		memcpy(page + 4, "NULL0               Null target                             1       ", 68);
		page[77] = 5; /* 128 KiB at most */
		put16(page + 78, 1);
		put32(page + 80, 0x10400);
		page[258] = 3; /* aborts, less one */
		page[259] = 3; /* asynchronous events, less one */
		page[512] = 0x66;
		page[513] = 0x44;
		put32(page + 516, 1);
		memcpy(page + 768, "nqn.2026-01.org.busbar:null", 27);
		break;
	case 2: /* active namespaces */
		if (command->nsid == 0)
			put32(page, 1);
		break;
	case 3: /* identifiers: an EUI-64 */
		page[0] = 1;
		page[1] = 8;
		page[11] = 1;
		break;
	}
}

static void create_completion_queue(const struct command *command)
{
	uint32_t id = command->cdw10 & 0xffff, entries = (command->cdw10 >> 16) + 1;
	struct completion *memory = at(command->prp1, entries * sizeof(struct completion));

	completions[id] = (struct completion_queue){memory, entries, 0, 1, command->cdw11 & 2 ? (int)(command->cdw11 >> 16) : -1};
	doorbells[2 * id + 1] = 0;
}

static void create_submission_queue(const struct command *command)
{
	uint32_t id = command->cdw10 & 0xffff, entries = (command->cdw10 >> 16) + 1;

	doorbells[2 * id] = 0;
	submissions[id] = (struct submission_queue){at(command->prp1, entries * sizeof(struct command)), entries, 0,
						   command->cdw11 >> 16};
	if (id > last_queue)
		last_queue = id;
}

static void admin(const struct command *command)
{
	uint32_t id = command->cdw10 & 0xffff, result = 0;
	uint16_t status = 0;
	uint8_t *page;

	switch (command->opcode) {
	case 0x00: submissions[id % QUEUES].commands = NULL; break;
	case 0x04: completions[id % QUEUES].entries_at = NULL; break;
	case 0x01:
	case 0x05:
		if (id == 0 || id >= QUEUES)
			status = 0x101;
		else if (command->opcode == 1)
			create_submission_queue(command);
		else
			create_completion_queue(command);
		break;
	case 0x02: /* a log page, empty */
		page = at(command->prp1, 1);
		memset(page, 0, ((command->cdw10 >> 16) + 1) * 4 < PAGE ? ((command->cdw10 >> 16) + 1) * 4 : PAGE - (command->prp1 & (PAGE - 1)));
		break;
	case 0x06: identify(at(command->prp1, PAGE), command); break;
	case 0x09:
	case 0x0a:
		if ((command->cdw10 & 0xff) == 7)
			result = (QUEUES - 2) << 16 | (QUEUES - 2);
		break;
	case 0x0c: return; /* nothing ever happens */
	case 0x08: result = 1; break;
	case 0x18: break;
	default: status = 0x001;
	}
	complete(0, command, status, result);
}

/* Carries out what has been submitted; returns whether there was anything. */
static inline bool step(uint32_t id)
{
	struct submission_queue *queue = &submissions[id];
	uint32_t tail = __atomic_load_n(&doorbells[2 * id], __ATOMIC_ACQUIRE);

	if (!queue->commands || tail == queue->head || tail >= queue->entries)
		return false;
	while (queue->commands && queue->head != tail) {
		const struct command *command = &queue->commands[queue->head];

		if (++queue->head == queue->entries)
			queue->head = 0;
		if (id == 0)
			admin(command);
		else
			complete(id, command, 0, 0);
	}
	return true;
}

static void write_register(uint64_t offset, const uint8_t *data, uint32_t count)
{
	uint64_t before = get32(registers + 0x14);

	if (offset >= 0x1000 && offset < 0x2000) {
		doorbells[(offset - 0x1000) / 4] = get32(data);
		return;
	}
	if (offset + count > sizeof registers || offset < 0x0c || offset == 0x1c)
		return;
	memcpy(registers + offset, data, count);
	if (offset != 0x14)
		return;
	if ((get32(registers + 0x14) & 1) && !(before & 1)) {
		uint32_t aqa = get32(registers + 0x24);
		uint64_t asq, acq;

		memcpy(&asq, registers + 0x28, 8);
		memcpy(&acq, registers + 0x30, 8);
		doorbells[0] = doorbells[1] = 0;
		completions[0] = (struct completion_queue){at(acq, PAGE), (aqa >> 16 & 0xfff) + 1, 0, 1, 0};
		submissions[0] = (struct submission_queue){at(asq, PAGE), (aqa & 0xfff) + 1, 0, 0};
		registers[0x1c] = 1;
	} else if (!(get32(registers + 0x14) & 1)) {
		stop_controller();
		registers[0x1c] = 0;
	}
	if (get32(registers + 0x14) >> 14 & 3)
		registers[0x1c] |= 2 << 2; /* shut down */
}

static void reply(struct header header, const void *payload, uint32_t size, uint32_t error, int descriptor)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	struct iovec parts[2] = {{&header, sizeof header}, {(void *)payload, error ? 0 : size}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
	struct cmsghdr *attached;

	header.size = sizeof header + (uint32_t)parts[1].iov_len;
	header.flags = error ? 0x21 : 1;
	header.error = error;
	if (descriptor >= 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof control.bytes;
		attached = CMSG_FIRSTHDR(&message);
		attached->cmsg_level = SOL_SOCKET;
		attached->cmsg_type = SCM_RIGHTS;
		attached->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(attached), &descriptor, sizeof(int));
	}
	if (sendmsg(client, &message, MSG_NOSIGNAL) < 0)
		perror("sendmsg");
}

static uint32_t map_memory(const uint8_t *payload, int file)
{
	struct mapping *next = &mappings[mapping_count];
	uint64_t offset;

	if (file < 0 || mapping_count == MAPPINGS)
		return EINVAL;
	memcpy(&offset, payload + 8, 8);
	memcpy(&next->iova, payload + 16, 8);
	memcpy(&next->size, payload + 24, 8);
	next->memory = mmap(NULL, next->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file, (off_t)offset);
	if (next->memory == MAP_FAILED)
		return (uint32_t)errno;
	mapping_count++;
	return 0;
}

static void unmap_memory(const uint8_t *payload)
{
	uint64_t iova;

	memcpy(&iova, payload + 8, 8);
	for (int i = 0; i < mapping_count; i++) {
		if (mappings[i].iova == iova) {
			munmap(mappings[i].memory, mappings[i].size);
			mappings[i] = mappings[--mapping_count];
			return;
		}
	}
}

static void describe_region(struct header header, const uint8_t *question)
{
	struct {
		uint32_t argsz, flags, index, cap_offset;
		uint64_t size, offset;
		uint16_t cap, version;
		uint32_t next, areas, reserved;
		uint64_t area_offset, area_size;
	} info = {.argsz = 32, .index = get32(question + 8)};

	if (info.index == 7) {
		info.flags = 3;
		info.size = sizeof config;
	} else if (info.index == 0) {
		info.argsz = sizeof info;
		info.flags = 15;
		info.size = BAR_SIZE;
		info.cap_offset = 32;
		info.cap = 1;
		info.version = 1;
		info.areas = 1;
		info.area_offset = 0x1000;
		info.area_size = 0x1000;
	}
	bool room = get32(question) >= info.argsz;
	if (!room)
		info.cap_offset = 0;
	reply(header, &info, room ? info.argsz : 32, 0, info.index == 0 ? doorbell_file : -1);
}

static void access_region(struct header header, const uint8_t *payload)
{
	static uint8_t answer[16 + PAGE];
	uint64_t offset;
	uint32_t region = get32(payload + 8), count = get32(payload + 12);
	bool is_write = header.command == CMD_REGION_WRITE;

	memcpy(&offset, payload, 8);
	if (count > PAGE || (region != 0 && region != 7) || offset + count > (region == 7 ? sizeof config : BAR_SIZE)) {
		reply(header, NULL, 0, EINVAL, -1);
		return;
	}
	memcpy(answer, payload, 16);
	memset(answer + 16, 0, count);
	if (region == 7 && is_write) {
		if (offset == 4 || offset == MSIX_AT + 2)
			memcpy(config + offset, payload + 16, count < 2 ? count : 2);
	} else if (region == 7) {
		memcpy(answer + 16, config + offset, count);
	} else if (is_write) {
		write_register(offset, payload + 16, count);
	} else if (offset + count <= sizeof registers) {
		memcpy(answer + 16, registers + offset, count);
	}
	reply(header, answer, is_write ? 16 : 16 + count, 0, -1);
}

static void set_irqs(struct header header, const uint8_t *payload, const int *files, int file_count)
{
	uint32_t flags = get32(payload + 4), index = get32(payload + 8), start = get32(payload + 12), count = get32(payload + 16);

	if (index != 2) {
		reply(header, NULL, 0, index < 5 ? 0 : EINVAL, -1);
		return;
	}
	for (uint32_t i = 0; i < VECTORS; i++) {
		bool meant = count == 0 || (i >= start && i < start + count);

		if (meant && eventfds[i] >= 0) {
			close(eventfds[i]);
			eventfds[i] = -1;
		}
		if (meant && (flags & 4) && i >= start && (int)(i - start) < file_count)
			eventfds[i] = dup(files[i - start]);
	}
	reply(header, NULL, 0, 0, -1);
}

static void answer(struct header header, const uint8_t *payload, const int *files, int file_count)
{
	static const char json[] = "{\"capabilities\":{\"max_msg_fds\":32,\"max_data_xfer_size\":1048576}}";
	uint8_t version[4 + sizeof json] = {0, 0, 1, 0};
	uint32_t info[5] = {0};

	switch (header.command) {
	case CMD_VERSION:
		memcpy(version + 4, json, sizeof json);
		reply(header, version, sizeof version, 0, -1);
		break;
	case CMD_DMA_MAP: reply(header, NULL, 0, map_memory(payload, file_count > 0 ? files[0] : -1), -1); break;
	case CMD_DMA_UNMAP:
		unmap_memory(payload);
		reply(header, payload, 24, 0, -1);
		break;
	case CMD_DEVICE_INFO:
		info[0] = 16;
		info[1] = 3; /* a PCI device that can be reset */
		info[2] = 9;
		info[3] = 5;
		reply(header, info, 16, 0, -1);
		break;
	case CMD_REGION_INFO: describe_region(header, payload); break;
	case CMD_IRQ_INFO:
		info[0] = 16;
		info[2] = get32(payload + 8);
		info[3] = info[2] == 2 ? VECTORS : 0;
		info[1] = info[2] == 2 ? 9 : 0;
		reply(header, info, 16, 0, -1);
		break;
	case CMD_SET_IRQS: set_irqs(header, payload, files, file_count); break;
	case CMD_REGION_READ:
	case CMD_REGION_WRITE: access_region(header, payload); break;
	case CMD_RESET:
		stop_controller();
		registers[0x14] = registers[0x1c] = 0;
		reply(header, NULL, 0, 0, -1);
		break;
	default: reply(header, NULL, 0, EOPNOTSUPP, -1);
	}
}

/* Takes a message, if there is one; returns false if the client has left. */
static bool serve(void)
{
	static uint8_t payload[2 * PAGE];
	struct header header;
	union {
		char bytes[CMSG_SPACE(32 * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec part = {&header, sizeof header};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
	struct cmsghdr *attached;
	int files[32], file_count = 0;
	ssize_t got = recv(client, &header, sizeof header, MSG_PEEK | MSG_DONTWAIT);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR;
	if (got < (ssize_t)sizeof header)
		return got != 0;
	if (recvmsg(client, &message, MSG_CMSG_CLOEXEC) != sizeof header || header.size > sizeof header + sizeof payload
	    || header.size < sizeof header)
		return false;
	for (attached = CMSG_FIRSTHDR(&message); attached; attached = CMSG_NXTHDR(&message, attached)) {
		if (attached->cmsg_level == SOL_SOCKET && attached->cmsg_type == SCM_RIGHTS) {
			file_count = (int)((attached->cmsg_len - CMSG_LEN(0)) / sizeof(int));
			memcpy(files, CMSG_DATA(attached), (size_t)file_count * sizeof(int));
		}
	}
	got = (ssize_t)(header.size - sizeof header);
	if (got > 0 && recv(client, payload, (size_t)got, MSG_WAITALL) != got)
		return false;
	answer(header, payload, files, file_count);
	for (int i = 0; i < file_count; i++)
		close(files[i]);
	return true;
}

static void forget_client(void)
{
	stop_controller();
	for (int i = 0; i < mapping_count; i++)
		munmap(mappings[i].memory, mappings[i].size);
	mapping_count = 0;
	for (int i = 0; i < VECTORS; i++) {
		if (eventfds[i] >= 0)
			close(eventfds[i]);
		eventfds[i] = -1;
	}
	registers[0x14] = registers[0x1c] = 0;
	memset((void *)doorbells, 0, PAGE);
	close(client);
}

static void set_up(void)
{
	put32(config, 0x00101b36);
	put32(config + 4, 0x00100000); /* a list of capabilities */
	put32(config + 8, 0x01080201);
	put32(config + 0x10, 4); /* 64-bit memory */
	put32(config + 0x2c, 0x11001af4);
	config[0x34] = MSIX_AT;
	put32(config + MSIX_AT, (VECTORS - 1) << 16 | 0x11);
	put32(config + MSIX_AT + 4, TABLE_AT);
	put32(config + MSIX_AT + 8, PBA_AT);
	put64(registers, (uint64_t)1 << 37 | 20 << 24 | 1 << 16 | (ENTRIES - 1)); /* NVM command set, 10 s, contiguous */
	put32(registers + 8, 0x10400);
	memset(eventfds, 0xff, sizeof eventfds);
	doorbell_file = memfd_create("doorbells", MFD_CLOEXEC);
	if (doorbell_file < 0 || ftruncate(doorbell_file, BAR_SIZE) != 0)
		die("memfd_create", "vfio_user_null");
	doorbells = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, doorbell_file, 0x1000);
	if (doorbells == MAP_FAILED)
		die("mmap", "vfio_user_null");
}

int main(int argc, char **argv)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (argc != 2 || snprintf(address.sun_path, sizeof address.sun_path, "%s/cntrl", argv[1]) >= (int)sizeof address.sun_path) {
		fprintf(stderr, "usage: vfio_user_null ENDPOINT\n");
		return 2;
	}
	set_up();
	if (mkdir(argv[1], 0700) != 0 && errno != EEXIST)
		die("mkdir", argv[1]);
	unlink(address.sun_path);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 8) != 0)
		die("bind", address.sun_path);
	puts("listening");
	fflush(stdout);
	while ((client = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		uint32_t idle = 0;

		for (;;) {
			bool any = false;

			for (uint32_t id = 1; id <= last_queue; id++)
				any |= step(id);
			if (++idle % 512 == 0 || !submissions[0].commands) {
				any |= step(0);
				if (!serve())
					break;
			}
			if (!any)
				__builtin_ia32_pause();
		}
		forget_client();
	}
	die("accept", "vfio_user_null");
}
