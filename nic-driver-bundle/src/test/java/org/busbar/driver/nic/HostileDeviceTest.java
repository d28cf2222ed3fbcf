package org.busbar.driver.nic;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.busbar.device.RemovalReason;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.net.Packet;
import org.busbar.pci.Dma;
import org.busbar.pci.DmaBuffer;
import org.busbar.pci.DmaException;
import org.busbar.pci.PciDeviceContext;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A controller that writes garbage into its descriptors, under a driver that is in use. */
@Timeout(120)
final class HostileDeviceTest {

    private static final int RECEIVE_RING = 0;
    private static final int TRANSMIT_RING = 1;
    private static final int PACKETS = 512;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private final NetworkSwitch network = new NetworkSwitch();
    private final List<DmaBuffer> memory = new ArrayList<>();

    /** Binds the driver, and remembers what memory it shares with the device, in order. */
    private Slot bound() throws Exception {
        Slot slot = new Slot(1, network, Slot.mac(1));
        slot.probe(this::watched);
        return slot;
    }

    private PciDeviceContext watched(PciDeviceContext context) {
        Dma dma = context.dma();
        Dma watched = new Dma() {
            @Override
            public long pageSize() {
                return dma.pageSize();
            }

            @Override
            public DmaBuffer allocate(long bytes) throws DmaException {
                DmaBuffer buffer = dma.allocate(bytes);
                memory.add(buffer);
                return buffer;
            }
        };
        return (PciDeviceContext) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {PciDeviceContext.class}, (proxy, method, arguments) -> {
                    try {
                        return method.getName().equals("dma") ? watched : method.invoke(context, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private MemorySegment ring(int index) {
        return memory.get(index).memory();
    }

    @Test
    void L5_aLengthBeyondTheBufferEndsTheBindingWithOneReport() throws Exception {
        try (Slot slot = bound()) {
            NicQueue queue = slot.open();
            Packet[] into = new Packet[8];
            // Extended layout: length 47:32, end of packet and done.
            ring(RECEIVE_RING).set(LONG, 8, 0xffffL << 32 | 3);
            for (int i = 0; i < 5; i++) {
                assertThat(queue.receive(into)).isZero();
            }
            Packet packet = queue.allocate();
            Frames.fill(packet, Slot.mac(2), Slot.mac(1), 1, 60);
            assertThat(queue.transmit(new Packet[] {packet}, 0, 1)).as("sending goes on").isEqualTo(1);
            assertThat(slot.context().failures())
                    .singleElement()
                    .isInstanceOf(IOException.class)
                    .asString()
                    .contains("receive queue 0: descriptor 0 says 65535 bytes", "probed again");
            slot.remove(RemovalReason.FAILURE);
            queue.close();
            assertThat(queue.pool().available()).isEqualTo(PACKETS);
            assertThat(slot.iommuFaults()).isEmpty();
            // What the core does then: the card is probed anew, and works.
            try (Slot again = Slot.bound(2, network, true);
                    NicQueue sound = again.open()) {
                assertThat(sound.receive(into)).isZero();
            }
        }
    }

    @RepeatedTest(10)
    void L8_whateverIsInTheDescriptorsNoPacketIsLost(RepetitionInfo repetition) throws Exception {
        Random random = new Random(repetition.getCurrentRepetition());
        try (Slot slot = bound()) {
            NicQueue queue = slot.open();
            Packet[] into = new Packet[8];
            List<Packet> held = new ArrayList<>();
            for (int step = 0; step < 500; step++) {
                int word = 8 * random.nextInt(512);
                // The first half of a transmit descriptor, and what is sent, is the driver's to say: the model would obey.
                if (random.nextBoolean()) {
                    ring(RECEIVE_RING).set(LONG, word | 8, random.nextLong());
                } else {
                    long done = (long) random.nextInt(16) << 32;
                    ring(TRANSMIT_RING).set(LONG, word | 8, ring(TRANSMIT_RING).get(LONG, word | 8) | done);
                }
                int count = queue.receive(into);
                for (int i = 0; i < count; i++) {
                    held.add(into[i]);
                }
                Packet packet = queue.allocate();
                if (packet != null) {
                    Frames.fill(packet, Slot.mac(2), Slot.mac(1), step, 60);
                    if (queue.transmit(new Packet[] {packet}, 0, 1) == 0) {
                        held.add(packet);
                    }
                }
                if (held.size() > 100) {
                    held.forEach(Packet::release);
                    held.clear();
                }
            }
            held.forEach(Packet::release);
            assertThat(slot.context().failures()).hasSizeLessThanOrEqualTo(1);
            slot.remove(RemovalReason.FAILURE);
            queue.close();
            assertThat(queue.pool().available()).isEqualTo(PACKETS);
            assertThat(slot.iommuFaults()).isEmpty();
        }
    }
}
