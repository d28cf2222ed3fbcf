package org.busbar.driver.nic;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.busbar.device.DeviceGoneException;
import org.busbar.driver.support.Health;
import org.busbar.driver.support.QueuePackets;
import org.busbar.driver.support.ReceiveSide;
import org.busbar.driver.support.Traffic;
import org.busbar.net.DescriptorStatus;
import org.busbar.net.Packet;
import org.busbar.net.driver.DriverPacket;
import org.busbar.net.driver.PacketOwner;
import org.busbar.pci.DmaBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A receive ring (7.1; SDM 3.2): descriptors with a buffer's address, which the controller overwrites with what it has put
 * there. A frame that is longer than a buffer takes several. For one thread at a time; allocates nothing after construction.
 *
 * <pre>
 *   next .. fill   posted, some with frames; fill .. next   without buffer; one slot always stays so
 * </pre>
 */
final class ReceiveRing implements ReceiveSide {

    static final int ENTRIES = 256;
    static final int BYTES = ENTRIES * 16;

    private static final int MASK = ENTRIES - 1;
    /** Buffers to collect before the tail is written, which costs more than all the rest: posting late is harmless. */
    private static final int POST_BATCH = 32;
    /** What no frame exceeds that a controller receives (RCTL.LPE): a chain that does is garbage. */
    private static final int LONGEST_CHAIN = 16_384;

    private static final int MIN_FRAME = 14;
    private static final int RSS_TYPE = 0xf;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final VarHandle LONG_AT = LONG.varHandle();
    /** For stores that need not be whole: without the look at the alignment that the others have. */
    private static final ValueLayout.OfLong PLAIN = ValueLayout.JAVA_LONG_UNALIGNED;

    private final int queue;
    private final MemorySegment ring;
    private final long address;
    private final ReceiveRegisters registers;
    private final ReceiveLayout layout;
    private final int bufferBytes;
    private final QueuePackets packets;
    private final Choices choices;
    private final Traffic traffic;
    private final Health health;
    private final StallWatch watch = new StallWatch();
    private final @Nullable DriverPacket[] slots = new @Nullable DriverPacket[ENTRIES];

    private int next;
    private int fill;
    private int told;
    private int progress;
    /** What has come of a frame in several buffers. */
    private @Nullable DriverPacket head;

    private @Nullable DriverPacket end;
    private int chained;
    private int pieces;
    /** Frames that were damaged, or longer than what was chosen. */
    private volatile long dropped;
    /** The controller has broken the rules, and is not believed any more. */
    private boolean broken;

    /** @param bufferBytes what the controller has been told of the size of buffers */
    ReceiveRing(
            int queue,
            DmaBuffer memory,
            ReceiveRegisters registers,
            ReceiveLayout layout,
            int bufferBytes,
            QueuePackets packets,
            Choices choices,
            Traffic traffic,
            Health health) {
        this.queue = queue;
        this.ring = memory.memory();
        this.address = memory.address();
        this.registers = registers;
        this.layout = layout;
        this.bufferBytes = bufferBytes;
        this.packets = packets;
        this.choices = choices;
        this.traffic = traffic;
        this.health = health;
    }

    /** Tells the controller of the ring, which is empty. */
    void setUp() {
        next = 0;
        fill = 0;
        told = 0;
        broken = false;
        registers.ring(queue, address, BYTES);
    }

    /** Tells the controller that there is nothing for it in the ring. */
    void silence() {
        registers.ring(queue, address, BYTES);
    }

    /** Lets the controller have all the buffers that the ring has room for. */
    @Override
    public void post() {
        if (!broken) {
            refill();
            tell();
        }
    }

    /** Whether {@link #receive} would find a descriptor that is done. */
    @Override
    public boolean hasFrame() {
        return next != fill && !broken && layout.done(word(next));
    }

    long dropped() {
        return dropped;
    }

    /**
     * Takes frames that have arrived.
     *
     * @throws IllegalStateException if the memory has gone; then none are taken
     */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread drops
    @Override
    public int receive(@Nullable Packet[] into) {
        int taken = 0;
        long bytes = 0;
        int limit = choices.mtu() + Family.AROUND_PAYLOAD - 4;
        try {
            // The device writes the descriptor after the frame, and the acquire load keeps our reads in that order.
            while (taken < into.length && next != fill && !broken) {
                long word = word(next);
                if (!layout.done(word)) {
                    break;
                }
                int length = layout.length(word);
                if (length > bufferBytes || chained + length > LONGEST_CHAIN) {
                    distrust(length);
                    break;
                }
                if (++pieces > ENTRIES) {
                    distrust("descriptor %d is the %dth of a frame without end".formatted(next, pieces));
                    break;
                }
                long first = (long) LONG_AT.getOpaque(ring, next * 16L);
                DriverPacket frame = takeNext();
                int total = length;
                if (head != null || !layout.last(word)) {
                    collect(frame, length);
                    if (!layout.last(word)) {
                        continue;
                    }
                    frame = frame();
                    total = chained;
                    chained = 0;
                } else {
                    frame.length(length);
                    frame.owner(PacketOwner.CALLER);
                }
                pieces = 0;
                if (layout.damaged(word) || total > limit || total < MIN_FRAME) {
                    giveFrame(frame);
                    dropped = dropped + 1;
                } else {
                    describe(frame, word, first);
                    bytes += total;
                    into[taken++] = frame;
                }
            }
            if (!broken) {
                refill();
            }
        } catch (IllegalStateException e) {
            giveBack(into, taken);
            throw e;
        }
        if (taken > 0) {
            traffic.add(taken, bytes);
        }
        if (taken == 0 || (fill - told & MASK) >= POST_BATCH) {
            tell();
        }
        return taken;
    }

    /** Adds a buffer to the frame that is arriving. One that is empty has no place in it unless it is the first. */
    private void collect(DriverPacket packet, int length) {
        if (length == 0 && head != null) {
            packets.cache().give(packet);
            return;
        }
        packet.length(length);
        packet.owner(PacketOwner.CALLER);
        DriverPacket before = end;
        if (before == null) {
            head = packet;
        } else {
            before.link(packet);
        }
        end = packet;
        chained += length;
    }

    private DriverPacket frame() {
        DriverPacket frame = head;
        if (frame == null) {
            throw new AssertionError("a frame has ended that has not begun");
        }
        head = null;
        end = null;
        return frame;
    }

    /** Status, tag and hash are in the last descriptor of a frame. */
    private void describe(DriverPacket frame, long word, long first) {
        frame.verified(layout.ipVerified(word), layout.transportVerified(word));
        if (layout.tagged(word) && choices.vlanMode()) {
            frame.vlan(layout.tag(word));
        }
        if (layout == ReceiveLayout.EXTENDED && (first & RSS_TYPE) != 0) {
            frame.hash((int) (first >>> 32));
        }
    }

    private void distrust(int length) {
        distrust("descriptor %d says %d bytes, where a buffer has %d and a frame %d at most"
                .formatted(next, length, bufferBytes, LONGEST_CHAIN));
    }

    private void distrust(String why) {
        broken = true;
        health.fail("receive queue " + queue + ": " + why);
    }

    /** Looks whether the controller goes on elsewhere than at the descriptor that is waited for. */
    void check() {
        if (broken || next == fill) {
            return;
        }
        int head = registers.head(queue);
        if (watch.stands(progress, head != next && !hasFrame())) {
            distrust("the controller is at descriptor %s, and descriptor %d, which it was to fill before, is not done"
                    .formatted(Integer.toUnsignedString(head), next));
        }
    }

    /** Gives all buffers back; the device does not use them any more. */
    @Override
    public void abandon() {
        for (int slot = 0; slot < ENTRIES; slot++) {
            DriverPacket packet = slots[slot];
            if (packet != null) {
                slots[slot] = null;
                packets.cache().give(packet);
            }
        }
        next = fill;
        giveFrame(head);
        head = null;
        end = null;
        chained = 0;
        pieces = 0;
    }

    private void giveFrame(@Nullable DriverPacket frame) {
        for (DriverPacket packet = frame; packet != null;) {
            DriverPacket rest = packet.next();
            packets.cache().give(packet);
            packet = rest;
        }
    }

    private void giveBack(@Nullable Packet[] into, int taken) {
        for (int i = 0; i < taken; i++) {
            Packet packet = into[i];
            into[i] = null;
            if (packet != null) {
                packet.release();
            }
        }
    }

    private DriverPacket takeNext() {
        DriverPacket packet = slots[next];
        if (packet == null) {
            throw new AssertionError("slot " + next + " is posted and has no packet");
        }
        slots[next] = null;
        progress++;
        next = next + 1 & MASK;
        return packet;
    }

    /** A full ring would look empty (RDT = RDH), so a slot stays free. */
    private void refill() {
        while ((fill + 1 & MASK) != next) {
            DriverPacket packet = packets.cache().take(PacketOwner.PORT);
            if (packet == null) {
                return;
            }
            slots[fill] = packet;
            ring.set(PLAIN, fill * 16L, packets.address(packet));
            ring.set(PLAIN, fill * 16L + 8, 0);
            fill = fill + 1 & MASK;
        }
    }

    private void tell() {
        if (told != fill) {
            told = fill;
            try {
                registers.tail(queue, fill);
            } catch (DeviceGoneException e) {
                // What has been received is the caller's all the same; the next call says that the device is gone.
                return;
            }
        }
    }

    @Override
    public DescriptorStatus status(int offset) {
        Objects.checkIndex(offset, ENTRIES);
        if (offset >= (fill - next & MASK)) {
            return DescriptorStatus.UNUSED;
        }
        return layout.done(word(next + offset & MASK)) ? DescriptorStatus.DONE : DescriptorStatus.DEVICE;
    }

    private long word(int slot) {
        return (long) LONG_AT.getAcquire(ring, slot * 16L + 8);
    }
}
