package org.busbar.pci.internal.vfiouser.wire;

import java.nio.ByteBuffer;

/**
 * DMA_MAP: the device may reach memory from now on. The descriptor of the memory comes with it.
 *
 * @param flags {@link #READ} and {@link #WRITE}
 * @param offset where in the descriptor's file it begins
 * @param address the device's address of the first byte
 * @param size bytes
 */
public record DmaMap(int flags, long offset, long address, long size) {

    public static final int READ = 1;
    public static final int WRITE = 2;
    private static final int SIZE = 32;

    public static DmaMap decode(ByteBuffer bytes) throws MalformedMessageException {
        Form.requireExactly("DMA_MAP", bytes, SIZE);
        Form.requireArgsz("DMA_MAP", bytes.getInt(), SIZE);
        return new DmaMap(bytes.getInt(), bytes.getLong(), bytes.getLong(), bytes.getLong());
    }

    public ByteBuffer encode() {
        return Form.buffer(SIZE).putInt(SIZE).putInt(flags).putLong(offset).putLong(address).putLong(size).flip();
    }
}
