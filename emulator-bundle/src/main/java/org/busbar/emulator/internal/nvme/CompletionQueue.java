package org.busbar.emulator.internal.nvme;

import org.busbar.emulator.internal.model.DmaPort;

/** A completion queue as the controller sees it. */
final class CompletionQueue {

    private static final int ENTRY = 16;

    private final int id;
    private final long base;
    private final int size;
    private final int vector;
    private final boolean interrupts;
    private int tail;
    private int phase = 1;
    private int users;

    CompletionQueue(int id, long base, int size, int vector, boolean interrupts) {
        this.id = id;
        this.base = base;
        this.size = size;
        this.vector = vector;
        this.interrupts = interrupts;
    }

    int id() {
        return id;
    }

    int vector() {
        return vector;
    }

    boolean interrupts() {
        return interrupts;
    }

    /** Returns how many submission queues use it. */
    int users() {
        return users;
    }

    void addUser() {
        users++;
    }

    void removeUser() {
        users--;
    }

    /** Returns whether there is no room, with the driver at {@code head} (section 4.1.2). */
    boolean full(int head) {
        return (tail + 1 == size ? 0 : tail + 1) == head;
    }

    /**
     * Posts an entry (section 4.6). The half with the phase tag goes last, so that whoever sees it sees the other.
     *
     * @return whether memory took it
     */
    boolean post(DmaPort dma, SubmissionQueue queue, Completion completion) {
        long address = base + (long) tail * ENTRY;
        int head = completion.head < 0 ? queue.head() : completion.head & 0xffff;
        int from = completion.queue < 0 ? queue.id() : completion.queue & 0xffff;
        int tag = completion.wrongPhase ? phase ^ 1 : phase;
        long last = head | ((long) from << 16) | ((long) (completion.command & 0xffff) << 32)
                | ((long) ((completion.status << 1) | tag) << 48);
        if (!dma.write64(address, completion.result & 0xffff_ffffL) || !dma.write64(address + 8, last)) {
            return false;
        }
        tail++;
        if (tail == size) {
            tail = 0;
            phase ^= 1;
        }
        return true;
    }
}
