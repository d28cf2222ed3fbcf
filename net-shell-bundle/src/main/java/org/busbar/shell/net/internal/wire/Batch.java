package org.busbar.shell.net.internal.wire;

import org.busbar.net.Packet;
import org.busbar.net.PortQueue;
import org.jspecify.annotations.Nullable;

/** Packets of which each is released or sent exactly once, whatever happens between. For one thread. */
public final class Batch implements AutoCloseable {

    private final @Nullable Packet[] packets;
    private int count;

    public Batch(int size) {
        packets = new Packet[size];
    }

    /** Returns how many packets there are. */
    public int count() {
        return count;
    }

    /** Returns whether no other packet fits in. */
    public boolean isFull() {
        return count == packets.length;
    }

    /** Takes what has arrived, when all before has been dealt with. */
    public int receive(PortQueue queue) {
        if (count > 0) {
            throw new IllegalStateException(count + " packets have not been dealt with");
        }
        count = queue.receive(packets);
        return count;
    }

    /** Returns a packet, which stays here. */
    public Packet get(int index) {
        Packet packet = packets[index];
        if (packet == null) {
            throw new IllegalStateException("there is no packet " + index);
        }
        return packet;
    }

    /** Takes a packet out; {@link #pack} closes the gaps. */
    public Packet take(int index) {
        Packet packet = get(index);
        packets[index] = null;
        return packet;
    }

    /** Puts a packet in. */
    public void add(Packet packet) {
        packets[count++] = packet;
    }

    /** Closes the gaps that {@link #take} has left. */
    public void pack() {
        int kept = 0;
        for (int i = 0; i < count; i++) {
            Packet packet = packets[i];
            if (packet != null) {
                packets[i] = null;
                packets[kept++] = packet;
            }
        }
        count = kept;
    }

    /** Sends what there is and releases what the queue has no room for; returns how many were sent. */
    public int send(PortQueue queue) {
        int sent = queue.transmit(packets, 0, count);
        for (int i = 0; i < sent; i++) {
            packets[i] = null;
        }
        releaseAll();
        return sent;
    }

    /** Sends what there is and keeps, in order, what the queue has no room for; returns how many were sent. */
    public int sendSome(PortQueue queue) {
        int sent = queue.transmit(packets, 0, count);
        for (int i = 0; i < sent; i++) {
            packets[i] = null;
        }
        pack();
        return sent;
    }

    @Override
    public void close() {
        releaseAll();
    }

    /** Releases what is left. */
    public void releaseAll() {
        int left = count;
        count = 0;
        for (int i = 0; i < left; i++) {
            Packet packet = packets[i];
            packets[i] = null;
            if (packet != null) {
                packet.release();
            }
        }
    }
}
