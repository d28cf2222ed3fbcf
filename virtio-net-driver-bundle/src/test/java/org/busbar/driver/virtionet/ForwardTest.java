package org.busbar.driver.virtionet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.busbar.core.internal.net.PacketPoolService;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.RemovalReason;
import org.busbar.driver.nic.NicConfig;
import org.busbar.driver.nic.NicDriver;
import org.busbar.emulator.Card;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.emulator.internal.nic.NicModel;
import org.busbar.net.NetworkPort;
import org.busbar.net.Packet;
import org.busbar.net.PacketPool;
import org.busbar.net.PortFeature;
import org.busbar.net.PortQueue;
import org.busbar.net.PortQueueOptions;
import org.busbar.net.driver.DriverPacket;
import org.busbar.net.driver.DriverPool;
import org.busbar.testkit.TestSlot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An 82574L on one switch and a virtio-net device on another, each with its driver, and one pool for both. */
@Timeout(120)
final class ForwardTest {

    private static final int PACKETS = 1024;
    private static final int NIC = 1;
    private static final int VIRTIO = 2;
    /** Fewer than the receive ring has buffers, so that none is lost. */
    private static final int UNDER_WAY = 200;

    private final NetworkSwitch near = new NetworkSwitch();
    private final NetworkSwitch far = new NetworkSwitch();
    private TestSlot nic;
    private Slot virtio;
    private PacketPool pool;

    @BeforeEach
    void bind() throws Exception {
        nic = new TestSlot(NIC, new NicModel(new Card.Nic(Slot.mac(NIC)), near));
        nic.probe(new NicDriver(defaults(), new PacketPoolService()));
        virtio = Slot.bound(VIRTIO, far, Settings.of(true, true));
        pool = new PacketPoolService().create(PACKETS, 2048);
    }

    @AfterEach
    void everyPacketIsBackAndNothingWasTouchedThatShouldNotBe() {
        assertThat(pool.available()).isEqualTo(PACKETS);
        pool.close();
        nic.close();
        virtio.close();
        assertThat(nic.iommuFaults()).isEmpty();
        assertThat(virtio.iommuFaults()).isEmpty();
    }

    private PortQueue openNic() throws Exception {
        return nic.service(NetworkPort.class).openQueue(PortQueueOptions.DEFAULT.withPool(pool));
    }

    @Test
    void whatTheOnePortReceivesTheOtherSendsFromTheSameBufferInBothDirections() throws Exception {
        Peer here = new Peer(near);
        Peer there = new Peer(far);
        Set<Packet> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        try (PortQueue a = openNic();
                PortQueue b = virtio.open(pool)) {
            for (int number = 0; number < 3_000; number++) {
                here.send(Slot.mac(NIC), Peer.MAC, number, 60 + number % 1400);
                seen.add(forward(a, b, number));
                check(there.receive(1).getFirst(), number);
                there.send(Slot.mac(VIRTIO), Peer.MAC, number, 60 + number % 1400);
                seen.add(forward(b, a, number));
                check(here.receive(1).getFirst(), number);
            }
        }
        assertThat(seen).as("packets of the pool, again and again").hasSizeLessThanOrEqualTo(PACKETS);
    }

    /** Receives a frame here, leaves a mark in it, and sends the very buffer there. */
    private Packet forward(PortQueue from, PortQueue to, int number) throws InterruptedException {
        Packet[] one = new Packet[1];
        Deadline deadline = Deadline.afterMillis(20_000);
        while (from.receive(one) == 0) {
            assertThat(from.awaitReceive(deadline)).as("frame %d", number).isTrue();
        }
        DriverPacket packet = (DriverPacket) one[0];
        MemorySegment memory = ((DriverPool) pool).memory();
        assertThat(packet.pool()).isSameAs(pool);
        assertThat(packet.data().address()).isEqualTo(memory.address() + packet.offset());
        memory.set(Peer.INT, packet.offset() + 18, ~number);
        assertThat(to.transmit(one, 0, 1)).isEqualTo(1);
        assertThatIllegalStateException().isThrownBy(packet::release).withMessageContaining("handed to the port");
        return packet;
    }

    private static void check(MemorySegment frame, int number) {
        assertThat(frame.byteSize()).isEqualTo(60 + number % 1400);
        assertThat(frame.get(Peer.INT, 14)).isEqualTo(number);
        assertThat(frame.get(Peer.INT, 18)).as("the mark").isEqualTo(~number);
        for (int i = 22; i < frame.byteSize(); i++) {
            if (frame.get(ValueLayout.JAVA_BYTE, i) != (byte) i) {
                throw new AssertionError("frame " + number + " differs at " + i);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void L8_whicheverCardIsPulledUnderTrafficAllItsPacketsComeBackAndTheOtherGoesOn(boolean pullNic) throws Exception {
        Peer here = new Peer(near);
        AtomicLong forwarded = new AtomicLong();
        try (var threads = Executors.newCachedThreadPool()) {
            PortQueue a = openNic();
            PortQueue b = virtio.open(pool);
            Future<?> forwarder = threads.submit(() -> forwardUntilGone(a, b, forwarded));
            Deadline deadline = Deadline.afterMillis(60_000);
            for (int number = 0; forwarded.get() < 3_000;) {
                if (number - forwarded.get() < UNDER_WAY) {
                    here.send(Slot.mac(NIC), Peer.MAC, number++, 64);
                }
                assertThat(deadline.expired()).as("%d of %d frames were forwarded", forwarded.get(), number).isFalse();
            }
            if (pullNic) {
                nic.pull();
                nic.removeSurprised();
            } else {
                virtio.pull();
                virtio.removeSurprised();
            }
            assertThatThrownBy(() -> forwarder.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(DeviceGoneException.class);
            PortQueue left = pullNic ? b : a;
            Packet packet = left.allocate();
            packet.length(60);
            assertThat(left.transmit(new Packet[] {packet}, 0, 1)).as("the other port goes on").isEqualTo(1);
            a.close();
            b.close();
        }
    }

    private static Void forwardUntilGone(PortQueue from, PortQueue to, AtomicLong forwarded) {
        Packet[] batch = new Packet[32];
        while (!Thread.currentThread().isInterrupted()) {
            int count = from.receive(batch);
            int sent = 0;
            try {
                // Whoever counts on each frame waits for those for which there is no room just now.
                do {
                    sent += to.transmit(batch, sent, count - sent);
                } while (sent < count);
            } finally {
                for (int i = sent; i < count; i++) {
                    batch[i].release();
                }
            }
            forwarded.addAndGet(sent);
        }
        return null;
    }

    @Test
    void L6_ejectingBothLeavesThePoolWhole() throws Exception {
        Peer here = new Peer(near);
        PortQueue a = openNic();
        PortQueue b = virtio.open(pool);
        here.send(Slot.mac(NIC), Peer.MAC, 1, 64);
        forward(a, b, 1);
        nic.remove(RemovalReason.EJECT);
        virtio.remove(RemovalReason.EJECT);
        assertThat(pool.available()).as("until the owners know").isLessThan(PACKETS);
        a.close();
        b.close();
    }

    @Test
    void queuesOpenAndCloseOnAPoolAsOftenAsOneLikes() throws Exception {
        Peer here = new Peer(near);
        Peer there = new Peer(far);
        for (int number = 0; number < 30; number++) {
            try (PortQueue a = openNic();
                    PortQueue b = virtio.open(pool)) {
                here.send(Slot.mac(NIC), Peer.MAC, number, 60 + number % 1400);
                forward(a, b, number);
                check(there.receive(1).getFirst(), number);
            }
            assertThat(pool.available()).isEqualTo(PACKETS);
        }
    }

    @Test
    void packetsOfOtherPoolsAreRefusedAndStayTheCallers() throws Exception {
        PacketPool other = new PacketPoolService().create(4, 2048);
        try (PortQueue b = virtio.open(pool)) {
            Packet foreign = other.allocate();
            foreign.length(60);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> b.transmit(new Packet[] {foreign}, 0, 1))
                    .withMessageContaining("same pool");
            foreign.release();
            Packet asking = b.allocate();
            asking.length(60);
            asking.requestVlan(5);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> b.transmit(new Packet[] {asking}, 0, 1))
                    .withMessageContaining("asks for");
            asking.release();
        }
        other.close();
    }

    /** A buffer that was the middle of a frame can be the beginning of another: there is room for the header all the same. */
    @Test
    void theRestOfAFrameCanBeSentByItself() throws Exception {
        Peer there = new Peer(far);
        try (Slot jumbo = Slot.bound(3, far, new Card.VirtioNet(Slot.mac(3), 1, 9000), Settings.of(false, true));
                VirtioQueue queue = jumbo.open(pool)) {
            there.send(Slot.mac(3), Peer.MAC, 1, 3_000);
            Packet frame = Slot.receive(queue);
            Packet rest = frame.next();
            assertThat(rest.length()).isEqualTo(3_000 - 2048);
            frame.next(null);
            byte first = rest.data().get(ValueLayout.JAVA_BYTE, 0);
            assertThat(first).isEqualTo((byte) 2048);
            Frames.fill(rest, Peer.MAC, Slot.mac(3), 7, 100);
            assertThat(queue.transmit(new Packet[] {rest}, 0, 1)).isEqualTo(1);
            frame.release();
            assertThat(there.receive(1).getFirst().byteSize()).isEqualTo(100);
        }
    }

    @Test
    void withoutQueueResetNoPoolIsSharedAndThePortSaysSo() throws Exception {
        try (Slot slot = Slot.bound(3, far, Settings.of(true, true).withoutQueueReset())) {
            assertThat(virtio.port().features()).contains(PortFeature.SHARED_POOL);
            assertThat(slot.port().features()).doesNotContain(PortFeature.SHARED_POOL);
            assertThatThrownBy(() -> slot.open(pool))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("RING_RESET");
            slot.open().close();
            assertThatThrownBy(() -> slot.open(pool)).isInstanceOf(UnsupportedOperationException.class);
        }
    }

    /** The configuration that it has if nobody gives it another. */
    static NicConfig defaults() {
        return (NicConfig) Proxy.newProxyInstance(
                NicConfig.class.getClassLoader(),
                new Class<?>[] {NicConfig.class},
                (proxy, method, arguments) -> method.getDefaultValue());
    }
}
