package org.busbar.emulator.internal.virtio;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.busbar.emulator.internal.net.Toeplitz;

/** The commands that say how received frames are spread over virtqueues (5.1.6.5.5 to 5.1.6.5.7). Device's thread only. */
final class SpreadCommands {

    private static final int PAYLOAD = 2;

    private final Spread spread;
    private final long features;
    private final int pairs;
    private final byte[] key = new byte[Toeplitz.KEY];
    private final int[] table = new int[Spread.MAX_TABLE];

    /** @param pairs how many queue pairs there are to spread over */
    SpreadCommands(Spread spread, long features, int pairs) {
        this.spread = spread;
        this.features = features;
        this.pairs = pairs;
    }

    /** VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET. */
    boolean pairs(MemorySegment command, int length) {
        if ((features & Virtio.MQ) == 0 || length < PAYLOAD + 2) {
            return false;
        }
        int wanted = short16(command, PAYLOAD);
        if (wanted < 1 || wanted > pairs) {
            return false;
        }
        spread.pairs(wanted);
        return true;
    }

    /**
     * VIRTIO_NET_CTRL_MQ_RSS_CONFIG: types, mask of the table, virtqueue for what has no hash, table, the most transmit
     * virtqueues, key.
     */
    boolean table(MemorySegment command, int length) {
        if ((features & Virtio.RSS) == 0 || length < PAYLOAD + 8) {
            return false;
        }
        int types = command.get(ValueLayout.JAVA_INT_UNALIGNED, PAYLOAD);
        int entries = short16(command, PAYLOAD + 4) + 1;
        int unclassified = short16(command, PAYLOAD + 6);
        int at = PAYLOAD + 8;
        if (Integer.bitCount(entries) != 1 || entries > Spread.MAX_TABLE || unclassified >= pairs
                || length < at + 2 * entries + 3 || (types & ~Spread.HASH_TYPES) != 0) {
            return false;
        }
        for (int i = 0; i < entries; i++, at += 2) {
            table[i] = short16(command, at);
            if (table[i] >= pairs) {
                return false;
            }
        }
        int transmit = short16(command, at);
        if (transmit < 1 || transmit > pairs || !key(command, at + 2, length)) {
            return false;
        }
        spread.table(types, key, table, entries, unclassified);
        return true;
    }

    /** VIRTIO_NET_CTRL_MQ_HASH_CONFIG: types, four reserved numbers, key. */
    boolean hash(MemorySegment command, int length) {
        if ((features & Virtio.HASH_REPORT) == 0 || length < PAYLOAD + 13) {
            return false;
        }
        int types = command.get(ValueLayout.JAVA_INT_UNALIGNED, PAYLOAD);
        if ((types & ~Spread.HASH_TYPES) != 0 || !key(command, PAYLOAD + 12, length)) {
            return false;
        }
        spread.hash(types, key);
        return true;
    }

    private boolean key(MemorySegment command, int at, int length) {
        int bytes = command.get(ValueLayout.JAVA_BYTE, at) & 0xff;
        if (bytes > Toeplitz.KEY || at + 1 + bytes > length) {
            return false;
        }
        Arrays.fill(key, (byte) 0);
        MemorySegment.copy(command, ValueLayout.JAVA_BYTE, at + 1L, key, 0, bytes);
        return true;
    }

    private static int short16(MemorySegment command, int at) {
        return command.get(ValueLayout.JAVA_SHORT_UNALIGNED, at) & 0xffff;
    }
}
