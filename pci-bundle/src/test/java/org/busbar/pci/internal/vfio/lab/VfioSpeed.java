package org.busbar.pci.internal.vfio.lab;

import static org.busbar.pci.internal.vfio.lab.Lab.millis;
import static org.busbar.pci.internal.vfio.lab.Lab.run;
import static org.busbar.pci.internal.vfio.lab.Lab.say;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.busbar.device.Deadline;
import org.busbar.pci.Bar;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.internal.vfio.VfioOpener;

/** How long accesses take in the guest. Several rounds each, because the first are interpreted. */
final class VfioSpeed {

    private static final VarHandle WORD = ValueLayout.JAVA_INT.varHandle();

    private VfioSpeed() {}

    static void measure(LabCard card) throws Exception {
        try (FunctionHandle handle = card.open(new VfioOpener())) {
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
                say("mmio", "read %.0f ns, write %.0f ns (sum %x)".formatted(read, millis(from) * 1e6 / rounds, sum));
            }
            for (int run = 0; run < 3; run++) {
                long from = System.nanoTime();
                for (int i = 0; i < 5_000; i++) {
                    handle.config().read32(8);
                }
                say("config", "read %.1f us".formatted(millis(from) / 5));
            }
            NvmeAdmin admin = new NvmeAdmin(handle, Deadline.afterMillis(10_000));
            for (int run = 0; run < 4; run++) {
                long from = System.nanoTime();
                for (int i = 0; i < 1_000; i++) {
                    admin.identify(Deadline.afterMillis(10_000));
                }
                say("identify", "%.0f us each with DMA and interrupt".formatted(millis(from)));
            }
        }
        floor(card);
    }

    /** The least that Java can do: the same page mapped through sysfs, without anything of ours. */
    private static void floor(LabCard card) throws Exception {
        Path resource = Path.of("/sys/bus/pci/devices", card.address().toString(), "resource0");
        run("setpci -s " + card.address() + " COMMAND=2:2");
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
                say("floor", "read %.0f ns (sum %x)".formatted(millis(from) * 1e6 / rounds, sum));
            }
        }
    }
}
