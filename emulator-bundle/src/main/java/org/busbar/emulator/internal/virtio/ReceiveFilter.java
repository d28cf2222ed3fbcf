package org.busbar.emulator.internal.virtio;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.BitSet;
import org.busbar.net.MacAddress;

/** Which frames are wanted (5.1.6.5.1 to 5.1.6.5.3). Device's thread only; judging allocates nothing. */
final class ReceiveFilter {

    /** The most addresses in a table; with more, all are received. */
    static final int TABLE = 64;

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final long EVERYBODY = 0xffff_ffff_ffffL;
    private static final int TAGGED = 0x8100;

    private final MacAddress own;
    private final long[] table = new long[TABLE];
    private int tableSize;
    private long mac;
    private boolean promiscuous;
    private boolean allMulticast;
    private boolean filterVlans;
    private final BitSet vlans = new BitSet(4096);

    ReceiveFilter(MacAddress own) {
        this.own = own;
        reset(0);
    }

    /** As after a reset: until it is told otherwise the device receives everything, but for VLANs if it filters them. */
    void reset(long features) {
        mac = own.value();
        promiscuous = true;
        allMulticast = false;
        filterVlans = (features & Virtio.CTRL_VLAN) != 0;
        vlans.clear();
        tableSize = 0;
    }

    void promiscuous(boolean on) {
        promiscuous = on;
    }

    void allMulticast(boolean on) {
        allMulticast = on;
    }

    void mac(long address) {
        mac = address;
    }

    void table(long[] addresses, int count) {
        System.arraycopy(addresses, 0, table, 0, count);
        tableSize = count;
    }

    void vlan(int id, boolean receive) {
        vlans.set(id, receive);
    }

    boolean wants(MemorySegment frame, int length) {
        if (filterVlans && length >= 16 && (frame.get(SHORT, 12) & 0xffff) == TAGGED
                && !vlans.get(frame.get(SHORT, 14) & 0xfff)) {
            return false;
        }
        long destination = (frame.get(SHORT, 0) & 0xffffL) << 32 | (frame.get(SHORT, 2) & 0xffffL) << 16
                | (frame.get(SHORT, 4) & 0xffffL);
        boolean group = (destination >>> 40 & 1) != 0;
        return promiscuous || destination == EVERYBODY || destination == mac || (group && allMulticast)
                || listed(destination);
    }

    private boolean listed(long address) {
        for (int i = 0; i < tableSize; i++) {
            if (table[i] == address) {
                return true;
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return "promiscuous " + promiscuous + ", all multicast " + allMulticast + ", "
                + Arrays.toString(Arrays.copyOf(table, tableSize)) + ", VLANs " + vlans;
    }
}
