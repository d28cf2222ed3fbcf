package org.busbar.emulator.internal.virtio;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import org.busbar.emulator.internal.model.DmaPort;

/** A packed virtqueue (2.8). */
final class PackedDeviceRing implements DeviceRing {

    private static final int AVAIL = 1 << 7;
    private static final int USED = 1 << 15;
    private static final int WRAP = 1 << 15;
    private static final int ENABLE = 0;
    private static final int DISABLE = 1;
    private static final int AT_ENTRY = 2;

    private final DmaPort dma;
    private final int size;
    private final long ring;
    private final long driver;
    private final long device;
    private final boolean events;
    private final boolean indirect;
    private final MemorySegment scratch = Arena.ofAuto().allocate(16, 8);
    /** Used descriptors that are not visible yet: where, and their second halves. */
    private final long[] pendingAt;

    private final long[] pendingWord;
    private int pending;
    private int next;
    private int nextWrap = 1;
    private int marked;
    private int markedWrap;
    private int used;
    private int usedWrap = 1;
    private int flushed;
    private boolean broken;

    PackedDeviceRing(DmaPort dma, VirtioRegisters.Setup setup, boolean events, boolean indirect) {
        this.dma = dma;
        size = setup.size();
        ring = setup.descriptors();
        driver = setup.driver();
        device = setup.device();
        this.events = events;
        this.indirect = indirect;
        pendingAt = new long[size];
        pendingWord = new long[size];
        broken = (ring & 15) != 0 || (driver & 3) != 0 || (device & 3) != 0;
    }

    @Override
    public boolean fetch(Chain into) {
        if (broken) {
            return false;
        }
        int flags = read(next);
        int availability = nextWrap != 0 ? AVAIL : USED;
        if (broken || (flags & (AVAIL | USED)) != availability) {
            return false;
        }
        into.start(0);
        while (add(into, flags)) {
            into.slot();
            if (++next == size) {
                next = 0;
                nextWrap ^= 1;
            }
            if ((flags & Virtio.NEXT) == 0) {
                return true;
            }
            if (into.slots() == size) {
                break;
            }
            flags = read(next);
            if (broken) {
                break;
            }
        }
        broken = true;
        return false;
    }

    /** Adds the descriptor that was read, or what is in its indirect table (2.8.7). */
    private boolean add(Chain into, int flags) {
        long address = scratch.get(ValueLayout.JAVA_LONG, 0);
        int bytes = scratch.get(ValueLayout.JAVA_INT, 8);
        // The number is in the last one (2.8.6).
        into.id(scratch.get(ValueLayout.JAVA_SHORT, 12) & 0xffff);
        if (!indirect || (flags & Virtio.INDIRECT) == 0) {
            return into.add(address, bytes, flags);
        }
        boolean sound = bytes > 0 && (bytes & 15) == 0 && (flags & Virtio.NEXT) == 0 && into.slots() == 0;
        for (int at = 0; sound && at < bytes; at += 16) {
            sound = dma.read(address + at, scratch, 0, 16)
                    && into.add(
                            scratch.get(ValueLayout.JAVA_LONG, 0),
                            scratch.get(ValueLayout.JAVA_INT, 8),
                            scratch.get(ValueLayout.JAVA_SHORT, 14) & Virtio.WRITE);
        }
        return sound;
    }

    /** Reads a descriptor; returns its flags. */
    private int read(int index) {
        // The flags before the rest: what they promise is there.
        if (!dma.read(ring + 16L * index + 14, scratch, 14, 2) || !dma.read(ring + 16L * index, scratch, 0, 14)) {
            broken = true;
            return 0;
        }
        return scratch.get(ValueLayout.JAVA_SHORT, 14) & 0xffff;
    }

    @Override
    public void mark() {
        marked = next;
        markedWrap = nextWrap;
    }

    @Override
    public void rewind() {
        next = marked;
        nextWrap = markedWrap;
    }

    @Override
    public void use(Chain chain, int written) {
        if (pending == size) {
            broken = true;
            return;
        }
        long flags = (usedWrap != 0 ? AVAIL | USED : 0) | (written > 0 ? Virtio.WRITE : 0);
        pendingAt[pending] = ring + 16L * used;
        pendingWord[pending++] = (written & 0xffff_ffffL) | (long) chain.id() << 32 | flags << 48;
        used += chain.slots();
        flushed += chain.slots();
        if (used >= size) {
            used -= size;
            usedWrap ^= 1;
        }
    }

    @Override
    public boolean flush() {
        if (pending == 0) {
            return false;
        }
        // The driver looks at the first one first.
        for (int i = pending - 1; i >= 0; i--) {
            broken |= !dma.write64(pendingAt[i] + 8, pendingWord[i]);
        }
        pending = 0;
        int old = used - flushed;
        flushed = 0;
        VarHandle.fullFence();
        if (!dma.read(driver, scratch, 0, 4)) {
            broken = true;
            return false;
        }
        int event = scratch.get(ValueLayout.JAVA_INT, 0);
        return switch (event >>> 16 & 3) {
            case ENABLE -> true;
            case AT_ENTRY -> events && Virtio.crosses(entry(event), used, old);
            default -> false;
        };
    }

    private int entry(int event) {
        int wrap = (event & WRAP) != 0 ? 1 : 0;
        return (event & WRAP - 1) - (wrap == usedWrap ? 0 : size);
    }

    @Override
    public void wantNotification(boolean on) {
        int event = !on ? DISABLE << 16 : events ? next | nextWrap << 15 | AT_ENTRY << 16 : ENABLE << 16;
        broken |= !dma.write32(device, event);
        VarHandle.fullFence();
    }

    @Override
    public boolean broken() {
        return broken;
    }
}
