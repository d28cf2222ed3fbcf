package org.busbar.driver.virtionet;

import org.busbar.driver.virtionet.VirtioPacket.Owner;
import org.busbar.pci.DmaBuffer;
import org.jspecify.annotations.Nullable;

/** The packets of a queue pair: a stack, so that the buffer used last, still in the caches, is used next. For one thread at a time. */
final class PacketPool {

    private final Features features;
    private final VirtioPacket[] free;
    private int count;

    /** Makes packets of all of the memory. */
    PacketPool(DmaBuffer memory, int bytes, int packets, Features features) {
        this.features = features;
        free = new VirtioPacket[packets];
        for (int i = packets - 1; i >= 0; i--) {
            long offset = (long) i * bytes;
            free[count++] = new VirtioPacket(this, memory.memory().asSlice(offset, bytes), memory.address() + offset);
        }
    }

    Features features() {
        return features;
    }

    /** How many are free. */
    int available() {
        return count;
    }

    @Nullable
    VirtioPacket take(Owner owner) {
        if (count == 0) {
            return null;
        }
        VirtioPacket packet = free[--count];
        packet.take(owner);
        return packet;
    }

    /** Takes back one packet, without those that may follow it. */
    void give(VirtioPacket packet) {
        packet.owner(Owner.POOL);
        free[count++] = packet;
    }
}
