package org.busbar.pci.internal.vfiouser.wire;

import java.nio.ByteBuffer;

/**
 * DEVICE_SET_IRQS: sets vectors up, turns them off, masks or triggers them. Event counters come as descriptors.
 *
 * @param flags one of DATA_..., one of ACTION_...
 * @param index which kind of interrupts: VFIO_PCI_..._IRQ_INDEX
 * @param start the first vector
 * @param count how many vectors
 */
public record InterruptSet(int flags, int index, int start, int count) {

    public static final int DATA_NONE = 1;
    public static final int DATA_BOOL = 2;
    public static final int DATA_EVENTFD = 4;
    public static final int ACTION_MASK = 8;
    public static final int ACTION_UNMASK = 0x10;
    public static final int ACTION_TRIGGER = 0x20;

    private static final int SIZE = 20;

    /** Booleans may follow, which are not looked at. */
    public static InterruptSet decode(ByteBuffer bytes) throws MalformedMessageException {
        Form.require("DEVICE_SET_IRQS", bytes, SIZE);
        Form.requireArgsz("DEVICE_SET_IRQS", bytes.getInt(), SIZE);
        InterruptSet set = new InterruptSet(bytes.getInt(), bytes.getInt(), bytes.getInt(), bytes.getInt());
        int data = (set.flags & DATA_BOOL) != 0 ? set.count : 0;
        if (bytes.remaining() != data) {
            throw new MalformedMessageException(
                    "DEVICE_SET_IRQS has data of %d bytes, not %s".formatted(
                            bytes.remaining(), Integer.toUnsignedString(data)));
        }
        return set;
    }

    public ByteBuffer encode() {
        return Form.buffer(SIZE).putInt(SIZE).putInt(flags).putInt(index).putInt(start).putInt(count).flip();
    }
}
