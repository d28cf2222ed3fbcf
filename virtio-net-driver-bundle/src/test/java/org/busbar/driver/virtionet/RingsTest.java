package org.busbar.driver.virtionet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.BiConsumer;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.busbar.core.internal.net.PacketPoolService;
import org.busbar.driver.support.QueuePackets;
import org.busbar.driver.support.Traffic;
import org.busbar.net.Packet;
import org.busbar.net.PortFeature;
import org.busbar.net.driver.DriverPacket;
import org.busbar.net.driver.DriverPool;
import org.busbar.net.driver.PacketOwner;
import org.busbar.pci.DmaBuffer;

/** Receiver, transmitter and both formats against a device that the test plays, well or badly. */
final class RingsTest {

    private static final int PACKETS = 100;
    private static final int SIZE = 32;
    private static final int BYTES = 2048;
    private static final Features ALL =
            new Features(Feature.MRG_RXBUF.mask() | Feature.GUEST_CSUM.mask() | Feature.CSUM.mask());

    /** Both directions over one pool. */
    private static final class Rings {

        final Memory memory = new Memory();
        final DmaBuffer packets;
        final MemorySegment receiveMemory;
        final MemorySegment transmitMemory;
        final PlayedDevice receiveDevice;
        final PlayedDevice transmitDevice;
        final Ring receiveRing;
        final Ring transmitRing;
        final DriverPool pool;
        final QueuePackets owned;
        final Traffic in = new Traffic();
        final Traffic out = new Traffic();
        final Receiver receiver;
        final Transmitter transmitter;

        Rings(Arena arena, boolean packed, boolean eventIndex) {
            packets = memory.allocate(arena, (long) PACKETS * BYTES);
            pool = new PacketPoolService()
                    .over(packets.memory(), PACKETS, BYTES, Set.of(PortFeature.SCATTERED_TRANSMIT));
            owned = QueuePackets.own(pool, packets.address(), "rings");
            DmaBuffer receive = memory.allocate(arena, Ring.bytes(SIZE));
            DmaBuffer transmit = memory.allocate(arena, Ring.bytes(SIZE));
            receiveMemory = receive.memory();
            transmitMemory = transmit.memory();
            receiveRing = Ring.create(packed, receive, SIZE, eventIndex);
            transmitRing = Ring.create(packed, transmit, SIZE, eventIndex);
            receiveDevice = PlayedDevice.of(packed, receiveMemory, SIZE);
            transmitDevice = PlayedDevice.of(packed, transmitMemory, SIZE);
            receiver = new Receiver(receiveRing, memory.doorbell(), owned, in, ALL, PACKETS / 2);
            transmitter = new Transmitter(transmitRing, memory.doorbell(), owned, out, ALL);
            owned.emptiedBy(() -> {
                receiver.abandon();
                transmitter.abandon();
            });
            receiver.start();
        }

        /** A frame arrives: into one buffer, all of whose bytes after the header are {@code mark}. */
        int arrive(int length, int mark) {
            int buffer = receiveDevice.take();
            assertThat(buffer).isNotNegative();
            fill(NetHeader.BYTES, length, mark);
            header(0, 1);
            receiveDevice.use(buffer, length + NetHeader.BYTES);
            return buffer;
        }

        void header(int flags, int buffers) {
            MemorySegment at = at(receiveDevice.address);
            at.asSlice(0, NetHeader.BYTES).fill((byte) 0);
            at.set(ValueLayout.JAVA_BYTE, 0, (byte) flags);
            at.set(ValueLayout.JAVA_SHORT_UNALIGNED, 10, (short) buffers);
        }

        void fill(int offset, int length, int mark) {
            at(receiveDevice.address).asSlice(offset, length).fill((byte) mark);
        }

        MemorySegment at(long address) {
            return packets.memory().asSlice(address - packets.address());
        }

        DriverPacket take() {
            return owned.cache().take(PacketOwner.CALLER);
        }

        void abandon() {
            owned.leave();
        }
    }

    private static void everyFormat(BiConsumer<Boolean, Boolean> test) {
        for (boolean packed : new boolean[] {false, true}) {
            for (boolean eventIndex : new boolean[] {false, true}) {
                test.accept(packed, eventIndex);
            }
        }
    }

    /** Runs with rings of every format, and sees to it that no packet is lost. */
    private static void withRings(java.util.function.Consumer<Rings> test) {
        everyFormat((packed, eventIndex) -> {
            try (Arena arena = Arena.ofConfined()) {
                Rings rings = new Rings(arena, packed, eventIndex);
                test.accept(rings);
                rings.abandon();
                assertThat(rings.pool.available()).isEqualTo(PACKETS);
            }
        });
    }

    @Property(tries = 300)
    void L8_whateverADeviceWritesNoPacketIsLostOrDoubled(
            @ForAll long seed, @ForAll boolean packed, @ForAll boolean eventIndex) {
        Random random = new Random(seed);
        try (Arena arena = Arena.ofConfined()) {
            Rings rings = new Rings(arena, packed, eventIndex);
            List<Packet> held = new ArrayList<>();
            Packet[] into = new Packet[20];
            for (int step = 0; step < 300; step++) {
                switch (random.nextInt(9)) {
                    case 0 -> garble(random, rings.receiveMemory);
                    case 1 -> garble(random, rings.transmitMemory);
                    case 2, 3 -> rings.receiveDevice.use(random.nextInt(-2, SIZE + 2), random.nextInt(-5, BYTES + 99));
                    case 4 -> rings.transmitDevice.use(random.nextInt(-2, SIZE + 2), random.nextInt());
                    case 5 -> garble(random, rings.packets.memory());
                    case 6 -> {
                        int taken = rings.receiver.receive(into);
                        for (int i = 0; i < taken; i++) {
                            held.add(into[i]);
                            for (Packet part = into[i]; part != null; part = part.next()) {
                                assertThat(part.length()).isBetween(0, (int) part.data().byteSize());
                            }
                        }
                    }
                    case 7 -> {
                        Packet packet = rings.take();
                        if (packet != null) {
                            packet.length(60);
                            held.add(packet);
                        }
                    }
                    default -> {
                        held.removeIf(packet -> {
                            boolean small = packet.length() < Transmitter.MIN_FRAME;
                            if (small) {
                                packet.release();
                            }
                            return small;
                        });
                        if (!held.isEmpty()) {
                            int sent = rings.transmitter.transmit(held.toArray(Packet[]::new), 0, held.size());
                            held.subList(0, sent).clear();
                        }
                    }
                }
            }
            assertThat(held).doesNotHaveDuplicates();
            rings.abandon();
            held.forEach(Packet::release);
            assertThat(rings.pool.available()).isEqualTo(PACKETS);
        }
    }

    private static void garble(Random random, MemorySegment memory) {
        memory.set(ValueLayout.JAVA_INT, 4L * random.nextInt((int) (memory.byteSize() / 4)), random.nextInt());
    }

    @Property(tries = 200)
    void buffersOfSeveralPiecesComeBackOnceInAnyOrder(
            @ForAll long seed, @ForAll boolean packed, @ForAll boolean eventIndex) {
        Random random = new Random(seed);
        try (Arena arena = Arena.ofConfined()) {
            DmaBuffer memory = new Memory().allocate(arena, Ring.bytes(SIZE));
            Ring ring = Ring.create(packed, memory, SIZE, eventIndex);
            PlayedDevice device = PlayedDevice.of(packed, memory.memory(), SIZE);
            Map<Integer, Integer> expected = new HashMap<>();
            List<Integer> held = new ArrayList<>();
            for (int step = 0; step < 500; step++) {
                switch (random.nextInt(4)) {
                    case 0 -> {
                        int pieces = random.nextInt(1, 6);
                        if (ring.free() >= pieces) {
                            int id = 0;
                            for (int i = 1; i <= pieces; i++) {
                                id = ring.add(64L * i, i, i < pieces ? Ring.NEXT : 0);
                            }
                            assertThat(expected.put(id, pieces)).as("a number in use").isNull();
                        }
                    }
                    case 1 -> ring.publish();
                    case 2 -> {
                        int id = device.take();
                        if (id != PlayedDevice.NOTHING) {
                            assertThat(expected).containsKey(id);
                            held.add(id);
                        }
                        // A packed ring has room for what is used only where something was taken.
                        if (!held.isEmpty() && random.nextBoolean()) {
                            int done = held.remove(/* index */ random.nextInt(held.size()));
                            device.use(done, done + 7);
                        }
                    }
                    default -> {
                        int id = ring.take();
                        assertThat(ring.fault()).isNull();
                        if (id != Ring.NONE) {
                            assertThat(ring.written()).isEqualTo(id + 7);
                            assertThat(expected.remove(id)).as("a buffer that was out").isNotNull();
                        }
                    }
                }
            }
            int out = expected.values().stream().mapToInt(i -> i).sum();
            assertThat(ring.free()).isEqualTo(SIZE - out);
        }
    }

    @Example
    void aFrameInSeveralBuffersIsOnePacketWithTheOthersBehindIt() {
        withRings(rings -> {
            int[] buffers = new int[3];
            for (int i = 0; i < 3; i++) {
                buffers[i] = rings.receiveDevice.take();
                rings.fill(0, BYTES - 60, 'a' + i);
                if (i == 0) {
                    rings.header(0, 3);
                }
            }
            Packet[] into = new Packet[4];
            rings.receiveDevice.use(buffers[0], 1_000 + NetHeader.BYTES);
            rings.receiveDevice.use(buffers[1], 500);
            assertThat(rings.receiver.receive(into)).as("the rest is not there yet").isZero();
            rings.receiveDevice.use(buffers[2], 1);
            assertThat(rings.receiver.receive(into)).isEqualTo(1);
            Packet second = into[0].next();
            Packet third = second.next();
            assertThat(third.next()).isNull();
            assertThat(List.of(into[0].length(), second.length(), third.length())).containsExactly(1_000, 500, 1);
            assertThat(into[0].data().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 'a');
            assertThat(second.data().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 'b');
            assertThat(third.data().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 'c');
            assertThat(rings.in.frames()).isEqualTo(1);
            assertThat(rings.in.bytes()).isEqualTo(1_501);
            into[0].release();
        });
    }

    @Example
    void L5_aNumberThatIsOutOfRangeStopsTheRingWithAReport() {
        withRings(rings -> {
            rings.arrive(60, 1);
            rings.receiveDevice.use(SIZE, 72);
            Packet[] into = new Packet[4];
            assertThat(rings.receiver.receive(into)).as("what came before").isEqualTo(1);
            into[0].release();
            assertThat(rings.receiveRing.fault()).contains("" + SIZE).contains("does not have");
            assertThat(rings.receiver.receive(into)).isZero();
            assertThat(rings.receiver.hasFrame()).isFalse();
        });
    }

    @Example
    void L5_aBufferThatIsUsedTwiceStopsTheRingWithAReport() {
        withRings(rings -> {
            int buffer = rings.arrive(60, 1);
            rings.receiveDevice.use(buffer, 72);
            Packet[] into = new Packet[4];
            assertThat(rings.receiver.receive(into)).isEqualTo(1);
            assertThat(rings.receiveRing.fault()).contains("does not have");
            into[0].release();
        });
    }

    @Example
    void L5_moreUsedThanTheDeviceHadStopsASplitRingWithAReport() {
        try (Arena arena = Arena.ofConfined()) {
            Rings rings = new Rings(arena, false, false);
            rings.arrive(60, 1);
            long usedIndex = (16L * SIZE + 6 + 2L * SIZE + 3 & ~3L) + 2;
            for (int jump : new int[] {SIZE + 1, 0x7fff, 0xffff}) {
                rings.receiveMemory.set(ValueLayout.JAVA_SHORT, usedIndex, (short) jump);
                assertThat(rings.receiver.receive(new Packet[4])).isZero();
                assertThat(rings.receiveRing.fault())
                        .isEqualTo("the used index went from 0 to 33, though the device had only 32 buffers");
            }
            rings.abandon();
            assertThat(rings.pool.available()).isEqualTo(PACKETS);
        }
    }

    @Example
    void L5_flagsOfAnotherRoundStopAPackedRingWithAReport() {
        for (int flags : new int[] {0, 1 << 15}) {
            try (Arena arena = Arena.ofConfined()) {
                Rings rings = new Rings(arena, true, false);
                rings.receiveMemory.set(ValueLayout.JAVA_SHORT, 14, (short) flags);
                assertThat(rings.receiver.hasFrame()).isFalse();
                assertThat(rings.receiveRing.fault())
                        .contains("descriptor 0 is neither available nor used", "0x" + Integer.toHexString(flags));
                rings.abandon();
                assertThat(rings.pool.available()).isEqualTo(PACKETS);
            }
        }
    }

    @Example
    void L5_moreBytesThanTheBufferHasStopTheRingWithAReport() {
        for (int written : new int[] {BYTES - 52 + 1, Integer.MAX_VALUE, -1, NetHeader.BYTES - 1, 0}) {
            withRings(rings -> {
                int buffer = rings.receiveDevice.take();
                rings.header(0, 1);
                rings.receiveDevice.use(buffer, written);
                assertThat(rings.receiver.receive(new Packet[4])).isZero();
                assertThat(rings.receiveRing.fault())
                        .contains(Integer.toUnsignedString(written))
                        .contains("bytes to a buffer of");
            });
        }
    }

    @Example
    void L5_aFrameOfNoBuffersOrTooManyStopsTheRingWithAReport() {
        for (int buffers : new int[] {0, SIZE + 1, 0xffff}) {
            withRings(rings -> {
                int buffer = rings.receiveDevice.take();
                rings.header(0, buffers);
                rings.receiveDevice.use(buffer, 72);
                assertThat(rings.receiver.receive(new Packet[4])).isZero();
                assertThat(rings.receiveRing.fault()).contains("takes " + buffers + " buffers");
            });
        }
    }

    @Example
    void L5_aTransmitRingThatLiesGivesBackNothingItDoesNotHave() {
        withRings(rings -> {
            Packet packet = rings.take();
            packet.length(60);
            assertThat(rings.transmitter.transmit(new Packet[] {packet}, 0, 1)).isEqualTo(1);
            int buffer = rings.transmitDevice.take();
            int other = (buffer + 1) % SIZE;
            rings.transmitDevice.use(other, 0);
            rings.transmitter.reclaim();
            assertThat(rings.transmitRing.fault()).contains("" + other);
            assertThat(rings.transmitter.isEmpty()).isFalse();
        });
    }

    @Example
    void aChecksumThatIsNotFilledInIsFilledInAndOneOutsideTheFrameDropsIt() {
        withRings(rings -> {
            Packet[] into = new Packet[4];
            int good = rings.receiveDevice.take();
            rings.fill(NetHeader.BYTES, 61, 1);
            rings.header(1, 1);
            MemorySegment header = rings.at(rings.receiveDevice.address);
            header.set(ValueLayout.JAVA_SHORT_UNALIGNED, 6, (short) 34);
            header.set(ValueLayout.JAVA_SHORT_UNALIGNED, 8, (short) 16);
            rings.receiveDevice.use(good, 61 + NetHeader.BYTES);
            int bad = rings.receiveDevice.take();
            rings.header(1, 1);
            rings.at(rings.receiveDevice.address).set(ValueLayout.JAVA_SHORT_UNALIGNED, 6, (short) 59);
            rings.receiveDevice.use(bad, 60 + NetHeader.BYTES);
            assertThat(rings.receiver.receive(into)).isEqualTo(1);
            assertThat(into[0].checksumVerified()).isTrue();
            // 27 bytes of 1 from 34 on: 13 times 0x0101 and 0x0100, 0x0e0d, whose complement is 0xf1f2.
            assertThat(into[0].data().get(ValueLayout.JAVA_BYTE, 50)).isEqualTo((byte) 0xf1);
            assertThat(into[0].data().get(ValueLayout.JAVA_BYTE, 51)).isEqualTo((byte) 0xf2);
            assertThat(rings.receiver.errors()).isEqualTo(1);
            into[0].release();
        });
    }

    @Example
    void framesThatLeaveWhileTheDeviceGoesBelongToThePort() {
        withRings(rings -> {
            Packet packet = rings.take();
            packet.length(60);
            rings.memory.gone = true;
            assertThat(rings.transmitter.transmit(new Packet[] {packet}, 0, 1)).isEqualTo(1);
        });
    }

    @Example
    void L8_whereTheMemoryIsGoneTheCallerKeepsWhatItHas() {
        everyFormat((packed, eventIndex) -> {
            Rings rings;
            Packet packet;
            try (Arena arena = Arena.ofConfined()) {
                rings = new Rings(arena, packed, eventIndex);
                packet = rings.take();
                packet.length(60);
            }
            assertThatIllegalStateException()
                    .isThrownBy(() -> rings.transmitter.transmit(new Packet[] {packet}, 0, 1));
            assertThatIllegalStateException().isThrownBy(() -> rings.receiver.receive(new Packet[4]));
            packet.release();
            rings.abandon();
            assertThat(rings.pool.available()).isEqualTo(PACKETS);
        });
    }

    @Example
    void theDeviceIsNotifiedOnlyIfItWantsToBe() {
        everyFormat((packed, eventIndex) -> {
            try (Arena arena = Arena.ofConfined()) {
                Rings rings = new Rings(arena, packed, false);
                long before = rings.memory.rings;
                assertThat(before).as("the receive ring").isEqualTo(1);
                send(rings);
                assertThat(rings.memory.rings).isEqualTo(before + 1);
                rings.transmitDevice.wantNotification(false);
                send(rings);
                assertThat(rings.memory.rings).isEqualTo(before + 1);
                assertThat(rings.receiveDevice.interruptWanted()).isFalse();
                rings.receiver.arm();
                assertThat(rings.receiveDevice.interruptWanted()).isTrue();
                rings.receiver.silence();
                assertThat(rings.receiveDevice.interruptWanted()).isFalse();
            }
        });
    }

    private static void send(Rings rings) {
        Packet packet = rings.take();
        packet.length(60);
        assertThat(rings.transmitter.transmit(new Packet[] {packet}, 0, 1)).isEqualTo(1);
    }

    @Example
    void nothingIsAllocatedPerPacket() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        everyFormat((packed, eventIndex) -> {
            try (Arena arena = Arena.ofConfined()) {
                Rings rings = new Rings(arena, packed, eventIndex);
                Packet[] batch = new Packet[16];
                int rounds = 10_000;
                forward(rings, batch, rounds);
                long before = threads.getCurrentThreadAllocatedBytes();
                forward(rings, batch, rounds);
                long allocated = threads.getCurrentThreadAllocatedBytes() - before;
                // Not a byte per packet; the measurement itself may allocate a little.
                assertThat(allocated).isLessThan(16L * rounds / 100);
            }
        });
    }

    /** Receives batches and sends them on, with a device that does all at once. */
    private static void forward(Rings rings, Packet[] batch, int rounds) {
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < batch.length; i++) {
                int buffer = rings.receiveDevice.take();
                if (buffer == PlayedDevice.NOTHING) {
                    throw new AssertionError("round " + round + ": no buffer to receive into");
                }
                long header = rings.receiveDevice.address - rings.packets.address();
                rings.packets.memory().set(ValueLayout.JAVA_LONG_UNALIGNED, header, 0);
                rings.packets.memory().set(ValueLayout.JAVA_INT_UNALIGNED, header + 8, 1 << 16);
                rings.receiveDevice.use(buffer, 72);
            }
            if (rings.receiver.receive(batch) != batch.length
                    || rings.transmitter.transmit(batch, 0, batch.length) != batch.length) {
                throw new AssertionError("round " + round + " falls short: " + rings.receiveRing.fault());
            }
            for (int buffer = rings.transmitDevice.take(); buffer != PlayedDevice.NOTHING; buffer =
                    rings.transmitDevice.take()) {
                rings.transmitDevice.use(buffer, 0);
            }
        }
    }
}
