package org.busbar.emulator.internal.virtio;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.busbar.emulator.internal.model.DmaPort;
import org.busbar.emulator.internal.net.Deceit;
import org.busbar.emulator.internal.net.InternetChecksum;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.emulator.internal.net.SwitchPort;

/** Sends the frames of one virtqueue (5.1.6.2). Device's thread only; allocates nothing per frame. */
final class TransmitUnit {

    private static final int BURST = 64;
    private static final int MAX_BYTES = Virtio.HASH_HEADER + 65_535 + 18;
    private static final int NEEDS_CSUM = 1;
    private static final int GSO_TCPV4 = 1;
    private static final int GSO_TCPV6 = 4;

    private final int queue;
    private final DmaPort dma;
    private final SwitchPort port;
    private final DeviceRing ring;
    private final long features;
    private final Segmenter segmenter;
    private final Deceit deceit;
    private final UsedBuffers used = new UsedBuffers();
    private final Chain chain = new Chain();
    private final MemorySegment buffer = Arena.ofAuto().allocate(MAX_BYTES, 8);
    private final int header;
    private final MemorySegment frame;
    private boolean notified = true;

    TransmitUnit(int queue, DmaPort dma, SwitchPort port, Deceit deceit, DeviceRing ring, long features) {
        this.queue = queue;
        this.dma = dma;
        this.port = port;
        this.deceit = deceit;
        this.ring = ring;
        this.features = features;
        header = Virtio.header(features);
        frame = buffer.asSlice(header);
        segmenter = new Segmenter(port);
    }

    /** Returns the number of the virtqueue. */
    int queue() {
        return queue;
    }

    /** The driver has said that there is something. Without that the ring is not looked at. */
    void notified() {
        notified = true;
    }

    /** Whether there may be more to do. */
    boolean busy() {
        return notified;
    }

    boolean broken() {
        return ring.broken();
    }

    /** Sends some frames; returns whether an interrupt is wanted. */
    boolean work() {
        if (!notified) {
            return false;
        }
        for (int i = 0; i < BURST; i++) {
            if (!ring.fetch(chain)) {
                // Whatever came before the driver learns that it has to notify again brings no notification: look.
                ring.wantNotification(true);
                if (!ring.fetch(chain)) {
                    notified = false;
                    break;
                }
            }
            send();
            used.use(ring, deceit.transmit(), chain, 0);
        }
        return ring.flush();
    }

    private void send() {
        long bytes = chain.readableBytes();
        if (bytes < header || bytes > MAX_BYTES || !chain.read(dma, buffer)) {
            return;
        }
        int length = (int) bytes - header;
        int flags = buffer.get(ValueLayout.JAVA_BYTE, 0);
        int gso = buffer.get(ValueLayout.JAVA_BYTE, 1);
        int start = buffer.get(ValueLayout.JAVA_SHORT, 6) & 0xffff;
        int field = start + (buffer.get(ValueLayout.JAVA_SHORT, 8) & 0xffff);
        boolean sum = (flags & NEEDS_CSUM) != 0 && (features & Virtio.CSUM) != 0;
        if (gso != 0) {
            boolean ipv6 = gso == GSO_TCPV6;
            boolean can = (features & (ipv6 ? Virtio.HOST_TSO6 : Virtio.HOST_TSO4)) != 0;
            if (sum && can && (ipv6 || gso == GSO_TCPV4)) {
                segmenter.send(frame, length, ipv6, start, buffer.get(ValueLayout.JAVA_SHORT, 4) & 0xffff);
            }
            return;
        }
        if (length > NetworkSwitch.MAX_FRAME || (sum && (start >= length || field + 2 > length))) {
            return;
        }
        if (sum) {
            int value = ~InternetChecksum.sum(frame, start, length) & 0xffff;
            frame.set(InternetChecksum.SHORT, field, (short) (value == 0 ? 0xffff : value));
        }
        port.send(frame, 0, length);
    }
}
