package org.busbar.emulator.internal.nic;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.busbar.device.Deadline;
import org.busbar.emulator.Card;
import org.busbar.emulator.Fault;
import org.busbar.emulator.Rack.IommuFault;
import org.busbar.emulator.internal.function.EmulatedFunction;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.emulator.internal.net.SwitchPort;
import org.busbar.net.MacAddress;
import org.busbar.pci.Bar;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.FunctionNotices;

/** A NIC that is open, memory for it, and a plain port on the same switch as its counterpart. */
final class Bench implements AutoCloseable {

    static final MacAddress MAC = MacAddress.parse("52:54:00:12:34:56");
    static final long RX_RING = 0x10_0000;
    static final long TX_RING = 0x10_1000;
    static final long BUFFERS = 0x20_0000;
    static final int BUFFER = 2048;
    static final int ENTRIES = 8;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    final NetworkSwitch network = new NetworkSwitch();
    final SwitchPort peer = network.attach("peer", () -> {});
    final Queue<IommuFault> iommuFaults = new ConcurrentLinkedQueue<>();
    final LinkedBlockingQueue<Integer> fired = new LinkedBlockingQueue<>();
    final EmulatedFunction function;
    final FunctionHandle handle;
    final Bar bar;
    final MemorySegment rings;
    final MemorySegment buffers;
    final MemorySegment scratch = java.lang.foreign.Arena.ofAuto().allocate(16_384, 8);

    Bench() throws Exception {
        function = new EmulatedFunction(
                1, new PciAddress(0xe000, 1, 0, 0), new NicModel(new Card.Nic(MAC), network), iommuFaults::add);
        function.plugIn();
        handle = function.open(new FunctionNotices() {
            @Override
            public void ejectRequested() {}

            @Override
            public void ejectCancelled() {}

            @Override
            public void maybeGone() {}

            @Override
            public void error(String what) {}
        });
        bar = handle.bar(0);
        rings = handle.dma().map(RX_RING, 0x2000);
        buffers = handle.dma().map(BUFFERS, 0x10_000);
        handle.interrupts().enable(5, fired::add);
        await("the link to come up", () -> (read(Reg.STATUS) & Reg.STATUS_LINK_UP) != 0);
    }

    int read(int offset) {
        return bar.read32(offset);
    }

    void write(int offset, int value) {
        bar.write32(offset, value);
    }

    /** Starts receiving into seven buffers. */
    void startReceive(int rctl) {
        for (int i = 0; i < ENTRIES; i++) {
            rings.set(LONG, i * 16L, BUFFERS + (long) i * BUFFER);
            rings.set(LONG, i * 16L + 8, 0);
        }
        write(Reg.RDBAL, (int) RX_RING);
        write(Reg.RDBAH, 0);
        write(Reg.RDLEN, ENTRIES * 16);
        write(Reg.RDH, 0);
        write(Reg.RDT, ENTRIES - 1);
        write(Reg.RCTL, Reg.RCTL_ENABLE | rctl);
    }

    void startTransmit() {
        write(Reg.TDBAL, (int) TX_RING);
        write(Reg.TDBAH, 0);
        write(Reg.TDLEN, ENTRIES * 16);
        write(Reg.TDH, 0);
        write(Reg.TDT, 0);
        write(Reg.TCTL, Reg.TCTL_ENABLE | Reg.TCTL_PAD);
    }

    /** Returns the second half of a receive descriptor. */
    long received(int index) {
        return (long) LONG.varHandle().getAcquire(rings, index * 16L + 8);
    }

    /** Returns the second half of a transmit descriptor. */
    long sent(int index) {
        return (long) LONG.varHandle().getAcquire(rings, 0x1000 + index * 16L + 8);
    }

    void descriptor(int index, long address, long command) {
        rings.set(LONG, 0x1000 + index * 16L, address);
        rings.set(LONG, 0x1000 + index * 16L + 8, command);
    }

    /** Makes a frame in a segment. */
    static void frame(MemorySegment segment, long offset, String destination, int length) {
        MacAddress to = MacAddress.parse(destination);
        for (int i = 0; i < length; i++) {
            segment.set(ValueLayout.JAVA_BYTE, offset + i, (byte) (i * 7));
        }
        for (int i = 0; i < 6; i++) {
            segment.set(ValueLayout.JAVA_BYTE, offset + i, to.octet(i));
            segment.set(ValueLayout.JAVA_BYTE, offset + 6 + i, (byte) (i == 0 ? 2 : 9));
        }
    }

    /** Sends a frame from the other side. */
    void arrive(String destination, int length) {
        frame(scratch, 0, destination, length);
        assertThat(peer.send(scratch, 0, length)).isTrue();
    }

    /** Takes a frame that has reached the other side; returns its length. */
    int takeSent() throws InterruptedException {
        await("a frame at the other side", () -> peer.waiting() > 0);
        return peer.receive(scratch, 0, (int) scratch.byteSize());
    }

    void faults(Fault... faults) {
        function.setFaults(List.of(faults));
    }

    int vector() throws InterruptedException {
        Integer vector = fired.poll(20, TimeUnit.SECONDS);
        assertThat(vector).as("an interrupt").isNotNull();
        return vector;
    }

    /** Looks until a condition holds. */
    static void await(String what, BooleanSupplier condition) {
        Deadline deadline = Deadline.afterMillis(20_000);
        while (!condition.getAsBoolean()) {
            if (deadline.expired()) {
                throw new AssertionError("timed out waiting for " + what);
            }
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        handle.close();
        function.cutOff();
        function.switchOff();
        assertThat(function.crash()).isNull();
    }
}
