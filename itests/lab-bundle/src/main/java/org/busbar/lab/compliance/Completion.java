package org.busbar.lab.compliance;

/**
 * A completion queue entry (section 4.6).
 *
 * @param cid identifier of the command
 * @param sqid queue that the command came by
 * @param status SCT in bits 10:8, SC in bits 7:0
 * @param result command dword 0
 */
record Completion(int cid, int sqid, int status, int result) {

    /** Returns the status as the specification's tables have it, for example {@code 1/0x0c}. */
    static String text(int status) {
        return (status >>> 8) + "/0x%02x".formatted(status & 0xff);
    }
}
