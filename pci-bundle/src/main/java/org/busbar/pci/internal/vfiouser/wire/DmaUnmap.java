package org.busbar.pci.internal.vfiouser.wire;

import java.nio.ByteBuffer;

/**
 * DMA_UNMAP: the device may not reach memory any more, once the reply has come. The reply repeats it.
 *
 * @param flags {@link #DIRTY_BITMAP} and {@link #ALL}
 * @param address as in {@link DmaMap}
 * @param size as in {@link DmaMap}
 */
public record DmaUnmap(int flags, long address, long size) {

    /** The reply is to say which pages were written. */
    public static final int DIRTY_BITMAP = 1;
    /** Everything is meant; address and size are 0. */
    public static final int ALL = 2;

    private static final int SIZE = 24;

    public static DmaUnmap decode(ByteBuffer bytes) throws MalformedMessageException {
        Form.require("DMA_UNMAP", bytes, SIZE);
        Form.requireArgsz("DMA_UNMAP", bytes.getInt(), SIZE);
        DmaUnmap unmap = new DmaUnmap(bytes.getInt(), bytes.getLong(), bytes.getLong());
        if (bytes.hasRemaining() && (unmap.flags & DIRTY_BITMAP) == 0) {
            throw new MalformedMessageException("DMA_UNMAP has " + bytes.remaining() + " bytes too many");
        }
        return unmap;
    }

    public ByteBuffer encode() {
        return Form.buffer(SIZE).putInt(SIZE).putInt(flags).putLong(address).putLong(size).flip();
    }
}
