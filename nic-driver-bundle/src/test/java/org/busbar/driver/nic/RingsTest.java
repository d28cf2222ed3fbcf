package org.busbar.driver.nic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.busbar.core.internal.net.PacketPoolService;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceId;
import org.busbar.driver.support.Health;
import org.busbar.driver.support.QueuePackets;
import org.busbar.driver.support.Traffic;
import org.busbar.net.DescriptorStatus;
import org.busbar.net.MacAddress;
import org.busbar.net.Packet;
import org.busbar.net.PortFeature;
import org.busbar.net.driver.DriverPacket;
import org.busbar.net.driver.DriverPool;
import org.busbar.net.driver.PacketOwner;
import org.busbar.pci.DmaBuffer;
import org.busbar.testkit.TestContext;

/** The rings against a device that the test plays, well or badly. */
final class RingsTest {

    private static final int PACKETS = 600;
    private static final int BUFFER = 2048;
    private static final long DONE = 1L << 32;
    private static final long END_OF_PACKET = 1L << 33;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    /** Both rings over one pool. */
    private static final class Rings {

        final TestContext core = new TestContext(new DeviceId("test", "0", 1));
        final FakeDevice device = new FakeDevice();
        final MemorySegment receiveMemory;
        final MemorySegment transmitMemory;
        final DriverPool pool;
        final QueuePackets packets;
        final Choices choices;
        final Traffic in = new Traffic();
        final Traffic out = new Traffic();
        final ReceiveRing receive;
        final TransmitRing transmit;

        Rings(Arena arena) {
            this(arena, ReceiveLayout.LEGACY);
        }

        Rings(Arena arena, ReceiveLayout layout) {
            Registers registers = new Registers(device, Family.I82574);
            choices = new Choices(registers, Family.I82574, new MacAddress(2));
            int bytes = DriverPool.HEADROOM + BUFFER;
            DmaBuffer memory = device.memory(arena, (long) PACKETS * bytes);
            pool = new PacketPoolService().over(memory.memory(), PACKETS, bytes,
                    Set.of(PortFeature.SCATTERED_TRANSMIT));
            packets = QueuePackets.own(pool, memory.address(), "rings");
            DmaBuffer receiveRing = device.memory(arena, ReceiveRing.BYTES);
            DmaBuffer transmitRing = device.memory(arena, TransmitRing.BYTES);
            receiveMemory = receiveRing.memory();
            transmitMemory = transmitRing.memory();
            Health health = new Health(core, () -> null);
            receive = new ReceiveRing(
                    0, receiveRing, registers.receive(), layout, BUFFER, packets, choices, in, health);
            transmit = new TransmitRing(
                    0, transmitRing, registers.transmit(), Family.I82574, packets, choices, out, health);
            packets.emptiedBy(() -> {
                receive.abandon();
                transmit.abandon();
            });
            transmit.setUp();
            receive.setUp();
            receive.post();
        }

        DriverPacket take() {
            return packets.cache().take(PacketOwner.CALLER);
        }

        void abandon() {
            packets.leave();
        }
    }

    /** Pages that are neighbours for the device need not be so in memory, and QEMU's 82574L loses frames that rely on it. */
    @Example
    void noDescriptorOfAFrameToBeSentCrossesAPage() {
        try (Arena arena = Arena.ofConfined()) {
            Rings rings = new Rings(arena);
            int slot = 0;
            int inTwo = 0;
            for (int i = 0; i < 100; i++) {
                DriverPacket packet = rings.take();
                packet.length(1514);
                assertThat(rings.transmit.transmit(new Packet[] {packet}, 0, 1)).isEqualTo(1);
                long at = rings.packets.address(packet);
                long end = at + 1514;
                inTwo += at / 4096 == (end - 1) / 4096 ? 0 : 1;
                while (at < end) {
                    long address = rings.transmitMemory.get(LONG, slot * 16L);
                    long word = rings.transmitMemory.get(LONG, slot * 16L + 8);
                    int length = (int) (word & 0xffff);
                    assertThat(address).isEqualTo(at);
                    assertThat(address / 4096).isEqualTo((address + length - 1) / 4096);
                    at += length;
                    assertThat((word & 1L << 24) != 0).as("end of the packet").isEqualTo(at == end);
                    slot++;
                }
            }
            assertThat(inTwo).isPositive();
            rings.device.gone = true;
            rings.abandon();
        }
    }

    @Property(tries = 300)
    void L8_whateverADeviceWritesNoPacketIsLostOrDoubled(@ForAll long seed) {
        Random random = new Random(seed);
        try (Arena arena = Arena.ofConfined()) {
            Rings rings = new Rings(arena);
            List<Packet> held = new ArrayList<>();
            Packet[] into = new Packet[20];
            for (int step = 0; step < 400; step++) {
                switch (random.nextInt(5)) {
                    case 0 -> rings.receiveMemory.set(LONG, 8L * random.nextInt(512), random.nextLong());
                    case 1 -> rings.transmitMemory.set(LONG, 8L * random.nextInt(512), random.nextLong());
                    case 2 -> {
                        int taken = rings.receive.receive(into);
                        for (int i = 0; i < taken; i++) {
                            assertThat(into[i].length()).isBetween(0, BUFFER);
                            parts(into[i], held);
                        }
                    }
                    case 3 -> {
                        Packet packet = rings.take();
                        if (packet != null) {
                            held.add(packet);
                        }
                    }
                    default -> {
                        held.forEach(packet -> packet.length(60));
                        int sent = rings.transmit.transmit(held.toArray(Packet[]::new), 0, held.size());
                        held.subList(0, sent).clear();
                    }
                }
            }
            assertThat(held).doesNotHaveDuplicates();
            assertThat(rings.core.failures()).hasSizeLessThanOrEqualTo(1);
            rings.device.gone = true;
            rings.abandon();
            assertThat(rings.pool.available()).isEqualTo(PACKETS - held.size());
            held.forEach(Packet::release);
            assertThat(rings.pool.available()).isEqualTo(PACKETS);
        }
    }

    /** Takes a frame apart, so that each of its packets is held, and sent, by itself. */
    private static void parts(Packet frame, List<Packet> held) {
        for (Packet part = frame; part != null;) {
            Packet rest = part.next();
            part.next(null);
            held.add(part);
            part = rest;
        }
    }

    @Example
    void damagedAndOverlongFramesAreDropped() {
        try (Arena arena = Arena.ofConfined()) {
            Rings rings = new Rings(arena);
            complete(rings, 0, 60 | END_OF_PACKET);
            complete(rings, 1, 61 | END_OF_PACKET | 1L << 40);
            complete(rings, 2, 2048);
            complete(rings, 3, 62 | END_OF_PACKET);
            complete(rings, 4, 63 | END_OF_PACKET);
            Packet[] into = new Packet[8];
            assertThat(rings.receive.receive(into)).isEqualTo(2);
            assertThat(into[0].length()).isEqualTo(60);
            assertThat(into[1].length()).isEqualTo(63);
            assertThat(rings.in.frames()).isEqualTo(2);
            assertThat(rings.in.bytes()).isEqualTo(123);
            assertThat(rings.receive.dropped()).isEqualTo(2);
        }
    }

    @Example
    void aFrameInSeveralBuffersIsOneFrame() {
        try (Arena arena = Arena.ofConfined()) {
            Rings rings = new Rings(arena);
            rings.choices.mtu(9000);
            complete(rings, 0, 2048);
            Packet[] into = new Packet[8];
            assertThat(rings.receive.receive(into)).isZero();
            complete(rings, 1, 2048);
            complete(rings, 2, 7 | END_OF_PACKET);
            complete(rings, 3, 60 | END_OF_PACKET);
            assertThat(rings.receive.receive(into)).isEqualTo(2);
            assertThat(into[0].length()).isEqualTo(2048);
            assertThat(into[0].next().length()).isEqualTo(2048);
            assertThat(into[0].next().next().length()).isEqualTo(7);
            assertThat(into[0].next().next().next()).isNull();
            assertThat(into[1].next()).isNull();
            assertThat(rings.in.bytes()).isEqualTo(4163);
            into[0].release();
            into[1].release();
            rings.abandon();
            assertThat(rings.pool.available()).isEqualTo(PACKETS);
        }
    }

    @Example
    void L5_aLengthBeyondTheBufferIsReportedOnceAndTheRingIsNotReadAgain() {
        for (ReceiveLayout layout : ReceiveLayout.values()) {
            try (Arena arena = Arena.ofConfined()) {
                Rings rings = new Rings(arena, layout);
                long done = layout == ReceiveLayout.LEGACY ? DONE | END_OF_PACKET : 3;
                int lengthAt = layout == ReceiveLayout.LEGACY ? 0 : 32;
                rings.receiveMemory.set(LONG, 8, 60L << lengthAt | done);
                rings.receiveMemory.set(LONG, 24, 2049L << lengthAt | done);
                rings.receiveMemory.set(LONG, 40, 60L << lengthAt | done);
                Packet[] into = new Packet[8];
                assertThat(rings.receive.receive(into)).as("what came before is a frame").isEqualTo(1);
                assertThat(rings.receive.receive(into)).isZero();
                assertThat(rings.receive.hasFrame()).isFalse();
                assertThat(rings.core.failures())
                        .singleElement()
                        .asString()
                        .contains("receive queue 0: descriptor 1 says 2049 bytes");
                into[0].release();
                rings.abandon();
                assertThat(rings.pool.available()).isEqualTo(PACKETS);
            }
        }
    }

    @Example
    void L5_aFrameWithoutEndIsReportedOnce() {
        try (Arena arena = Arena.ofConfined()) {
            Rings rings = new Rings(arena);
            for (int slot = 0; slot < 20; slot++) {
                complete(rings, slot, 2048);
            }
            assertThat(rings.receive.receive(new Packet[8])).isZero();
            assertThat(rings.receive.receive(new Packet[8])).isZero();
            assertThat(rings.core.failures()).singleElement().asString().contains("descriptor 8 says 2048 bytes");
            rings.abandon();
            assertThat(rings.pool.available()).isEqualTo(PACKETS);
        }
    }

    @Example
    void L5_emptyDescriptorsWithoutEndAreReportedOnce() {
        try (Arena arena = Arena.ofConfined()) {
            Rings rings = new Rings(arena);
            for (int lap = 0; lap < 2; lap++) {
                for (int slot = 0; slot < ReceiveRing.ENTRIES; slot++) {
                    complete(rings, slot, 0);
                }
                assertThat(rings.receive.receive(new Packet[8])).isZero();
            }
            assertThat(rings.core.failures())
                    .singleElement()
                    .asString()
                    .contains("receive queue 0: descriptor", "is the 257th of a frame without end");
            rings.abandon();
            assertThat(rings.pool.available()).isEqualTo(PACKETS);
        }
    }

    @Example
    void L5_aControllerThatIsPastADescriptorThatItDoesNotReportIsReportedOnce() {
        try (Arena arena = Arena.ofConfined()) {
            Rings rings = new Rings(arena);
            rings.device.write32(0x2810, 7);
            await(() -> rings.receive.check(), rings);
            assertThat(rings.core.failures().getFirst())
                    .hasMessageContaining("receive queue 0: the controller is at descriptor 7, and descriptor 0");
            rings.receive.check();
            assertThat(rings.core.failures()).hasSize(1);
            rings.abandon();
        }
        for (int head : new int[] {1, 300, 70_000, -2}) {
            try (Arena arena = Arena.ofConfined()) {
                Rings rings = new Rings(arena);
                Packet packet = rings.take();
                packet.length(60);
                assertThat(rings.transmit.transmit(new Packet[] {packet}, 0, 1)).isEqualTo(1);
                rings.transmit.check();
                rings.device.write32(0x3810, head);
                await(() -> rings.transmit.check(), rings);
                assertThat(rings.core.failures().getFirst())
                        .hasMessageContaining("transmit queue 0: the controller is at descriptor "
                                + Integer.toUnsignedString(head) + ", and descriptor 0");
                rings.abandon();
                assertThat(rings.pool.available()).isEqualTo(PACKETS);
            }
        }
    }

    private static void await(Runnable look, Rings rings) {
        Deadline deadline = Deadline.afterMillis(60_000);
        while (rings.core.failures().isEmpty()) {
            look.run();
            assertThat(deadline.expired()).as("nothing is reported").isFalse();
        }
    }

    @Example
    void L5_aRingThatGoesOnOrHasNotBegunIsNotReported() {
        try (Arena arena = Arena.ofConfined()) {
            Rings rings = new Rings(arena);
            Deadline end = Deadline.afterMillis(1_500);
            Packet[] into = new Packet[1];
            for (int slot = 0; !end.expired(); slot = slot + 1 & ReceiveRing.ENTRIES - 1) {
                rings.device.write32(0x2810, slot + 1 & ReceiveRing.ENTRIES - 1);
                rings.receive.check();
                rings.transmit.check();
                complete(rings, slot, 60 | END_OF_PACKET);
                assertThat(rings.receive.receive(into)).isEqualTo(1);
                into[0].release();
            }
            assertThat(rings.core.failures()).isEmpty();
            rings.abandon();
        }
    }

    @Example
    void descriptorsSayWhoHasThem() {
        try (Arena arena = Arena.ofConfined()) {
            Rings rings = new Rings(arena);
            complete(rings, 0, 60 | END_OF_PACKET);
            assertThat(rings.receive.status(0)).isEqualTo(DescriptorStatus.DONE);
            assertThat(rings.receive.status(1)).isEqualTo(DescriptorStatus.DEVICE);
            assertThat(rings.receive.status(255)).isEqualTo(DescriptorStatus.UNUSED);
            assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> rings.receive.status(256));

            assertThat(rings.transmit.status(0)).isEqualTo(DescriptorStatus.UNUSED);
            for (int batch = 0; batch < 2; batch++) {
                Packet[] frames = {rings.take(), rings.take()};
                frames[0].length(60);
                frames[1].length(60);
                assertThat(rings.transmit.transmit(frames, 0, 2)).isEqualTo(2);
            }
            rings.transmitMemory.set(LONG, 24, rings.transmitMemory.get(LONG, 24) | DONE);
            assertThat(rings.transmit.status(0)).isEqualTo(DescriptorStatus.UNUSED);
            assertThat(rings.transmit.status(252)).isEqualTo(DescriptorStatus.DONE);
            assertThat(rings.transmit.status(253)).isEqualTo(DescriptorStatus.DONE);
            assertThat(rings.transmit.status(254)).isEqualTo(DescriptorStatus.DEVICE);
            assertThat(rings.transmit.status(255)).isEqualTo(DescriptorStatus.DEVICE);
        }
    }

    @Example
    void aFrameThatDoesNotFitIntoTheRingWaitsWholly() {
        try (Arena arena = Arena.ofConfined()) {
            Rings rings = new Rings(arena);
            rings.choices.mtu(9000);
            int sent = 0;
            for (; sent < 200; sent++) {
                Packet first = rings.take();
                Packet second = rings.take();
                if (second == null) {
                    break;
                }
                first.length(60);
                second.length(60);
                first.next(second);
                if (rings.transmit.transmit(new Packet[] {first}, 0, 1) == 0) {
                    first.release();
                    break;
                }
            }
            assertThat(sent).as("255 descriptors, two a frame").isEqualTo(127);
            rings.abandon();
            assertThat(rings.pool.available()).isEqualTo(PACKETS);
        }
    }

    @Example
    void framesThatLeaveWhileTheDeviceGoesBelongToThePort() {
        try (Arena arena = Arena.ofConfined()) {
            Rings rings = new Rings(arena);
            Packet packet = rings.take();
            packet.length(60);
            rings.device.gone = true;
            assertThat(rings.transmit.transmit(new Packet[] {packet}, 0, 1)).isEqualTo(1);
            rings.abandon();
            assertThat(rings.pool.available()).isEqualTo(PACKETS);
        }
    }

    @Example
    void whereTheMemoryIsGoneTheCallerKeepsWhatItHas() {
        Rings rings;
        Packet packet;
        try (Arena arena = Arena.ofConfined()) {
            rings = new Rings(arena);
            packet = rings.take();
            packet.length(60);
        }
        assertThatIllegalStateException().isThrownBy(() -> rings.transmit.transmit(new Packet[] {packet}, 0, 1));
        assertThatIllegalStateException().isThrownBy(() -> rings.receive.receive(new Packet[4]));
        packet.release();
        rings.abandon();
        assertThat(rings.pool.available()).isEqualTo(PACKETS);
    }

    @Example
    void nothingIsAllocatedPerPacket() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (Arena arena = Arena.ofConfined()) {
            Rings rings = new Rings(arena);
            Packet[] batch = new Packet[32];
            forward(rings, batch, 20_000);
            long before = threads.getCurrentThreadAllocatedBytes();
            long frames = 32L * 20_000;
            forward(rings, batch, 20_000);
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            // Not a byte per packet; the measurement itself may allocate a little.
            assertThat(allocated).isLessThan(frames / 100);
        }
    }

    /** Receives batches of 32 and sends them on, with a device that does all at once. */
    private static void forward(Rings rings, Packet[] batch, int rounds) {
        int slot = 0;
        int sendSlot = 0;
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < batch.length; i++) {
                complete(rings, slot, 60 | END_OF_PACKET);
                slot = slot + 1 & 255;
            }
            if (rings.receive.receive(batch) != batch.length
                    || rings.transmit.transmit(batch, 0, batch.length) != batch.length) {
                throw new AssertionError("round " + round + " falls short");
            }
            for (int i = 0; i < batch.length; i++) {
                long at = sendSlot * 16L + 8;
                rings.transmitMemory.set(LONG, at, rings.transmitMemory.get(LONG, at) | DONE);
                sendSlot = sendSlot + 1 & 255;
            }
        }
    }

    private static void complete(Rings rings, int slot, long word) {
        rings.receiveMemory.set(LONG, slot * 16L + 8, word | DONE);
    }
}
