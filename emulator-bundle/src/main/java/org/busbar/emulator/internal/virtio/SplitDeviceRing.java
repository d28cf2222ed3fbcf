package org.busbar.emulator.internal.virtio;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import org.busbar.emulator.internal.model.DmaPort;

/** A split virtqueue (2.7). */
final class SplitDeviceRing implements DeviceRing {

    private static final int NO_NOTIFY = 1;
    private static final int NO_INTERRUPT = 1;

    private final DmaPort dma;
    private final int size;
    private final long table;
    private final long available;
    private final long used;
    private final boolean events;
    private final boolean indirect;
    private final MemorySegment scratch = Arena.ofAuto().allocate(16, 8);
    private int next;
    private int marked;
    private int usedIndex;
    private int visible;
    private int flags;
    private boolean broken;

    SplitDeviceRing(DmaPort dma, VirtioRegisters.Setup setup, boolean events, boolean indirect) {
        this.dma = dma;
        size = setup.size();
        table = setup.descriptors();
        available = setup.driver();
        used = setup.device();
        this.events = events;
        this.indirect = indirect;
        // The format needs a power of two (2.7), and its areas their alignment.
        broken = Integer.bitCount(size) != 1 || (table & 15) != 0 || (available & 1) != 0 || (used & 3) != 0;
    }

    @Override
    public boolean fetch(Chain into) {
        if (broken) {
            return false;
        }
        int index = read16(available + 2);
        int waiting = index - next & 0xffff;
        if (broken || waiting == 0) {
            return false;
        }
        int head = read16(available + 4 + 2L * (next & size - 1));
        if (waiting > size || broken || !walk(head, into)) {
            broken = true;
            return false;
        }
        next = next + 1 & 0xffff;
        return true;
    }

    private boolean walk(int head, Chain into) {
        into.start(head);
        return walk(table, size, head, true, into);
    }

    /** Walks along descriptors of the ring, or of an indirect table (2.7.5.3). */
    private boolean walk(long from, int entries, int first, boolean mayLead, Chain into) {
        int descriptor = first;
        int steps = 0;
        while (descriptor < entries && steps++ < entries && dma.read(from + 16L * descriptor, scratch, 0, 16)) {
            int which = scratch.get(ValueLayout.JAVA_SHORT, 12);
            if (mayLead && indirect && (which & Virtio.INDIRECT) != 0) {
                int bytes = scratch.get(ValueLayout.JAVA_INT, 8);
                boolean sound = bytes > 0 && (bytes & 15) == 0 && (which & Virtio.NEXT) == 0;
                return sound && walk(scratch.get(ValueLayout.JAVA_LONG, 0), bytes / 16, 0, false, into);
            }
            if (!into.add(scratch.get(ValueLayout.JAVA_LONG, 0), scratch.get(ValueLayout.JAVA_INT, 8), which)) {
                return false;
            }
            if ((which & Virtio.NEXT) == 0) {
                return true;
            }
            descriptor = scratch.get(ValueLayout.JAVA_SHORT, 14) & 0xffff;
        }
        return false;
    }

    @Override
    public void mark() {
        marked = next;
    }

    @Override
    public void rewind() {
        next = marked;
    }

    @Override
    public void use(Chain chain, int written) {
        long entry = used + 4 + 8L * (usedIndex & size - 1);
        broken |= !dma.write32(entry, chain.id()) || !dma.write32(entry + 4, written);
        usedIndex = usedIndex + 1 & 0xffff;
    }

    @Override
    public boolean flush() {
        if (usedIndex == visible) {
            return false;
        }
        int old = visible;
        visible = usedIndex;
        // Flags and index are one word.
        broken |= !dma.write32(used, flags | usedIndex << 16);
        VarHandle.fullFence();
        if (events) {
            return Virtio.crosses(read16(available + 4 + 2L * size), usedIndex, old) && !broken;
        }
        return (read16(available) & NO_INTERRUPT) == 0 && !broken;
    }

    @Override
    public void wantNotification(boolean on) {
        if (!events) {
            flags = on ? 0 : NO_NOTIFY;
            broken |= !dma.write32(used, flags | visible << 16);
        } else if (on) {
            scratch.set(ValueLayout.JAVA_SHORT, 0, (short) next);
            broken |= !dma.write(used + 4 + 8L * size, scratch, 0, 2);
        }
        VarHandle.fullFence();
    }

    @Override
    public boolean broken() {
        return broken;
    }

    private int read16(long address) {
        if (!dma.read(address, scratch, 0, 2)) {
            broken = true;
            return 0;
        }
        return scratch.get(ValueLayout.JAVA_SHORT, 0) & 0xffff;
    }
}
