package org.busbar.emulator.internal.virtio;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.busbar.emulator.internal.model.DmaPort;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.emulator.internal.net.SwitchPort;

/** Receives frames and spreads them over virtqueues (5.1.6.3, 5.1.6.5.5). Device's thread only; allocates nothing per frame. */
final class ReceiveUnit {

    private static final int BURST = 64;
    private static final int OVERHEAD = 18;
    private static final int DATA_VALID = 2;
    private static final int MAX_BUFFERS = 64;

    private final DmaPort dma;
    private final SwitchPort port;
    private final DeviceRing[] rings;
    private final ReceiveFilter filter;
    private final long features;
    private final int longest;
    private final Chain[] chains = new Chain[MAX_BUFFERS];
    private final int[] written = new int[MAX_BUFFERS];
    private final MemorySegment buffer = Arena.ofAuto().allocate(Virtio.HEADER + NetworkSwitch.MAX_FRAME, 8);
    private final MemorySegment frame = buffer.asSlice(Virtio.HEADER);
    private int pairs = 1;
    private long touched;

    ReceiveUnit(
            DmaPort dma,
            SwitchPort port,
            DeviceRing[] rings,
            ReceiveFilter filter,
            long features,
            int mtu) {
        this.dma = dma;
        this.port = port;
        this.rings = rings;
        this.filter = filter;
        this.features = features;
        longest = mtu + OVERHEAD;
        Arrays.setAll(chains, i -> new Chain());
        for (DeviceRing ring : rings) {
            // Buffers are looked for when a frame has come.
            ring.wantNotification(false);
        }
    }

    /** Over how many virtqueues frames are spread. */
    void pairs(int count) {
        pairs = count;
    }

    boolean broken() {
        for (DeviceRing ring : rings) {
            if (ring.broken()) {
                return true;
            }
        }
        return false;
    }

    /** Whether there may be more to do. */
    boolean busy() {
        return port.waiting() > 0;
    }

    /** Receives some frames; returns the virtqueues whose interrupts are wanted, a bit each. */
    long work() {
        touched = 0;
        for (int i = 0; i < BURST && port.waiting() > 0; i++) {
            receive();
        }
        long interrupts = 0;
        for (int i = 0; i < rings.length; i++) {
            if ((touched >>> i & 1) != 0 && rings[i].flush()) {
                interrupts |= 1L << i;
            }
        }
        return interrupts;
    }

    private void receive() {
        int length = port.receive(frame, 0, NetworkSwitch.MAX_FRAME);
        if (length == 0 || rings.length == 0 || length > longest || !filter.wants(frame, length)) {
            return;
        }
        boolean verified = (features & Virtio.GUEST_CSUM) != 0 && InternetChecksum.verified(frame, length);
        buffer.set(ValueLayout.JAVA_LONG, 0, verified ? DATA_VALID : 0);
        int queue = queue(length);
        touched |= 1L << queue;
        deliver(rings[queue], Virtio.HEADER + length);
    }

    /** Puts a frame into as many buffers as it takes, or drops it if there are not enough. */
    private void deliver(DeviceRing ring, int bytes) {
        ring.mark();
        int buffers = 0;
        long room = 0;
        boolean mergeable = (features & Virtio.MRG_RXBUF) != 0;
        while (room < bytes && buffers < (mergeable ? MAX_BUFFERS : 1) && ring.fetch(chains[buffers])) {
            room += chains[buffers++].writableBytes();
        }
        if (room < bytes) {
            ring.rewind();
            return;
        }
        buffer.set(ValueLayout.JAVA_INT, 8, buffers << 16);
        int done = 0;
        for (int i = 0; i < buffers; i++) {
            written[i] = Math.max(0, chains[i].write(dma, buffer, done, bytes - done));
            done += written[i];
        }
        for (int i = 0; i < buffers; i++) {
            ring.use(chains[i], written[i]);
        }
        if (bytes != done) {
            // Memory was not there: what the driver asked for cannot be done.
            ring.flush();
        }
    }

    /** Frames of one flow go to one queue: addresses and, of TCP and UDP over IPv4, ports. */
    private int queue(int length) {
        if (pairs == 1) {
            return 0;
        }
        int type = frame.get(InternetChecksum.SHORT, 12) & 0xffff;
        long flow = type == 0x0800 && length >= 38
                ? frame.get(ValueLayout.JAVA_LONG_UNALIGNED, 26) * 31 + frame.get(ValueLayout.JAVA_INT_UNALIGNED, 34)
                : frame.get(ValueLayout.JAVA_LONG_UNALIGNED, 4);
        long mixed = flow * 0x9e37_79b9_7f4a_7c15L;
        mixed = (mixed ^ (mixed >>> 32)) * 0x9e37_79b9_7f4a_7c15L;
        return (int) ((mixed >>> 33) % pairs);
    }
}
