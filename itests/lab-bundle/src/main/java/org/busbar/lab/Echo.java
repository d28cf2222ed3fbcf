package org.busbar.lab;

import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.net.NetworkPort;
import org.busbar.net.Packet;
import org.busbar.net.PortQueue;
import org.jspecify.annotations.Nullable;

/** Answers on a port for one IPv4 address, see {@link Answers}. */
final class Echo implements Runnable {

    private final PortQueue queue;
    private final Answers answers;
    private final @Nullable Packet[] batch = new Packet[32];
    private final Thread thread;
    private volatile boolean stop;
    private volatile long answered;
    private volatile String end = "running";

    Echo(NetworkPort port, int ip) throws java.io.IOException {
        this.queue = port.openQueue();
        this.answers = new Answers(port, ip);
        this.thread = Thread.ofPlatform().name("lab-echo").daemon().unstarted(this);
        thread.start();
    }

    String finish(long millis) throws InterruptedException {
        stop = true;
        thread.join(millis);
        return (thread.isAlive() ? "still not ended" : end) + "; answered " + answered;
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    public void run() {
        try {
            while (!stop) {
                if (!queue.awaitReceive(Deadline.afterMillis(100))) {
                    continue;
                }
                int received = queue.receive(batch);
                int replies = 0;
                for (int i = 0; i < received; i++) {
                    Packet packet = batch[i];
                    if (packet == null) {
                        continue;
                    }
                    if (answers.answer(packet)) {
                        batch[replies++] = packet;
                    } else {
                        packet.release();
                    }
                }
                int sent = queue.transmit(batch, 0, replies);
                for (int i = sent; i < replies; i++) {
                    Packet packet = batch[i];
                    if (packet != null) {
                        packet.release();
                    }
                }
                answered += sent;
            }
            queue.close();
            end = "stopped";
        } catch (DeviceGoneException e) {
            end = "gone: " + e.getMessage();
        } catch (InterruptedException | RuntimeException e) {
            end = "failed: " + e;
        }
    }
}
