package org.busbar.pci.internal.vfiouser.wire;

import java.nio.ByteBuffer;

/**
 * REGION_READ and REGION_WRITE: registers, by message. The data follows in a write and in the reply to a read.
 *
 * @param offset of the first byte in the region
 * @param region which region
 * @param count bytes
 */
public record RegionAccess(long offset, int region, int count) {

    public static final int SIZE = 16;

    /** Reads what goes before the data, which is left in the buffer. */
    public static RegionAccess decode(ByteBuffer bytes) throws MalformedMessageException {
        Form.require("an access to a region", bytes, SIZE);
        return new RegionAccess(bytes.getLong(), bytes.getInt(), bytes.getInt());
    }

    /** Returns the structure, with room for data after it, at which the buffer stands. */
    public ByteBuffer encode(int room) {
        return Form.buffer(SIZE + room).putLong(offset).putInt(region).putInt(count);
    }
}
