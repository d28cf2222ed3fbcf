package org.busbar.net.io;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.net.NetworkPort;
import org.busbar.net.Packet;
import org.busbar.net.PortQueue;
import org.jspecify.annotations.Nullable;

/**
 * Frames of a port as arrays of bytes: simple, and with a copy of each. Has one of the port's queues until it is closed. For one
 * thread at a time. After the device has gone every method fails with {@link org.busbar.device.DeviceGoneException}.
 */
public final class FrameStream implements AutoCloseable {

    private final PortQueue queue;
    private final @Nullable Packet[] one = new Packet[1];

    private FrameStream(PortQueue queue) {
        this.queue = queue;
    }

    /**
     * Opens a queue of a port.
     *
     * @throws IOException if the port has none that is free, or no memory
     */
    public static FrameStream open(NetworkPort port) throws IOException {
        return new FrameStream(port.openQueue());
    }

    /**
     * Waits for a frame.
     *
     * @return the frame from its destination address on, without frame check sequence; nothing if the deadline has passed
     */
    public Optional<byte[]> receive(Deadline deadline) throws InterruptedException {
        while (queue.receive(one) == 0) {
            if (!queue.awaitReceive(deadline) && deadline.expired()) {
                return Optional.empty();
            }
        }
        Packet packet = one[0];
        one[0] = null;
        if (packet == null) {
            throw new IllegalStateException("the queue has counted a frame that it has not given");
        }
        try {
            return Optional.of(copy(packet));
        } finally {
            packet.release();
        }
    }

    private static byte[] copy(Packet packet) {
        int length = 0;
        for (@Nullable
        Packet part = packet; part != null; part = part.next()) {
            length += part.length();
        }
        byte[] frame = new byte[length];
        int at = 0;
        for (@Nullable
        Packet part = packet; part != null; part = part.next()) {
            MemorySegment.copy(part.data(), ValueLayout.JAVA_BYTE, 0, frame, at, part.length());
            at += part.length();
        }
        return frame;
    }

    /**
     * Sends a frame, without frame check sequence; returns when the device has it, not when it is on the wire.
     *
     * @throws IllegalArgumentException if it does not fit into a packet
     * @throws DeviceTimeoutException if the deadline passes before there is a free packet and room in the ring
     */
    public void send(byte[] frame, Deadline deadline) throws DeviceTimeoutException {
        Packet packet = queue.allocate();
        while (packet == null) {
            queue.transmit(one, 0, 0); // takes back what has been sent
            packet = queue.allocate();
            if (packet == null) {
                look(deadline, "a free packet");
            }
        }
        try {
            packet.length(frame.length);
            MemorySegment.copy(frame, 0, packet.data(), ValueLayout.JAVA_BYTE, 0, frame.length);
            one[0] = packet;
            while (queue.transmit(one, 0, 1) == 0) {
                look(deadline, "room in the ring");
            }
            packet = null;
        } finally {
            one[0] = null;
            if (packet != null) {
                packet.release();
            }
        }
    }

    private static void look(Deadline deadline, String what) throws DeviceTimeoutException {
        if (deadline.expired()) {
            throw new DeviceTimeoutException("timed out waiting for " + what);
        }
        Thread.onSpinWait();
    }

    /** Gives the queue back. */
    @Override
    public void close() {
        queue.close();
    }
}
