package org.busbar.driver.virtionet;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The other side of a virtqueue, played by a test, which also plays it wrong. Reads what a device would read. */
abstract class PlayedDevice {

    static final int NOTHING = -1;

    final MemorySegment memory;
    final int size;
    /** Where the buffer that was taken last begins, and what its first piece says about it. */
    long address;

    int length;
    int flags;

    PlayedDevice(MemorySegment memory, int size) {
        this.memory = memory;
        this.size = size;
    }

    static PlayedDevice of(boolean packed, MemorySegment memory, int size) {
        return packed ? new Packed(memory, size) : new Split(memory, size);
    }

    /** Takes the next available buffer; returns its number or {@link #NOTHING}. */
    abstract int take();

    /** Says that a buffer was used, whatever its number. */
    abstract void use(int buffer, int written);

    /** Says whether it wants to be notified, without an event index. */
    abstract void wantNotification(boolean on);

    /** Whether the driver wants an interrupt, without an event index. */
    abstract boolean interruptWanted();

    short at(long offset) {
        return memory.get(ValueLayout.JAVA_SHORT, offset);
    }

    void descriptor(int index) {
        address = memory.get(ValueLayout.JAVA_LONG, index * 16L);
        length = memory.get(ValueLayout.JAVA_INT, index * 16L + 8);
    }

    private static final class Split extends PlayedDevice {

        private final long available;
        private final long used;
        private int next;
        private int usedIndex;

        Split(MemorySegment memory, int size) {
            super(memory, size);
            available = 16L * size;
            used = available + 6 + 2L * size + 3 & ~3L;
        }

        @Override
        int take() {
            if (at(available + 2) == (short) next) {
                return NOTHING;
            }
            int head = at(available + 4 + 2L * (next++ & size - 1)) & 0xffff;
            descriptor(head);
            flags = at(head * 16L + 12);
            return head;
        }

        @Override
        void use(int buffer, int written) {
            long entry = used + 4 + 8L * (usedIndex & size - 1);
            memory.set(ValueLayout.JAVA_INT, entry, buffer);
            memory.set(ValueLayout.JAVA_INT, entry + 4, written);
            memory.set(ValueLayout.JAVA_SHORT, used + 2, (short) ++usedIndex);
        }

        @Override
        void wantNotification(boolean on) {
            memory.set(ValueLayout.JAVA_SHORT, used, (short) (on ? 0 : 1));
        }

        @Override
        boolean interruptWanted() {
            return at(available) == 0;
        }
    }

    private static final class Packed extends PlayedDevice {

        private int next;
        private boolean nextWrap = true;
        private int used;
        private boolean usedWrap = true;
        private final int[] pieces;

        Packed(MemorySegment memory, int size) {
            super(memory, size);
            pieces = new int[65_536];
        }

        @Override
        int take() {
            int now = at(next * 16L + 14);
            boolean avail = (now & 1 << 7) != 0;
            boolean isUsed = (now & 1 << 15) != 0;
            if (avail != nextWrap || isUsed == nextWrap) {
                return NOTHING;
            }
            descriptor(next);
            flags = now;
            int id = at(next * 16L + 12) & 0xffff;
            pieces[id] = 0;
            boolean more;
            do {
                more = (at(next * 16L + 14) & 1) != 0;
                pieces[id]++;
                if (++next == size) {
                    next = 0;
                    nextWrap = !nextWrap;
                }
            } while (more && pieces[id] < size);
            return id;
        }

        @Override
        void use(int buffer, int written) {
            memory.set(ValueLayout.JAVA_INT, used * 16L + 8, written);
            memory.set(ValueLayout.JAVA_SHORT, used * 16L + 12, (short) buffer);
            memory.set(ValueLayout.JAVA_SHORT, used * 16L + 14, (short) (usedWrap ? 1 << 7 | 1 << 15 : 0));
            used += Math.max(1, pieces[buffer & 0xffff]);
            if (used >= size) {
                used -= size;
                usedWrap = !usedWrap;
            }
        }

        @Override
        void wantNotification(boolean on) {
            memory.set(ValueLayout.JAVA_INT, size * 16L + 4, on ? 0 : 1 << 16);
        }

        @Override
        boolean interruptWanted() {
            return memory.get(ValueLayout.JAVA_INT, size * 16L) >>> 16 == 0;
        }
    }
}
