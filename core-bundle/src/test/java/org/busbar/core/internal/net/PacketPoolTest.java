package org.busbar.core.internal.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.busbar.net.Packet;
import org.busbar.net.PacketPool;
import org.busbar.net.PortFeature;
import org.busbar.net.driver.DriverPacket;
import org.busbar.net.driver.DriverPool;
import org.busbar.net.driver.PacketCache;
import org.busbar.net.driver.PacketOwner;

/** Pools, caches and packets against a model, and against several threads. */
final class PacketPoolTest {

    private static final long SECONDS = 60;

    private final PacketPoolService service = new PacketPoolService();

    private DriverPool pool(int packets) {
        try {
            return (DriverPool) service.create(packets, 2048);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Property(tries = 300)
    void noPacketIsLostOrDoubledWhateverQueuesAndApplicationsDo(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 200) int packets) {
        Random random = new Random(seed);
        DriverPool pool = pool(packets);
        List<PacketCache> caches = new ArrayList<>();
        List<Packet> callers = new ArrayList<>();
        List<DriverPacket> rings = new ArrayList<>();
        for (int step = 0; step < 500; step++) {
            switch (random.nextInt(9)) {
                case 0 -> {
                    if (caches.size() < 4) {
                        caches.add(pool.openCache("queue " + step));
                    }
                }
                case 1 -> {
                    if (!caches.isEmpty() && random.nextInt(8) == 0) {
                        caches.remove(random.nextInt(caches.size())).close();
                    }
                }
                case 2 -> add(callers, pool.allocate());
                case 3, 4 -> {
                    for (PacketCache cache : caches) {
                        for (int i = random.nextInt(30); i > 0; i--) {
                            add(rings, cache.take(PacketOwner.PORT));
                        }
                    }
                }
                case 5 -> {
                    // What arrives is the caller's.
                    for (int i = random.nextInt(20); i > 0 && !rings.isEmpty(); i--) {
                        DriverPacket packet = rings.remove(random.nextInt(rings.size()));
                        packet.owner(PacketOwner.CALLER);
                        callers.add(packet);
                    }
                }
                case 6 -> {
                    // What is sent comes back to another queue than it was taken from.
                    for (int i = random.nextInt(30); i > 0 && !rings.isEmpty() && !caches.isEmpty(); i--) {
                        DriverPacket packet = rings.remove(random.nextInt(rings.size()));
                        caches.get(random.nextInt(caches.size())).give(packet);
                    }
                }
                case 7 -> {
                    if (!callers.isEmpty()) {
                        Packet packet = callers.remove(random.nextInt(callers.size()));
                        packet.release();
                        assertThatIllegalStateException().isThrownBy(packet::release).withMessageContaining("already");
                    }
                }
                default -> {
                    if (!rings.isEmpty()) {
                        assertThatIllegalStateException()
                                .isThrownBy(rings.getFirst()::release)
                                .withMessageContaining("handed to the port");
                    }
                }
            }
            Set<Packet> out = Collections.newSetFromMap(new IdentityHashMap<>());
            out.addAll(callers);
            out.addAll(rings);
            assertThat(out).as("packets that are somebody's").hasSize(callers.size() + rings.size());
            assertThat(pool.available() + out.size()).isLessThanOrEqualTo(packets);
            if (caches.isEmpty()) {
                assertThat(pool.available() + out.size()).isEqualTo(packets);
            }
        }
        if (!caches.isEmpty() || callers.size() + rings.size() > 0) {
            assertThatIllegalStateException().isThrownBy(pool::close).withMessageContaining("cannot be closed");
        }
        PacketCache last = pool.openCache("last");
        rings.forEach(last::give);
        caches.forEach(PacketCache::close);
        callers.forEach(Packet::release);
        last.close();
        last.close();
        assertThat(pool.available()).isEqualTo(pool.size()).isEqualTo(packets);
        pool.close();
        pool.close();
        assertThat(pool.memory().scope().isAlive()).isFalse();
    }

    private static <P extends Packet> void add(List<P> packets, P packet) {
        if (packet != null) {
            assertThat(packet.length()).isZero();
            assertThat(packet.next()).isNull();
            packets.add(packet);
        }
    }

    @Example
    void packetsThatOtherThreadsReleaseComeBackToTheQueueTheyWereTakenFrom() throws Exception {
        int packets = 64;
        int rounds = 200_000;
        DriverPool pool = pool(packets);
        PacketCache cache = pool.openCache("queue");
        LinkedBlockingQueue<Packet> between = new LinkedBlockingQueue<>();
        try (var threads = Executors.newCachedThreadPool()) {
            List<Future<?>> consumers = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                consumers.add(threads.submit(() -> {
                    for (int done = 0; done < rounds / 2; done++) {
                        Packet packet = between.poll(SECONDS, TimeUnit.SECONDS);
                        assertThat(packet).isNotNull();
                        packet.release();
                    }
                    return null;
                }));
            }
            for (int sent = 0; sent < rounds;) {
                Packet packet = cache.take(PacketOwner.CALLER);
                if (packet == null) {
                    Thread.onSpinWait();
                } else {
                    between.add(packet);
                    sent++;
                }
            }
            for (Future<?> consumer : consumers) {
                consumer.get(SECONDS, TimeUnit.SECONDS);
            }
        }
        cache.close();
        assertThat(pool.available()).isEqualTo(packets);
        pool.close();
    }

    @Example
    void ofTwoThreadsThatReleaseAPacketOneIsTold() throws Exception {
        DriverPool pool = pool(8);
        PacketCache cache = pool.openCache("queue");
        CyclicBarrier together = new CyclicBarrier(2);
        Packet[] shared = new Packet[1];
        try (var threads = Executors.newCachedThreadPool()) {
            Future<Integer> other = threads.submit(() -> releases(shared, together, null));
            int mine = releases(shared, together, cache);
            assertThat(mine + other.get(SECONDS, TimeUnit.SECONDS)).isEqualTo(5_000);
        }
        cache.close();
        assertThat(pool.available()).isEqualTo(8);
    }

    private static int releases(Packet[] shared, CyclicBarrier together, PacketCache cache)
            throws Exception {
        int done = 0;
        for (int round = 0; round < 5_000; round++) {
            if (cache != null) {
                shared[0] = cache.take(PacketOwner.CALLER);
            }
            together.await(SECONDS, TimeUnit.SECONDS);
            try {
                shared[0].release();
                done++;
            } catch (IllegalStateException e) {
                assertThat(e).hasMessageContaining("released already");
            }
            together.await(SECONDS, TimeUnit.SECONDS);
        }
        return done;
    }

    @Example
    void aCacheThatClosesWhilePacketsAreReleasedLosesNone() throws Exception {
        DriverPool pool = pool(32);
        try (var threads = Executors.newSingleThreadExecutor()) {
            for (int round = 0; round < 3_000; round++) {
                PacketCache cache = pool.openCache("queue");
                List<Packet> out = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    out.add(cache.take(PacketOwner.CALLER));
                }
                Future<?> releasing = threads.submit(() -> out.forEach(Packet::release));
                cache.close();
                releasing.get(SECONDS, TimeUnit.SECONDS);
                assertThat(pool.available()).isEqualTo(32);
            }
        }
    }

    @Example
    void buffersAreApartAlignedAndHaveHeadroom() {
        DriverPool pool = pool(10);
        assertThat(pool.packetBytes()).isEqualTo(2048);
        assertThat(pool.memory().address() % 4096).isZero();
        assertThat(pool.memory().byteSize() % 4096).isZero();
        PacketCache cache = pool.openCache("queue");
        for (int i = 0; i < 10; i++) {
            DriverPacket packet = cache.take(PacketOwner.CALLER);
            assertThat(packet.headroom()).isEqualTo(DriverPool.HEADROOM);
            assertThat(packet.offset() % 64).isZero();
            assertThat(packet.data().byteSize()).isEqualTo(2048);
            packet.buffer().fill((byte) (i + 1));
            assertThat(pool.memory().get(ValueLayout.JAVA_BYTE, packet.offset())).isEqualTo((byte) (i + 1));
            packet.owner(PacketOwner.PORT);
        }
        long sum = 0;
        for (long at = 0; at < 10L * (64 + 2048); at++) {
            sum += pool.memory().get(ValueLayout.JAVA_BYTE, at);
        }
        assertThat(sum).isEqualTo(55L * (64 + 2048));
    }

    @Example
    void dataThatBeginElsewhereDoSoForOneUse() {
        DriverPool pool = pool(1);
        PacketCache cache = pool.openCache("queue");
        DriverPacket packet = cache.take(PacketOwner.PORT);
        long usual = packet.offset();
        packet.headroom(52);
        assertThat(packet.offset()).isEqualTo(usual - 12);
        assertThat(packet.data().byteSize()).isEqualTo(2048 + 12);
        packet.length(2048 + 12);
        assertThatIllegalArgumentException().isThrownBy(() -> packet.headroom(65));
        MemorySegment shifted = packet.data();
        cache.give(packet);
        assertThat(cache.take(PacketOwner.PORT)).isSameAs(packet);
        assertThat(packet.offset()).isEqualTo(usual);
        assertThat(packet.data().byteSize()).isEqualTo(2048);
        packet.headroom(52);
        assertThat(packet.data()).as("made once").isSameAs(shifted);
        packet.headroom(64);
        assertThat(packet.offset()).isEqualTo(usual);
        assertThatIllegalArgumentException().isThrownBy(() -> packet.length(2049)).withMessageContaining("2048");
    }

    @Example
    void whatIsAskedOfADeviceHoldsForOneUse() {
        DriverPool pool = pool(1);
        PacketCache cache = pool.openCache("queue");
        DriverPacket packet = cache.take(PacketOwner.CALLER);
        assertThat(packet.requests()).isZero();
        packet.requestChecksum(34, 16);
        packet.requestSegmentation(false, 54, 1460);
        packet.requestSegmentation(true, 74, 1440);
        packet.requestIpChecksum(14, 20);
        packet.requestVlan(0x2005);
        assertThat(packet.requests())
                .isEqualTo(DriverPacket.CHECKSUM | DriverPacket.SEGMENTATION_IPV6 | DriverPacket.IP_CHECKSUM
                        | DriverPacket.VLAN);
        assertThat(packet.vlan()).as("nothing was taken out").isEqualTo(-1);
        packet.hash(7);
        packet.verified(true, true);
        packet.release();
        assertThat(cache.take(PacketOwner.PORT)).isSameAs(packet);
        assertThat(packet.requests()).isZero();
        assertThat(packet.hash()).isZero();
        assertThat(packet.checksumVerified() || packet.ipChecksumVerified()).isFalse();
        packet.vlan(5);
        packet.verified(false, true);
        assertThat(packet.vlan()).isEqualTo(5);
        assertThat(packet.checksumVerified()).isTrue();
        assertThat(packet.ipChecksumVerified()).isFalse();
        assertThat(packet.requests()).as("what was found is not asked for").isZero();
        assertThatIllegalArgumentException().isThrownBy(() -> packet.requestVlan(65_536));
        assertThatIllegalArgumentException().isThrownBy(() -> packet.requestIpChecksum(14, 19));
        assertThatIllegalArgumentException().isThrownBy(() -> packet.requestChecksum(-1, 16));
        assertThatIllegalArgumentException().isThrownBy(() -> packet.requestSegmentation(true, 54, 0));
    }

    @Example
    void packetsOfOnePortRefuseWhatItCannotDoWhenTheyAreAsked() {
        MemorySegment memory = Arena.ofAuto().allocate(4 * 2048, 4096);
        DriverPool pool = service.over(memory, 4, 2048, Set.of(PortFeature.TRANSMIT_CHECKSUM));
        Packet packet = pool.allocate();
        packet.requestChecksum(34, 6);
        assertThatThrownBy(() -> packet.requestVlan(1)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> packet.requestIpChecksum(14, 20)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> packet.requestSegmentation(false, 54, 1460))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("IPv4");
        Packet second = pool.allocate();
        assertThatThrownBy(() -> packet.next(second)).isInstanceOf(UnsupportedOperationException.class);
        assertThatIllegalArgumentException().isThrownBy(() -> service.over(memory, 5, 2048, Set.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> service.over(memory, 4, 2000, Set.of()));
    }

    @Example
    void aFrameOfSeveralPacketsIsReleasedAsAWholeAndEachOnce() {
        DriverPool pool = pool(4);
        Packet first = pool.allocate();
        Packet second = pool.allocate();
        Packet third = pool.allocate();
        first.next(second);
        second.next(third);
        third.next(first);
        assertThatIllegalArgumentException().isThrownBy(() -> first.next(first));
        Packet foreign = pool(1).allocate();
        assertThatIllegalArgumentException().isThrownBy(() -> first.next(foreign)).withMessageContaining("same pool");
        first.release();
        assertThat(pool.available()).isEqualTo(4);
        assertThat(second.next()).isNull();
        assertThatIllegalStateException().isThrownBy(second::release);
        assertThatIllegalArgumentException().isThrownBy(() -> third.next(second));
        foreign.release();
    }

    @Example
    void poolsOfABundleThatStopsAreClosedWithTheirLastPacket() throws Exception {
        PacketPoolService bundles = new PacketPoolService();
        DriverPool idle = (DriverPool) bundles.create(4, 64);
        DriverPool used = (DriverPool) bundles.create(4, 64);
        PacketCache cache = used.openCache("queue");
        Packet one = cache.take(PacketOwner.CALLER);
        bundles.deactivate();
        assertThat(idle.memory().scope().isAlive()).isFalse();
        assertThatIllegalStateException().isThrownBy(idle::allocate);
        cache.close();
        one.data().fill((byte) 1);
        assertThat(used.memory().scope().isAlive()).isTrue();
        one.release();
        assertThat(used.memory().scope().isAlive()).isFalse();
    }

    @Example
    void aPoolSaysWhatKeepsItOpen() throws Exception {
        PacketPool pool = pool(3);
        Packet packet = pool.allocate();
        assertThatIllegalStateException().isThrownBy(pool::close).withMessageContaining("1 of 3 packets are out");
        PacketCache cache = ((DriverPool) pool).openCache("0000:03:00.0 queue 1");
        packet.release();
        assertThatIllegalStateException().isThrownBy(pool::close).withMessageContaining("0000:03:00.0 queue 1");
        cache.close();
        pool.close();
        assertThatIllegalStateException().isThrownBy(pool::allocate).withMessageContaining("closed");
        assertThatIllegalStateException().isThrownBy(() -> ((DriverPool) pool).openCache("late"));
        assertThatIllegalArgumentException().isThrownBy(() -> service.create(0, 2048));
        assertThatIllegalArgumentException().isThrownBy(() -> service.create(1, 63));
        assertThatIllegalArgumentException().isThrownBy(() -> service.create(1, 65_536));
    }

    @Example
    void L5_memoryThatIsNotThereIsReportedWithTheLimit() {
        assertThatThrownBy(() -> service.create(Integer.MAX_VALUE / 4, 65_535))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("MaxDirectMemorySize");
    }
}
