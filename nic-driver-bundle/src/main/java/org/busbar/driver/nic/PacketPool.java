package org.busbar.driver.nic;

import org.busbar.driver.nic.NicPacket.Owner;
import org.busbar.pci.DmaBuffer;
import org.jspecify.annotations.Nullable;

/** The packets of a queue: a stack, so that the buffer used last, still in the caches, is used next. For one thread at a time. */
final class PacketPool {

    /** Bytes per packet: what RCTL.BSIZE = 00b says, and more than the longest frame. */
    static final int BUFFER = 2048;

    private final NicPacket[] free;
    private int count;

    /** Makes packets of all of the memory. */
    PacketPool(DmaBuffer memory) {
        free = new NicPacket[(int) (memory.size() / BUFFER)];
        for (int i = free.length - 1; i >= 0; i--) {
            long offset = (long) i * BUFFER;
            free[count++] = new NicPacket(this, memory.memory().asSlice(offset, BUFFER), memory.address() + offset);
        }
    }

    /** How many packets there are. */
    int size() {
        return free.length;
    }

    /** How many are free. */
    int available() {
        return count;
    }

    @Nullable
    NicPacket take(Owner owner) {
        if (count == 0) {
            return null;
        }
        NicPacket packet = free[--count];
        packet.owner(owner);
        return packet;
    }

    void give(NicPacket packet) {
        packet.owner(Owner.POOL);
        free[count++] = packet;
    }
}
