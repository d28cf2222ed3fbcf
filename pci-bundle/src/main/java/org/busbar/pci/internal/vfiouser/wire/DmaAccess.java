package org.busbar.pci.internal.vfiouser.wire;

import java.nio.ByteBuffer;

/**
 * DMA_READ and DMA_WRITE: a server's access to memory that it cannot map. The data follows in a write and in the reply to a
 * read.
 *
 * @param address the device's address of the first byte
 * @param count bytes
 */
public record DmaAccess(long address, long count) {

    public static final int SIZE = 16;

    /** Reads what goes before the data, which is left in the buffer. */
    public static DmaAccess decode(ByteBuffer bytes) throws MalformedMessageException {
        Form.require("an access to memory", bytes, SIZE);
        return new DmaAccess(bytes.getLong(), bytes.getLong());
    }

    /** Returns the structure, with room for data after it, at which the buffer stands. */
    public ByteBuffer encode(int room) {
        return Form.buffer(SIZE + room).putLong(address).putLong(count);
    }
}
