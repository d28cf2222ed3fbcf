package org.busbar.shell.net.internal.traffic;

import java.lang.foreign.MemorySegment;
import org.busbar.net.NetworkPort;
import org.busbar.net.Packet;
import org.busbar.net.PortFeature;
import org.busbar.net.PortQueue;
import org.busbar.shell.net.internal.wire.Batch;
import org.busbar.shell.net.internal.wire.Copier;
import org.busbar.shell.net.internal.wire.Frames;
import org.busbar.shell.net.internal.wire.Outbox;

/** One direction of forwarding: what one queue has received another sends. For one thread. */
abstract sealed class Lane implements AutoCloseable {

    final PortQueue from;
    final PortQueue to;
    final Batch batch;
    volatile long received;
    volatile long sent;
    volatile long dropped;

    private Lane(PortQueue from, PortQueue to, int size) {
        this.from = from;
        this.to = to;
        batch = new Batch(size);
    }

    static Lane of(PortQueue from, PortQueue to, NetworkPort target, int size, boolean shared) {
        return shared ? new Passing(from, to, target, size) : new Copying(from, to, target, size);
    }

    /** Moves what there is; returns whether there was something. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    boolean move() {
        int count = batch.receive(from);
        if (count == 0) {
            return false;
        }
        received += count;
        int moved = pass();
        sent += moved;
        dropped += count - moved;
        return true;
    }

    /** Sends what is in the batch, and empties it; returns how many were sent. */
    abstract int pass();

    /** Waits for something to move. */
    PortQueue from() {
        return from;
    }

    @Override
    public void close() {
        batch.releaseAll();
    }

    /** The very packets that were received are sent. */
    private static final class Passing extends Lane {

        private final boolean tags;
        private final boolean scattered;

        Passing(PortQueue from, PortQueue to, NetworkPort target, int size) {
            super(from, to, size);
            tags = target.features().contains(PortFeature.VLAN_INSERT);
            scattered = target.features().contains(PortFeature.SCATTERED_TRANSMIT);
        }

        @Override
        int pass() {
            boolean gaps = false;
            for (int i = 0; i < batch.count(); i++) {
                Packet packet = batch.get(i);
                int tag = packet.vlan();
                if ((tag >= 0 && !tags) || (packet.next() != null && !scattered)) {
                    batch.take(i).release();
                    gaps = true;
                } else if (tag >= 0) {
                    packet.requestVlan(tag);
                }
            }
            if (gaps) {
                batch.pack();
            }
            return batch.send(to);
        }
    }

    /** Each frame is copied into a packet of the port that sends it. */
    private static final class Copying extends Lane {

        private static final int LONGEST_FRAME = 65_535 + 18;

        private final Outbox out;
        private final Copier copier;
        private final MemorySegment whole = MemorySegment.ofArray(new byte[LONGEST_FRAME]);

        Copying(PortQueue from, PortQueue to, NetworkPort target, int size) {
            super(from, to, size);
            out = new Outbox(to, size);
            copier = new Copier(target, out);
        }

        @Override
        int pass() {
            long before = out.sent();
            for (int i = 0; i < batch.count(); i++) {
                Packet packet = batch.get(i);
                if (packet.vlan() >= 0) {
                    continue; // its tag was taken out, and would be lost
                }
                if (packet.next() == null) {
                    copier.send(packet.data(), packet.length());
                } else {
                    copier.send(whole, Frames.gather(packet, whole));
                }
            }
            batch.releaseAll();
            out.flush();
            return (int) (out.sent() - before);
        }

        @Override
        public void close() {
            out.close();
            super.close();
        }
    }
}
