package org.busbar.emulator.internal.nvme;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.busbar.emulator.Card;
import org.busbar.pci.PciIds;

/** The data structures of the Identify command (section 5.15). */
final class IdentifyData {

    static final int SIZE = 4096;
    static final String FIRMWARE = "1.0";
    static final int ERROR_ENTRIES = 16;
    /** Asynchronous Event Requests that may wait, less one. */
    static final int EVENT_LIMIT = 3;

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Card.Nvme card;
    private final PciIds ids;

    IdentifyData(Card.Nvme card, PciIds ids) {
        this.card = card;
        this.ids = ids;
    }

    /** Identify Controller (figure 247). */
    void controller(MemorySegment data) {
        data.fill((byte) 0);
        short16(data, 0, ids.vendor());
        short16(data, 2, ids.subsystemVendor());
        text(data, 4, 20, card.serial());
        text(data, 24, 40, "Busbar Emulated NVMe");
        text(data, 64, 8, FIRMWARE);
        byte8(data, 72, 6);
        byte8(data, 77, 7);
        data.set(INT, 80, NvmeRegisters.VERSION);
        byte8(data, 111, 1);
        byte8(data, 258, 3);
        byte8(data, 259, EVENT_LIMIT);
        byte8(data, 260, 0x03);
        byte8(data, 262, ERROR_ENTRIES - 1);
        short16(data, 266, 343);
        short16(data, 268, 373);
        byte8(data, 512, 0x66);
        byte8(data, 513, 0x44);
        data.set(INT, 516, 1);
        // Compare, Dataset Management, Write Zeroes.
        short16(data, 520, 1 | (1 << 2) | (1 << 3));
        // A volatile write cache, and Flush may name all namespaces.
        byte8(data, 525, 0x07);
        text(data, 768, 0, "nqn.2025-01.org.busbar:nvme:" + card.serial());
        // Power state 0: 25 W.
        short16(data, 2048, 2500);
    }

    /** Identify Namespace (figure 245). */
    void namespace(MemorySegment data) {
        data.fill((byte) 0);
        data.set(LONG, 0, card.blocks());
        data.set(LONG, 8, card.blocks());
        data.set(LONG, 16, card.blocks());
        longBigEndian(data, 120, eui64());
        data.set(INT, 128, Integer.numberOfTrailingZeros(card.blockSize()) << 16);
    }

    /** The list of active namespaces above one (section 5.15.2.3). */
    void activeNamespaces(MemorySegment data, int above) {
        data.fill((byte) 0);
        if (above == 0) {
            data.set(INT, 0, 1);
        }
    }

    /** The list of a namespace's identifiers (section 5.15.2.4): an EUI-64. */
    void descriptors(MemorySegment data) {
        data.fill((byte) 0);
        byte8(data, 0, 1);
        byte8(data, 1, 8);
        longBigEndian(data, 4, eui64());
    }

    /** Follows from the serial number, so that a card keeps it. The company part is one that nobody was assigned. */
    private long eui64() {
        long mixed = 0xcbf2_9ce4_8422_2325L;
        for (byte octet : card.serial().getBytes(StandardCharsets.US_ASCII)) {
            mixed = (mixed ^ octet) * 0x100_0000_01b3L;
        }
        return (0x52_5400L << 40) | (mixed & 0xff_ffff_ffffL);
    }

    static void text(MemorySegment data, int offset, int width, String text) {
        byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < Math.max(width, ascii.length); i++) {
            data.set(ValueLayout.JAVA_BYTE, (long) offset + i, i < ascii.length ? ascii[i] : (byte) ' ');
        }
    }

    private static void byte8(MemorySegment data, int offset, int value) {
        data.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
    }

    private static void short16(MemorySegment data, int offset, int value) {
        data.set(SHORT, offset, (short) value);
    }

    private static void longBigEndian(MemorySegment data, int offset, long value) {
        data.set(LONG, offset, Long.reverseBytes(value));
    }
}
