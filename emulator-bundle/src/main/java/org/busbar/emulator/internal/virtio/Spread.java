package org.busbar.emulator.internal.virtio;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.busbar.emulator.internal.net.InternetChecksum;
import org.busbar.emulator.internal.net.PacketHeaders;
import org.busbar.emulator.internal.net.Toeplitz;

/**
 * Over which receive virtqueues frames are spread: by the hash that the driver has configured (5.1.6.5.7), or by one of the
 * device's own (5.1.6.5.6). Device's thread only; allocates nothing per frame.
 */
final class Spread {

    /** Entries of the indirection table. */
    static final int MAX_TABLE = 128;

    // Hash types (5.1.6.4.3.1); those over extension headers are not offered.
    static final int HASH_IPV4 = 1;
    static final int HASH_TCP4 = 1 << 1;
    static final int HASH_UDP4 = 1 << 2;
    static final int HASH_IPV6 = 1 << 3;
    static final int HASH_TCP6 = 1 << 4;
    static final int HASH_UDP6 = 1 << 5;
    static final int HASH_TYPES = 0x3f;

    private final Toeplitz toeplitz = new Toeplitz();
    private final int[] table = new int[MAX_TABLE];
    private int mask;
    private int unclassified;
    private int types;
    private boolean byTable;
    private int pairs = 1;
    private int hash;
    private int report;

    /** Spreads over so many virtqueues, by the device's own choice. */
    void pairs(int count) {
        pairs = count;
        byTable = false;
    }

    /** Hashes, for the report alone. */
    void hash(int hashTypes, byte[] key) {
        types = hashTypes;
        toeplitz.key(key);
    }

    /** Spreads by a table. */
    void table(int hashTypes, byte[] key, int[] queues, int entries, int withoutHash) {
        hash(hashTypes, key);
        System.arraycopy(queues, 0, table, 0, entries);
        mask = entries - 1;
        unclassified = withoutHash;
        byTable = true;
    }

    /** Returns which receive virtqueue, from 0, a frame is for; hash and report are known from then on. */
    int choose(MemorySegment frame, PacketHeaders headers, int length) {
        report = types == 0 ? 0 : report(headers);
        if (report != 0) {
            // One each for addresses, TCP and UDP: IPv4 has 1 to 3, IPv6 has 4 to 6.
            hash = toeplitz.hash(frame, headers, report % 3 != 1);
        } else {
            hash = 0;
        }
        if (byTable) {
            return report == 0 ? unclassified : table[hash & mask];
        }
        return pairs == 1 ? 0 : own(frame, length);
    }

    int hash() {
        return hash;
    }

    /** Returns what was hashed (5.1.6.4.4); 0 nothing. */
    int report() {
        return report;
    }

    private int report(PacketHeaders headers) {
        int first = headers.isIpv4() ? 0 : headers.isIpv6() ? 3 : -1;
        if (first < 0) {
            return 0;
        }
        int kind = types >>> first;
        if (headers.isTcp() && (kind & HASH_TCP4) != 0) {
            return first + 2;
        }
        if (headers.isUdp() && (kind & HASH_UDP4) != 0) {
            return first + 3;
        }
        return (kind & HASH_IPV4) != 0 ? first + 1 : 0;
    }

    /** Frames of one flow go to one queue: addresses and, of TCP and UDP over IPv4, ports. */
    private int own(MemorySegment frame, int length) {
        int type = frame.get(InternetChecksum.SHORT, 12) & 0xffff;
        long flow = type == 0x0800 && length >= 38
                ? frame.get(ValueLayout.JAVA_LONG_UNALIGNED, 26) * 31 + frame.get(ValueLayout.JAVA_INT_UNALIGNED, 34)
                : frame.get(ValueLayout.JAVA_LONG_UNALIGNED, 4);
        long mixed = flow * 0x9e37_79b9_7f4a_7c15L;
        mixed = (mixed ^ (mixed >>> 32)) * 0x9e37_79b9_7f4a_7c15L;
        return (int) ((mixed >>> 33) % pairs);
    }
}
