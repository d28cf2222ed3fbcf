package org.busbar.driver.virtionet;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.busbar.device.Deadline;
import org.busbar.emulator.Card;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.net.MacAddress;
import org.busbar.net.Packet;
import org.busbar.net.PortFeature;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checksums, segmentation and frames of several buffers, with split and with packed virtqueues. */
@Timeout(120)
final class OffloadTest {

    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int SEGMENT = 1000;
    private static final int STREAM = 5_000_000;

    private final NetworkSwitch network = new NetworkSwitch();
    private final Peer peer = new Peer(network);
    private Slot slot;

    private VirtioQueue open(boolean packed, int mtu, int bufferBytes) throws Exception {
        slot = Slot.bound(
                1,
                network,
                new Card.VirtioNet(Slot.mac(1), 1, mtu),
                Settings.of(packed, true).buffers(bufferBytes));
        return slot.open();
    }

    @AfterEach
    void noAccessOutsideMappings() {
        slot.close();
        assertThat(slot.iommuFaults()).isEmpty();
        assertThat(slot.context().failures()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theDeviceFillsInChecksums(boolean packed) throws Exception {
        VirtioQueue queue = open(packed, 1500, 2048);
        assertThat(slot.port().features()).contains(PortFeature.TRANSMIT_CHECKSUM);
        for (int payload : new int[] {1, 2, 99, 1400}) {
            Packet packet = queue.allocate();
            udp(packet.data(), Peer.MAC, Slot.mac(1), payload);
            packet.data().set(Peer.SHORT, 40, (short) Peer.pseudo(packet.data(), UDP, 8 + payload));
            packet.length(42 + payload);
            packet.requestChecksum(34, 6);
            assertThat(queue.transmit(new Packet[] {packet}, 0, 1)).isEqualTo(1);
            assertThat(Peer.isRight(peer.receive(1).getFirst())).as("%d bytes", payload).isTrue();
        }
        // The request holds for one use of the packet.
        Packet plain = queue.allocate();
        udp(plain.data(), Peer.MAC, Slot.mac(1), 10);
        plain.length(52);
        assertThat(queue.transmit(new Packet[] {plain}, 0, 1)).isEqualTo(1);
        assertThat(peer.receive(1).getFirst().get(Peer.SHORT, 40)).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void checksumsThatAreRightAreReportedSo(boolean packed) throws Exception {
        VirtioQueue queue = open(packed, 1500, 2048);
        MemorySegment frame = Arena.ofAuto().allocate(2048, 8);
        udp(frame, Slot.mac(1), Peer.MAC, 100);
        int sum = Peer.sum(frame, 34, 142) + Peer.pseudo(frame, UDP, 108);
        frame.set(Peer.SHORT, 40, (short) ~((sum & 0xffff) + (sum >>> 16)));
        peer.send(frame, 142);
        Packet right = Slot.receive(queue);
        assertThat(right.checksumVerified()).isTrue();
        right.release();
        frame.set(ValueLayout.JAVA_BYTE, 100, (byte) ~frame.get(ValueLayout.JAVA_BYTE, 100));
        peer.send(frame, 142);
        Packet wrong = Slot.receive(queue);
        assertThat(wrong.checksumVerified()).isFalse();
        wrong.release();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theDeviceCutsTcpIntoSegments(boolean packed) throws Exception {
        VirtioQueue queue = open(packed, 1500, 8192);
        Packet packet = queue.allocate();
        MemorySegment data = packet.data();
        int payload = 4000;
        Peer.ipv4(data, Peer.MAC, Slot.mac(1), TCP, 20 + payload);
        data.set(Peer.INT, 34, 0x1000_2000);
        data.set(Peer.INT, 38, 5_000_000);
        data.set(Peer.INT, 42, 1);
        data.set(Peer.INT, 46, 0x5019_0400);
        data.set(Peer.INT, 50, 0);
        for (int i = 0; i < payload; i++) {
            data.set(ValueLayout.JAVA_BYTE, 54 + i, (byte) ((i * 7) >> 3));
        }
        data.set(Peer.SHORT, 50, (short) Peer.pseudo(data, TCP, 20 + payload));
        packet.length(54 + payload);
        packet.requestChecksum(34, 16);
        packet.requestSegmentation(false, 54, 1460);
        assertThat(queue.transmit(new Packet[] {packet}, 0, 1)).isEqualTo(1);

        List<MemorySegment> segments = peer.receive(3);
        int done = 0;
        for (int number = 0; number < 3; number++) {
            MemorySegment segment = segments.get(number);
            int bytes = Math.min(1460, payload - done);
            assertThat(segment.byteSize()).isEqualTo(54 + bytes);
            assertThat(Peer.isRight(segment)).as("checksums of segment %d", number).isTrue();
            assertThat(segment.get(Peer.INT, 38)).isEqualTo(5_000_000 + done);
            assertThat(segment.get(Peer.SHORT, 18)).as("identification").isEqualTo((short) (0x1234 + number));
            assertThat(segment.get(ValueLayout.JAVA_BYTE, 47) & 0x09)
                    .as("FIN and PSH in the last only")
                    .isEqualTo(number == 2 ? 0x09 : 0);
            for (int i = 0; i < bytes; i++) {
                assertThat(segment.get(ValueLayout.JAVA_BYTE, 54 + i)).isEqualTo((byte) (((done + i) * 7) >> 3));
            }
            done += bytes;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void jumboFramesArriveInSeveralBuffersAndLeaveInSeveral(boolean packed) throws Exception {
        VirtioQueue queue = open(packed, 9000, 2048);
        assertThat(slot.port().mtu()).isEqualTo(9000);
        assertThat(slot.port().features())
                .contains(PortFeature.SCATTERED_RECEIVE, PortFeature.SCATTERED_TRANSMIT);
        for (int number = 0; number < 500; number++) {
            int length = 1_900 + number * 14;
            peer.send(Slot.mac(1), Peer.MAC, number, length);
            Packet packet = Slot.receive(queue);
            assertThat(contents(packet, number)).isEqualTo(length);
            // Back as it is, but for the addresses.
            for (int i = 0; i < 6; i++) {
                packet.data().set(ValueLayout.JAVA_BYTE, i, Peer.MAC.octet(i));
                packet.data().set(ValueLayout.JAVA_BYTE, 6 + i, Slot.mac(1).octet(i));
            }
            assertThat(queue.transmit(new Packet[] {packet}, 0, 1)).isEqualTo(1);
            MemorySegment back = peer.receive(1).getFirst();
            assertThat(back.byteSize()).isEqualTo(length);
            assertThat(back.get(Peer.INT, 14)).isEqualTo(number);
            assertThat(back.get(ValueLayout.JAVA_BYTE, length - 1)).isEqualTo((byte) (length - 1));
        }
        queue.close();
        assertThat(queue.pool().available()).isEqualTo(Settings.PACKETS);
    }

    /** Looks at every byte of a frame from {@link Peer#send}; returns how many there are. */
    private static int contents(Packet frame, int number) {
        int at = 0;
        for (Packet part = frame; part != null; part = part.next()) {
            for (int i = 0; i < part.length(); i++, at++) {
                if (at >= 18 && part.data().get(ValueLayout.JAVA_BYTE, i) != (byte) at) {
                    throw new AssertionError("frame " + number + " differs at " + at);
                }
            }
        }
        assertThat(frame.data().get(Peer.INT, 14)).isEqualTo(number);
        return at;
    }

    private static void udp(MemorySegment frame, MacAddress to, MacAddress from, int payload) {
        Peer.ipv4(frame, to, from, UDP, 8 + payload);
        frame.set(Peer.INT, 34, 0x0035_1234);
        frame.set(Peer.SHORT, 38, (short) (8 + payload));
        frame.set(Peer.SHORT, 40, (short) 0);
        for (int i = 0; i < payload; i++) {
            frame.set(ValueLayout.JAVA_BYTE, 42 + i, (byte) (i * 5 + 1));
        }
    }

    /** Writes the number-th segment of a stream whose bytes follow from their place in it. */
    private static void segment(MemorySegment frame, int number) {
        Peer.ipv4(frame, Slot.mac(1), Peer.MAC, TCP, 20 + SEGMENT);
        frame.set(Peer.INT, 34, 1000 << 16 | 80);
        frame.set(Peer.INT, 38, STREAM + number * SEGMENT);
        frame.set(Peer.INT, 42, 1);
        frame.set(Peer.INT, 46, 0x5010_0400);
        frame.set(Peer.INT, 50, 0);
        for (int i = 0; i < SEGMENT; i++) {
            frame.set(ValueLayout.JAVA_BYTE, 54 + i, (byte) ((number * SEGMENT + i) * 7 >> 3));
        }
        int sum = Peer.sum(frame, 34, 54 + SEGMENT) + Peer.pseudo(frame, TCP, 20 + SEGMENT);
        frame.set(Peer.SHORT, 50, (short) ~((sum & 0xffff) + (sum >>> 16)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void segmentsThatTheDevicePutsTogetherAreOneFrameWhoseChecksumIsRight(boolean packed) throws Exception {
        slot = Slot.bound(1, network, Settings.of(packed, true).large());
        VirtioQueue queue = slot.open();
        MemorySegment frame = Arena.ofAuto().allocate(2048, 8);
        Deadline deadline = Deadline.afterMillis(60_000);
        int longest = 0;
        // How many are put together depends on how many have come when the device looks.
        while (longest < 3 * SEGMENT) {
            for (int number = 0; number < 8; number++) {
                segment(frame, number);
                peer.send(frame, 54 + SEGMENT);
            }
            for (int bytes = 0; bytes < 8 * SEGMENT;) {
                Packet arrived = Slot.receive(queue);
                MemorySegment whole = whole(arrived);
                arrived.release();
                int payload = (int) whole.byteSize() - 54;
                assertThat(whole.get(Peer.INT, 38)).isEqualTo(STREAM + bytes);
                assertThat(Peer.isRight(whole)).as("checksums of %d bytes from %d on", payload, bytes).isTrue();
                for (int i = 0; i < payload; i++) {
                    assertThat(whole.get(ValueLayout.JAVA_BYTE, 54 + i)).isEqualTo((byte) ((bytes + i) * 7 >> 3));
                }
                bytes += payload;
                longest = Math.max(longest, payload);
            }
            assertThat(deadline.expired()).as("nothing longer than %d bytes", longest).isFalse();
        }
        queue.close();
        assertThat(queue.pool().available()).isEqualTo(Settings.PACKETS);
    }

    private static MemorySegment whole(Packet frame) {
        MemorySegment all = Arena.ofAuto().allocate(70_000, 8);
        long bytes = 0;
        for (Packet part = frame; part != null; part = part.next()) {
            MemorySegment.copy(part.data(), 0, all, bytes, part.length());
            bytes += part.length();
        }
        return all.asSlice(0, bytes);
    }
}
