package org.busbar.pci.internal.vfio.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.pci.Bar;
import org.busbar.pci.ConfigSpace;
import org.busbar.pci.DmaException;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.DmaSpace;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.host.OpenException;
import org.busbar.pci.internal.vfio.VfioOpener;

/**
 * What VFIO does with a real kernel. Run in the VM lab by {@code itests/lab/scenarios/vfio.sh}, which has bound an NVMe card in
 * slot 2 to vfio-pci. Each step is a check and prints what it measured; the first that fails ends the run.
 *
 * <p>Arguments: the step's name and the card's address; {@code all} for those that need root.
 */
public final class VfioLab {

    private static final int COMMAND = 0x04;
    private static final int CYCLES = 20;
    private static final VarHandle WORD = ValueLayout.JAVA_INT.varHandle();

    private final PciAddress address;
    private final VfioOpener opener = new VfioOpener();
    private final BlockingQueue<String> notices = new LinkedBlockingQueue<>();

    private VfioLab(PciAddress address) {
        this.address = address;
    }

    /** Returns the number of the card's IOMMU group, which is another one after each insertion. */
    private int group() {
        try {
            Path link = Path.of("/sys/bus/pci/devices", address.toString(), "iommu_group");
            return Integer.parseInt(Files.readSymbolicLink(link).getFileName().toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void main(String[] arguments) throws Exception {
        VfioLab lab = new VfioLab(PciAddress.parse(arguments[1]));
        switch (arguments[0]) {
            case "all" -> {
                lab.identify();
                lab.speed();
                lab.L6_nothingIsLeftAfterClose();
                lab.busyGroupNamesItsUser();
                lab.memoryDecodingStaysOn();
                lab.L6_revokedWhileReading();
                lab.L8_ejectRequestThenClose();
                lab.L8_pulledWhileReading();
            }
            case "permission" -> lab.expectOpenFailure(OpenException.Reason.PERMISSION);
            case "speed" -> lab.speed();
            case "unbound" -> lab.expectOpenFailure(OpenException.Reason.NOT_CLAIMED);
            case "memlock" -> lab.memlock();
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private FunctionHandle open() throws OpenException {
        notices.clear();
        return opener.open(new NamedFunction(address), group(), new FunctionNotices() {
            @Override
            public void ejectRequested() {
                notices.add("ejectRequested");
            }

            @Override
            public void ejectCancelled() {
                notices.add("ejectCancelled");
            }

            @Override
            public void maybeGone() {
                notices.add("maybeGone");
            }

            @Override
            public void error(String what) {
                notices.add("error: " + what);
            }
        });
    }

    private void identify() throws Exception {
        long began = System.nanoTime();
        try (FunctionHandle handle = open()) {
            say("open", "%.1f ms", millis(began));
            Bar registers = handle.bar(0);
            say("registers", "CAP %x VS %x, %d bytes, mapped %s; config %d bytes, capabilities %s",
                    registers.read64(NvmeAdmin.CAP), registers.read32(NvmeAdmin.VS), registers.size(),
                    registers.isMapped(), handle.config().size(), handle.config().capabilities());
            say("dma", "ranges %s page %d chunk %d", handle.dma().ranges(), handle.dma().pageSize(),
                    handle.dma().chunkSize());
            say("interrupts", "%d vectors", handle.interrupts().available());
            NvmeAdmin admin = new NvmeAdmin(handle, Deadline.afterMillis(10_000));
            String model = admin.identify(Deadline.afterMillis(10_000));
            check(model.equals("QEMU NVMe Ctrl"), "model is " + model);
            long from = System.nanoTime();
            int rounds = 500;
            for (int i = 0; i < rounds; i++) {
                admin.identify(Deadline.afterMillis(10_000));
            }
            say("identify", "%d with DMA and interrupt, none missed, %.0f us each", rounds,
                    millis(from) * 1000 / rounds);
            from = System.nanoTime();
            handle.reset(Deadline.afterMillis(10_000));
            say("reset", "%.1f ms", millis(from));
            check(!admin.isReady(), "the controller is ready after a reset");
            handle.interrupts().disable();
            began = System.nanoTime();
        }
        say("close", "%.1f ms", millis(began));
    }

    private void speed() throws Exception {
        try (FunctionHandle handle = open()) {
            Bar registers = handle.bar(0);
            int rounds = 300_000;
            for (int run = 0; run < 4; run++) {
                long from = System.nanoTime();
                int sum = 0;
                for (int i = 0; i < rounds; i++) {
                    sum += registers.read32(NvmeAdmin.VS);
                }
                double read = millis(from) * 1e6 / rounds;
                from = System.nanoTime();
                for (int i = 0; i < rounds; i++) {
                    registers.write32(0x1000, 0);
                }
                say("mmio", "read %.0f ns, write %.0f ns (sum %x)", read, millis(from) * 1e6 / rounds, sum);
            }
            for (int run = 0; run < 3; run++) {
                long from = System.nanoTime();
                for (int i = 0; i < 5_000; i++) {
                    handle.config().read32(8);
                }
                say("config", "read %.1f us", millis(from) / 5);
            }
            NvmeAdmin admin = new NvmeAdmin(handle, Deadline.afterMillis(10_000));
            for (int run = 0; run < 4; run++) {
                long from = System.nanoTime();
                for (int i = 0; i < 1_000; i++) {
                    admin.identify(Deadline.afterMillis(10_000));
                }
                say("identify", "%.0f us each with DMA and interrupt", millis(from));
            }
        }
        floor();
    }

    /** The least that Java can do: the same page mapped through sysfs, without anything of ours. */
    private void floor() throws Exception {
        Path resource = Path.of("/sys/bus/pci/devices", address.toString(), "resource0");
        run("setpci -s " + address + " COMMAND=2:2");
        try (Arena arena = Arena.ofShared();
                FileChannel channel = FileChannel.open(resource, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MemorySegment page = channel.map(FileChannel.MapMode.READ_WRITE, 0, 4096, arena);
            int rounds = 300_000;
            for (int run = 0; run < 4; run++) {
                long from = System.nanoTime();
                int sum = 0;
                for (int i = 0; i < rounds; i++) {
                    sum += (int) WORD.getAcquire(page, (long) NvmeAdmin.VS);
                }
                say("floor", "read %.0f ns (sum %x)", millis(from) * 1e6 / rounds, sum);
            }
        }
    }

    private void L6_nothingIsLeftAfterClose() throws Exception {
        Footprint before = Footprint.now();
        long from = System.nanoTime();
        for (int i = 0; i < CYCLES; i++) {
            try (FunctionHandle handle = open()) {
                NvmeAdmin admin = new NvmeAdmin(handle, Deadline.afterMillis(10_000));
                check(admin.identify(Deadline.afterMillis(10_000)).startsWith("QEMU"), "identify");
            }
            Footprint now = Footprint.now();
            check(now.equals(before), "after cycle " + i + ": " + now + ", not " + before);
        }
        say("footprint", "%s before and after each of %d cycles, %.0f ms a cycle", before, CYCLES,
                millis(from) / CYCLES);
    }

    private void busyGroupNamesItsUser() throws Exception {
        try (FunctionHandle handle = open()) {
            check(handle.config().size() == 4096, "config space");
            try (FunctionHandle second = new VfioOpener().open(new NamedFunction(address), group(), new Deaf())) {
                throw new AssertionError("opened twice: " + second);
            } catch (OpenException e) {
                check(e.reason() == OpenException.Reason.BUSY, e.toString());
                check(e.getMessage().contains("pid " + ProcessHandle.current().pid()), e.getMessage());
                say("busy", "%s", e.getMessage());
            }
        }
    }

    /** A driver that turns memory decoding off would get SIGBUS from its next access: it cannot. */
    private void memoryDecodingStaysOn() throws Exception {
        try (FunctionHandle handle = open()) {
            Bar registers = handle.bar(0);
            ConfigSpace config = handle.config();
            int version = registers.read32(NvmeAdmin.VS);
            config.write16(COMMAND, 0);
            check(registers.read32(NvmeAdmin.VS) == version, "registers are still there");
            check((config.read16(COMMAND) & 7) == 2, "command register: " + config.read16(COMMAND));
        }
    }

    private void L6_revokedWhileReading() throws Exception {
        for (int i = 0; i < CYCLES; i++) {
            try (FunctionHandle handle = open()) {
                Reader reader = new Reader(handle.bar(0));
                long from = System.nanoTime();
                handle.revoke();
                double revoked = millis(from);
                String end = reader.end();
                check(end.startsWith("DeviceGoneException"), end);
                expectGone(() -> handle.config().read16(0));
                expectGone(() -> handle.bar(0));
                if (i == CYCLES - 1) {
                    say("revoke", "%.2f ms while another thread reads; it ended with %s", revoked, end);
                }
            }
        }
    }

    private void L8_ejectRequestThenClose() throws Exception {
        FunctionHandle handle = open();
        long from = System.nanoTime();
        Process removal = shell("pci_remove " + address);
        String notice = notices.poll(20, TimeUnit.SECONDS);
        say("eject", "notice %s %.0f ms after 'remove' was started", notice, millis(from));
        check("ejectRequested".equals(notice), "notice is " + notice);
        check(handle.bar(0).read32(NvmeAdmin.VS) != 0, "reads stay valid");
        from = System.nanoTime();
        handle.close();
        check(removal.waitFor(20, TimeUnit.SECONDS) && removal.exitValue() == 0, "the removal ends");
        say("eject", "closed and removed after %.0f ms", millis(from));
        run("pci_rescan && wait_for 'present " + address + "' 10 && driver_bind " + address + " vfio-pci");
    }

    private void L8_pulledWhileReading() throws Exception {
        FunctionHandle handle = open();
        NvmeAdmin admin = new NvmeAdmin(handle, Deadline.afterMillis(10_000));
        Reader reader = new Reader(handle.bar(0));
        long from = System.nanoTime();
        Process pull = shell("surprise_pull 2");
        String first = notices.poll(20, TimeUnit.SECONDS);
        double noticed = millis(from);
        String second = notices.poll(5, TimeUnit.SECONDS);
        say("pull", "notices %s, %s after %.0f ms (setpci included)", first, second, noticed);
        check("maybeGone".equals(first) && "ejectRequested".equals(second), "notices");
        say("pull", "VS reads as %x, class reads as %x", handle.bar(0).read32(NvmeAdmin.VS), handle.config().read32(8));
        check(!admin.isReady() || handle.bar(0).read32(NvmeAdmin.VS) == -1, "the card is gone");
        handle.revoke();
        check(reader.end().startsWith("DeviceGoneException"), "the reader ends");
        from = System.nanoTime();
        handle.close();
        say("pull", "closed in %.0f ms", millis(from));
        check(pull.waitFor(20, TimeUnit.SECONDS), "setpci ends");
        run("wait_for 'absent " + address + "' 10");
        say("pull", "the kernel has removed it %.0f ms after close began", millis(from));
        run("wait_for '! inserted 2' 5 && insert 2 nvme,drive=n0,serial=A9 && wait_for 'present " + address
                + "' 10 && driver_bind " + address + " vfio-pci");
        identify();
    }

    private void expectOpenFailure(OpenException.Reason reason) throws Exception {
        try (FunctionHandle handle = open()) {
            throw new AssertionError("opened: " + handle);
        } catch (OpenException e) {
            say(reason.name().toLowerCase(java.util.Locale.ROOT), "%s", e.getMessage());
            check(e.reason() == reason, "reason is " + e.reason());
        }
    }

    /** Run by an ordinary user with little lockable memory. */
    private void memlock() throws Exception {
        try (FunctionHandle handle = open()) {
            NvmeAdmin admin = new NvmeAdmin(handle, Deadline.afterMillis(10_000));
            say("user", "%s drives %s", System.getProperty("user.name"), admin.identify(Deadline.afterMillis(10_000)));
            DmaSpace dma = handle.dma();
            long at = dma.ranges().getFirst().first() + (1 << 20);
            long chunk = dma.chunkSize();
            List<Long> mapped = new ArrayList<>();
            try {
                while (mapped.size() < 1000) {
                    dma.map(at, chunk);
                    mapped.add(at);
                    at += chunk;
                }
                throw new AssertionError("no limit met");
            } catch (DmaException e) {
                check(e.getMessage().contains("RLIMIT_MEMLOCK"), e.getMessage());
                say("memlock", "%d chunks of %d KiB, then: %s", mapped.size(), chunk >> 10, e.getMessage());
            }
            dma.unmap(mapped.getFirst());
            dma.map(mapped.getFirst(), chunk);
            say("memlock", "%s", "what was unmapped can be mapped again");
        }
    }

    /** Reads a register until that fails. */
    private static final class Reader {
        private final AtomicReference<String> end = new AtomicReference<>("still reading");
        private final Thread thread;

        Reader(Bar registers) throws InterruptedException {
            CountDownLatch reading = new CountDownLatch(1);
            thread = Thread.ofPlatform().daemon().start(() -> {
                long reads = 0;
                try {
                    while (true) {
                        registers.read32(NvmeAdmin.VS);
                        if (++reads == 1000) {
                            reading.countDown();
                        }
                    }
                } catch (DeviceGoneException | InternalError e) {
                    end.set(e.getClass().getSimpleName() + " after " + reads + " reads: " + e.getMessage());
                }
            });
            check(reading.await(10, TimeUnit.SECONDS), "the reader reads");
        }

        String end() throws InterruptedException {
            thread.join(10_000);
            return end.get();
        }
    }

    /** What this process holds. */
    private record Footprint(long descriptors, long mappings, long threads) {
        static Footprint now() throws IOException {
            return new Footprint(count(Path.of("/proc/self/fd")), vfioMappings(), busbarThreads());
        }

        private static long count(Path directory) throws IOException {
            try (Stream<Path> entries = Files.list(directory)) {
                return entries.filter(entry -> isOurs(entry)).count();
            }
        }

        private static boolean isOurs(Path descriptor) {
            try {
                String target = Files.readSymbolicLink(descriptor).toString();
                return target.contains("vfio") || target.contains("eventfd");
            } catch (IOException e) {
                return false;
            }
        }

        private static long vfioMappings() throws IOException {
            return Files.readAllLines(Path.of("/proc/self/maps"))
                    .stream()
                    .filter(line -> line.contains("vfio"))
                    .count();
        }

        private static long busbarThreads() {
            return Thread.getAllStackTraces()
                    .keySet()
                    .stream()
                    .filter(thread -> thread.getName().startsWith("busbar"))
                    .count();
        }
    }

    private static void expectGone(Action action) throws Exception {
        try {
            action.run();
        } catch (DeviceGoneException e) {
            return;
        }
        throw new AssertionError("no DeviceGoneException");
    }

    private interface Action {
        void run() throws Exception;
    }

    private static Process shell(String commands) throws IOException {
        return new ProcessBuilder("bash", "-c", ". \"$LAB_GUEST/lib.sh\"; " + commands).inheritIO().start();
    }

    private static void run(String commands) throws Exception {
        Process process = shell(commands);
        check(process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0, commands);
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    private static double millis(long from) {
        return (System.nanoTime() - from) / 1e6;
    }

    private static void say(String step, String format, Object... arguments) {
        System.out.println(step + ": " + String.format(format, arguments));
    }
}
