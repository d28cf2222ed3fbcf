package org.busbar.port.internal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.busbar.net.PacketPool;
import org.busbar.net.PacketPools;
import org.busbar.net.PortFeature;

/**
 * Pools of queues whose applications have brought none. They are memory of this bundle's, not of a device's, so that packets
 * outlive drivers. Thread-safe.
 */
final class OwnPools {

    /** Enough for two rings, because those of a driver that has left may still have theirs when the next fills its own. */
    private static final int PACKETS = 1024;

    private static final int BYTES = 2048;
    /** Header, a tag and the frame check sequence, which some devices write. */
    private static final int AROUND_PAYLOAD = 22;

    private static final int MOST_BYTES = 65_535;

    private final PacketPools pools;
    /** Closed by their queues, but with packets out: guarded by this. */
    private final List<PacketPool> retired = new ArrayList<>();

    OwnPools(PacketPools pools) {
        this.pools = pools;
    }

    /** Makes a pool for a port: of packets that hold every frame, where it takes none in several. */
    PacketPool make(Traits traits) throws IOException {
        tidy();
        Set<PortFeature> features = traits.features();
        boolean several = features.contains(PortFeature.SCATTERED_RECEIVE)
                && features.contains(PortFeature.SCATTERED_TRANSMIT);
        int bytes = several ? BYTES : Math.clamp((long) traits.maxMtu() + AROUND_PAYLOAD, BYTES, MOST_BYTES);
        return pools.create(PACKETS, bytes);
    }

    /** Closes a pool now, or once what its application has of it has come back. */
    void retire(PacketPool pool) {
        synchronized (retired) {
            retired.add(pool);
        }
        tidy();
    }

    private void tidy() {
        List<PacketPool> all;
        synchronized (retired) {
            all = new ArrayList<>(retired);
            retired.clear();
        }
        all.removeIf(OwnPools::isClosed);
        synchronized (retired) {
            retired.addAll(all);
        }
    }

    private static boolean isClosed(PacketPool pool) {
        try {
            pool.close();
            return true;
        } catch (IllegalStateException _) {
            return false; // packets are out: it is tried again with the next one, and closed with the bundle
        }
    }
}
