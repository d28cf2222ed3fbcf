/*
 * DPDK as a peer: its PCI bus scan, rescan, match, late driver and hot insert on a tree of ours.
 *
 *     dpdk_scan [-n REPS] [-m ADDRESS] [-p PHASES] ROOT
 *
 * PHASES is a comma-separated list; all of them if not given:
 *   start        EAL initialised with the tree as its bus, then the process ends (time it from outside: see launch)
 *   start_nopci  the same with DPDK's PCI support switched off: what EAL costs by itself
 *   first        the first scan of this process, EAL initialised on an empty bus before
 *   rescan       scan again, nothing changed, no drivers
 *   match        probe the whole bus with 64 drivers of 16 ids, of which none fits
 *   late_driver  one more driver registered that fits the marked device, and the bus probed: how a driver is introduced
 *                to devices that are there already
 *   hot_insert   the marked device's link appears; from the request to attach it until its driver has it
 * The last two need -m, the marked device's address (the tree's file `marked` has it) and take its link away for a while.
 *
 * DPDK takes the directory to scan from the environment variable SYSFS_PCI_DEVICES at every scan. It drops devices
 * without a kernel driver, so trees to compare on have one for every device.
 */
#include "measure.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include <rte_bus.h>
#include <rte_bus_pci.h>
#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_pci.h>
#include <rte_version.h>

/*
 * Debian's development package has no driver-side headers, though its libraries export the registration call. What
 * follows states the part of that binary interface (DPDK 22.11, LP64) that is needed here: two links, two names, four
 * callbacks, the id table, the flags. Nothing of a device is looked into.
 */
#if RTE_VERSION < RTE_VERSION_NUM(22, 11, 0, 0) || RTE_VERSION >= RTE_VERSION_NUM(23, 3, 0, 0)
#error "The layout of a driver below is that of DPDK 22.11"
#endif

struct pci_driver {
	void *bus_links[2];
	void *eal_links[2];
	const char *name;
	const char *alias;
	int (*probe)(struct pci_driver *, void *device);
	int (*remove)(void *device);
	void *dma_callbacks[2];
	const struct rte_pci_id *ids;
	uint32_t flags;
};

_Static_assert(sizeof(struct pci_driver) == 96, "a PCI driver of DPDK 22.11 is 96 bytes");

void rte_pci_register(struct pci_driver *driver);
void rte_pci_unregister(struct pci_driver *driver);

enum {
	DRIVERS = 64,
	IDS_PER_DRIVER = 16,
	UNUSED_DEVICE_IDS = 0xe000, /* trees have no device id from here to 0xe3ff */
	MARKED_SUBSYSTEM_VENDOR = 0x1b5b, /* in a tree, the marked device's alone */
	MARKED_SUBSYSTEM_DEVICE = 0x0001,
};

static const uint16_t vendors[] = {0x8086, 0x144d, 0x15b3, 0x1b36};

static struct pci_driver drivers[DRIVERS];
static struct rte_pci_id driver_ids[DRIVERS][IDS_PER_DRIVER + 1];
static char driver_names[DRIVERS][16];
static int probes;

static int count_probe(struct pci_driver *driver, void *device)
{
	(void)driver;
	(void)device;
	probes++;
	return 0;
}

static int accept_remove(void *device)
{
	(void)device;
	return 0;
}

static const struct rte_pci_id marked_ids[] = {
	{
		.class_id = RTE_CLASS_ANY_ID,
		.vendor_id = RTE_PCI_ANY_ID,
		.device_id = RTE_PCI_ANY_ID,
		.subsystem_vendor_id = MARKED_SUBSYSTEM_VENDOR,
		.subsystem_device_id = MARKED_SUBSYSTEM_DEVICE,
	},
	{.vendor_id = 0},
};

static struct pci_driver marked_driver = {
	.name = "marked",
	.probe = count_probe,
	.remove = accept_remove,
	.ids = marked_ids,
};

static void expect(bool holds, const char *what)
{
	if (!holds) {
		fprintf(stderr, "dpdk_scan: %s (rte_errno %d)\n", what, rte_errno);
		exit(3);
	}
}

static void initialise(const char *devices, bool with_pci)
{
	char *arguments[] = {
		"dpdk_scan", "--no-huge", "-m", "16",  "--no-shconf", "--no-telemetry", "--iova-mode=va", "-l",
		"0",	     "--log-level", "critical", "--no-pci", NULL,
	};
	int count = (int)(sizeof(arguments) / sizeof(arguments[0])) - 1;

	if (with_pci)
		arguments[--count] = NULL;
	setenv("SYSFS_PCI_DEVICES", devices, 1);
	expect(rte_eal_init(count, arguments) >= 0, "rte_eal_init failed");
}

/* How many devices DPDK has: it prints a line for each that starts with the address. */
static unsigned long devices_known(void)
{
	char *text = NULL;
	size_t size = 0;
	unsigned long count = 0;
	FILE *memory = open_memstream(&text, &size);

	if (memory == NULL)
		die("open_memstream", "device count");
	rte_pci_dump(memory);
	fclose(memory);
	for (const char *at = text; (at = strstr(at, " - vendor:")) != NULL; at++)
		count++;
	free(text);
	return count;
}

static void register_drivers(void)
{
	for (int d = 0; d < DRIVERS; d++) {
		for (int i = 0; i < IDS_PER_DRIVER; i++)
			driver_ids[d][i] = (struct rte_pci_id){
				.class_id = RTE_CLASS_ANY_ID,
				.vendor_id = vendors[i % (int)(sizeof(vendors) / sizeof(vendors[0]))],
				.device_id = (uint16_t)(UNUSED_DEVICE_IDS + d * IDS_PER_DRIVER + i),
				.subsystem_vendor_id = RTE_PCI_ANY_ID,
				.subsystem_device_id = RTE_PCI_ANY_ID,
			};
		snprintf(driver_names[d], sizeof(driver_names[d]), "bench%d", d);
		drivers[d] = (struct pci_driver){
			.name = driver_names[d],
			.probe = count_probe,
			.remove = accept_remove,
			.ids = driver_ids[d],
		};
		rte_pci_register(&drivers[d]);
	}
}

static void measure_rescan(unsigned long devices, int reps)
{
	for (int rep = 0; rep < reps; rep++) {
		struct stopwatch watch = stopwatch_start();

		rte_bus_scan();
		watch = stopwatch_stop(watch);
		result("dpdk", "rescan", rep == 0 ? "cold" : "warm", devices, rep, watch);
	}
	expect(devices_known() == devices, "a rescan changed the number of devices");
}

static void measure_match(unsigned long devices, int reps)
{
	probes = 0;
	for (int rep = 0; rep < reps; rep++) {
		struct stopwatch watch = stopwatch_start();

		rte_bus_probe();
		watch = stopwatch_stop(watch);
		result("dpdk", "match", rep == 0 ? "cold" : "warm", devices, rep, watch);
	}
	expect(probes == 0, "a driver that fits no device was probed");
}

static void measure_late_driver(const char *marked, unsigned long devices, int reps)
{
	for (int rep = 0; rep < reps; rep++) {
		struct stopwatch watch;

		probes = 0;
		watch = stopwatch_start();
		rte_pci_register(&marked_driver);
		rte_bus_probe();
		watch = stopwatch_stop(watch);
		expect(probes == 1, "the late driver was not probed exactly once");
		result("dpdk", "late_driver", rep == 0 ? "cold" : "warm", devices, rep, watch);
		expect(rte_eal_hotplug_remove("pci", marked) == 0, "the marked device could not be removed");
		rte_pci_unregister(&marked_driver);
		rte_bus_scan(); /* which finds the marked device again */
	}
}

static void measure_hot_insert(const char *path, const char *marked, unsigned long devices, int reps)
{
	char link[PATH_MAX + NAME_MAX], target[PATH_MAX];
	ssize_t length;

	snprintf(link, sizeof(link), "%s/%s", path, marked);
	length = readlink(link, target, sizeof(target) - 1);
	if (length < 0)
		die("readlink", link);
	target[length] = '\0';
	rte_pci_register(&marked_driver);
	rte_bus_probe();
	for (int rep = 0; rep < reps; rep++) {
		struct stopwatch watch;
		int added;

		if (unlink(link) != 0)
			die("unlink", link);
		expect(rte_eal_hotplug_remove("pci", marked) == 0, "the marked device could not be removed");
		if (symlink(target, link) != 0)
			die("symlink", link);
		probes = 0;
		watch = stopwatch_start();
		added = rte_eal_hotplug_add("pci", marked, "");
		watch = stopwatch_stop(watch);
		expect(added == 0 && probes == 1, "the marked device was not attached and probed exactly once");
		result("dpdk", "hot_insert", rep == 0 ? "cold" : "warm", devices, rep, watch);
	}
	expect(devices_known() == devices, "hot insertion changed the number of devices");
}

static bool wanted(const char *phases, const char *phase)
{
	size_t length = strlen(phase);

	if (phases == NULL)
		return true;
	for (const char *at = phases; (at = strstr(at, phase)) != NULL; at += length)
		if ((at == phases || at[-1] == ',') && (at[length] == ',' || at[length] == '\0'))
			return true;
	return false;
}

static int usage(void)
{
	fprintf(stderr, "usage: dpdk_scan [-n REPS] [-m ADDRESS] [-p PHASES] ROOT\n");
	return 2;
}

int main(int argc, char **argv)
{
	char path[PATH_MAX], empty[] = "/tmp/busbar-bench-empty-XXXXXX";
	const char *marked = NULL, *phases = NULL;
	unsigned long devices;
	int reps = 5;
	int option;
	struct stopwatch watch;

	while ((option = getopt(argc, argv, "n:m:p:")) != -1) {
		switch (option) {
		case 'n':
			reps = atoi(optarg);
			break;
		case 'm':
			marked = optarg;
			break;
		case 'p':
			phases = optarg;
			break;
		default:
			return usage();
		}
	}
	if (optind + 1 != argc || reps < 1)
		return usage();
	snprintf(path, sizeof(path), "%s/bus/pci/devices", argv[optind]);
	/* DPDK only logs when it finds no tree: a time measured then would be a time for nothing. */
	if (access(path, R_OK | X_OK) != 0)
		die("access", path);

	if (phases != NULL && strncmp(phases, "start", 5) == 0) {
		initialise(path, strcmp(phases, "start") == 0);
		return 0;
	}

	if (mkdtemp(empty) == NULL)
		die("mkdtemp", empty);
	initialise(empty, true);
	rmdir(empty);
	expect(devices_known() == 0, "devices on an empty bus");
	setenv("SYSFS_PCI_DEVICES", path, 1);

	watch = stopwatch_start();
	rte_bus_scan();
	watch = stopwatch_stop(watch);
	devices = devices_known();
	if (wanted(phases, "first"))
		result("dpdk", "first", "cold", devices, 0, watch);
	if (wanted(phases, "rescan"))
		measure_rescan(devices, reps);
	register_drivers();
	if (wanted(phases, "match"))
		measure_match(devices, reps);
	if (marked != NULL && wanted(phases, "late_driver"))
		measure_late_driver(marked, devices, reps);
	if (marked != NULL && wanted(phases, "hot_insert"))
		measure_hot_insert(path, marked, devices, reps);
	return 0;
}
