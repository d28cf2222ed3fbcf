package org.busbar.driver.nic;

import java.lang.foreign.MemorySegment;
import org.busbar.net.Packet;

/** A frame's buffer. Made once, passed around ever after. */
final class NicPacket implements Packet {

    /** Who has it. */
    enum Owner {
        POOL,
        CALLER,
        RING
    }

    private final PacketPool pool;
    private final MemorySegment data;
    private final long address;
    private int length;
    private Owner owner = Owner.POOL;

    NicPacket(PacketPool pool, MemorySegment data, long address) {
        this.pool = pool;
        this.data = data;
        this.address = address;
    }

    @Override
    public MemorySegment data() {
        return data;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public void length(int bytes) {
        if (bytes < 0 || bytes > PacketPool.BUFFER) {
            throw new IllegalArgumentException("a buffer holds 0 to " + PacketPool.BUFFER + " bytes, not " + bytes);
        }
        length = bytes;
    }

    @Override
    public void release() {
        if (owner != Owner.CALLER) {
            throw new IllegalStateException(
                    owner == Owner.POOL ? "the packet has been released already" : "the packet was handed to the port");
        }
        pool.give(this);
    }

    /** Returns where the device sees the buffer. */
    long address() {
        return address;
    }

    PacketPool pool() {
        return pool;
    }

    Owner owner() {
        return owner;
    }

    void owner(Owner now) {
        owner = now;
    }
}
