package org.busbar.emulator.internal.nic;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.busbar.device.Deadline;
import org.busbar.emulator.Card;
import org.busbar.emulator.Fault;
import org.busbar.emulator.NicChip;
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
    /** The rings of the second queues. */
    static final long RX_RING_1 = 0x10_2000;

    static final long TX_RING_1 = 0x10_3000;
    static final long BUFFERS = 0x20_0000;
    /** Where frames to send are, among the buffers. */
    static final int OUT = 0x1_0000;

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
    final MemorySegment scratch = Arena.ofAuto().allocate(NetworkSwitch.MAX_FRAME, 8);

    Bench() throws Exception {
        this(NicChip.I82574L, System::nanoTime);
    }

    /** @param clock what the card has for a clock */
    Bench(NicChip chip, LongSupplier clock) throws Exception {
        function = new EmulatedFunction(
                1, new PciAddress(0xe000, 1, 0, 0), new NicModel(new Card.Nic(MAC, chip), network, clock),
                iommuFaults::add);
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
        rings = handle.dma().map(RX_RING, 0x4000);
        buffers = handle.dma().map(BUFFERS, 0x40_000);
        if (handle.interrupts().available() > 0) {
            handle.interrupts().enable(handle.interrupts().available(), fired::add);
        }
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

    /** Starts the second receive queue; its buffers are behind those of the first. */
    void startReceive1() {
        for (int i = 0; i < ENTRIES; i++) {
            rings.set(LONG, RX_RING_1 - RX_RING + i * 16L, BUFFERS + (long) (ENTRIES + i) * BUFFER);
            rings.set(LONG, RX_RING_1 - RX_RING + i * 16L + 8, 0);
        }
        int queue = Reg.QUEUE_STRIDE;
        write(Reg.RDBAL + queue, (int) RX_RING_1);
        write(Reg.RDBAH + queue, 0);
        write(Reg.RDLEN + queue, ENTRIES * 16);
        write(Reg.RDH + queue, 0);
        write(Reg.RDT + queue, ENTRIES - 1);
    }

    /** Gives receive descriptors back that were used. */
    void refill(int from, int to) {
        for (int i = from; i < to; i++) {
            rings.set(LONG, i * 16L, BUFFERS + (long) i * BUFFER);
            rings.set(LONG, i * 16L + 8, 0);
        }
    }

    /** Returns the second half of a receive descriptor. */
    long received(int index) {
        return (long) LONG.varHandle().getAcquire(rings, index * 16L + 8);
    }

    /** Returns the second half of a receive descriptor of the second queue. */
    long received1(int index) {
        return (long) LONG.varHandle().getAcquire(rings, RX_RING_1 - RX_RING + index * 16L + 8);
    }

    /** Returns the first half of a receive descriptor. */
    long receivedFirst(int index) {
        return rings.get(LONG, index * 16L);
    }

    /** Waits for a legacy receive descriptor to be done; returns its second half. */
    long awaitReceived(int index) {
        await("descriptor " + index, () -> (received(index) & 1L << 32) != 0);
        return received(index);
    }

    /** Waits for an extended receive descriptor to be done; returns its second half. */
    long awaitExtended(int index) {
        await("descriptor " + index, () -> (received(index) & 1) != 0);
        return received(index);
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

    /** Sends these bytes from the other side. */
    void arrive(byte[] frame) {
        MemorySegment.copy(frame, 0, scratch, ValueLayout.JAVA_BYTE, 0, frame.length);
        assertThat(peer.send(scratch, 0, frame.length)).isTrue();
    }

    /** Puts bytes to where frames to send are; returns their address. */
    long out(byte[] frame) {
        MemorySegment.copy(frame, 0, buffers, ValueLayout.JAVA_BYTE, OUT, frame.length);
        return BUFFERS + OUT;
    }

    /** Takes a frame that has reached the other side. */
    byte[] takeFrame() throws InterruptedException {
        int length = takeSent();
        return scratch.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    }

    /** Returns bytes of a receive buffer. */
    byte[] buffer(int index, int length) {
        return buffers.asSlice((long) index * BUFFER, length).toArray(ValueLayout.JAVA_BYTE);
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
