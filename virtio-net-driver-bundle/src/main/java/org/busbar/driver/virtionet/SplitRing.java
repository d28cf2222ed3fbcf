package org.busbar.driver.virtionet;

import static org.busbar.driver.virtionet.Little.INT;
import static org.busbar.driver.virtionet.Little.LONG;
import static org.busbar.driver.virtionet.Little.SHORT;
import static org.busbar.driver.virtionet.Little.SHORT_AT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.busbar.pci.DmaBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A split virtqueue (2.7): a table of descriptors, a ring of the numbers of those that are available, and a ring of those
 * that were used. What the driver has to remember it keeps to itself and never reads from shared memory.
 */
final class SplitRing implements Ring {

    private static final int DESCRIPTOR = 16;
    private static final int USED_ENTRY = 8;
    private static final int NO_INTERRUPT = 1;
    private static final int NO_NOTIFY = 1;

    private final MemorySegment memory;
    private final long address;
    private final int size;
    private final int mask;
    private final boolean eventIndex;
    // Offsets (2.7.6, 2.7.8): flags, idx, ring, and the peer's event index behind it.
    private final long availableIndex;
    private final long usedEvent;
    private final long used;
    private final long usedIndex;
    private final long availableEvent;

    /** The descriptor after this one, in the list of free ones or in its buffer. */
    private final int[] next;
    /** For the first descriptor of a buffer that the device has: of how many it is. */
    private final int[] pieces;

    private int freeHead;
    private int free;
    private int head = NONE;
    private int count;
    private int added;
    private int published;
    private int taken;
    private int seen;
    private long written;
    private @Nullable String fault;

    SplitRing(DmaBuffer buffer, int size, boolean eventIndex) {
        memory = buffer.memory();
        address = buffer.address();
        this.size = size;
        mask = size - 1;
        this.eventIndex = eventIndex;
        long driver = (long) DESCRIPTOR * size;
        availableIndex = driver + 2;
        usedEvent = driver + 4 + 2L * size;
        used = usedEvent + 2 + 3 & ~3L;
        usedIndex = used + 2;
        availableEvent = used + 4 + (long) USED_ENTRY * size;
        next = new int[size];
        pieces = new int[size];
        clear();
    }

    @Override
    public void clear() {
        memory.fill((byte) 0);
        Arrays.fill(pieces, 0);
        for (int i = 0; i < size; i++) {
            next[i] = i + 1;
        }
        freeHead = 0;
        free = size;
        head = NONE;
        added = 0;
        published = 0;
        taken = 0;
        seen = 0;
        fault = null;
        silence();
    }

    @Override
    public long descriptorArea() {
        return address;
    }

    @Override
    public long driverArea() {
        return address + availableIndex - 2;
    }

    @Override
    public long deviceArea() {
        return address + used;
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
        int descriptor = freeHead;
        int after = next[descriptor];
        long at = (long) DESCRIPTOR * descriptor;
        memory.set(LONG, at, where);
        memory.set(LONG, at + 8, length | (long) flags << 32 | (long) after << 48);
        freeHead = after;
        free--;
        if (head == NONE) {
            head = descriptor;
            count = 0;
        }
        count++;
        int buffer = head;
        if ((flags & NEXT) == 0) {
            pieces[head] = count;
            memory.set(SHORT, availableIndex + 2 + 2L * (added & mask), (short) head);
            added++;
            head = NONE;
        }
        return buffer;
    }

    @Override
    public boolean publish() {
        int old = published;
        if (added == old) {
            return false;
        }
        published = added;
        // Whoever sees the index sees the descriptors and what they point to.
        SHORT_AT.setRelease(memory, availableIndex, (short) added);
        // The index must be out before we look whether the device has stopped looking (2.7.13.4.1).
        VarHandle.fullFence();
        if (eventIndex) {
            return Ring.crosses((short) SHORT_AT.getOpaque(memory, availableEvent), added, old);
        }
        return ((short) SHORT_AT.getOpaque(memory, used) & NO_NOTIFY) == 0;
    }

    @Override
    public boolean hasUsed() {
        return fault == null && (seen != taken || look());
    }

    @Override
    public int take() {
        if (!hasUsed()) {
            return NONE;
        }
        long entry = used + 4 + (long) USED_ENTRY * (taken & mask);
        int buffer = memory.get(INT, entry);
        if (buffer < 0 || buffer >= size || pieces[buffer] == 0) {
            fail("entry " + (taken & mask) + " of the used ring names descriptor " + Integer.toUnsignedString(buffer)
                    + ", which the device does not have");
            return NONE;
        }
        written = Integer.toUnsignedLong(memory.get(INT, entry + 4));
        taken = taken + 1 & 0xffff;
        giveBack(buffer);
        return buffer;
    }

    private void giveBack(int buffer) {
        int last = buffer;
        for (int i = 1; i < pieces[buffer]; i++) {
            last = next[last];
        }
        free += pieces[buffer];
        pieces[buffer] = 0;
        next[last] = freeHead;
        freeHead = buffer;
    }

    /** Looks how far the device is; whoever sees the index sees the entries and the data. */
    private boolean look() {
        int now = (short) SHORT_AT.getAcquire(memory, usedIndex) & 0xffff;
        int had = published - taken & 0xffff;
        if ((now - taken & 0xffff) > had) {
            fail("the used index went from " + taken + " to " + now + ", though the device had only " + had
                    + " buffers");
            return false;
        }
        seen = now;
        return now != taken;
    }

    @Override
    public int usedPieces() {
        int sum = 0;
        // What was seen before does not tell how many there are by now.
        if (fault == null && look()) {
            for (int entry = taken; entry != seen; entry = entry + 1 & 0xffff) {
                int buffer = memory.get(INT, used + 4 + (long) USED_ENTRY * (entry & mask));
                sum += buffer < 0 || buffer >= size ? 0 : pieces[buffer];
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
        if (eventIndex) {
            SHORT_AT.setOpaque(memory, usedEvent, (short) taken);
        } else {
            SHORT_AT.setOpaque(memory, availableIndex - 2, (short) 0);
        }
        // Out before the caller looks again (2.7.14).
        VarHandle.fullFence();
    }

    /** With an event index there is no other way than to name the entry that is farthest ahead. */
    @Override
    public void silence() {
        if (eventIndex) {
            SHORT_AT.setOpaque(memory, usedEvent, (short) (taken - 1));
        } else {
            SHORT_AT.setOpaque(memory, availableIndex - 2, (short) NO_INTERRUPT);
        }
    }

    @Override
    public boolean settled() {
        return (short) SHORT_AT.getAcquire(memory, usedIndex) == (short) SHORT_AT.getOpaque(memory, availableIndex);
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
