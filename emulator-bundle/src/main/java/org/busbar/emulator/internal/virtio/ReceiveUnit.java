package org.busbar.emulator.internal.virtio;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.busbar.emulator.internal.model.DmaPort;
import org.busbar.emulator.internal.net.Deceit;
import org.busbar.emulator.internal.net.Lies;
import org.busbar.emulator.internal.net.SwitchPort;
import org.jspecify.annotations.Nullable;

/** Receives frames into virtqueues (5.1.6.3, 5.1.6.4). Device's thread only; allocates nothing per frame. */
final class ReceiveUnit {

    private static final int BURST = 64;
    private static final int NEEDS_CSUM = 1;
    private static final int DATA_VALID = 2;
    private static final int GSO_TCPV4 = 1;
    private static final int GSO_TCPV6 = 4;
    private static final int TCP_SUM = 16;
    private static final int MAX_BUFFERS = 64;

    private final DmaPort dma;
    private final @Nullable DeviceRing[] rings;
    private final long features;
    private final int header;
    private final Coalescer coalescer;
    private final Deceit deceit;
    private final UsedBuffers used = new UsedBuffers();
    private final Spread spread = new Spread();
    private final Chain[] chains = new Chain[MAX_BUFFERS];
    private final int[] written = new int[MAX_BUFFERS];
    private final MemorySegment buffer =
            Arena.ofAuto().allocate(Virtio.HASH_HEADER + Coalescer.MAX_BYTES, 8);
    private final MemorySegment frame;
    private long touched;

    ReceiveUnit(
            DmaPort dma,
            SwitchPort port,
            Deceit deceit,
            int pairs,
            ReceiveFilter filter,
            long features,
            int mtu) {
        this.dma = dma;
        this.deceit = deceit;
        this.features = features;
        rings = new @Nullable DeviceRing[pairs];
        header = Virtio.header(features);
        frame = buffer.asSlice(header);
        coalescer = new Coalescer(port, filter, features, mtu, frame);
        Arrays.setAll(chains, i -> new Chain());
    }

    /** A virtqueue is there from now on, or is not any more. */
    void ring(int index, @Nullable DeviceRing ring) {
        rings[index] = ring;
        if (ring != null) {
            // Buffers are looked for when a frame has come.
            ring.wantNotification(false);
        }
    }

    /** Returns over which virtqueues frames are spread. */
    Spread spread() {
        return spread;
    }

    boolean broken() {
        for (DeviceRing ring : rings) {
            if (ring != null && ring.broken()) {
                return true;
            }
        }
        return false;
    }

    /** Whether there may be more to do. */
    boolean busy() {
        return coalescer.hasMore();
    }

    /**
     * Receives some frames; returns the virtqueues whose interrupts are wanted, a bit each.
     *
     * @param arrived how many have arrived that may find no virtqueue; others wait for the next time
     */
    long work(int arrived) {
        touched = 0;
        int most = Math.min(coalescer.holdsOne() ? arrived + 1 : arrived, BURST);
        for (int i = 0; i < most && coalescer.hasMore(); i++) {
            receive();
        }
        long interrupts = 0;
        for (int i = 0; i < rings.length; i++) {
            DeviceRing ring = rings[i];
            if ((touched >>> i & 1) != 0 && ring != null && ring.flush()) {
                interrupts |= 1L << i;
            }
        }
        return interrupts;
    }

    private void receive() {
        int length = coalescer.take();
        if (length == 0) {
            return;
        }
        int queue = spread.choose(frame, coalescer.headers(), length);
        DeviceRing ring = queue < rings.length ? rings[queue] : null;
        if (ring == null) {
            return;
        }
        describe();
        touched |= 1L << queue;
        deliver(ring, header + length);
    }

    /** Fills in struct virtio_net_hdr, but for the number of buffers. */
    private void describe() {
        int size = coalescer.segmentSize();
        if (size == 0) {
            buffer.set(ValueLayout.JAVA_LONG, 0, coalescer.verified() ? DATA_VALID : 0);
        } else {
            int transport = coalescer.headers().transport();
            int type = coalescer.headers().isIpv6() ? GSO_TCPV6 : GSO_TCPV4;
            buffer.set(ValueLayout.JAVA_INT, 0, NEEDS_CSUM | type << 8 | coalescer.headerBytes() << 16);
            buffer.set(ValueLayout.JAVA_INT, 4, size | transport << 16);
        }
        buffer.set(ValueLayout.JAVA_INT, 8, size == 0 ? 0 : TCP_SUM);
        if (header == Virtio.HASH_HEADER) {
            buffer.set(ValueLayout.JAVA_INT, 12, spread.hash());
            buffer.set(ValueLayout.JAVA_INT, 16, spread.report());
        }
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
        buffer.set(ValueLayout.JAVA_SHORT, 10, (short) buffers);
        Lies lies = deceit.receive();
        if (lies != null && lies.randomStatus()) {
            for (int at = 0; at < header; at += 4) {
                buffer.set(ValueLayout.JAVA_INT, at, (int) lies.statusBits());
            }
        }
        int done = 0;
        for (int i = 0; i < buffers; i++) {
            written[i] = Math.max(0, chains[i].write(dma, buffer, done, bytes - done));
            done += written[i];
        }
        for (int i = 0; i < buffers; i++) {
            used.use(ring, lies, chains[i], written[i]);
        }
        if (bytes != done) {
            // Memory was not there: what the driver asked for cannot be done.
            ring.flush();
        }
    }
}
