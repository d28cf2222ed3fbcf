package org.busbar.port.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.busbar.core.internal.net.PacketPoolService;
import org.busbar.device.DeviceGoneException;
import org.busbar.net.LinkState;
import org.busbar.port.Port;
import org.busbar.port.PortState;
import org.junit.jupiter.api.Test;

/** What happens while something else is asked of a port, between two of its steps. */
final class ChangeOfDriversTest {

    private final Bench bench = new Bench();
    private final FakePort next = new FakePort(Bench.MAC);

    /** Does something in the middle of the next call of a kind. */
    private static class Interrupted extends FakePort {

        private Runnable meanwhile = () -> {};

        Interrupted() {
            super(Bench.MAC);
        }

        void meanwhile(Runnable what) {
            meanwhile = what;
        }

        private void happen() {
            Runnable what = meanwhile;
            meanwhile = () -> {};
            what.run();
        }

        @Override
        public void promiscuous(boolean on) throws IOException {
            happen();
            super.promiscuous(on);
        }

        @Override
        public void vlan(int id, boolean receive) throws IOException {
            happen();
            super.vlan(id, receive);
        }

        @Override
        public LinkState link() {
            LinkState link = super.link();
            happen();
            return link;
        }
    }

    private Interrupted come() {
        Interrupted driver = new Interrupted();
        bench.come(driver);
        return driver;
    }

    /** The card is pulled and another one comes, which is told what is chosen by then. */
    private void change(FakePort driver) {
        bench.pull(driver);
        bench.come(next, "1#2");
    }

    @Test
    void L9_whatIsTakenBackWhileDriversChangeIsInForceNoLonger() throws IOException {
        Interrupted driver = come();
        Port port = bench.port();
        port.promiscuous(true);
        port.allMulticast(true);
        driver.meanwhile(() -> change(driver));
        port.promiscuous(false);
        assertThat(next.told).as("told before it was taken back").startsWith("allmulticast", "promiscuous");
        assertThat(next.inForce()).containsOnlyKeys("allmulticast");
        assertThat(port.settings()).containsOnlyKeys("allmulticast");
    }

    @Test
    void L9_vlanThatIsTakenBackWhileDriversChangeIsReceivedNoLonger() throws IOException {
        Interrupted driver = come();
        Port port = bench.port();
        port.vlan(1, true);
        port.vlan(2, true);
        driver.meanwhile(() -> change(driver));
        port.vlan(1, false);
        assertThat(next.inForce()).containsEntry("vlan-filter", "[2]");
    }

    @Test
    void L9_whatIsChosenWhileDriversChangeIsInForce() throws IOException {
        Interrupted driver = come();
        Port port = bench.port();
        driver.meanwhile(() -> change(driver));
        port.promiscuous(true);
        assertThat(next.inForce()).containsOnlyKeys("promiscuous");
    }

    @Test
    void queueOfAPortThatIsGivenUpMeanwhileIsNone() {
        FakePort driver = bench.come(new FakePort(Bench.MAC));
        Port port = bench.port();
        bench.pull(driver);
        bench.beforePool = () -> bench.works.pass(Bench.HOLD.toNanos());
        assertThatThrownBy(() -> port.openQueue()).isInstanceOf(DeviceGoneException.class)
                .hasMessageContaining(PortState.DROPPED.text());
    }

    @Test
    void listenerOfAPortThatIsGivenUpMeanwhileIsNone() {
        Interrupted driver = come();
        Port port = bench.port();
        driver.meanwhile(bench.ports::close);
        assertThatThrownBy(() -> port.onLinkChange(_ -> {})).isInstanceOf(DeviceGoneException.class);
        assertThat(((DurablePort) port).isUsed()).isFalse();
    }

    @Test
    void choiceForAPortThatIsGivenUpMeanwhileIsNone() {
        Interrupted driver = come();
        Port port = bench.port();
        driver.meanwhile(bench.ports::close);
        assertThatThrownBy(() -> port.promiscuous(true)).isInstanceOf(DeviceGoneException.class);
    }

    @Test
    void listenerHearsOfACardThatComesWhileItIsAdded() throws Exception {
        Interrupted driver = come();
        Port port = bench.port();
        List<LinkState> heard = new ArrayList<>();
        driver.meanwhile(() -> change(driver));
        try (AutoCloseable _ = port.onLinkChange(heard::add)) {
            next.link(LinkState.DOWN);
            assertThat(heard).containsExactly(LinkState.DOWN);
        }
    }

    @Test
    void listenerHearsThatTheCardWentWhileItWasAdded() throws Exception {
        Interrupted driver = come();
        Port port = bench.port();
        List<LinkState> heard = new ArrayList<>();
        driver.meanwhile(() -> bench.pull(driver));
        try (AutoCloseable _ = port.onLinkChange(heard::add)) {
            assertThat(heard).containsExactly(LinkState.DOWN);
        }
    }

    @Test
    void portWhoseFirstCardNeverWasReadyIsGivenUpInTime() {
        FakePort defective = new FakePort(Bench.MAC) {
            private boolean known;

            @Override
            public int mtu() {
                if (known) {
                    throw new ArithmeticException("a defect");
                }
                known = true;
                return super.mtu();
            }
        };
        bench.come(defective);
        Port port = bench.port();
        assertThat(port.cards().getFirst().refusal()).isPresent();
        bench.leave(defective);
        bench.works.pass(Bench.HOLD.toNanos() - 1);
        assertThat(port.state()).isEqualTo(PortState.HELD);
        bench.works.pass(1);
        assertThat(port.state()).isEqualTo(PortState.DROPPED);
        assertThat(bench.services).isEmpty();
    }

    @Test
    void portWhoseLastListenerLeavesIsGivenUp() throws Exception {
        FakePort driver = bench.come(new FakePort(Bench.MAC));
        Port port = bench.port();
        AutoCloseable first = port.onLinkChange(_ -> {});
        AutoCloseable second = port.onLinkChange(_ -> {});
        bench.pull(driver);
        bench.works.pass(Bench.HOLD.toNanos());
        first.close();
        assertThat(port.state()).isEqualTo(PortState.ABSENT);
        second.close();
        assertThat(port.state()).isEqualTo(PortState.DROPPED);
    }

    @Test
    void L8_cardThatLeavesIsNotListenedToAnyMore() throws Exception {
        FakePort driver = bench.come(new FakePort(Bench.MAC));
        List<String> listened = new ArrayList<>();
        FakePort late = new FakePort(Bench.MAC) {
            @Override
            public AutoCloseable onLinkChange(LinkListener listener) {
                listened.add("late");
                return super.onLinkChange(listener);
            }
        };
        Card card = bench.ports.card(late, Bench.MAC.toString(), "1#2", bench.reports::add);
        LinkNews news = ((DurablePort) bench.port()).news();
        try (AutoCloseable _ = bench.port().onLinkChange(_ -> {})) {
            card.leave(bench.works.nanoTime());
            news.forget(card);
            news.hear(card); // it hung in what it was asked before
            assertThat(listened).isEmpty();
        }
        assertThat(driver.isGone()).isFalse();
    }

    @Test
    void cardsOfAClosedServiceAreNotWaitedFor() throws IOException {
        List<Runnable> forgotten = new ArrayList<>();
        TestWorks working = new TestWorks();
        Works stopped = new Works() {
            private boolean over;

            @Override
            public Executor changes() {
                return action -> {
                    if (over) {
                        forgotten.add(action);
                    } else {
                        over = true;
                        working.changes().execute(action);
                    }
                };
            }

            @Override
            public Executor tasks() {
                return working.tasks();
            }

            @Override
            public void later(Runnable action, long nanos) {
                working.later(action, nanos);
            }

            @Override
            public long nanoTime() {
                return working.nanoTime();
            }
        };
        Ports ports = new Ports(
                stopped,
                new OwnPools(new PacketPoolService()),
                (port, properties) -> {
                    throw new AssertionError(port + " is published with " + properties);
                },
                Duration.ofSeconds(1));
        Card card = ports.card(new FakePort(Bench.MAC), Bench.MAC.toString(), "1#1", bench.reports::add);
        ports.close();
        ports.lastLook(card);
        assertThat(forgotten).as("what nobody does any more, and is waited for").isEmpty();
    }
}
