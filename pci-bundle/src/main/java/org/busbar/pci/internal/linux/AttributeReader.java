package org.busbar.pci.internal.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.busbar.pci.internal.sys.FileCalls;

/**
 * Reads small files below a directory, one open, read and close each, without making objects: for scans. Names are
 * resolved from an open directory, so that its path is walked only once. One thread at a time.
 */
final class AttributeReader {

    static final byte[] UEVENT = suffix("/uevent");
    static final byte[] VENDOR = suffix("/vendor");
    static final byte[] DEVICE = suffix("/device");
    static final byte[] CLASS = suffix("/class");
    static final byte[] SUBSYSTEM_VENDOR = suffix("/subsystem_vendor");
    static final byte[] SUBSYSTEM_DEVICE = suffix("/subsystem_device");

    /** One page: the most that the kernel gives for an attribute. */
    private static final int LARGEST = 4096;

    /** Without waiting: in a tree that is a copy anything may be in an attribute's place. */
    private static final int OPEN = FileCalls.O_RDONLY | FileCalls.O_NONBLOCK | FileCalls.O_CLOEXEC;

    private final MemorySegment path = Arena.ofAuto().allocate(512);
    private final MemorySegment buffer = Arena.ofAuto().allocate(LARGEST);
    private final byte[] content = new byte[LARGEST];

    private static byte[] suffix(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Reads {@code name} + {@code attribute}.
     *
     * @param directory what the name is relative to
     * @param name the device's name, the first {@code length} bytes, at most 255
     * @return how many bytes are in {@link #content} now, or a negated errno
     */
    int read(int directory, byte[] name, int length, byte[] attribute) {
        MemorySegment.copy(name, 0, path, JAVA_BYTE, 0, length);
        MemorySegment.copy(attribute, 0, path, JAVA_BYTE, length, attribute.length);
        path.set(JAVA_BYTE, length + attribute.length, (byte) 0);
        int fd = FileCalls.openat(directory, path, OPEN);
        if (fd < 0) {
            return fd;
        }
        long got = FileCalls.read(fd, buffer);
        FileCalls.closeNumber(fd);
        if (got > 0) {
            MemorySegment.copy(buffer, JAVA_BYTE, 0, content, 0, (int) got);
        }
        return (int) got;
    }

    /** Returns what was read last. */
    byte[] content() {
        return content;
    }

    /** Reads a number like {@code 0x8086}; returns it, or -1 if it cannot be read or is none of at most {@code digits} digits. */
    int readHex(int directory, byte[] name, int length, byte[] attribute, int digits) {
        int got = read(directory, name, length, attribute);
        if (got < 0) {
            return -1;
        }
        String text = new String(content, 0, got, StandardCharsets.ISO_8859_1).strip();
        if (!text.startsWith("0x") || text.length() < 3 || text.length() > 2 + digits) {
            return -1;
        }
        int value = 0;
        for (int i = 2; i < text.length(); i++) {
            int digit = Character.digit(text.charAt(i), 16);
            if (digit < 0) {
                return -1;
            }
            value = value << 4 | digit;
        }
        return value;
    }
}
