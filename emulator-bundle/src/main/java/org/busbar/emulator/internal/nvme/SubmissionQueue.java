package org.busbar.emulator.internal.nvme;

/** A submission queue as the controller sees it. */
final class SubmissionQueue {

    private final int id;
    private final long base;
    private final int size;
    private final CompletionQueue completions;
    private int head;

    SubmissionQueue(int id, long base, int size, CompletionQueue completions) {
        this.id = id;
        this.base = base;
        this.size = size;
        this.completions = completions;
    }

    int id() {
        return id;
    }

    CompletionQueue completions() {
        return completions;
    }

    int head() {
        return head;
    }

    /** Returns the address of the entry at the head. */
    long headAddress() {
        return base + (long) head * Command.SIZE;
    }

    void advance() {
        head = head + 1 == size ? 0 : head + 1;
    }
}
