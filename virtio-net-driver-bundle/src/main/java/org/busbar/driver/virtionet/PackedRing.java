package org.busbar.driver.virtionet;

import static org.busbar.driver.virtionet.Little.INT;
import static org.busbar.driver.virtionet.Little.INT_AT;
import static org.busbar.driver.virtionet.Little.LONG;
import static org.busbar.driver.virtionet.Little.SHORT;
import static org.busbar.driver.virtionet.Little.SHORT_AT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.busbar.pci.DmaBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A packed virtqueue (2.8): one ring of descriptors that both sides write. Two bits of a descriptor, compared with a
 * counter of the rounds, tell whose it is: available if AVAIL is the driver's counter and USED is not, used if both are.
 */
final class PackedRing implements Ring {

    private static final VarHandle LAST;

    static {
        try {
            LAST = MethodHandles.lookup().findVarHandle(PackedRing.class, "last", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final int DESCRIPTOR = 16;
    private static final int AVAIL = 1 << 7;
    private static final int USED = 1 << 15;

    // Event suppression (2.8.10): offset 14:0, wrap counter 15, flags 17:16.
    private static final int WRAP = 1 << 15;
    private static final int ENABLE = 0;
    private static final int DISABLE = 1;
    private static final int AT_ENTRY = 2;

    private final MemorySegment memory;
    private final long address;
    private final int size;
    private final boolean eventIndex;
    private final long driverEvent;
    private final long deviceEvent;

    private final int[] freeIds;
    /** For the buffers that the device has, by number: of how many descriptors they are. */
    private final int[] pieces;

    private int freeIdCount;
    private int free;
    private int tail;
    private int tailWrap;
    private int buffer;
    private int count;
    /** The first descriptor that was added since the last publication; its flags are not written yet. */
    private int first;

    private int firstFlags;
    private int unpublished;
    private int position;
    private int positionWrap;
    private long written;
    private @Nullable String fault;
    /** The first descriptor of the buffer that was added last, with the round in bit 15; opaque, for any thread. */
    @SuppressWarnings("unused") // through LAST
    private int last;

    private int lastAdded;

    PackedRing(DmaBuffer buffer, int size, boolean eventIndex) {
        memory = buffer.memory();
        address = buffer.address();
        this.size = size;
        this.eventIndex = eventIndex;
        driverEvent = (long) DESCRIPTOR * size;
        deviceEvent = driverEvent + 4;
        freeIds = new int[size];
        pieces = new int[size];
        clear();
    }

    @Override
    public void clear() {
        memory.fill((byte) 0);
        Arrays.fill(pieces, 0);
        for (int i = 0; i < size; i++) {
            freeIds[i] = size - 1 - i;
        }
        freeIdCount = size;
        free = size;
        tail = 0;
        tailWrap = 1;
        buffer = NONE;
        first = NONE;
        unpublished = 0;
        position = 0;
        positionWrap = 1;
        LAST.setOpaque(this, NONE);
        fault = null;
        silence();
    }

    @Override
    public long descriptorArea() {
        return address;
    }

    @Override
    public long driverArea() {
        return address + driverEvent;
    }

    @Override
    public long deviceArea() {
        return address + deviceEvent;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public int free() {
        return free;
    }

    @Override
    public int add(long where, int length, int flags) {
        if (buffer == NONE) {
            buffer = freeIds[--freeIdCount];
            count = 0;
            lastAdded = tail | tailWrap << 15;
        }
        int all = flags | (tailWrap != 0 ? AVAIL : USED);
        long at = (long) DESCRIPTOR * tail;
        memory.set(LONG, at, where);
        if (first == NONE) {
            first = tail;
            firstFlags = all;
            memory.set(INT, at + 8, length);
            memory.set(SHORT, at + 12, (short) buffer);
        } else {
            memory.set(LONG, at + 8, length | (long) buffer << 32 | (long) all << 48);
        }
        if (++tail == size) {
            tail = 0;
            tailWrap ^= 1;
        }
        free--;
        count++;
        unpublished++;
        int id = buffer;
        if ((flags & NEXT) == 0) {
            pieces[id] = count;
            buffer = NONE;
        }
        return id;
    }

    @Override
    public boolean publish() {
        if (first == NONE) {
            return false;
        }
        // The device looks at the first descriptor first; whoever sees its flags sees all the others.
        SHORT_AT.setRelease(memory, (long) DESCRIPTOR * first + 14, (short) firstFlags);
        first = NONE;
        LAST.setOpaque(this, lastAdded);
        int old = tail - unpublished;
        unpublished = 0;
        // The flags must be out before we look whether the device has stopped looking (2.8.21.3.1).
        VarHandle.fullFence();
        int event = (int) INT_AT.getOpaque(memory, deviceEvent);
        return switch (event >>> 16 & 3) {
            case ENABLE -> true;
            case AT_ENTRY -> Ring.crosses(entry(event), tail, old);
            default -> false;
        };
    }

    /** The entry that the device names, counted in the driver's round. */
    private int entry(int event) {
        int wrap = (event & WRAP) != 0 ? 1 : 0;
        return (event & WRAP - 1) - (wrap == tailWrap ? 0 : size);
    }

    @Override
    public boolean hasUsed() {
        if (fault != null) {
            return false;
        }
        int now = flags(position);
        if (now == (positionWrap != 0 ? AVAIL | USED : 0)) {
            return true;
        }
        // Until it is used it is as it was made available, if there is one.
        if (now != (positionWrap != 0 ? AVAIL : USED) && size - free > unpublished) {
            fail("descriptor " + position + " is neither available nor used in this round: of its flags 0x8080 are 0x"
                    + Integer.toHexString(now));
        }
        return false;
    }

    @Override
    public int take() {
        if (!hasUsed()) {
            return NONE;
        }
        long at = (long) DESCRIPTOR * position;
        int id = memory.get(SHORT, at + 12) & 0xffff;
        if (id >= size || pieces[id] == 0) {
            fail("descriptor " + position + " says that buffer " + id + " was used, which the device does not have");
            return NONE;
        }
        written = Integer.toUnsignedLong(memory.get(INT, at + 8));
        // One descriptor is written for a buffer of several, and the others are skipped (2.8.8).
        position += pieces[id];
        if (position >= size) {
            position -= size;
            positionWrap ^= 1;
        }
        free += pieces[id];
        pieces[id] = 0;
        freeIds[freeIdCount++] = id;
        return id;
    }

    /** Returns AVAIL and USED of a descriptor. Whoever sees them sees the rest of it, and the data. */
    private int flags(int descriptor) {
        return (short) SHORT_AT.getAcquire(memory, (long) DESCRIPTOR * descriptor + 14) & (AVAIL | USED);
    }

    @Override
    public int usedPieces() {
        int sum = 0;
        int at = position;
        int wrap = positionWrap;
        while (sum < size - free && flags(at) == (wrap != 0 ? AVAIL | USED : 0)) {
            int id = memory.get(SHORT, (long) DESCRIPTOR * at + 12) & 0xffff;
            if (id >= size || pieces[id] == 0) {
                break;
            }
            sum += pieces[id];
            at += pieces[id];
            if (at >= size) {
                at -= size;
                wrap ^= 1;
            }
        }
        return Math.min(sum, size - free);
    }

    @Override
    public long written() {
        return written;
    }

    @Override
    public void arm() {
        int event = eventIndex ? position | positionWrap << 15 | AT_ENTRY << 16 : ENABLE << 16;
        INT_AT.setOpaque(memory, driverEvent, event);
        // Out before the caller looks again (2.8.21.4).
        VarHandle.fullFence();
    }

    @Override
    public void silence() {
        INT_AT.setOpaque(memory, driverEvent, DISABLE << 16);
    }

    /** Exact if the device uses buffers in order, as network devices do, or if each has one piece. */
    @Override
    public boolean settled() {
        int newest = (int) LAST.getOpaque(this);
        return newest == NONE || flags(newest & WRAP - 1) == (newest >>> 15 != 0 ? AVAIL | USED : 0);
    }

    @Override
    public void fail(String why) {
        if (fault == null) {
            fault = why;
        }
    }

    @Override
    public @Nullable String fault() {
        return fault;
    }
}
