package org.busbar.driver.nic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.busbar.emulator.NicChip;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.net.Packet;
import org.busbar.net.PortFeature;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Checksums, segmentation, tags of VLANs and frames in several buffers, with every kind of controller. */
@Timeout(120)
final class OffloadTest {

    private static final int PACKETS = 512;

    private final NetworkSwitch network = new NetworkSwitch();
    private final Peer peer = new Peer(network);
    private final MemorySegment frame = Peer.frame();
    private Slot slot;

    private NicQueue open(NicChip chip) throws Exception {
        slot = Slot.bound(1, network, chip, true);
        return slot.open();
    }

    @AfterEach
    void noAccessOutsideMappings() {
        slot.close();
        assertThat(slot.iommuFaults()).isEmpty();
        assertThat(slot.context().failures()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void checksumsAreFilledInAsFramesLeave(NicChip chip) throws Exception {
        NicQueue queue = open(chip);
        for (int payload : new int[] {1, 2, 99, 1400}) {
            for (int protocol : new int[] {Peer.TCP, Peer.UDP}) {
                Packet packet = queue.allocate();
                MemorySegment data = packet.data();
                int header = protocol == Peer.TCP ? 20 : 8;
                int at = Peer.ipv4(data, Peer.MAC, Slot.mac(1), protocol, header + payload);
                int length = protocol == Peer.TCP ? Peer.tcp(data, at, 7, payload) : Peer.udp(data, at, 7, payload);
                int field = protocol == Peer.TCP ? 16 : 6;
                data.set(Peer.SHORT, at + field, (short) Peer.pseudo(data, protocol, length - at));
                // Whatever the field holds: only the sum counts.
                data.set(Peer.SHORT, 24, (short) 0x5a5a);
                packet.length(length);
                packet.requestChecksum(at, field);
                packet.requestIpChecksum(14, 20);
                transmit(queue, packet);
                assertThat(Peer.isRight(peer.receive(1).getFirst()))
                        .as("protocol %d, %d bytes", protocol, payload)
                        .isTrue();
            }
        }
        // A request holds for one use of the packet.
        Packet plain = queue.allocate();
        int at = Peer.ipv4(plain.data(), Peer.MAC, Slot.mac(1), Peer.UDP, 18);
        plain.length(Peer.udp(plain.data(), at, 7, 10));
        transmit(queue, plain);
        assertThat(peer.receive(1).getFirst().get(Peer.SHORT, at + 6)).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void checksumsThatAreRightAreReportedSo(NicChip chip) throws Exception {
        NicQueue queue = open(chip);
        int at = Peer.ipv4(frame, Slot.mac(1), Peer.MAC, Peer.TCP, 120);
        int length = Peer.tcp(frame, at, 9, 100);
        Peer.checksum(frame, at, Peer.TCP, length);
        peer.send(frame, length);
        Packet right = Slot.receive(queue);
        assertThat(right.checksumVerified()).isTrue();
        assertThat(right.ipChecksumVerified()).isTrue();
        right.release();

        frame.set(Peer.BYTE, 100, (byte) ~frame.get(Peer.BYTE, 100));
        peer.send(frame, length);
        Packet wrong = Slot.receive(queue);
        assertThat(wrong.checksumVerified()).isFalse();
        assertThat(wrong.ipChecksumVerified()).isTrue();
        wrong.release();

        frame.set(Peer.SHORT, 24, (short) ~frame.get(Peer.SHORT, 24));
        peer.send(frame, length);
        Packet wrongHeader = Slot.receive(queue);
        assertThat(wrongHeader.ipChecksumVerified()).isFalse();
        wrongHeader.release();
    }

    @ParameterizedTest
    @EnumSource
    void tcpOverIpv4IsCutIntoSegments(NicChip chip) throws Exception {
        NicQueue queue = open(chip);
        Packet packet = queue.allocate();
        int payload = 1900;
        int at = Peer.ipv4(packet.data(), Peer.MAC, Slot.mac(1), Peer.TCP, 20 + payload);
        segments(queue, packet, at, payload, false);
    }

    @ParameterizedTest
    @EnumSource
    void tcpOverIpv6IsCutIntoSegmentsWhereTheControllerCan(NicChip chip) throws Exception {
        NicQueue queue = open(chip);
        Packet packet = queue.allocate();
        int payload = 1900;
        int at = Peer.ipv6(packet.data(), Peer.MAC, Slot.mac(1), Peer.TCP, 20 + payload);
        if (slot.port().features().contains(PortFeature.SEGMENTATION_IPV6)) {
            segments(queue, packet, at, payload, true);
        } else {
            assertThat(chip).isNotEqualTo(NicChip.I82574L);
            packet.length(Peer.tcp(packet.data(), at, 7, payload));
            packet.requestChecksum(at, 16);
            assertThatThrownBy(() -> {
                packet.requestSegmentation(true, at + 20, 700);
                transmit(queue, packet);
            }).isInstanceOfAny(UnsupportedOperationException.class, IllegalArgumentException.class);
        }
    }

    private void segments(NicQueue queue, Packet packet, int at, int payload, boolean ipv6) {
        MemorySegment data = packet.data();
        packet.length(Peer.tcp(data, at, 7, payload));
        data.set(Peer.SHORT, at + 16, (short) Peer.pseudo(data, Peer.TCP, 20 + payload));
        packet.requestChecksum(at, 16);
        packet.requestSegmentation(ipv6, at + 20, 700);
        transmit(queue, packet);

        List<MemorySegment> segments = peer.receive(3);
        int done = 0;
        for (int number = 0; number < 3; number++) {
            MemorySegment segment = segments.get(number);
            int bytes = Math.min(700, payload - done);
            assertThat(segment.byteSize()).isEqualTo(at + 20 + bytes);
            assertThat(Peer.isRight(segment)).as("checksums of segment %d", number).isTrue();
            assertThat(segment.get(Peer.INT, at + 4)).isEqualTo(5_000_000 + done);
            assertThat(segment.get(Peer.BYTE, at + 13) & 0x09)
                    .as("FIN and PSH in the last only")
                    .isEqualTo(number == 2 ? 0x09 : 0);
            for (int i = 0; i < bytes; i++) {
                assertThat(segment.get(Peer.BYTE, at + 20 + i)).isEqualTo(Peer.content(done + i));
            }
            done += bytes;
        }
    }

    @ParameterizedTest
    @EnumSource
    void tagsOfVlansAreTakenOutAndPutIn(NicChip chip) throws Exception {
        NicQueue queue = open(chip);
        slot.port().vlan(100, true);
        Peer.raw(frame, Slot.mac(1), Peer.MAC, 80);
        frame.set(Peer.INT, 12, 0x8100_6064);
        peer.send(frame, 80);
        Packet whole = Slot.receive(queue);
        assertThat(whole.vlan()).isEqualTo(-1);
        assertThat(whole.data().get(Peer.INT, 12)).isEqualTo(0x8100_6064);
        assertThat(whole.length()).isEqualTo(80);
        whole.requestVlan(100);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> queue.transmit(new Packet[] {whole}, 0, 1))
                .withMessageContaining("stripping");
        whole.release();

        slot.port().vlanStripping(true);
        peer.send(frame, 80);
        Packet stripped = Slot.receive(queue);
        assertThat(stripped.vlan()).isEqualTo(0x6064);
        assertThat(stripped.length()).isEqualTo(76);
        assertThat(stripped.data().get(Peer.BYTE, 12)).isEqualTo(Peer.content(16));
        Peer.addresses(stripped.data(), Peer.MAC, Slot.mac(1));
        stripped.requestVlan(0xe005);
        transmit(queue, stripped);
        MemorySegment sent = peer.receive(1).getFirst();
        assertThat(sent.byteSize()).isEqualTo(80);
        assertThat(sent.get(Peer.INT, 12)).isEqualTo(0x8100_e005);

        // Together with a checksum it goes into another kind of descriptor.
        Packet both = queue.allocate();
        int at = Peer.ipv4(both.data(), Peer.MAC, Slot.mac(1), Peer.UDP, 108);
        both.length(Peer.udp(both.data(), at, 7, 100));
        both.data().set(Peer.SHORT, at + 6, (short) Peer.pseudo(both.data(), Peer.UDP, 108));
        both.requestChecksum(at, 6);
        both.requestVlan(7);
        transmit(queue, both);
        MemorySegment tagged = peer.receive(1).getFirst();
        assertThat(tagged.get(Peer.INT, 12)).isEqualTo(0x8100_0007);
        MemorySegment without = Peer.frame();
        MemorySegment.copy(tagged, 0, without, 0, 12);
        MemorySegment.copy(tagged, 16, without, 12, tagged.byteSize() - 16);
        assertThat(Peer.isRight(without.asSlice(0, tagged.byteSize() - 4))).isTrue();

        frame.set(Peer.INT, 12, 0x8100_0065);
        peer.send(frame, 80);
        Peer.raw(frame, Slot.mac(1), Peer.MAC, 61);
        peer.send(frame, 61);
        Packet next = Slot.receive(queue);
        assertThat(next.length()).as("a VLAN that nobody has chosen").isEqualTo(61);
        next.release();
    }

    @ParameterizedTest
    @EnumSource
    void jumboFramesArriveInSeveralBuffersAndLeaveInSeveral(NicChip chip) throws Exception {
        NicQueue queue = open(chip);
        slot.port().changeMtu(9000);
        assertThat(slot.port().mtu()).isEqualTo(9000);
        assertThat(slot.port().features()).contains(PortFeature.SCATTERED_RECEIVE, PortFeature.SCATTERED_TRANSMIT);
        for (int length = 1_900; length <= 9_014; length = length < 9_000 ? length + 37 : length + 1) {
            Peer.raw(frame, Slot.mac(1), Peer.MAC, length);
            peer.send(frame, length);
            Packet packet = Slot.receive(queue);
            assertThat(contents(packet)).isEqualTo(length);
            transmit(queue, packet);
            MemorySegment back = peer.receive(1).getFirst();
            assertThat(back.byteSize()).isEqualTo(length);
            assertThat(back.mismatch(frame.asSlice(0, length))).isEqualTo(-1);
        }
        queue.close();
        assertThat(queue.pool().available()).isEqualTo(PACKETS);
    }

    @ParameterizedTest
    @EnumSource
    void framesLongerThanTheMtuAreDroppedAndNotSent(NicChip chip) throws Exception {
        NicQueue queue = open(chip);
        slot.port().changeMtu(2000);
        for (int length : new int[] {2_019, 5_000, 2_018}) {
            Peer.raw(frame, Slot.mac(1), Peer.MAC, length);
            peer.send(frame, length);
        }
        Packet packet = Slot.receive(queue);
        assertThat(contents(packet)).isEqualTo(2_018);
        packet.release();
        assertThat(slot.port().statistics().receiveErrors()).isEqualTo(2);
        slot.port().changeMtu(1500);
        Packet tooLong = queue.allocate();
        tooLong.length(1_519);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> queue.transmit(new Packet[] {tooLong}, 0, 1))
                .withMessageContaining("14 to 1518");
    }

    /** Looks at every byte of a frame from {@link Peer#raw}; returns how many there are. */
    private static int contents(Packet frame) {
        int at = 0;
        for (Packet part = frame; part != null; part = part.next()) {
            for (int i = 0; i < part.length(); i++, at++) {
                if (at >= 14 && part.data().get(Peer.BYTE, i) != Peer.content(at)) {
                    throw new AssertionError("the frame differs at " + at);
                }
            }
        }
        return at;
    }

    private static void transmit(NicQueue queue, Packet packet) {
        assertThat(queue.transmit(new Packet[] {packet}, 0, 1)).isEqualTo(1);
    }
}
