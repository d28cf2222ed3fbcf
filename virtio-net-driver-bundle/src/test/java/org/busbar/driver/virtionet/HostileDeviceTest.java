package org.busbar.driver.virtionet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.busbar.core.internal.net.PacketPoolService;
import org.busbar.device.RemovalReason;
import org.busbar.emulator.Card;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.net.Packet;
import org.busbar.pci.Dma;
import org.busbar.pci.DmaBuffer;
import org.busbar.pci.DmaException;
import org.busbar.pci.PciDeviceContext;
import org.busbar.pci.PciDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A device that breaks the rules of its virtqueues under a driver that is in use. */
@Timeout(120)
final class HostileDeviceTest {

    private static final int RECEIVE_RING = 0;
    private static final int TRANSMIT_RING = 1;
    private static final int CONTROL_RING = 2;
    private static final int SIZE = 256;

    private final NetworkSwitch network = new NetworkSwitch();
    private final List<DmaBuffer> memory = new ArrayList<>();

    /** Binds the driver, and remembers what memory it shares with the device, in order. */
    private Slot bound(boolean packed) throws Exception {
        Slot slot = new Slot(1, network, new Card.VirtioNet(Slot.mac(1)));
        PciDriver driver = new VirtioNetDriver(Settings.of(packed, false), new PacketPoolService());
        slot.probe(context -> driver.probe(watched(context)));
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
                getClass().getClassLoader(),
                new Class<?>[] {PciDeviceContext.class},
                (proxy, method, arguments) -> {
                    try {
                        return method.getName().equals("dma") ? watched : method.invoke(context, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** Says in the place of the device that a buffer was used, as the first one in this ring. */
    private void use(int ring, boolean packed, int buffer, int written) {
        MemorySegment shared = memory.get(ring).memory();
        if (packed) {
            shared.set(ValueLayout.JAVA_INT, 8, written);
            shared.set(ValueLayout.JAVA_SHORT, 12, (short) buffer);
            shared.set(ValueLayout.JAVA_SHORT, 14, (short) (1 << 7 | 1 << 15));
        } else {
            long used = 16L * SIZE + 6 + 2L * SIZE + 3 & ~3L;
            shared.set(ValueLayout.JAVA_INT, used + 4, buffer);
            shared.set(ValueLayout.JAVA_INT, used + 8, written);
            shared.set(ValueLayout.JAVA_SHORT, used + 2, (short) 1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "false, 256, 64, does not have", "true, 256, 64, does not have",
        "false, -1, 64, does not have", "true, -1, 64, does not have",
        "false, 0, 5000, has written 5000 bytes", "true, 255, 5000, has written 5000 bytes",
        "false, 0, -1, has written 4294967295 bytes", "true, 255, -1, has written 4294967295 bytes",
        "false, 0, 3, has written 3 bytes", "true, 255, 3, has written 3 bytes"
    })
    void L5_garbageInAReceiveRingEndsTheBindingWithOneReport(boolean packed, int buffer, int written, String report)
            throws Exception {
        try (Slot slot = bound(packed)) {
            VirtioQueue queue = slot.open();
            Packet[] into = new Packet[8];
            assertThat(queue.receive(into)).isZero();
            // The first buffer has the first number or, in a packed ring of 256, the last that is free.
            use(RECEIVE_RING, packed, buffer == 255 ? 0 : buffer, written);
            assertThat(queue.receive(into)).isZero();
            assertThat(queue.receive(into)).isZero();
            Packet packet = queue.allocate();
            Frames.fill(packet, Slot.mac(2), Slot.mac(1), 1, 60);
            assertThat(queue.transmit(new Packet[] {packet}, 0, 1)).as("sending goes on").isEqualTo(1);
            assertThat(slot.context().failures())
                    .singleElement()
                    .isInstanceOf(IOException.class)
                    .asString()
                    .contains("receive queue 0: ", report, "probed again");
            slot.remove(RemovalReason.FAILURE);
            queue.close();
            assertThat(queue.pool().available()).isEqualTo(Settings.PACKETS);
            assertThat(slot.iommuFaults()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "false, 7, from 0 to 1, though the device had only 0", "false, 4096, from 0 to 1, though the device had only 0",
        "true, 7, does not have, buffer 7", "true, 4096, does not have, buffer 4096"
    })
    void L5_garbageInATransmitRingEndsTheBindingWithOneReport(boolean packed, int buffer, String what, String more)
            throws Exception {
        try (Slot slot = bound(packed)) {
            VirtioQueue queue = slot.open();
            use(TRANSMIT_RING, packed, buffer, 0);
            Packet packet = queue.allocate();
            packet.length(60);
            assertThat(queue.transmit(new Packet[] {packet}, 0, 1)).isEqualTo(1);
            assertThat(slot.context().failures()).singleElement()
                    .asString()
                    .contains("transmit queue 0: ", what, more);
            slot.remove(RemovalReason.FAILURE);
            queue.close();
            assertThat(queue.pool().available()).isEqualTo(Settings.PACKETS);
        }
    }

    /** In a packed ring there is nothing to say before the driver has asked: it would be overwritten. */
    @Test
    void L5_garbageInTheControlRingFailsTheCallAndEndsTheBinding() throws Exception {
        try (Slot slot = bound(false)) {
            // The device itself has used two buffers so far; what it says from now on is said in its place.
            slot.cutOff();
            MemorySegment shared = memory.get(CONTROL_RING).memory();
            long used = 16L * SIZE + 6 + 2L * SIZE + 3 & ~3L;
            shared.set(ValueLayout.JAVA_INT, used + 4 + 2 * 8, 99);
            shared.set(ValueLayout.JAVA_SHORT, used + 2, (short) 3);
            assertThatThrownBy(() -> slot.port().promiscuous(true))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("breaks the rules");
            assertThat(slot.context().failures()).hasSize(1);
        }
    }
}
