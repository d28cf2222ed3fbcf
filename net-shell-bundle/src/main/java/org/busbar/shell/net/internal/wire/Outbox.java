package org.busbar.shell.net.internal.wire;

import java.time.Duration;
import org.busbar.device.Deadline;
import org.busbar.net.Packet;
import org.busbar.net.PortQueue;
import org.jspecify.annotations.Nullable;

/** Frames on their way out of a queue. What the queue has no room for waits a moment, and is dropped then. For one thread. */
public final class Outbox implements AutoCloseable {

    /** Where more comes all the time, whoever waits for long loses what comes. */
    private static final Duration SHORT = Duration.ofMillis(20);

    private final PortQueue queue;
    private final Duration patience;
    private final Batch batch;
    private long sent;
    private long dropped;

    /** For frames that answer others, or pass by. */
    public Outbox(PortQueue queue, int size) {
        this(queue, size, SHORT);
    }

    /**
     * @param patience how long a frame waits for a packet or for room, before it is dropped
     */
    public Outbox(PortQueue queue, int size, Duration patience) {
        this.queue = queue;
        this.patience = patience;
        batch = new Batch(size);
    }

    /** Returns an empty packet; null, and the frame counts as dropped, if all are under way and stay so. */
    public @Nullable Packet allocate() {
        Packet packet = queue.allocate();
        if (packet == null) {
            flush();
            Deadline deadline = Deadline.after(patience);
            do {
                batch.sendSome(queue); // of nothing: takes back what has been sent
                packet = queue.allocate();
                Thread.onSpinWait();
            } while (packet == null && !deadline.expired());
        }
        if (packet == null) {
            dropped++;
        }
        return packet;
    }

    /** Returns an empty packet; null if all are under way just now. */
    public @Nullable Packet allocateNow() {
        Packet packet = queue.allocate();
        if (packet == null) {
            flush();
            batch.sendSome(queue); // of nothing: takes back what has been sent
            packet = queue.allocate();
        }
        return packet;
    }

    /** Takes a frame to be sent with the next {@link #flush}, or before. */
    public void add(Packet frame) {
        if (batch.isFull()) {
            flush();
        }
        batch.add(frame);
    }

    /** Sends what there is. */
    public void flush() {
        if (batch.count() == 0) {
            return;
        }
        sent += batch.sendSome(queue);
        if (batch.count() > 0) {
            Deadline deadline = Deadline.after(patience);
            while (batch.count() > 0 && !deadline.expired()) {
                Thread.onSpinWait();
                sent += batch.sendSome(queue);
            }
            dropped += batch.count();
            batch.releaseAll();
        }
    }

    /** Returns how many frames the queue has taken. */
    public long sent() {
        return sent;
    }

    /** Returns how many frames found no packet or no room. */
    public long dropped() {
        return dropped;
    }

    /** Releases what has not been sent. */
    @Override
    public void close() {
        batch.releaseAll();
    }
}
