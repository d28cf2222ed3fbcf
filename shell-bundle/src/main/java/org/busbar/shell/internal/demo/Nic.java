package org.busbar.shell.internal.demo;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.busbar.device.Deadline;
import org.busbar.net.NetworkPort;
import org.busbar.net.Packet;
import org.busbar.net.PortQueue;
import org.jspecify.annotations.Nullable;

/** What the tour does with NICs. */
final class Nic {

    static final String JAR = "nic-driver-bundle.jar";
    static final String CLASS = "020000";

    private static final int ETHERTYPE_EXPERIMENTAL = 0x88b5; // IEEE 802, local experimental
    private static final int LENGTH = 60;

    private Nic() {}

    /** Sends a frame from one port to another, and returns whether it arrives as it was sent. */
    static boolean reaches(NetworkPort from, NetworkPort to) throws IOException, InterruptedException {
        byte[] frame = frame(from, to);
        try (PortQueue receiver = to.openQueue();
                PortQueue sender = from.openQueue()) {
            Packet packet = sender.allocate();
            if (packet == null) {
                return false;
            }
            MemorySegment.copy(frame, 0, packet.data(), ValueLayout.JAVA_BYTE, 0, LENGTH);
            packet.length(LENGTH);
            return sender.transmit(new Packet[] {packet}, 0, 1) == 1 && arrives(receiver, frame);
        }
    }

    private static boolean arrives(PortQueue receiver, byte[] frame) throws InterruptedException {
        Deadline deadline = Stage.deadline();
        @Nullable
        Packet[] received = new Packet[8];
        while (receiver.awaitReceive(deadline)) {
            int count = receiver.receive(received);
            boolean found = false;
            for (Packet packet : Arrays.copyOf(received, count)) {
                if (packet != null) {
                    found |= packet.length() >= LENGTH
                            && packet.data().asSlice(0, LENGTH).mismatch(MemorySegment.ofArray(frame)) < 0;
                    packet.release();
                }
            }
            if (found) {
                return true;
            }
        }
        return false;
    }

    private static byte[] frame(NetworkPort from, NetworkPort to) {
        byte[] frame = new byte[LENGTH];
        for (int i = 0; i < 6; i++) {
            frame[i] = to.mac().octet(i);
            frame[6 + i] = from.mac().octet(i);
        }
        frame[12] = (byte) (ETHERTYPE_EXPERIMENTAL >> 8);
        frame[13] = (byte) ETHERTYPE_EXPERIMENTAL;
        byte[] text = "Busbar says hello".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(text, 0, frame, 14, text.length);
        return frame;
    }

    /** Returns the ports, by name. */
    static List<NetworkPort> ports(Stage stage) {
        return stage.services(NetworkPort.class)
                .values()
                .stream()
                .sorted(java.util.Comparator.comparing(NetworkPort::name))
                .toList();
    }
}
