package org.busbar.emulator.internal.nvme;

/** What the SMART log counts (section 5.14.1.2). */
final class Counters {

    /** Status code type of media and data integrity errors. */
    private static final int MEDIA_ERRORS = 2;

    private long bytesRead;
    private long bytesWritten;
    private long reads;
    private long writes;
    private long mediaErrors;

    void read(long bytes) {
        bytesRead += bytes;
        reads++;
    }

    void written(long bytes) {
        bytesWritten += bytes;
        writes++;
    }

    /** A command has failed. */
    void failed(int status) {
        if (((status >>> 8) & 7) == MEDIA_ERRORS && status != Status.COMPARE_FAILURE) {
            mediaErrors++;
        }
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

    long mediaErrors() {
        return mediaErrors;
    }
}
