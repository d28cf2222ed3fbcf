package org.busbar.driver.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.busbar.core.internal.net.PacketPoolService;
import org.busbar.net.driver.DriverPacket;
import org.busbar.net.driver.DriverPool;
import org.busbar.net.driver.PacketOwner;
import org.busbar.pci.Dma;
import org.busbar.pci.DmaBuffer;
import org.busbar.pci.DmaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When the packets of a queue go back to their pool. */
@Timeout(60)
final class QueuePacketsTest {

    private static final long ADDRESS = 0x4000_0000L;

    private final DriverPool pool;
    private final Deque<DriverPacket> ring = new ArrayDeque<>();
    private Runnable unreachable = () -> {};
    private boolean unmaps = true;

    QueuePacketsTest() throws Exception {
        pool = (DriverPool) new PacketPoolService().create(64, 2048);
    }

    private final Dma dma = new Dma() {
        @Override
        public long pageSize() {
            return 4096;
        }

        @Override
        public DmaBuffer allocate(long bytes) throws DmaException {
            throw new DmaException("nothing is allocated here");
        }

        @Override
        public DmaBuffer map(MemorySegment memory, Runnable whenUnreachable) {
            unreachable = whenUnreachable;
            return new DmaBuffer() {
                @Override
                public MemorySegment memory() {
                    return memory;
                }

                @Override
                public long address() {
                    return ADDRESS;
                }

                @Override
                public long size() {
                    return memory.byteSize();
                }

                @Override
                public void close() {
                    if (!unmaps) {
                        throw new IllegalStateException("the device may still reach it");
                    }
                    whenUnreachable.run();
                }
            };
        }
    };

    private QueuePackets open() throws DmaException {
        QueuePackets packets = QueuePackets.shared(dma, pool, "test");
        packets.emptiedBy(() -> {
            while (!ring.isEmpty()) {
                packets.cache().give(ring.pop());
            }
        });
        for (int i = 0; i < 20; i++) {
            DriverPacket packet = packets.cache().take(PacketOwner.PORT);
            assertThat(packets.address(packet)).isEqualTo(ADDRESS + packet.offset());
            ring.push(packet);
        }
        return packets;
    }

    @Test
    void L6_whatLiesInARingGoesBackWhenTheOwnerHasLeftAndTheDeviceCannotReachIt() throws Exception {
        QueuePackets packets = open();
        packets.leave();
        packets.leave();
        assertThat(pool.available()).isLessThan(64);
        packets.detach();
        assertThat(pool.available()).isEqualTo(64);
        packets.leave();
        pool.close();
    }

    @Test
    void L6_aPoolThatIsClosedBeforeTheDeviceHasLetGoEndsWhenItDoes() throws Exception {
        QueuePackets packets = open();
        packets.leave();
        pool.close();
        pool.close();
        assertThatThrownBy(pool::allocate).isInstanceOf(IllegalStateException.class);
        assertThat(pool.memory().scope().isAlive()).isTrue();
        unreachable.run();
        assertThat(pool.memory().scope().isAlive()).isFalse();
    }

    @Test
    void L6_itIsTheOwnerWhoComesLastWhereTheBindingHasEnded() throws Exception {
        QueuePackets packets = open();
        unreachable.run();
        assertThat(pool.available()).as("the owner may be at the ring").isLessThan(64);
        packets.leave();
        assertThat(pool.available()).isEqualTo(64);
    }

    @Test
    void L6_whatADeviceMayStillReachStaysOut() throws Exception {
        QueuePackets packets = open();
        unmaps = false;
        assertThatThrownBy(packets::detach).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(pool::close).isInstanceOf(IllegalStateException.class).hasMessageContaining("test");
        packets.leave();
        assertThat(pool.available()).isLessThan(64);
        pool.close();
        assertThat(pool.memory().scope().isAlive()).isTrue();
    }

    @Test
    void L8_ownerAndEndOfTheBindingMayComeTogether() throws Exception {
        CyclicBarrier together = new CyclicBarrier(2);
        try (var threads = Executors.newSingleThreadExecutor()) {
            for (int round = 0; round < 2_000; round++) {
                QueuePackets packets = open();
                Runnable end = unreachable;
                Future<?> binding = threads.submit(() -> {
                    together.await(20, TimeUnit.SECONDS);
                    end.run();
                    return null;
                });
                together.await(20, TimeUnit.SECONDS);
                packets.leave();
                binding.get(20, TimeUnit.SECONDS);
                assertThat(pool.available()).isEqualTo(64);
            }
        }
    }

    @Test
    void aPoolThatCannotBeMappedHasNoQueueOpenOnIt() {
        Dma cannot = new Dma() {
            @Override
            public long pageSize() {
                return 4096;
            }

            @Override
            public DmaBuffer allocate(long bytes) throws DmaException {
                throw new DmaException("nothing is allocated here");
            }
        };
        assertThatThrownBy(() -> QueuePackets.shared(cannot, pool, "test")).isInstanceOf(DmaException.class);
        pool.close();
    }
}
