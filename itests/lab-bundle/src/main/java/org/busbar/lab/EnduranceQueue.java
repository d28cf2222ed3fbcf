package org.busbar.lab;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import org.busbar.device.Deadline;
import org.busbar.net.Packet;
import org.busbar.net.PortQueue;
import org.jspecify.annotations.Nullable;

/**
 * Answers on one queue, and sends frames besides, of which nobody takes notice, to whoever asked last. Never keeps a packet when it
 * ends.
 */
final class EnduranceQueue {

    private static final int BATCH = 32;
    private static final int FILLERS = 8;
    private static final int FILLER_BYTES = 1_514;
    private static final long ADDRESSES = 12;
    /** For experiments on a local network (IEEE 802, 9.2.3): kernels drop it. */
    private static final byte[] EXPERIMENT = {(byte) 0x88, (byte) 0xb5};

    private final PortQueue queue;
    private final Answers answers;
    private final BooleanSupplier stop;
    private final Account account;
    private final @Nullable Packet[] batch = new Packet[BATCH];
    private final MemorySegment addresses = MemorySegment.ofArray(new byte[(int) ADDRESSES]);
    private boolean asked;

    /** Told of what was done. */
    interface Account {
        void count(int queue, long received, long answered, long fillers);
    }

    EnduranceQueue(PortQueue queue, Answers answers, BooleanSupplier stop, Account account) {
        this.queue = queue;
        this.answers = answers;
        this.stop = stop;
        this.account = account;
    }

    void run() throws InterruptedException {
        try (queue) {
            while (!stop.getAsBoolean()) {
                if (queue.awaitReceive(Deadline.afterMillis(20))) {
                    turn();
                }
            }
        } finally {
            release(0, BATCH);
        }
    }

    private void turn() {
        Arrays.fill(batch, null);
        int received = queue.receive(batch);
        int replies = 0;
        for (int i = 0; i < received; i++) {
            Packet packet = batch[i];
            if (packet == null) {
                continue;
            }
            batch[i] = null;
            if (answers.answer(packet)) {
                MemorySegment.copy(packet.data(), 0, addresses, 0, ADDRESSES);
                asked = true;
                batch[replies++] = packet;
            } else {
                packet.release();
            }
        }
        int sent = send(replies);
        account.count(queue.index(), received, sent, asked ? send(fill()) : 0);
    }

    /** Sends what the queue takes, and releases the rest. */
    private int send(int count) {
        int sent = queue.transmit(batch, 0, count);
        Arrays.fill(batch, 0, sent, null);
        release(sent, count);
        return sent;
    }

    private int fill() {
        int made = 0;
        while (made < FILLERS) {
            Packet packet = queue.allocate();
            if (packet == null) {
                break;
            }
            MemorySegment frame = packet.data();
            MemorySegment.copy(addresses, 0, frame, 0, ADDRESSES);
            MemorySegment.copy(EXPERIMENT, 0, frame, ValueLayout.JAVA_BYTE, ADDRESSES, EXPERIMENT.length);
            packet.length(FILLER_BYTES);
            batch[made++] = packet;
        }
        return made;
    }

    private void release(int from, int to) {
        for (int i = from; i < to; i++) {
            Packet packet = batch[i];
            batch[i] = null;
            if (packet != null) {
                packet.release();
            }
        }
    }
}
