package org.busbar.emulator.internal.net;

import org.jspecify.annotations.Nullable;

/**
 * Which port an Ethernet address was last seen at: open addressing with linear probing, allocates nothing. Addresses that
 * find no room are not learned, and their frames go to all ports. Guarded by its owner.
 */
final class AddressTable {

    private static final int SIZE = 1024;
    private static final int PROBES = 8;

    private final long[] addresses = new long[SIZE];
    private final @Nullable SwitchPort[] ports = new @Nullable SwitchPort[SIZE];

    void learn(long address, SwitchPort port) {
        int free = -1;
        for (int i = 0; i < PROBES; i++) {
            int at = slot(address, i);
            SwitchPort known = ports[at];
            if (known != null && addresses[at] == address) {
                ports[at] = port;
                return;
            }
            if (known == null && free < 0) {
                free = at;
            }
        }
        if (free >= 0) {
            addresses[free] = address;
            ports[free] = port;
        }
    }

    @Nullable
    SwitchPort find(long address) {
        for (int i = 0; i < PROBES; i++) {
            int at = slot(address, i);
            if (addresses[at] == address && ports[at] != null) {
                return ports[at];
            }
        }
        return null;
    }

    void forget(SwitchPort port) {
        for (int at = 0; at < SIZE; at++) {
            if (ports[at] == port) {
                ports[at] = null;
            }
        }
    }

    private static int slot(long address, int probe) {
        long mixed = address * 0x9e3779b97f4a7c15L;
        return (int) ((mixed >>> 54) + probe) & (SIZE - 1);
    }
}
