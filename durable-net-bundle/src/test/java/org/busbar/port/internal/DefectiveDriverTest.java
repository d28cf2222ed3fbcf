package org.busbar.port.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.busbar.core.internal.net.PacketPoolService;
import org.busbar.device.Publication;
import org.busbar.net.LinkState;
import org.busbar.net.PortQueue;
import org.busbar.net.PortQueueOptions;
import org.busbar.net.PortStatistics;
import org.busbar.port.Port;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Drivers that throw or hang where nobody waits for them. */
@Timeout(240)
final class DefectiveDriverTest {

    private final Bench bench = new Bench();

    /** Throws what it must not when it is asked, as long as the test says so. */
    private static final class Crashing extends FakePort {

        boolean crashes;

        Crashing() {
            super(Bench.MAC);
        }

        private void crash() {
            if (crashes) {
                throw new ArithmeticException("a defect");
            }
        }

        @Override
        public LinkState link() {
            crash();
            return super.link();
        }

        @Override
        public PortStatistics statistics() {
            crash();
            return super.statistics();
        }
    }

    @Test
    void L5_driverThatFailsToTellWhatItHasCountedIsReportedAndStillTold() throws IOException {
        Crashing driver = new Crashing();
        bench.come(driver);
        Port port = bench.port();
        PortQueue _ = port.openQueue();
        driver.crashes = true;
        bench.works.pass(1_000_000_000L);
        assertThat(bench.reports).hasSize(1).first().asString().contains("a defect");
        driver.crashes = false;
        port.promiscuous(true);
        assertThat(driver.inForce()).containsOnlyKeys("promiscuous");
        assertThat(port.openQueue().index()).isEqualTo(1);
        driver.crashes = true;
        bench.leave(driver);
        assertThat(bench.reports).as("it was asked once more").hasSize(2);
    }

    @Test
    void L5_driverThatFailsToTellOfItsLinkSilencesNoOther() throws IOException {
        Crashing driver = new Crashing();
        bench.come(driver);
        Port port = bench.port();
        List<LinkState> heard = new ArrayList<>();
        AutoCloseable _ = port.onLinkChange(heard::add);
        driver.crashes = true;
        driver.link(LinkState.DOWN);
        assertThat(heard).isEmpty();
        assertThat(bench.reports).hasSize(1).first().asString().contains("a defect");
        port.promiscuous(true);
        bench.leave(driver);
        FakePort next = bench.come(new FakePort(Bench.MAC), "1#1");
        assertThat(next.inForce()).containsOnlyKeys("promiscuous");
        assertThat(heard).containsExactly(LinkState.DOWN, FakePort.UP);
        next.link(LinkState.DOWN);
        assertThat(heard).containsExactly(LinkState.DOWN, FakePort.UP, LinkState.DOWN);
    }

    @Test
    void L5_driverWithoutAClassIsPassedOver() throws IOException {
        FakePort first = bench.come(new FakePort(Bench.MAC));
        bench.port().promiscuous(true);
        bench.leave(first);
        FakePort defective = bench.come(new FakePort(Bench.MAC) {
            @Override
            public void promiscuous(boolean on) {
                throw new NoClassDefFoundError("of a driver");
            }
        }, "1#1");
        assertThat(bench.reports).hasSize(1).first().asString().contains("set up", "of a driver");
        assertThat(bench.port().cards().getFirst().refusal()).get().asString().contains("of a driver");
        bench.leave(defective);
        assertThat(bench.come(new FakePort(Bench.MAC), "1#1").inForce()).containsOnlyKeys("promiscuous");
    }

    @Test
    void L8_driverThatFailsToOpenAQueueGetsThoseBackThatItHasOpened() throws IOException {
        FakePort first = bench.come(new FakePort(Bench.MAC));
        Port port = bench.port();
        PortQueue zero = port.openQueue();
        PortQueue _ = port.openQueue();
        zero.close();
        bench.pull(first);
        FakePort next = bench.come(new FakePort(Bench.MAC) {
            @Override
            public PortQueue openQueue(PortQueueOptions options) throws IOException {
                if (queue(0) != null) {
                    throw new ArithmeticException("a defect");
                }
                return super.openQueue(options);
            }
        }, "1#2");
        assertThat(next.told).containsExactly("queue 0");
        assertThat(next.queue(0)).as("closed again").isNull();
        assertThat(port.shortfalls()).containsOnlyKeys("queue 1");
        assertThat(bench.reports).hasSize(1).first().asString().contains("queue was opened", "a defect");
    }

    @Test
    void L6_driverThatHangsKeepsNoNewsOfTheNextOnesLinkFromListeners() throws Exception {
        CountDownLatch hangs = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        FakePort driver = new FakePort(Bench.MAC) {
            private volatile boolean asked;

            @Override
            public void link(LinkState now) {
                asked = true;
                super.link(now);
            }

            @Override
            public LinkState link() {
                if (asked) {
                    hangs.countDown();
                    try {
                        assertThat(over.await(120, TimeUnit.SECONDS)).isTrue();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                }
                return super.link();
            }
        };
        AtomicReference<Port> published = new AtomicReference<>();
        CountDownLatch there = new CountDownLatch(1);
        try (ThreadWorks works = new ThreadWorks()) {
            Ports ports = new Ports(works, new OwnPools(new PacketPoolService()), (port, properties) -> {
                published.set(port);
                there.countDown();
                return new Unread();
            }, Duration.ofMinutes(10));
            Card card = ports.card(driver, Bench.MAC.toString(), "1#1", _ -> {});
            ports.come(card);
            assertThat(there.await(60, TimeUnit.SECONDS)).isTrue();
            BlockingQueue<LinkState> heard = new LinkedBlockingQueue<>();
            AutoCloseable _ = published.get().onLinkChange(heard::add);
            published.get().promiscuous(true); // after this the driver is listened to
            driver.link(LinkState.DOWN);
            assertThat(hangs.await(60, TimeUnit.SECONDS)).isTrue();
            ports.go(card);
            ports.come(ports.card(new FakePort(Bench.MAC), Bench.MAC.toString(), "1#2", _ -> {}));
            assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo(LinkState.DOWN);
            assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo(FakePort.UP);
        } finally {
            over.countDown();
        }
    }

    private record Unread() implements Publication {
        @Override
        public void update(Map<String, ?> changed) {
            // Nobody looks.
        }

        @Override
        public void close() {
            // Nobody looks.
        }
    }
}
