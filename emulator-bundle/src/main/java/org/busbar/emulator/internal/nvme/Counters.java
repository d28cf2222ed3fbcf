package org.busbar.emulator.internal.nvme;

/** What the SMART log counts (section 5.14.1.2). */
final class Counters {

    private long bytesRead;
    private long bytesWritten;
    private long reads;
    private long writes;
    private long errors;

    void read(long bytes) {
        bytesRead += bytes;
        reads++;
    }

    void written(long bytes) {
        bytesWritten += bytes;
        writes++;
    }

    void error() {
        errors++;
    }

    /** Returns what was read in the log's unit: thousands of 512 bytes, rounded up. */
    long unitsRead() {
        return (bytesRead + 511_999) / 512_000;
    }

    long unitsWritten() {
        return (bytesWritten + 511_999) / 512_000;
    }

    long reads() {
        return reads;
    }

    long writes() {
        return writes;
    }

    long errors() {
        return errors;
    }
}
