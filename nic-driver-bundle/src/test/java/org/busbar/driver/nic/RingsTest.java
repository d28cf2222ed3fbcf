package org.busbar.driver.nic;

import static org.assertj.core.api.Assertions.assertThat;
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
import org.busbar.driver.support.QueuePackets;
import org.busbar.driver.support.Traffic;
import org.busbar.net.Packet;
import org.busbar.net.driver.DriverPacket;
import org.busbar.net.driver.DriverPool;
import org.busbar.net.driver.PacketOwner;
import org.busbar.pci.DmaBuffer;

/** The rings against a device that the test plays, well or badly. */
final class RingsTest {

    private static final int PACKETS = 600;
    private static final long DONE = 1L << 32;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    /** Both rings over one pool. */
    private static final class Rings {

        final FakeDevice device = new FakeDevice();
        final MemorySegment receiveMemory;
        final MemorySegment transmitMemory;
        final DriverPool pool;
        final QueuePackets packets;
        final Traffic in = new Traffic();
        final Traffic out = new Traffic();
        final ReceiveRing receive;
        final TransmitRing transmit;

        Rings(Arena arena) {
            Registers registers = new Registers(device);
            int bytes = DriverPool.HEADROOM + ReceiveRing.BUFFER;
            DmaBuffer memory = device.memory(arena, (long) PACKETS * bytes);
            pool = new PacketPoolService().over(memory.memory(), PACKETS, bytes, Set.of());
            packets = QueuePackets.own(pool, memory.address(), "rings");
            DmaBuffer receiveRing = device.memory(arena, ReceiveRing.BYTES);
            DmaBuffer transmitRing = device.memory(arena, TransmitRing.BYTES);
            receiveMemory = receiveRing.memory();
            transmitMemory = transmitRing.memory();
            receive = new ReceiveRing(receiveRing, registers, packets, in);
            transmit = new TransmitRing(transmitRing, registers, packets, out);
            packets.emptiedBy(() -> {
                receive.abandon();
                transmit.abandon();
            });
            transmit.start();
            receive.start();
        }

        DriverPacket take() {
            return packets.cache().take(PacketOwner.CALLER);
        }

        void abandon() {
            packets.leave();
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
                            assertThat(into[i].length()).isBetween(0, ReceiveRing.BUFFER);
                            held.add(into[i]);
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
            rings.device.gone = true;
            rings.abandon();
            assertThat(rings.pool.available()).isEqualTo(PACKETS - held.size());
            held.forEach(Packet::release);
            assertThat(rings.pool.available()).isEqualTo(PACKETS);
        }
    }

    @Example
    void damagedAndOverlongFramesAreDropped() {
        try (Arena arena = Arena.ofConfined()) {
            Rings rings = new Rings(arena);
            long endOfPacket = 1L << 33;
            complete(rings, 0, 60 | endOfPacket);
            complete(rings, 1, 61 | endOfPacket | 1L << 40);
            complete(rings, 2, 2048);
            complete(rings, 3, 62 | endOfPacket);
            complete(rings, 4, 63 | endOfPacket);
            Packet[] into = new Packet[8];
            assertThat(rings.receive.receive(into)).isEqualTo(2);
            assertThat(into[0].length()).isEqualTo(60);
            assertThat(into[1].length()).isEqualTo(63);
            assertThat(rings.in.frames()).isEqualTo(2);
            assertThat(rings.in.bytes()).isEqualTo(123);
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
                complete(rings, slot, 60 | 1L << 33);
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
