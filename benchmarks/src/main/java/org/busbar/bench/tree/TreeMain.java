package org.busbar.bench.tree;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * Makes and changes trees from the command line. Commands that change devices print their addresses, one on a line.
 *
 * <p>A tree's file {@code marked} holds the address of its marked device (see {@link DeviceMix#MARKED_SUBSYSTEM_VENDOR}).
 */
public final class TreeMain {

    private static final String USAGE =
            """
                    usage: create ROOT COUNT [--seed N] [--driverless PERCENT]   a tree of COUNT devices
                           scenario ROOT                                         DPDK's test scenario of three devices
                           add ROOT COUNT [--seed N]                             insert COUNT devices at free addresses
                           remove ROOT COUNT [--seed N]                          remove COUNT devices, never the marked one
                           replace ROOT COUNT [--seed N]                         swap COUNT devices for others, in place
                           delete ROOT                                           remove the whole tree
                    """;

    private static final int MAX_DEVICES = 1 << 28;

    private TreeMain() {}

    /** Runs one command; a usage error ends the process with status 2. */
    public static void main(String[] arguments) throws IOException {
        try {
            run(new ArrayList<>(List.of(arguments)), System.out);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.print(USAGE);
            System.exit(2);
        }
    }

    private static void run(List<String> words, PrintStream out) throws IOException {
        long seed = number(option(words, "--seed", "1"));
        int driverless = (int) number(option(words, "--driverless", "0"));
        if (words.size() < 2) {
            throw new IllegalArgumentException("a command and a directory are needed");
        }
        Path root = Path.of(words.get(1));
        DeviceMix mix = new DeviceMix(seed, driverless);
        switch (words.get(0)) {
            case "create" -> create(root, mix, seed, count(words));
            case "scenario" -> scenario(root);
            case "add" -> add(new FakeSysfs(root), mix, count(words), out);
            case "remove" -> {
                FakeSysfs tree = new FakeSysfs(root);
                for (String address : choose(root, tree, seed, count(words))) {
                    tree.remove(address);
                    out.println(address);
                }
            }
            case "replace" -> replace(root, mix, seed, count(words), out);
            case "delete" -> new FakeSysfs(root).delete();
            default -> throw new IllegalArgumentException("unknown command: " + words.get(0));
        }
    }

    private static void create(Path root, DeviceMix mix, long seed, int count) throws IOException {
        FakeSysfs tree = new FakeSysfs(root);
        if (!tree.addresses().isEmpty()) {
            throw new IllegalArgumentException(root + " has devices already: delete it first");
        }
        List<Integer> order = new ArrayList<>(count);
        for (int index = 0; index < count; index++) {
            order.add(index);
        }
        // A real sysfs lists by hash. A file system that lists in order of creation would flatter whoever sorts.
        Collections.shuffle(order, new Random(seed));
        int marked = count / 2;
        for (int index : order) {
            tree.add(index == marked ? DeviceMix.marked(DeviceMix.address(index)) : mix.device(index, 0));
        }
        Files.writeString(root.resolve("marked"), DeviceMix.address(marked) + "\n");
    }

    /** Three devices, one of them at a device number (ab) that no hardware has: device numbers are 5 bits on a bus. */
    private static void scenario(Path root) throws IOException {
        FakeSysfs tree = new FakeSysfs(root);
        tree.add(DeviceMix.marked("0000:01:00.0"));
        for (String address : List.of("0000:01:02.0", "0000:02:ab.0")) {
            tree.add(new FakeDevice(address, 0x8086, 0x10d3, 0x8086, 0xa01f, 0x020000, 0x00, "vfio-pci", 0));
        }
        Files.writeString(root.resolve("marked"), "0000:01:00.0\n");
    }

    private static void add(FakeSysfs tree, DeviceMix mix, int count, PrintStream out) throws IOException {
        Set<String> present = tree.addresses();
        int added = 0;
        for (int index = 0; added < count && index < MAX_DEVICES; index++) {
            if (!present.contains(DeviceMix.address(index))) {
                FakeDevice device = mix.device(index, 1);
                tree.add(device);
                out.println(device.address());
                added++;
            }
        }
    }

    private static void replace(Path root, DeviceMix mix, long seed, int count, PrintStream out) throws IOException {
        FakeSysfs tree = new FakeSysfs(root);
        Map<String, Integer> indexes = new HashMap<>();
        int left = tree.addresses().size();
        Set<String> present = tree.addresses();
        for (int index = 0; left > 0 && index < MAX_DEVICES; index++) {
            if (present.contains(DeviceMix.address(index))) {
                indexes.put(DeviceMix.address(index), index);
                left--;
            }
        }
        for (String address : choose(root, tree, seed, count)) {
            tree.replace(mix.device(indexes.getOrDefault(address, 0), 2));
            out.println(address);
        }
    }

    private static List<String> choose(Path root, FakeSysfs tree, long seed, int count) throws IOException {
        List<String> addresses = new ArrayList<>(new TreeSet<>(tree.addresses()));
        addresses.remove(Files.readString(root.resolve("marked")).strip());
        if (count > addresses.size()) {
            throw new IllegalArgumentException("only " + addresses.size() + " devices can be changed");
        }
        Collections.shuffle(addresses, new Random(seed));
        return addresses.subList(0, count);
    }

    private static int count(List<String> words) {
        if (words.size() != 3) {
            throw new IllegalArgumentException("a directory and a number of devices are needed");
        }
        long count = number(words.get(2));
        if (count < 1 || count > MAX_DEVICES) {
            throw new IllegalArgumentException("not a number of devices from 1 to " + MAX_DEVICES + ": " + count);
        }
        return (int) count;
    }

    private static String option(List<String> words, String name, String otherwise) {
        int at = words.indexOf(name);
        if (at < 0) {
            return otherwise;
        }
        if (at + 1 == words.size()) {
            throw new IllegalArgumentException(name + " needs a value");
        }
        words.remove(at);
        return words.remove(at);
    }

    private static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not a number: " + text, e);
        }
    }
}
