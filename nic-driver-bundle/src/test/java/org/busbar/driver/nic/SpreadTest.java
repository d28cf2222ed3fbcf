package org.busbar.driver.nic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.busbar.device.Deadline;
import org.busbar.emulator.NicChip;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.net.Packet;
import org.busbar.net.PortFeature;
import org.busbar.net.ReceiveSpread;
import org.busbar.net.ReceiveSpread.Field;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Receive side scaling over the two queues of the 82574. */
@Timeout(120)
final class SpreadTest {

    private static final int FLOWS = 64;

    private final NetworkSwitch network = new NetworkSwitch();
    private final Peer peer = new Peer(network);
    private final MemorySegment frame = Peer.frame();
    private Slot slot;

    @AfterEach
    void noAccessOutsideMappings() {
        slot.close();
        assertThat(slot.iommuFaults()).isEmpty();
        assertThat(slot.context().failures()).isEmpty();
    }

    private List<NicQueue> both() throws Exception {
        slot = Slot.bound(1, network, NicChip.I82574L, true);
        return List.of(slot.open(), slot.open());
    }

    /** Sends one frame of each flow; returns the queue that each arrived in, and checks its hash. */
    private int[] queues(List<NicQueue> queues) throws InterruptedException {
        int[] where = new int[FLOWS];
        for (int flow = 0; flow < FLOWS; flow++) {
            int at = Peer.ipv4(frame, Slot.mac(1), Peer.MAC, Peer.TCP, 40);
            peer.send(frame, Peer.tcp(frame, at, 1000 + flow, 20));
            where[flow] = arrival(queues, 1000 + flow);
        }
        return where;
    }

    private int arrival(List<NicQueue> queues, int source) throws InterruptedException {
        Packet[] one = new Packet[1];
        Deadline deadline = Deadline.afterMillis(20_000);
        while (!deadline.expired()) {
            for (NicQueue queue : queues) {
                if (queue.receive(one) == 1) {
                    assertThat(one[0].data().get(Peer.SHORT, 34) & 0xffff).isEqualTo(source);
                    int expected = toeplitz(slot.port().receiveSpread().orElseThrow().key(), source);
                    assertThat(one[0].hash()).isIn(expected, 0);
                    one[0].release();
                    return queue.index();
                }
            }
            Thread.onSpinWait();
        }
        throw new AssertionError("the frame of port " + source + " has not arrived");
    }

    /** The hash as it is defined: for each bit that is set, 32 bits of the key from there on. */
    private int toeplitz(List<Integer> key, int source) {
        byte[] input = new byte[12];
        for (int i = 0; i < 8; i++) {
            input[i] = frame.get(Peer.BYTE, 26 + i);
        }
        input[8] = (byte) (source >>> 8);
        input[9] = (byte) source;
        input[11] = 80;
        int hash = 0;
        for (int bit = 0; bit < 96; bit++) {
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

    @Test
    void flowsAreSpreadOverBothQueuesAndTheHashIsReported() throws Exception {
        List<NicQueue> queues = both();
        assertThat(slot.port().features()).contains(PortFeature.RECEIVE_SPREAD, PortFeature.RECEIVE_HASH);
        int[] first = queues(queues);
        assertThat(first).contains(0, 1);
        assertThat(queues(queues)).as("a flow stays in its queue").isEqualTo(first);
        ReceiveSpread spread = slot.port().receiveSpread().orElseThrow();
        for (int flow = 0; flow < FLOWS; flow++) {
            int hash = toeplitz(spread.key(), 1000 + flow);
            assertThat(first[flow]).isEqualTo(spread.table().get(hash & 127));
        }
        assertThat(slot.port().statistics(0).receivedFrames() + slot.port().statistics(1).receivedFrames())
                .isEqualTo(slot.port().statistics().receivedFrames())
                .isEqualTo(2 * FLOWS);
    }

    @Test
    void keyTableAndFieldsAreChosen() throws Exception {
        List<NicQueue> queues = both();
        ReceiveSpread spread = slot.port().receiveSpread().orElseThrow();
        slot.port()
                .changeReceiveSpread(
                        new ReceiveSpread(spread.key(), Collections.nCopies(128, 1), spread.fields()));
        assertThat(queues(queues)).containsOnly(1);
        List<Integer> key = IntStream.range(0, 40).mapToObj(i -> i * 37 & 0xff).toList();
        slot.port().changeReceiveSpread(new ReceiveSpread(key, spread.table(), spread.fields()));
        int[] other = queues(queues);
        for (int flow = 0; flow < FLOWS; flow++) {
            assertThat(other[flow]).isEqualTo(toeplitz(key, 1000 + flow) & 1);
        }
        slot.port().changeReceiveSpread(new ReceiveSpread(key, spread.table(), Set.of()));
        assertThat(queues(queues)).as("nothing is hashed").containsOnly(0);

        assertThatIllegalArgumentException().isThrownBy(
                () -> slot.port().changeReceiveSpread(new ReceiveSpread(List.of(1), spread.table(), Set.of())));
        assertThatIllegalArgumentException().isThrownBy(() -> slot.port()
                .changeReceiveSpread(new ReceiveSpread(key, Collections.nCopies(128, 2), Set.of())));
        assertThatIllegalArgumentException().isThrownBy(() -> slot.port()
                .changeReceiveSpread(new ReceiveSpread(key, spread.table(), Set.of(Field.UDP_IPV4))));
    }

    @Test
    void aQueueThatStopsLeavesItsFlowsToTheOther() throws Exception {
        List<NicQueue> queues = both();
        queues.get(1).stop();
        assertThat(queues(queues)).containsOnly(0);
        queues.get(1).start();
        assertThat(queues(queues)).contains(0, 1);
        queues.get(0).stop();
        assertThat(queues(queues)).containsOnly(1);
        queues.get(0).start();
        queues.get(1).close();
        assertThat(queues(queues.subList(0, 1))).containsOnly(0);
        assertThatThrownBy(() -> {
            slot.open();
            slot.open();
        }).isInstanceOf(IOException.class).hasMessageContaining("2 queue pairs");
    }
}
