package org.busbar.pci.internal.linux;

import java.nio.charset.StandardCharsets;
import org.busbar.pci.PciIds;

/**
 * Reads the text of a uevent: {@code KEY=value}, separated by newlines in the {@code uevent} file of a device and by
 * NULs in a message. Knows what it needs and skips the rest; makes no objects. What is malformed counts as absent.
 */
final class UeventText {

    private static final byte[] CLASS = key("PCI_CLASS=");
    private static final byte[] ID = key("PCI_ID=");
    private static final byte[] SUBSYSTEM_ID = key("PCI_SUBSYS_ID=");
    private static final byte[] SLOT_NAME = key("PCI_SLOT_NAME=");
    private static final byte[] ACTION = key("ACTION=");
    private static final byte[] SUBSYSTEM = key("SUBSYSTEM=");
    private static final byte[] PCI = key("pci");

    private static final int ABSENT = -1;

    private int classCode;
    private int id;
    private int subsystemId;
    private boolean classSeen;
    private boolean idSeen;
    private boolean subsystemSeen;
    private boolean pci;
    private long address;
    private String action = "";

    private static byte[] key(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Reads what identifies a device from the content of its {@code uevent} file; stops when all of it is there. */
    void parseFile(byte[] text, int length) {
        reset();
        int from = 0;
        while (from < length && !(classSeen && idSeen && subsystemSeen)) {
            int to = end(text, from, length, '\n');
            identity(text, from, to);
            from = to + 1;
        }
    }

    /** Reads a message of the kernel: {@code action@path}, then keys. */
    void parseMessage(byte[] text, int length) {
        reset();
        int from = 0;
        while (from < length) {
            int to = end(text, from, length, 0);
            if (starts(text, from, to, ACTION)) {
                action = new String(text, from + ACTION.length, to - from - ACTION.length, StandardCharsets.ISO_8859_1);
            } else if (starts(text, from, to, SUBSYSTEM)) {
                int value = from + SUBSYSTEM.length;
                pci = to - value == PCI.length && starts(text, value, to, PCI);
            } else if (starts(text, from, to, SLOT_NAME)) {
                address = AddressText.parse(text, from + SLOT_NAME.length, to);
            }
            from = to + 1;
        }
    }

    private void reset() {
        classSeen = false;
        idSeen = false;
        subsystemSeen = false;
        subsystemId = 0;
        pci = false;
        address = AddressText.NONE;
        action = "";
    }

    private void identity(byte[] text, int from, int to) {
        if (starts(text, from, to, CLASS)) {
            classCode = hex(text, from + CLASS.length, to, 6);
            classSeen = classCode != ABSENT;
        } else if (starts(text, from, to, ID)) {
            long pair = pair(text, from + ID.length, to);
            idSeen = pair != ABSENT;
            id = (int) pair;
        } else if (starts(text, from, to, SUBSYSTEM_ID)) {
            long pair = pair(text, from + SUBSYSTEM_ID.length, to);
            subsystemSeen = pair != ABSENT;
            subsystemId = subsystemSeen ? (int) pair : 0;
        }
    }

    private static int end(byte[] text, int from, int length, int separator) {
        int to = from;
        while (to < length && text[to] != separator) {
            to++;
        }
        return to;
    }

    private static boolean starts(byte[] text, int from, int to, byte[] key) {
        if (to - from < key.length) {
            return false;
        }
        for (int i = 0; i < key.length; i++) {
            if (text[from + i] != key[i]) {
                return false;
            }
        }
        return true;
    }

    /** Reads {@code 8086:10D3}. */
    private static long pair(byte[] text, int from, int to) {
        if (to - from != 9 || text[from + 4] != ':') {
            return ABSENT;
        }
        int first = hex(text, from, from + 4, 4);
        int second = hex(text, from + 5, to, 4);
        return first < 0 || second < 0 ? ABSENT : (long) first << 16 | second;
    }

    private static int hex(byte[] text, int from, int to, int mostDigits) {
        if (to == from || to - from > mostDigits) {
            return ABSENT;
        }
        int value = 0;
        for (int i = from; i < to; i++) {
            int digit = Character.digit(text[i], 16);
            if (digit < 0) {
                return ABSENT;
            }
            value = value << 4 | digit;
        }
        return value;
    }

    /** Returns whether class, vendor and device were there. */
    boolean hasIdentity() {
        return classSeen && idSeen;
    }

    /** Returns what the device says it is, if it {@linkplain #hasIdentity does}. */
    PciIds ids() {
        return new PciIds(id >>> 16, id & 0xffff, subsystemId >>> 16, subsystemId & 0xffff, classCode);
    }

    /** Returns whether a message is about a PCI device. */
    boolean isPci() {
        return pci;
    }

    /** Returns the number of the address that a message names, see {@link AddressText}. */
    long address() {
        return address;
    }

    /** Returns what a message says has happened, or an empty text. */
    String action() {
        return action;
    }
}
