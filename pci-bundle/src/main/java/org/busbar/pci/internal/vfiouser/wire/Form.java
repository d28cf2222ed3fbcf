package org.busbar.pci.internal.vfiouser.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What all structures have in common. */
final class Form {

    /** {@code argsz} and {@code flags}, which VFIO's structures begin with. */
    static final int ARGSZ_AND_FLAGS = 8;

    private Form() {}

    /** Returns a new buffer of little endian numbers. */
    static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Requires that a structure is there in whole. */
    static void require(String what, ByteBuffer bytes, int size) throws MalformedMessageException {
        if (bytes.remaining() < size) {
            throw new MalformedMessageException(
                    "%s has %d bytes, not %d".formatted(what, bytes.remaining(), size));
        }
    }

    /** Requires that a structure is there in whole, and nothing after it. */
    static void requireExactly(String what, ByteBuffer bytes, int size) throws MalformedMessageException {
        if (bytes.remaining() != size) {
            throw new MalformedMessageException(
                    "%s has %d bytes, not %d".formatted(what, bytes.remaining(), size));
        }
    }

    /** Requires that what a structure says of its own size is possible. */
    static int requireArgsz(String what, int argsz, int size) throws MalformedMessageException {
        if (argsz < size) {
            throw new MalformedMessageException("%s says that it has %s bytes, less than %d"
                    .formatted(what, Integer.toUnsignedString(argsz), size));
        }
        return argsz;
    }
}
