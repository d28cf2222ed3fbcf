package org.busbar.emulator.internal.nic;

/**
 * What a context descriptor has said (82574: section 7.2.11; 8254x manual: section 3.3.6). There are two: one for frames
 * that are segmented, one for others.
 */
final class OffloadContext {

    private long low;
    private long high;

    void reset() {
        low = 0;
        high = 0;
    }

    void load(long first, long second) {
        low = first;
        high = second;
    }

    /** Returns whether a context descriptor's second half is for segmentation. */
    static boolean isForSegmentation(long second) {
        return (second >>> 26 & 1) != 0;
    }

    int ipStart() {
        return (int) low & 0xff;
    }

    int ipField() {
        return (int) (low >>> 8) & 0xff;
    }

    int ipEnd() {
        return (int) (low >>> 16) & 0xffff;
    }

    int start() {
        return (int) (low >>> 32) & 0xff;
    }

    int field() {
        return (int) (low >>> 40) & 0xff;
    }

    int end() {
        return (int) (low >>> 48) & 0xffff;
    }

    int payload() {
        return (int) high & 0xf_ffff;
    }

    boolean isTcp() {
        return (high >>> 24 & 1) != 0;
    }

    boolean isIpv4() {
        return (high >>> 25 & 1) != 0;
    }

    int headers() {
        return (int) (high >>> 40) & 0xff;
    }

    int segment() {
        return (int) (high >>> 48) & 0xffff;
    }
}
