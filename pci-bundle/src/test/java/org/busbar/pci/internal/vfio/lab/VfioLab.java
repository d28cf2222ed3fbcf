package org.busbar.pci.internal.vfio.lab;

import static org.busbar.pci.internal.vfio.lab.Lab.check;
import static org.busbar.pci.internal.vfio.lab.Lab.millis;
import static org.busbar.pci.internal.vfio.lab.Lab.run;
import static org.busbar.pci.internal.vfio.lab.Lab.say;
import static org.busbar.pci.internal.vfio.lab.Lab.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.pci.Bar;
import org.busbar.pci.ConfigSpace;
import org.busbar.pci.DmaException;
import org.busbar.pci.host.DmaSpace;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.OpenException;
import org.busbar.pci.internal.vfio.VfioOpener;

/**
 * What VFIO does with a real kernel. Run in the VM lab by {@code itests/lab/scenarios/vfio.sh}, which has bound an NVMe card in
 * slot 2 to vfio-pci. Each step is a check and prints what it measured; the first that fails ends the run.
 *
 * <p>Arguments: a step, or {@code all} for those that need nothing but the card, and the card's address.
 */
public final class VfioLab {

    private static final int COMMAND = 0x04;
    private static final int CYCLES = 20;

    private final LabCard card;
    private final VfioOpener opener = new VfioOpener();

    private VfioLab(LabCard card) {
        this.card = card;
    }

    public static void main(String[] arguments) throws Exception {
        VfioLab lab = new VfioLab(new LabCard(arguments[1]));
        switch (arguments[0]) {
            case "all" -> {
                lab.identify();
                lab.L6_nothingIsLeftAfterClose();
                lab.busyGroupNamesItsUser();
                lab.memoryDecodingStaysOn();
                lab.L6_revokedWhileReading();
                lab.L8_ejectRequestThenClose();
                lab.L8_pulledWhileReading();
            }
            case "speed" -> VfioSpeed.measure(lab.card);
            case "permission" -> lab.card.expectOpenFailure(lab.opener, OpenException.Reason.PERMISSION);
            case "unbound" -> lab.card.expectOpenFailure(lab.opener, OpenException.Reason.NOT_CLAIMED);
            case "shared" -> lab.card.expectOpenFailure(lab.opener, OpenException.Reason.GROUP_SHARED);
            case "memlock" -> lab.memlock();
            case "group" -> lab.twoFunctionsOfOneGroup(new LabCard(arguments[1].replace(".2", ".3")));
            case "dead" -> lab.L5_deadCardDoesNotHoldUpClose();
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private FunctionHandle open() throws OpenException {
        return card.open(opener);
    }

    private void identify() throws Exception {
        long began = System.nanoTime();
        try (FunctionHandle handle = open()) {
            say("open", "%.1f ms".formatted(millis(began)));
            Bar registers = handle.bar(0);
            say("registers",
                    "CAP %x VS %x, %d bytes, mapped %s; config %d bytes, capabilities %s".formatted(
                            registers.read64(NvmeAdmin.CAP), registers.read32(NvmeAdmin.VS), registers.size(),
                            registers.isMapped(), handle.config().size(), handle.config().capabilities()));
            say("dma", "ranges %s page %d chunk %d".formatted(handle.dma().ranges(), handle.dma().pageSize(),
                    handle.dma().chunkSize()));
            say("interrupts", "%d vectors".formatted(handle.interrupts().available()));
            NvmeAdmin admin = new NvmeAdmin(handle, Deadline.afterMillis(10_000));
            String model = admin.identify(Deadline.afterMillis(10_000));
            check(model.equals("QEMU NVMe Ctrl"), "model is " + model);
            long from = System.nanoTime();
            int rounds = 500;
            for (int i = 0; i < rounds; i++) {
                admin.identify(Deadline.afterMillis(10_000));
            }
            say("identify", "%d with DMA and interrupt, none missed, %.0f us each".formatted(rounds,
                    millis(from) * 1000 / rounds));
            from = System.nanoTime();
            handle.reset(Deadline.afterMillis(10_000));
            say("reset", "%.1f ms".formatted(millis(from)));
            check(!admin.isReady(), "the controller is ready after a reset");
            handle.interrupts().disable();
            began = System.nanoTime();
        }
        say("close", "%.1f ms".formatted(millis(began)));
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
        say("footprint", "%s before and after each of %d cycles, %.0f ms a cycle".formatted(before, CYCLES,
                millis(from) / CYCLES));
    }

    private void busyGroupNamesItsUser() throws Exception {
        try (FunctionHandle handle = open()) {
            check(handle.config().size() == 4096, "config space");
            try (FunctionHandle second = card.open(new VfioOpener())) {
                throw new AssertionError("opened twice: " + second);
            } catch (OpenException e) {
                check(e.reason() == OpenException.Reason.BUSY, e.toString());
                check(e.getMessage().contains("pid " + ProcessHandle.current().pid()), e.getMessage());
                say("busy", e.getMessage());
            }
        }
    }

    /**
     * Functions of one group share the kernel's group and container, and must not share addresses. Here the SATA and the
     * SMBus controller of the chip set, which are conventional functions: small configuration space, no MSI-X, I/O ports.
     */
    private void twoFunctionsOfOneGroup(LabCard neighbour) throws Exception {
        Footprint before = Footprint.now();
        FunctionHandle smbus = neighbour.open(opener);
        try (FunctionHandle sata = open()) {
            say("group", "ranges %s and %s".formatted(sata.dma().ranges(), smbus.dma().ranges()));
            long mine = sata.dma().ranges().getFirst().first();
            long theirs = smbus.dma().ranges().getFirst().first();
            check(mine != theirs, "ranges are apart");
            sata.dma().map(mine, sata.dma().chunkSize());
            smbus.dma().map(theirs, smbus.dma().chunkSize());
            check(sata.bar(5).isMapped() && sata.bar(5).read32(0x10) == 0x10000, "AHCI version 1.0");
            check(!sata.bar(4).isMapped(), "I/O ports are not mapped");
            say("group", "config %d bytes, %d vectors, I/O port reads %x".formatted(sata.config().size(),
                    sata.interrupts().available(), sata.bar(4).read32(0)));
            say("group", "config %d bytes, %d vectors".formatted(smbus.config().size(),
                    smbus.interrupts().available()));
            smbus.close();
            sata.dma().unmap(mine);
            sata.dma().map(mine, sata.dma().chunkSize());
            check(sata.bar(5).read32(0x10) == 0x10000, "one is open after the other's end");
        }
        check(Footprint.now().equals(before), "footprint is " + Footprint.now() + ", not " + before);
    }

    /** The slot is switched off behind the kernel's back: the kernel waits over a minute for the card to reset. */
    private void L5_deadCardDoesNotHoldUpClose() throws Exception {
        FunctionHandle handle = open();
        Bar registers = handle.bar(0);
        run("slot_control 2 CAP_EXP+18.w=0:20 CAP_EXP+18.w=0700:0700");
        say("dead", "VS reads as %x, class as %x".formatted(registers.read32(NvmeAdmin.VS), handle.config().read32(8)));
        long from = System.nanoTime();
        handle.close();
        double took = millis(from);
        say("dead", "close returned after %.0f ms; %s".formatted(took, Footprint.now()));
        check(took < 15_000, "close took " + took);
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
                RegisterReader reader = new RegisterReader(handle.bar(0));
                long from = System.nanoTime();
                handle.revoke();
                double revoked = millis(from);
                String end = reader.end();
                check(end.startsWith("DeviceGoneException"), end);
                expectGone(() -> handle.config().read16(0));
                expectGone(() -> handle.bar(0));
                if (i == CYCLES - 1) {
                    say("revoke", "%.2f ms while another thread reads; it ended with %s".formatted(revoked, end));
                }
            }
        }
    }

    private void L8_ejectRequestThenClose() throws Exception {
        FunctionHandle handle = open();
        long from = System.nanoTime();
        Process removal = shell("pci_remove " + card.address());
        String notice = card.notice();
        say("eject", "notice %s %.0f ms after 'remove' was started".formatted(notice, millis(from)));
        check("ejectRequested".equals(notice), "notice is " + notice);
        check(handle.bar(0).read32(NvmeAdmin.VS) != 0, "reads stay valid");
        from = System.nanoTime();
        handle.close();
        check(removal.waitFor(20, TimeUnit.SECONDS) && removal.exitValue() == 0, "the removal ends");
        say("eject", "closed and removed after %.0f ms".formatted(millis(from)));
        run("pci_rescan && wait_for 'present " + card.address() + "' 10 && driver_bind " + card.address()
                + " vfio-pci");
    }

    private void L8_pulledWhileReading() throws Exception {
        FunctionHandle handle = open();
        NvmeAdmin admin = new NvmeAdmin(handle, Deadline.afterMillis(10_000));
        RegisterReader reader = new RegisterReader(handle.bar(0));
        long from = System.nanoTime();
        Process pull = shell("surprise_pull 2");
        String first = card.notice();
        double noticed = millis(from);
        String second = card.notice();
        say("pull", "notices %s, %s after %.0f ms (setpci included)".formatted(first, second, noticed));
        check("maybeGone".equals(first) && "ejectRequested".equals(second), "notices");
        say("pull", "VS reads as %x, class reads as %x".formatted(handle.bar(0).read32(NvmeAdmin.VS),
                handle.config().read32(8)));
        check(!admin.isReady() || handle.bar(0).read32(NvmeAdmin.VS) == -1, "the card is gone");
        handle.revoke();
        check(reader.end().startsWith("DeviceGoneException"), "the reader ends");
        from = System.nanoTime();
        handle.close();
        say("pull", "closed in %.0f ms".formatted(millis(from)));
        check(pull.waitFor(20, TimeUnit.SECONDS), "setpci ends");
        run("wait_for 'absent " + card.address() + "' 10");
        say("pull", "the kernel has removed it %.0f ms after close began".formatted(millis(from)));
        run("wait_for '! inserted 2' 5 && insert 2 nvme,drive=n0,serial=A9 && wait_for 'present " + card.address()
                + "' 10 && driver_bind " + card.address() + " vfio-pci");
        identify();
    }

    /** Run by an ordinary user with little lockable memory. */
    private void memlock() throws Exception {
        try (FunctionHandle handle = open()) {
            NvmeAdmin admin = new NvmeAdmin(handle, Deadline.afterMillis(10_000));
            say("user", "%s drives %s".formatted(System.getProperty("user.name"),
                    admin.identify(Deadline.afterMillis(10_000))));
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
                say("memlock", "%d chunks of %d KiB, then: %s".formatted(mapped.size(), chunk >> 10, e.getMessage()));
            }
            dma.unmap(mapped.getFirst());
            dma.map(mapped.getFirst(), chunk);
            say("memlock", "what was unmapped can be mapped again");
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
}
