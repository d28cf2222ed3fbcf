package org.busbar.driver.nic;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.busbar.device.DeviceGoneException;
import org.busbar.driver.support.Health;
import org.busbar.driver.support.QueuePackets;
import org.busbar.driver.support.Traffic;
import org.busbar.driver.support.TransmitSide;
import org.busbar.net.DescriptorStatus;
import org.busbar.net.Packet;
import org.busbar.net.driver.DriverPacket;
import org.busbar.net.driver.PacketOwner;
import org.busbar.pci.DmaBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A transmit ring (7.2; SDM 3.3): legacy descriptors for frames that just leave, a context descriptor and extended ones for
 * those that ask for more. The controller reports only the last descriptor of each batch; that one being done says that all
 * before it are. For one thread at a time; allocates nothing after construction.
 */
final class TransmitRing implements TransmitSide {

    static final int ENTRIES = 256;
    static final int BYTES = ENTRIES * 16;

    /** An Ethernet header. */
    static final int MIN_FRAME = 14;

    private static final int MASK = ENTRIES - 1;
    /**
     * What one descriptor has lies in one page, well below what the packet buffer's fetches are limited to (SDM 3.3.3). Pages next
     * to each other for the device need not be so in memory, and QEMU's 82574L does not send a frame whose pieces are not.
     */
    private static final int PAGE = 4096;
    /** What a frame may take of the ring, so that none waits for room that never comes. */
    private static final int MAX_DESCRIPTORS = ENTRIES / 2;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final VarHandle LONG_AT = LONG.varHandle();
    /** For stores that need not be whole: without the look at the alignment that the others have. */
    private static final ValueLayout.OfLong PLAIN = ValueLayout.JAVA_LONG_UNALIGNED;

    // The second half of a descriptor (7.2.10): length, command 31:24, status 35:32.
    private static final long END_OF_PACKET = 1L << 24;
    private static final long REPORT_STATUS = 1L << 27;
    private static final long DONE = 1L << 32;

    private final int queue;
    private final MemorySegment ring;
    private final long address;
    private final TransmitRegisters registers;
    private final QueuePackets packets;
    private final Choices choices;
    private final Offload offload;
    private final Traffic traffic;
    private final Health health;
    private final StallWatch watch = new StallWatch();
    /** In the slot of a frame's last descriptor: the frame. */
    private final @Nullable DriverPacket[] slots = new @Nullable DriverPacket[ENTRIES];
    /** For the first slot of each batch: the last. */
    private final int[] batchEnd = new int[ENTRIES];

    private int clean;
    private int tail;
    private int progress;
    /** Of the frame that {@link #problemOf} has looked at: bytes, and descriptors with that of the context. */
    private int planned;

    private int needed;

    TransmitRing(
            int queue,
            DmaBuffer memory,
            TransmitRegisters registers,
            Family family,
            QueuePackets packets,
            Choices choices,
            Traffic traffic,
            Health health) {
        this.queue = queue;
        this.ring = memory.memory();
        this.address = memory.address();
        this.registers = registers;
        this.packets = packets;
        this.choices = choices;
        this.offload = new Offload(family, choices);
        this.traffic = traffic;
        this.health = health;
    }

    /** Tells the controller of the ring, which is empty. */
    void setUp() {
        clean = 0;
        tail = 0;
        registers.ring(queue, address, BYTES);
    }

    /** Tells the controller that there is nothing for it in the ring. */
    void silence() {
        registers.ring(queue, address, BYTES);
    }

    /**
     * Hands over frames, up to the first that cannot be sent, or for which there is no room. If the very first cannot be sent,
     * says why.
     *
     * @throws IllegalArgumentException if the first is no frame of this queue's, or asks for what the controller cannot do
     */
    @Override
    public int transmit(@Nullable Packet[] from, int first, int count) {
        reclaim();
        int end = tail;
        int accepted = 0;
        long bytes = 0;
        try {
            while (accepted < count) {
                String problem = problemOf(from[first + accepted]);
                if (problem != null) {
                    if (accepted == 0) {
                        throw new IllegalArgumentException(problem);
                    }
                    break;
                }
                DriverPacket frame = (DriverPacket) Objects.requireNonNull(from[first + accepted]);
                if (needed > (clean - end - 1 & MASK)) {
                    break;
                }
                end = write(frame, end);
                bytes += planned;
                accepted++;
            }
            if (accepted > 0) {
                send(end);
                traffic.add(accepted, bytes);
            }
            return accepted;
        } catch (IllegalStateException e) {
            // The memory has gone before the tail was moved: nothing was accepted.
            takeBack();
            throw e;
        }
    }

    /** Writes the descriptors of a frame; returns where the next one's go. */
    private int write(DriverPacket frame, int start) {
        int slot = start;
        if (offload.hasContext()) {
            offload.prepare();
            ring.set(LONG, slot * 16L, offload.contextLow());
            ring.set(LONG, slot * 16L + 8, offload.contextHigh());
            slot = slot + 1 & MASK;
        }
        long at = packets.address(frame);
        int length = frame.length();
        if (frame.next() != null || piece(at, length) < length) {
            return writeParts(frame, slot);
        }
        ring.set(PLAIN, slot * 16L, at);
        ring.set(PLAIN, slot * 16L + 8, length | END_OF_PACKET | offload.common());
        slots[slot] = frame;
        frame.owner(PacketOwner.PORT);
        return slot + 1 & MASK;
    }

    /** The same for a frame that takes several descriptors. */
    private int writeParts(DriverPacket frame, int start) {
        int slot = start;
        int last = slot;
        for (DriverPacket packet = frame; packet != null; packet = packet.next()) {
            long at = packets.address(packet);
            int piece;
            for (int done = 0; done < packet.length(); done += piece) {
                piece = piece(at + done, packet.length() - done);
                ring.set(LONG, slot * 16L, at + done);
                ring.set(LONG, slot * 16L + 8, piece | offload.common());
                last = slot;
                slot = slot + 1 & MASK;
            }
        }
        ring.set(LONG, last * 16L + 8, ring.get(LONG, last * 16L + 8) | END_OF_PACKET);
        slots[last] = frame;
        for (DriverPacket packet = frame; packet != null; packet = packet.next()) {
            packet.owner(PacketOwner.PORT);
        }
        return slot;
    }

    /** How many bytes the descriptor has that begins there. */
    private static int piece(long at, int left) {
        return Math.min(left, PAGE - (int) (at & PAGE - 1));
    }

    /** How many descriptors that makes. */
    private int pieces(DriverPacket packet) {
        int offset = (int) (packets.address(packet) & PAGE - 1);
        return Math.max(1, (offset + packet.length() + PAGE - 1) / PAGE);
    }

    /** Has the last of a batch reported, and moves the tail: one register write for all. */
    private void send(int end) {
        int last = end - 1 & MASK;
        long word = last * 16L + 8;
        ring.set(LONG, word, ring.get(LONG, word) | REPORT_STATUS);
        batchEnd[tail] = last;
        tail = end;
        try {
            registers.tail(queue, tail);
        } catch (DeviceGoneException e) {
            // The frames are the port's, and come back when the next call says that the device is gone.
            return;
        }
    }

    /** Gives packets beyond the tail to the caller again. */
    private void takeBack() {
        for (int slot = tail; (slot + 1 & MASK) != clean; slot = slot + 1 & MASK) {
            DriverPacket frame = slots[slot];
            slots[slot] = null;
            for (DriverPacket packet = frame; packet != null; packet = packet.next()) {
                packet.owner(PacketOwner.CALLER);
            }
        }
    }

    /** Gives the buffers of frames that have been sent back to the pool. */
    @Override
    public void reclaim() {
        while (clean != tail) {
            int last = batchEnd[clean];
            if (!done(last)) {
                return;
            }
            progress++;
            giveUpTo(last + 1 & MASK);
        }
    }

    /** Looks whether the controller is past a descriptor that it had to report, or at none that it was given. */
    void check() {
        if (clean == tail) {
            return;
        }
        int last = batchEnd[clean];
        int head = registers.head(queue);
        boolean passed = head >>> 31 != 0 || head >= ENTRIES || (head - clean & MASK) > (last - clean & MASK);
        if (watch.stands(progress, passed && !done(last))) {
            health.fail("transmit queue %d: the controller is at descriptor %s, and descriptor %d, which it was to send"
                    .formatted(queue, Integer.toUnsignedString(head), last) + " before, is not done");
        }
    }

    private boolean done(int slot) {
        return ((long) LONG_AT.getAcquire(ring, slot * 16L + 8) & DONE) != 0;
    }

    /** Whether all buffers are back. */
    @Override
    public boolean isEmpty() {
        return clean == tail;
    }

    /** Gives all buffers back; the device does not use them any more. */
    @Override
    public void abandon() {
        giveUpTo(tail);
    }

    private void giveUpTo(int end) {
        while (clean != end) {
            DriverPacket packet = slots[clean];
            slots[clean] = null;
            clean = clean + 1 & MASK;
            while (packet != null) {
                DriverPacket rest = packet.next();
                packets.cache().give(packet);
                packet = rest;
            }
        }
    }

    @Override
    public DescriptorStatus status(int offset) {
        int slot = tail + Objects.checkIndex(offset, ENTRIES) & MASK;
        int used = tail - clean & MASK;
        if ((slot - clean & MASK) >= used) {
            return DescriptorStatus.UNUSED;
        }
        int batch = clean;
        while ((slot - batch & MASK) > (batchEnd[batch] - batch & MASK)) {
            batch = batchEnd[batch] + 1 & MASK;
        }
        return done(batchEnd[batch]) ? DescriptorStatus.DONE : DescriptorStatus.DEVICE;
    }

    /** Looks whether a frame can be sent, and plans how. */
    private @Nullable String problemOf(@Nullable Packet packet) {
        if (!(packet instanceof DriverPacket frame) || !packets.has(frame)) {
            return "only packets that this queue has allocated or received, or of its pool, can be sent; copy the frame into"
                    + " one";
        }
        int bytes = 0;
        int pieces = 0;
        for (DriverPacket part = frame; part != null; part = part.next()) {
            if (part.owner() != PacketOwner.CALLER) {
                return "the packet is not the caller's any more: it was released or sent";
            }
            pieces += pieces(part);
            if (pieces > MAX_DESCRIPTORS) {
                return "a frame has " + MAX_DESCRIPTORS + " buffers within one page each at most";
            }
            bytes += part.length();
        }
        String problem = offload.plan(frame, bytes);
        if (problem != null) {
            return problem;
        }
        int longest = choices.mtu() + Family.AROUND_PAYLOAD - 4;
        boolean cut = (frame.requests() & (DriverPacket.SEGMENTATION_IPV4 | DriverPacket.SEGMENTATION_IPV6)) != 0;
        if (bytes < MIN_FRAME || frame.length() < MIN_FRAME || (bytes > longest && !cut)) {
            return "a frame has " + MIN_FRAME + " to " + longest + " bytes, not " + bytes
                    + ", and its first buffer the Ethernet header";
        }
        planned = bytes;
        needed = pieces + (offload.hasContext() ? 1 : 0);
        return null;
    }
}
