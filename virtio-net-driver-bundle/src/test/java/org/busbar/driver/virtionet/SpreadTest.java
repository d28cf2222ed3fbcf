package org.busbar.driver.virtionet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.busbar.device.Deadline;
import org.busbar.emulator.Card;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.net.Packet;
import org.busbar.net.PortFeature;
import org.busbar.net.ReceiveSpread;
import org.busbar.net.ReceiveSpread.Field;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames that are spread over two queues by a hash and a table. */
@Timeout(120)
final class SpreadTest {

    private static final int FLOWS = 64;
    private static final int UDP = 17;

    private final NetworkSwitch network = new NetworkSwitch();
    private final Peer peer = new Peer(network);
    private final MemorySegment frame = Arena.ofAuto().allocate(2048, 8);
    private Slot slot;

    @AfterEach
    void noAccessOutsideMappings() {
        slot.close();
        assertThat(slot.iommuFaults()).isEmpty();
        assertThat(slot.context().failures()).isEmpty();
    }

    private List<VirtioQueue> both(boolean packed) throws Exception {
        slot = Slot.bound(
                1, network, new Card.VirtioNet(Slot.mac(1), 2, 1500), Settings.of(packed, true).pairs(2));
        return List.of(slot.open(), slot.open());
    }

    /** Sends one frame of each flow; returns the queue that each arrived in, and checks its hash. */
    private int[] queues(List<VirtioQueue> queues) throws InterruptedException {
        int[] where = new int[FLOWS];
        for (int flow = 0; flow < FLOWS; flow++) {
            Peer.ipv4(frame, Slot.mac(1), Peer.MAC, UDP, 40);
            frame.set(Peer.INT, 34, 1000 + flow << 16 | 53);
            frame.set(Peer.INT, 38, 40 << 16);
            peer.send(frame, 74);
            where[flow] = arrival(queues, 1000 + flow);
        }
        return where;
    }

    private int arrival(List<VirtioQueue> queues, int source) {
        Packet[] one = new Packet[1];
        Deadline deadline = Deadline.afterMillis(60_000);
        while (!deadline.expired()) {
            for (VirtioQueue queue : queues) {
                if (queue.receive(one) == 1) {
                    assertThat(one[0].data().get(Peer.SHORT, 34) & 0xffff).isEqualTo(source);
                    assertThat(one[0].hash()).isEqualTo(hash(source));
                    one[0].release();
                    return queue.index();
                }
            }
            Thread.onSpinWait();
        }
        throw new AssertionError("the frame of port " + source + " has not arrived");
    }

    private int hash(int source) {
        ReceiveSpread spread = slot.port().receiveSpread().orElseThrow();
        int bytes = spread.fields().contains(Field.UDP_IPV4) ? 12 : 8;
        byte[] input = new byte[bytes];
        MemorySegment.copy(frame, ValueLayout.JAVA_BYTE, 26, input, 0, 8);
        if (bytes == 12) {
            input[8] = (byte) (source >>> 8);
            input[9] = (byte) source;
            input[11] = 53;
        }
        return spread.fields().isEmpty() ? 0 : toeplitz(spread.key(), input);
    }

    /** The hash as it is defined: for each bit that is set, 32 bits of the key from there on. */
    private static int toeplitz(List<Integer> key, byte[] input) {
        int hash = 0;
        for (int bit = 0; bit < 8 * input.length; bit++) {
            if ((input[bit / 8] >>> 7 - bit % 8 & 1) != 0) {
                int window = 0;
                for (int i = bit; i < bit + 32; i++) {
                    window = window << 1 | key.get(i / 8) >>> 7 - i % 8 & 1;
                }
                hash ^= window;
            }
        }
        return hash;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void flowsAreSpreadOverBothQueuesByTheirHash(boolean packed) throws Exception {
        List<VirtioQueue> queues = both(packed);
        assertThat(slot.port().features()).contains(PortFeature.RECEIVE_SPREAD, PortFeature.RECEIVE_HASH);
        int[] where = queues(queues);
        assertThat(where).contains(0, 1);
        ReceiveSpread spread = slot.port().receiveSpread().orElseThrow();
        for (int flow = 0; flow < FLOWS; flow++) {
            assertThat(where[flow]).isEqualTo(spread.table().get(hash(1000 + flow) & spread.table().size() - 1));
        }
        assertThat(slot.port().statistics(0).receivedFrames() + slot.port().statistics(1).receivedFrames())
                .isEqualTo(FLOWS);
    }

    @Test
    void keyTableAndFieldsAreChosenAndKeptByAReset() throws Exception {
        List<VirtioQueue> queues = both(true);
        ReceiveSpread before = slot.port().receiveSpread().orElseThrow();
        List<Integer> key = IntStream.range(0, 40).mapToObj(i -> 255 - 3 * i).toList();
        List<Integer> ones = Collections.nCopies(before.table().size(), 1);
        ReceiveSpread changed = new ReceiveSpread(key, ones, Set.of(Field.IPV4));
        slot.port().changeReceiveSpread(changed);
        assertThat(slot.port().receiveSpread()).contains(changed);
        assertThat(queues(queues)).containsOnly(1);
        slot.port().reset(Deadline.afterMillis(60_000));
        slot.awaitLink();
        assertThat(queues(queues)).containsOnly(1);
    }

    @Test
    void aQueueThatStopsLeavesItsFlowsToTheOther() throws Exception {
        List<VirtioQueue> queues = both(true);
        for (int stopped = 0; stopped < 2; stopped++) {
            queues.get(stopped).stop();
            assertThat(queues(queues)).containsOnly(1 - stopped);
            queues.get(stopped).start();
            assertThat(queues(queues)).contains(0, 1);
        }
        queues.get(1).close();
        assertThat(queues(List.of(queues.get(0)))).containsOnly(0);
    }

    @Test
    void whatTheDeviceCannotDoIsRefused() throws Exception {
        both(false);
        ReceiveSpread now = slot.port().receiveSpread().orElseThrow();
        List<Integer> absent = Collections.nCopies(now.table().size(), 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> slot.port().changeReceiveSpread(new ReceiveSpread(now.key(), absent, now.fields())))
                .withMessageContaining("only 2 queues");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> slot.port()
                        .changeReceiveSpread(new ReceiveSpread(List.of(1), now.table(), now.fields())))
                .withMessageContaining("40 octets");
        assertThat(slot.port().receiveSpread()).contains(now);
    }

    @Test
    void aDeviceWithOnePairHasNothingToSpreadOver() throws Exception {
        slot = Slot.bound(1, network, Settings.of(true, true));
        assertThat(slot.port().receiveSpread()).isEmpty();
        assertThat(slot.port().features()).doesNotContain(PortFeature.RECEIVE_SPREAD, PortFeature.RECEIVE_HASH);
        ReceiveSpread any = new ReceiveSpread(List.of(1), List.of(0), Set.of());
        assertThatThrownBy(() -> slot.port().changeReceiveSpread(any))
                .isInstanceOf(UnsupportedOperationException.class);
    }
}
