package org.busbar.emulator.internal.nvme;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The guard of protection information: CRC-16 of T10 DIF, polynomial 8BB7h (section 8.3.1.1). */
final class Crc16 {

    private static final int POLYNOMIAL = 0x8bb7;
    private static final int[] TABLE = table();

    private Crc16() {}

    private static int[] table() {
        int[] table = new int[256];
        for (int octet = 0; octet < table.length; octet++) {
            int crc = octet << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) == 0 ? crc << 1 : (crc << 1) ^ POLYNOMIAL;
            }
            table[octet] = crc & 0xffff;
        }
        return table;
    }

    /** Continues a CRC, which begins with 0, over a piece of memory. */
    static int update(int crc, MemorySegment data, long offset, long length) {
        int now = crc;
        for (long at = offset; at < offset + length; at++) {
            now = ((now << 8) ^ TABLE[((now >>> 8) ^ data.get(ValueLayout.JAVA_BYTE, at)) & 0xff]) & 0xffff;
        }
        return now;
    }
}
