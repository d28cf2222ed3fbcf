package org.busbar.port.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.net.LinkState;
import org.busbar.net.MacAddress;
import org.busbar.net.PortFeature;
import org.busbar.net.PortQueue;
import org.busbar.port.Port;
import org.busbar.port.PortCard;
import org.busbar.port.PortState;
import org.junit.jupiter.api.Test;

final class PortsTest {

    private static final MacAddress OTHER = MacAddress.parse("52:54:00:00:00:02");

    private final Bench bench = new Bench();

    private FakePort come(String place) {
        return bench.come(new FakePort(Bench.MAC), place);
    }

    @Test
    void portIsKnownByItsAddress() {
        come("1#1");
        Port port = bench.port();
        assertThat(port.name()).isEqualTo("port/52:54:00:00:00:01");
        assertThat(port.state()).isEqualTo(PortState.UP);
        assertThat(port.cards()).extracting(PortCard::device).containsExactly("1#1");
        assertThat(bench.services.get(port).get(Port.STATE)).isEqualTo("UP");
        assertThat(bench.services.get(port).get(Port.HOLD)).isEqualTo(30_000L);
        bench.ports.hold(Duration.ofSeconds(1));
        assertThat(bench.services.get(port).get(Port.HOLD)).isEqualTo(1000L);
    }

    @Test
    void anotherCardIsAnotherPort() throws IOException {
        FakePort first = come("1#1");
        Port port = bench.port();
        port.promiscuous(true);
        bench.pull(first);
        FakePort other = bench.come(new FakePort(OTHER), "1#2");
        assertThat(bench.services).hasSize(2);
        assertThat(port.state()).isEqualTo(PortState.HELD);
        assertThat(other.told).isEmpty();
        come("9#3");
        assertThat(port.state()).as("in another slot").isEqualTo(PortState.UP);
    }

    @Test
    void portThatNobodyUsesIsGivenUpInTime() {
        FakePort first = come("1#1");
        Port port = bench.port();
        bench.pull(first);
        bench.works.pass(Bench.HOLD.toNanos() - 1);
        assertThat(port.state()).isEqualTo(PortState.HELD);
        bench.works.pass(1);
        assertThat(port.state()).isEqualTo(PortState.DROPPED);
        assertThat(bench.services).isEmpty();
        come("1#2");
        assertThat(bench.port()).isNotSameAs(port);
    }

    @Test
    void portThatIsUsedWaitsForEver() throws IOException {
        FakePort first = come("1#1");
        Port port = bench.port();
        PortQueue queue = port.openQueue();
        bench.pull(first);
        bench.works.pass(Bench.HOLD.toNanos());
        assertThat(port.state()).isEqualTo(PortState.ABSENT);
        FakePort next = come("1#2");
        assertThat(port.state()).isEqualTo(PortState.UP);
        bench.pull(next);
        bench.works.pass(Bench.HOLD.toNanos());
        queue.close();
        assertThat(port.state()).as("the last user has left").isEqualTo(PortState.DROPPED);
    }

    @Test
    void settingsAreKeptWithoutQueuesUntilTheyAreTakenBack() throws IOException {
        FakePort first = come("1#1");
        Port port = bench.port();
        port.promiscuous(true);
        bench.pull(first);
        bench.works.pass(Bench.HOLD.toNanos());
        assertThat(port.state()).isEqualTo(PortState.ABSENT);
        port.promiscuous(false);
        assertThat(port.state()).isEqualTo(PortState.DROPPED);
    }

    @Test
    void holdTimeOfAnEarlierGapDoesNotCount() throws IOException {
        FakePort first = come("1#1");
        Port port = bench.port();
        port.openQueue();
        bench.leave(first);
        bench.works.pass(Bench.HOLD.toNanos() - 1);
        FakePort next = come("1#1");
        bench.leave(next);
        bench.works.pass(1);
        assertThat(port.state()).isEqualTo(PortState.HELD);
    }

    @Test
    void ofTwoCardsWithOneAddressTheFirstIsUsedAndTheOtherNeverByAccident() {
        FakePort first = come("1#1");
        FakePort second = come("2#2");
        Port port = bench.port();
        assertThat(port.cards()).extracting(PortCard::active).containsExactly(true, false);
        assertThat(port.cards().getLast().refusal()).get().asString().contains("same address", "1#1");
        // Their driver is updated, and the cards come in the other order.
        bench.leave(first);
        bench.leave(second);
        come("2#2");
        assertThat(port.state()).isEqualTo(PortState.HELD);
        come("1#1");
        assertThat(port.state()).isEqualTo(PortState.UP);
        assertThat(port.cards()).filteredOn(PortCard::active).extracting(PortCard::device).containsExactly("1#1");
    }

    @Test
    void secondCardOfAnAddressIsUsedOnceItWasOutAndInAgain() {
        FakePort first = come("1#1");
        FakePort second = come("2#2");
        bench.pull(first);
        assertThat(bench.port().state()).isEqualTo(PortState.HELD);
        bench.pull(second);
        come("2#3");
        assertThat(bench.port().state()).isEqualTo(PortState.UP);
    }

    @Test
    void cardThatTakesNoPacketsOfOthersIsNoPorts() {
        Set<PortFeature> features = EnumSet.complementOf(EnumSet.of(PortFeature.SHARED_POOL));
        bench.come(new FakePort(Bench.MAC, 1, features), "1#1");
        assertThat(bench.services).isEmpty();
    }

    @Test
    void countersGoOnFromWhereTheyWere() throws IOException {
        FakePort first = come("1#1");
        Port port = bench.port();
        first.received = 10;
        first.sent = 4;
        assertThat(port.statistics().receivedFrames()).isEqualTo(10);
        first.received = 12;
        bench.leave(first);
        assertThat(port.statistics().receivedFrames()).as("in the gap").isEqualTo(12);
        FakePort second = come("1#1");
        second.received = 1;
        second.sent = 1;
        assertThat(port.statistics().receivedFrames()).isEqualTo(13);
        assertThat(port.statistics().sentBytes()).isEqualTo(5 * 64);
        assertThat(port.statistics(0).receivedFrames()).isEqualTo(13);
        assertThat(port.counters()).containsEntry("good_frames", 13L);
        second.received = 5;
        bench.pull(second);
        assertThat(port.statistics().receivedFrames()).as("what was seen before the pull").isEqualTo(13);
    }

    @Test
    void driversOfPortsInUseAreAskedEachSecond() throws IOException {
        FakePort first = come("1#1");
        Port port = bench.port();
        port.openQueue();
        first.received = 7;
        bench.works.pass(1_000_000_000L);
        first.received = 9;
        bench.pull(first);
        assertThat(port.statistics().receivedFrames()).isEqualTo(7);
    }

    @Test
    void pausesAreMeasured() {
        FakePort first = come("1#1");
        bench.works.pass(500);
        bench.leave(first);
        bench.works.pass(3_000_000);
        FakePort second = come("1#1");
        bench.leave(second);
        bench.works.pass(1_000_000);
        come("1#1");
        assertThat(bench.port().history().driversLost()).isEqualTo(2);
        assertThat(bench.port().history().pauses()).isEqualTo(2);
        assertThat(bench.port().history().lastPause()).isEqualTo(Duration.ofMillis(1));
        assertThat(bench.port().history().longestPause()).isEqualTo(Duration.ofMillis(3));
    }

    @Test
    void listenersHearOfTheLinkOverAllDrivers() throws Exception {
        FakePort first = come("1#1");
        Port port = bench.port();
        List<LinkState> heard = new ArrayList<>();
        AutoCloseable registration = port.onLinkChange(heard::add);
        first.link(LinkState.DOWN);
        first.link(FakePort.UP);
        bench.leave(first);
        assertThat(port.link()).isEqualTo(LinkState.DOWN);
        FakePort second = come("1#1");
        assertThat(heard).containsExactly(LinkState.DOWN, FakePort.UP, LinkState.DOWN, FakePort.UP);
        second.link(LinkState.DOWN);
        assertThat(heard).hasSize(5);
        registration.close();
        second.link(FakePort.UP);
        assertThat(heard).hasSize(5);
    }

    @Test
    void whatOnlyADriverCanDoFailsWithoutOne() {
        FakePort first = come("1#1");
        Port port = bench.port();
        bench.leave(first);
        assertThatThrownBy(() -> port.reset(Deadline.afterMillis(1000))).isInstanceOf(DeviceGoneException.class)
                .hasMessageContaining("no driver");
        assertThatThrownBy(() -> port.identify(true)).isInstanceOf(DeviceGoneException.class);
    }

    @Test
    void L5_driverThatFailsToBeSetUpIsPassedOver() throws IOException {
        FakePort first = come("1#1");
        Port port = bench.port();
        port.promiscuous(true);
        bench.leave(first);
        bench.come(new FakePort(Bench.MAC) {
            @Override
            public void promiscuous(boolean on) {
                throw new IllegalStateException("a defect");
            }
        }, "1#1");
        assertThat(port.state()).isEqualTo(PortState.HELD);
        assertThat(port.cards().getFirst().refusal()).get().asString().contains("a defect");
        assertThat(bench.reports).hasSize(1).first().asString().contains("set up", "a defect");
    }
}
