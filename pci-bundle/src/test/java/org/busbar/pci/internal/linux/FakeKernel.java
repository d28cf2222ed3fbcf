package org.busbar.pci.internal.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.busbar.pci.PciAddress;

/** Reacts to writes in a made-up tree as the kernel's driver core does, and remembers them. */
final class FakeKernel implements KernelBinding.Attributes {

    final List<String> writes = new CopyOnWriteArrayList<>();
    private final Tree tree;
    private final Map<String, String> usual = new HashMap<>();
    private volatile String refused = "";
    private volatile CountDownLatch expected = new CountDownLatch(0);
    private volatile String expectedDriver = "";
    private volatile int writesLeft = Integer.MAX_VALUE;
    private volatile Change change = () -> {};

    /** Something that happens in between. */
    @FunctionalInterface
    interface Change {
        void run() throws IOException;
    }

    FakeKernel(Tree tree) {
        this.tree = tree;
    }

    /** Adds a device that kernel driver {@code driver} has; an empty text: nobody has it. */
    FakeKernel add(String address, String ids, String classCode, String driver) throws IOException {
        tree.add(address, ids, classCode).attribute(address, "driver_override", "(null)\n");
        if (!driver.isEmpty()) {
            usual.put(address, driver);
            tree.drive(address, driver);
        }
        return this;
    }

    /** Loads a driver. */
    FakeKernel load(String driver) throws IOException {
        Files.createDirectories(tree.root.resolve("bus/pci/drivers").resolve(driver));
        return this;
    }

    /** Has a driver refuse every device. */
    FakeKernel refuse(String driver) {
        refused = driver;
        return this;
    }

    /** Has every write fail after so many more, as if the program had been killed. */
    FakeKernel dieAfter(int count) {
        writesLeft = count;
        return this;
    }

    /** Has something happen once, before the next write. */
    FakeKernel beforeNextWrite(Change what) {
        change = what;
        return this;
    }

    /** Returns what is counted down when a driver gets a device. */
    CountDownLatch expect(String driver) {
        expectedDriver = driver;
        expected = new CountDownLatch(1);
        return expected;
    }

    String driver(String address) {
        return tree.sysfs().kernelDriver(PciAddress.parse(address)).orElse("");
    }

    @Override
    public String read(Path file) throws IOException {
        return Files.readString(file);
    }

    @Override
    public void write(Path file, String text) throws IOException {
        Change before = change;
        change = () -> {};
        before.run();
        if (writesLeft <= 0) {
            throw new IOException("killed before writing " + file);
        }
        writesLeft = writesLeft - 1;
        writes.add(text.strip() + " > " + tree.root.relativize(file));
        String name = file.getFileName().toString();
        switch (name) {
            case "driver_override" -> Files.writeString(file, text.isBlank() ? "(null)\n" : text);
            case "unbind" -> Files.delete(tree.device(text).resolve("driver"));
            case "drivers_probe" -> match(text);
            case "bind" -> attach(text, file.getParent().getFileName().toString());
            default -> throw new IOException("no such attribute: " + file);
        }
    }

    private void match(String address) throws IOException {
        if (!driver(address).isEmpty()) {
            return;
        }
        String override = Files.readString(tree.device(address).resolve("driver_override")).strip();
        String driver = override.equals("(null)") ? usual.getOrDefault(address, "") : override;
        if (!driver.isEmpty()) {
            attach(address, driver);
        }
    }

    private void attach(String address, String driver) throws IOException {
        if (!driver.equals(refused)) {
            tree.drive(address, driver);
            if (driver.equals(expectedDriver)) {
                expected.countDown();
            }
        }
    }
}
