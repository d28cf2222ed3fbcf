/*
 * The floor: how long a scan takes when a plain C program reads just what Busbar's scan has to read.
 *
 *     floor ROOT [-n REPS] [-m ADDRESS] [-f FILE]...
 *
 * ROOT is a sysfs root (ROOT/bus/pci/devices is scanned).
 *   first        lists the directory and reads one `uevent` per device into a table; cold is the first time in this
 *                process, warm each later time, into an empty table
 *   rescan       lists the directory once and compares name and inode with the table
 *   hot_insert   -m only: that device's link appears, and its name is known; inode and `uevent` of this one device
 *   hot_rescan   -m only: the same when the name is not known; one listing, one `uevent`
 * The last two take the link away before and put it back again: nobody else may use the tree meanwhile.
 * -f FILE names a further attribute to read per device (revision, numa_node, ...), to see what it would cost.
 */
#include "measure.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_EXTRA_FILES = 8, FIRST_CAPACITY = 64 };

struct device {
	uint64_t key; /* domain 32, bus 8, device 8, function 8; 0 is in use: see `used` */
	uint64_t inode;
	uint64_t extra; /* sum of extra attributes' bytes, so that reading them is not optimised away */
	uint32_t class_code;
	uint16_t vendor, device, subsystem_vendor, subsystem_device;
	char driver[32];
	uint32_t seen; /* number of the listing that saw it last */
	bool used;
};

/* Open addressing, capacity a power of two, at most half full. */
struct table {
	struct device *slots;
	size_t capacity;
	size_t count;
	uint32_t listing;
};

struct difference {
	size_t added, replaced, vanished;
};

static const char *extra_files[MAX_EXTRA_FILES];
static int extra_count;

static size_t slot_of(const struct table *table, uint64_t key)
{
	size_t slot = (size_t)((key * 0x9e3779b97f4a7c15u) >> 20) & (table->capacity - 1);

	while (table->slots[slot].used && table->slots[slot].key != key)
		slot = (slot + 1) & (table->capacity - 1);
	return slot;
}

static void table_new(struct table *table, size_t capacity)
{
	table->slots = calloc(capacity, sizeof(struct device));
	if (table->slots == NULL)
		die("calloc", "device table");
	table->capacity = capacity;
	table->count = 0;
	table->listing = 0;
}

static void table_grow(struct table *table)
{
	struct table larger;

	table_new(&larger, table->capacity * 2);
	for (size_t i = 0; i < table->capacity; i++)
		if (table->slots[i].used)
			larger.slots[slot_of(&larger, table->slots[i].key)] = table->slots[i];
	free(table->slots);
	table->slots = larger.slots;
	table->capacity = larger.capacity;
}

static bool parse_address(const char *name, uint64_t *key)
{
	char *end;
	uint64_t domain, bus, device, function;

	domain = strtoull(name, &end, 16);
	if (end == name || *end != ':')
		return false;
	bus = strtoull(end + 1, &end, 16);
	if (*end != ':' || bus > 0xff)
		return false;
	device = strtoull(end + 1, &end, 16);
	if (*end != '.' || device > 0xff)
		return false;
	function = strtoull(end + 1, &end, 16);
	if (*end != '\0' || function > 7)
		return false;
	*key = domain << 24 | bus << 16 | device << 8 | function;
	return true;
}

static ssize_t read_attribute(int directory, const char *device, const char *file, char *buffer, size_t size)
{
	char path[NAME_MAX + 32];
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", device, file);
	fd = openat(directory, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	length = read(fd, buffer, size - 1);
	close(fd);
	if (length >= 0)
		buffer[length] = '\0';
	return length;
}

static void parse_uevent(char *text, struct device *device)
{
	char *rest = text;
	char *line;

	while ((line = strsep(&rest, "\n")) != NULL) {
		char *value = strchr(line, '=');

		if (value == NULL)
			continue;
		*value++ = '\0';
		if (strcmp(line, "PCI_CLASS") == 0) {
			device->class_code = (uint32_t)strtoul(value, NULL, 16);
		} else if (strcmp(line, "PCI_ID") == 0) {
			device->vendor = (uint16_t)strtoul(value, &value, 16);
			if (*value == ':')
				device->device = (uint16_t)strtoul(value + 1, NULL, 16);
		} else if (strcmp(line, "PCI_SUBSYS_ID") == 0) {
			device->subsystem_vendor = (uint16_t)strtoul(value, &value, 16);
			if (*value == ':')
				device->subsystem_device = (uint16_t)strtoul(value + 1, NULL, 16);
		} else if (strcmp(line, "DRIVER") == 0) {
			snprintf(device->driver, sizeof(device->driver), "%s", value);
		}
	}
}

static void read_device(int directory, const char *name, struct device *device)
{
	char buffer[4096];

	if (read_attribute(directory, name, "uevent", buffer, sizeof(buffer)) < 0)
		die("uevent", name);
	parse_uevent(buffer, device);
	for (int i = 0; i < extra_count; i++) {
		ssize_t length = read_attribute(directory, name, extra_files[i], buffer, sizeof(buffer));

		if (length < 0)
			die(extra_files[i], name);
		for (ssize_t at = 0; at < length; at++)
			device->extra += (unsigned char)buffer[at];
	}
}

/* One listing: adds what is new, reads again what was replaced, drops what is gone. */
static struct difference reconcile(const char *path, struct table *table)
{
	struct difference difference = {0, 0, 0};
	uint32_t listing = ++table->listing;
	size_t listed = 0;
	struct dirent *entry;
	DIR *directory = opendir(path);

	if (directory == NULL)
		die("opendir", path);
	while ((entry = readdir(directory)) != NULL) {
		struct device *device;
		uint64_t key;

		if (!parse_address(entry->d_name, &key))
			continue;
		listed++;
		if (table->count * 2 >= table->capacity)
			table_grow(table);
		device = &table->slots[slot_of(table, key)];
		if (!device->used || device->inode != entry->d_ino) {
			struct device fresh = {.key = key, .inode = entry->d_ino, .used = true};

			if (device->used)
				difference.replaced++;
			else
				difference.added++, table->count++;
			read_device(dirfd(directory), entry->d_name, &fresh);
			*device = fresh;
		}
		device->seen = listing;
	}
	closedir(directory);
	if (listed < table->count) {
		struct table left;

		table_new(&left, table->capacity);
		left.listing = listing;
		for (size_t i = 0; i < table->capacity; i++) {
			if (!table->slots[i].used)
				continue;
			if (table->slots[i].seen == listing) {
				left.slots[slot_of(&left, table->slots[i].key)] = table->slots[i];
				left.count++;
			} else {
				difference.vanished++;
			}
		}
		free(table->slots);
		*table = left;
	}
	return difference;
}

/* Adds one device whose name is known. */
static void attach(const char *path, const char *address, struct table *table)
{
	struct device fresh = {.used = true, .seen = table->listing};
	struct stat link;
	int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (directory < 0)
		die("open", path);
	if (!parse_address(address, &fresh.key) || fstatat(directory, address, &link, AT_SYMLINK_NOFOLLOW) != 0)
		die("fstatat", address);
	fresh.inode = link.st_ino;
	read_device(directory, address, &fresh);
	close(directory);
	table->slots[slot_of(table, fresh.key)] = fresh;
	table->count++;
}

static void expect(bool holds, const char *what)
{
	if (!holds) {
		fprintf(stderr, "floor: %s\n", what);
		exit(3);
	}
}

static void hot_insert(const char *path, const char *address, struct table *table, int reps)
{
	char link[PATH_MAX + NAME_MAX], target[PATH_MAX];
	ssize_t length;

	snprintf(link, sizeof(link), "%s/%s", path, address);
	length = readlink(link, target, sizeof(target) - 1);
	if (length < 0)
		die("readlink", link);
	target[length] = '\0';
	for (int rep = 0; rep < 2 * reps; rep++) {
		bool name_known = rep % 2 == 0;
		struct difference difference;
		struct stopwatch watch;

		if (unlink(link) != 0)
			die("unlink", link);
		difference = reconcile(path, table);
		expect(difference.vanished == 1, "the device that was taken away is still listed");
		if (symlink(target, link) != 0)
			die("symlink", link);
		watch = stopwatch_start();
		if (name_known)
			attach(path, address, table);
		else
			difference = reconcile(path, table);
		watch = stopwatch_stop(watch);
		result("floor", name_known ? "hot_insert" : "hot_rescan", rep < 2 ? "cold" : "warm", table->count, rep / 2,
		       watch);
		if (!name_known)
			expect(difference.added == 1, "the device that was put back is not listed");
		difference = reconcile(path, table);
		expect(difference.added + difference.replaced + difference.vanished == 0, "a device was not added right");
	}
}

int main(int argc, char **argv)
{
	const char *marked = NULL;
	char path[PATH_MAX];
	int reps = 5;
	int option;
	struct table table;

	while ((option = getopt(argc, argv, "n:m:f:")) != -1) {
		switch (option) {
		case 'n':
			reps = atoi(optarg);
			break;
		case 'm':
			marked = optarg;
			break;
		case 'f':
			if (extra_count < MAX_EXTRA_FILES) {
				extra_files[extra_count++] = optarg;
				break;
			}
			/* fall through */
		default:
			fprintf(stderr, "usage: floor [-n REPS] [-m ADDRESS] [-f FILE]... ROOT\n");
			return 2;
		}
	}
	if (optind + 1 != argc || reps < 1) {
		fprintf(stderr, "usage: floor [-n REPS] [-m ADDRESS] [-f FILE]... ROOT\n");
		return 2;
	}
	snprintf(path, sizeof(path), "%s/bus/pci/devices", argv[optind]);

	for (int rep = 0; rep <= reps; rep++) {
		struct stopwatch watch = stopwatch_start();

		table_new(&table, FIRST_CAPACITY);
		reconcile(path, &table);
		watch = stopwatch_stop(watch);
		result("floor", "first", rep == 0 ? "cold" : "warm", table.count, rep, watch);
		if (rep < reps)
			free(table.slots);
	}
	for (int rep = 0; rep < reps; rep++) {
		struct stopwatch watch = stopwatch_start();
		struct difference difference = reconcile(path, &table);

		watch = stopwatch_stop(watch);
		expect(difference.added + difference.replaced + difference.vanished == 0, "the tree changed during a rescan");
		result("floor", "rescan", rep == 0 ? "cold" : "warm", table.count, rep, watch);
	}
	if (marked != NULL)
		hot_insert(path, marked, &table, reps);
	return 0;
}
