package org.busbar.driver.nvme;

/**
 * What the commands in flight say, slot by slot, so that they can be said again after a reset. For one thread at a time;
 * allocates nothing after construction.
 */
final class CommandTable {

    /** How often a command may be in flight when the controller is reset before it is not sent again. */
    private static final int MAX_RESETS = 3;

    private final long[] tags;
    private final long[] words;
    private final byte[] resets;

    CommandTable(int slots) {
        tags = new long[slots];
        words = new long[slots * QueuePair.WORDS];
        resets = new byte[slots];
    }

    void begin(int slot, long tag) {
        tags[slot] = tag;
        resets[slot] = 0;
    }

    long tag(int slot) {
        return tags[slot];
    }

    /** Keeps a command (NVMe Base 1.4, section 4.2, figure 105). Reserved words stay zero. */
    void put(
            int slot,
            int opcode,
            int nsid,
            long metadata,
            DataPointers data,
            long cdw10and11,
            long cdw12and13,
            long cdw14and15) {
        int at = slot * QueuePair.WORDS;
        words[at] = opcode | data.transferType() | (long) nsid << 32;
        words[at + 2] = metadata;
        words[at + 3] = data.first();
        words[at + 4] = data.second();
        words[at + 5] = cdw10and11;
        words[at + 6] = cdw12and13;
        words[at + 7] = cdw14and15;
    }

    /** Writes a command into a ring. */
    void write(int slot, QueuePair pair) {
        pair.write(slot, words, slot * QueuePair.WORDS);
    }

    /** Notes that a command was in flight when the controller was reset. */
    void wasReset(int slot) {
        if (!isLost(slot)) {
            resets[slot]++;
        }
    }

    /** Notes that a command is not to be sent again. */
    void lose(int slot) {
        resets[slot] = MAX_RESETS + 1;
    }

    /** Whether a command is not to be sent again. */
    boolean isLost(int slot) {
        return resets[slot] > MAX_RESETS;
    }
}
