package org.busbar.core.internal.net;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.busbar.net.PacketPool;
import org.busbar.net.PacketPools;
import org.busbar.net.PortFeature;
import org.busbar.net.driver.DriverPool;
import org.busbar.net.driver.DriverPools;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.ServiceScope;

/** Makes pools; one instance for each bundle that does, so that its pools end with it. */
@Component(service = {PacketPools.class, DriverPools.class}, scope = ServiceScope.BUNDLE)
public final class PacketPoolService implements PacketPools, DriverPools {

    private static final int LINE = 64;
    private static final int MIN_BYTES = 64;
    private static final int MAX_BYTES = 65_535;
    /** Pages that processors have are no larger than this, but for huge ones. */
    private static final long PAGE = 64 << 10;

    private final Set<SharedPool> open = ConcurrentHashMap.newKeySet();

    @Override
    public PacketPool create(int packets, int packetBytes) throws IOException {
        if (packets < 1) {
            throw new IllegalArgumentException("a pool has at least one packet, not " + packets);
        }
        if (packetBytes < MIN_BYTES || packetBytes > MAX_BYTES) {
            throw new IllegalArgumentException("packets hold 64 to 65535 bytes, not " + packetBytes);
        }
        int bufferBytes = DriverPool.HEADROOM + packetBytes + LINE - 1 & -LINE;
        long bytes = (long) packets * bufferBytes + PAGE - 1 & -PAGE;
        Arena arena = Arena.ofShared();
        SharedPool pool;
        try {
            pool = new SharedPool(
                    arena.allocate(bytes, PAGE), packets, bufferBytes, EnumSet.allOf(PortFeature.class), closed -> {
                        arena.close();
                        open.remove(closed);
                    });
        } catch (OutOfMemoryError e) {
            arena.close();
            throw new IOException("no memory for " + packets + " packets, " + bytes
                    + " bytes: make fewer, or raise the limit with -XX:MaxDirectMemorySize=SIZE", e);
        }
        open.add(pool);
        return pool;
    }

    @Override
    public DriverPool over(MemorySegment memory, int packets, int bufferBytes, Set<PortFeature> features) {
        if (packets < 1 || bufferBytes <= DriverPool.HEADROOM || bufferBytes % LINE != 0
                || memory.byteSize() < (long) packets * bufferBytes) {
            throw new IllegalArgumentException(packets + " packets of " + bufferBytes + " bytes, whole lines of "
                    + LINE + ", do not fit " + memory.byteSize() + " bytes");
        }
        return new SharedPool(memory, packets, bufferBytes, Set.copyOf(features), closed -> {});
    }

    @Deactivate
    void deactivate() {
        List.copyOf(open).forEach(SharedPool::orphan);
    }
}
