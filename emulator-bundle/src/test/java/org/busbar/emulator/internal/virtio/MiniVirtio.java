package org.busbar.emulator.internal.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
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

/**
 * The least of a driver with split virtqueues: each has its descriptors, its available and its used ring in a page of its
 * own, and a buffer of 8 KiB for each descriptor.
 */
final class MiniVirtio implements AutoCloseable {

    static final MacAddress MAC = new MacAddress(0x5254_0012_3456L);
    static final long NEEDED = Virtio.VERSION_1 | Virtio.ACCESS_PLATFORM;
    static final int SIZE = 16;
    static final int BUFFER = 8192;
    private static final int STATUS = 0x14;
    private static final long MEMORY = 0x10_0000;
    private static final int PER_QUEUE = 0x4_0000;
    private static final int BUFFERS = 0x4000;
    private static final int WRITE = 2;

    final NetworkSwitch network = new NetworkSwitch();
    final SwitchPort peer = network.attach("peer", () -> {});
    final Queue<IommuFault> iommuFaults = new ConcurrentLinkedQueue<>();
    final MemorySegment scratch = Arena.ofAuto().allocate(NetworkSwitch.MAX_FRAME, 8);
    final EmulatedFunction function;
    final FunctionHandle handle;
    final Bar bar;
    final MemorySegment memory;
    private final int queues;
    private final int[] available;

    MiniVirtio(int pairs) throws Exception {
        queues = 2 * pairs + 1;
        available = new int[queues];
        function = new EmulatedFunction(
                1,
                new PciAddress(0xe000, 1, 0, 0),
                new VirtioNetModel(new Card.VirtioNet(MAC, pairs, 1500), network),
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
        bar = handle.bar(Virtio.BAR);
        memory = handle.dma().map(MEMORY, (long) queues * PER_QUEUE);
        // Before that nothing arrives.
        await("the link", () -> (bar.read16(Virtio.DEVICE + 6) & 1) != 0);
    }

    /** Negotiates features, and sets all virtqueues up. */
    void begin(long features) {
        bar.write8(STATUS, 3);
        bar.write32(0x08, 0);
        bar.write32(0x0c, (int) (features | NEEDED));
        bar.write32(0x08, 1);
        bar.write32(0x0c, (int) ((features | NEEDED) >>> 32));
        bar.write8(STATUS, 3 | Virtio.FEATURES_OK);
        assertThat(bar.read8(STATUS) & Virtio.FEATURES_OK).isNotZero();
        for (int queue = 0; queue < queues; queue++) {
            enable(queue);
        }
    }

    void run() {
        bar.write8(STATUS, 3 | Virtio.FEATURES_OK | Virtio.DRIVER_OK);
    }

    void enable(int queue) {
        bar.write16(0x16, queue);
        bar.write16(0x18, SIZE);
        for (int area = 0; area < 3; area++) {
            bar.write32(0x20 + 8L * area, (int) (address(queue) + 0x1000L * area));
            bar.write32(0x24 + 8L * area, 0);
        }
        memory.asSlice(at(queue), 0x3000).fill((byte) 0);
        available[queue] = 0;
        bar.write16(0x1c, 1);
    }

    private static int at(int queue) {
        return queue * PER_QUEUE;
    }

    static long address(int queue) {
        return MEMORY + at(queue);
    }

    static long buffer(int queue, int index) {
        return address(queue) + BUFFERS + (long) index * BUFFER;
    }

    private static int bufferAt(int queue, int index) {
        return at(queue) + BUFFERS + index * BUFFER;
    }

    void descriptor(int queue, int index, long address, int length, int flags, int next) {
        long at = at(queue) + 16L * index;
        memory.set(ValueLayout.JAVA_LONG, at, address);
        memory.set(ValueLayout.JAVA_INT, at + 8, length);
        memory.set(ValueLayout.JAVA_SHORT, at + 12, (short) flags);
        memory.set(ValueLayout.JAVA_SHORT, at + 14, (short) next);
    }

    /** Makes a chain available. */
    void offer(int queue, int head) {
        int index = available[queue]++;
        memory.set(ValueLayout.JAVA_SHORT, at(queue) + 0x1004L + 2 * (index % SIZE), (short) head);
        ValueLayout.JAVA_SHORT
                .varHandle()
                .setRelease(memory, at(queue) + 0x1002L, (short) available[queue]);
    }

    void notify(int queue) {
        bar.write16(Virtio.NOTIFY + (long) Virtio.NOTIFY_MULTIPLIER * queue, queue);
    }

    /** Offers buffers for received frames. */
    void offerReceive(int queue, int count, int bytes) {
        for (int i = 0; i < count; i++) {
            descriptor(queue, i, buffer(queue, i), bytes, WRITE, 0);
            offer(queue, i);
        }
    }

    /** Returns how many buffers were used, modulo 65,536. */
    int used(int queue) {
        return (short) ValueLayout.JAVA_SHORT.varHandle().getAcquire(memory, at(queue) + 0x2002L) & 0xffff;
    }

    int usedId(int queue, int index) {
        return memory.get(ValueLayout.JAVA_INT, at(queue) + 0x2004L + 8 * (index % SIZE));
    }

    int usedLength(int queue, int index) {
        return memory.get(ValueLayout.JAVA_INT, at(queue) + 0x2008L + 8 * (index % SIZE));
    }

    byte[] bytes(int queue, int index, int length) {
        return memory.asSlice(bufferAt(queue, index), length).toArray(ValueLayout.JAVA_BYTE);
    }

    void put(int queue, int index, int offset, byte[] bytes) {
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, bufferAt(queue, index) + offset, bytes.length);
    }

    /** Has a command carried out; returns whether the device has accepted it. */
    boolean command(byte[] command) {
        int queue = queues - 1;
        int before = used(queue);
        put(queue, 0, 0, command);
        descriptor(queue, 0, buffer(queue, 0), command.length, 1, 1);
        descriptor(queue, 1, buffer(queue, 1), 1, WRITE, 0);
        offer(queue, 0);
        notify(queue);
        await("the answer", () -> used(queue) != before);
        return bytes(queue, 1, 1)[0] == 0;
    }

    void arrive(byte[] frame) {
        MemorySegment.copy(frame, 0, scratch, ValueLayout.JAVA_BYTE, 0, frame.length);
        assertThat(peer.send(scratch, 0, frame.length)).isTrue();
    }

    byte[] takeSent() {
        await("a frame at the other side", () -> peer.waiting() > 0);
        int length = peer.receive(scratch, 0, (int) scratch.byteSize());
        return scratch.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    }

    int status() {
        return bar.read8(STATUS);
    }

    void faults(Fault... faults) {
        function.setFaults(List.of(faults));
    }

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
