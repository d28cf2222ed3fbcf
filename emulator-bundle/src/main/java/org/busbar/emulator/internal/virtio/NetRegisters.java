package org.busbar.emulator.internal.virtio;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.busbar.emulator.Card;
import org.busbar.emulator.internal.net.Toeplitz;

/** What the device says about itself (5.1.4), and its interrupt status (4.1.4.5). Guarded by itself. */
final class NetRegisters {

    private static final int LINK_UP = 1;
    private static final int CONFIG_CHANGED = 2;
    private static final int MEGABITS = 10_000;

    private final Card.VirtioNet card;
    private final ByteBuffer values = ByteBuffer.allocate(Virtio.DEVICE_LENGTH + 8).order(ByteOrder.LITTLE_ENDIAN);
    private int interruptStatus;

    NetRegisters(Card.VirtioNet card) {
        this.card = card;
        values.putShort(8, (short) card.queuePairs());
        values.putShort(10, (short) card.mtu());
        values.putInt(12, MEGABITS);
        values.put(16, (byte) 1);
        values.put(17, (byte) Toeplitz.KEY);
        values.putShort(18, (short) Spread.MAX_TABLE);
        values.putInt(20, Spread.HASH_TYPES);
        reset();
    }

    synchronized void reset() {
        mac(card.mac().value());
        interruptStatus = 0;
    }

    synchronized void mac(long address) {
        for (int i = 0; i < 6; i++) {
            values.put(i, (byte) (address >>> (40 - 8 * i)));
        }
    }

    synchronized void link(boolean up) {
        values.putShort(6, (short) (up ? LINK_UP : 0));
        interruptStatus |= CONFIG_CHANGED;
    }

    synchronized long read(int offset, int width) {
        return switch (width) {
            case 1 -> values.get(offset);
            case 2 -> values.getShort(offset);
            case 4 -> values.getInt(offset);
            default -> values.getLong(offset);
        };
    }

    /** Reading takes the bits away. */
    synchronized int takeInterruptStatus() {
        int taken = interruptStatus;
        interruptStatus = 0;
        return taken;
    }
}
