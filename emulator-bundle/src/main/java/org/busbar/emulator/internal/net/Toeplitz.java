package org.busbar.emulator.internal.net;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The Toeplitz hash of receive-side scaling, as the NDIS documentation defines it: for every bit of the input that is set,
 * from the left, the 32 bits of the key that begin there are added modulo 2. One thread; hashing allocates nothing.
 */
public final class Toeplitz {

    /** Bytes of a key: enough for two IPv6 addresses and two ports. */
    public static final int KEY = 40;

    private final long[] windows = new long[KEY];

    /** Takes a key; what is missing is zero. */
    public void key(byte[] key) {
        for (int i = 0; i < KEY; i++) {
            long window = 0;
            for (int j = 0; j < 5; j++) {
                window = window << 8 | (i + j < key.length ? key[i + j] & 0xff : 0);
            }
            windows[i] = window;
        }
    }

    /** Hashes the addresses of an IP packet, and its ports if asked to. */
    public int hash(MemorySegment frame, PacketHeaders headers, boolean ports) {
        int from = headers.network() + (headers.isIpv6() ? 8 : 12);
        int bytes = headers.isIpv6() ? 32 : 8;
        int hash = add(0, 0, frame, from, bytes);
        return ports ? add(hash, bytes, frame, headers.transport(), 4) : hash;
    }

    private int add(int begun, int position, MemorySegment data, int from, int bytes) {
        int hash = begun;
        for (int i = 0; i < bytes; i++) {
            int octet = data.get(ValueLayout.JAVA_BYTE, from + i);
            long window = windows[position + i];
            for (int bit = 7; bit >= 0; bit--) {
                if ((octet >>> bit & 1) != 0) {
                    // The window of 40 bits begins at this octet's first bit.
                    hash ^= (int) (window >>> (bit + 1));
                }
            }
        }
        return hash;
    }
}
