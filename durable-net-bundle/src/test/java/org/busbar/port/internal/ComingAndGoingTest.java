package org.busbar.port.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.busbar.core.internal.net.PacketPoolService;
import org.busbar.device.Deadline;
import org.busbar.device.Publication;
import org.busbar.net.LinkState;
import org.busbar.net.Packet;
import org.busbar.net.PacketPool;
import org.busbar.net.PortQueue;
import org.busbar.net.PortQueueOptions;
import org.busbar.net.PortStatistics;
import org.busbar.port.Port;
import org.busbar.port.PortState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Drivers that come and go while others use the port, on threads of their own. */
@Timeout(240)
final class ComingAndGoingTest {

    private static final int CHANGES = 200;
    private static final int PACKETS = 256;
    private static final int BATCH = 4;

    private final ThreadWorks works = new ThreadWorks();
    private final PacketPoolService pools = new PacketPoolService();
    private final AtomicReference<Port> published = new AtomicReference<>();
    private final Ports ports = new Ports(works, new OwnPools(pools), this::publish, Duration.ofSeconds(60));
    private volatile boolean done;

    private Publication publish(Port port, Map<String, Object> properties) {
        published.set(port);
        return new Publication() {
            @Override
            public void update(Map<String, ?> changed) {
                // Nobody looks.
            }

            @Override
            public void close() {
                // Nobody looks.
            }
        };
    }

    @AfterEach
    void stop() {
        ports.close();
        works.close();
    }

    private static void onItsOwn(Runnable owner) {
        Thread _ = Thread.ofPlatform().daemon().start(owner);
    }

    private static void await(String what, BooleanSupplier condition) {
        Deadline deadline = Deadline.afterMillis(60_000);
        while (!condition.getAsBoolean()) {
            assertThat(deadline.expired()).as(what).isFalse();
            Thread.onSpinWait();
        }
    }

    /** The owner of a queue: sends and receives, and gives back what it has. */
    private void use(Port port, PacketPool pool) {
        Packet[] packets = new Packet[BATCH];
        try (PortQueue queue = port.openQueue(PortQueueOptions.DEFAULT.withPool(pool))) {
            while (!done) {
                int made = 0;
                for (Packet packet = queue.allocate(); packet != null; packet = queue.allocate()) {
                    packets[made++] = packet;
                    if (made == BATCH) {
                        break;
                    }
                }
                int sent = made == 0 ? 0 : queue.transmit(packets, 0, made);
                for (int i = sent; i < made; i++) {
                    packets[i].release();
                }
                int received = queue.receive(packets);
                for (int i = 0; i < received; i++) {
                    packets[i].release();
                }
                if (received == 0) {
                    boolean _ = queue.awaitReceive(Deadline.afterMillis(1));
                }
            }
        } catch (IOException | InterruptedException e) {
            throw new CompletionException(e);
        }
    }

    @Test
    void L8_driversComeAndGoUnderTrafficAndEveryPacketComesBack() throws Exception {
        Random random = new Random(5);
        FakePort driver = new FakePort(Bench.MAC);
        Card card = ports.card(driver, Bench.MAC.toString(), "1#0", _ -> {});
        ports.come(card);
        await("a port", () -> published.get() != null);
        Port port = published.get();
        PacketPool pool = pools.create(PACKETS, 256);
        CompletableFuture<?> one = CompletableFuture.runAsync(() -> use(port, pool), ComingAndGoingTest::onItsOwn);
        CompletableFuture<?> other = CompletableFuture.runAsync(() -> use(port, pool), ComingAndGoingTest::onItsOwn);
        AtomicReference<LinkState> heard = new AtomicReference<>(port.link());
        AutoCloseable listening = port.onLinkChange(heard::set);
        PortStatistics before = port.statistics();
        for (int change = 1; change <= CHANGES; change++) {
            port.changeMtu(1000 + change);
            boolean pulled = random.nextBoolean();
            if (pulled) {
                driver.yank();
            }
            ports.lastLook(card);
            ports.go(card);
            driver.yank();
            driver = new FakePort(Bench.MAC);
            card = ports.card(driver, Bench.MAC.toString(), "1#" + change, _ -> {});
            ports.come(card);
            int changes = change;
            await("the port to be up", () -> port.history().pauses() == changes && port.state() == PortState.UP);
            assertThat(driver.mtu()).isEqualTo(1000 + change);
            FakePort now = driver;
            await("news of the link", () -> heard.get().up());
            await("both queues", () -> now.queue(0) != null && now.queue(1) != null || one.isDone() || other.isDone());
            assertThat(one).isNotDone();
            assertThat(other).isNotDone();
            now.queue(0).arrive(60);
            now.queue(1).arrive(60);
            PortStatistics after = port.statistics();
            assertThat(after.receivedFrames()).isGreaterThanOrEqualTo(before.receivedFrames() + 1);
            before = after;
        }
        ports.go(card);
        await("news of the loss", () -> !heard.get().up());
        listening.close();
        done = true;
        one.get(60, TimeUnit.SECONDS);
        other.get(60, TimeUnit.SECONDS);
        assertThat(pool.available()).as("packets").isEqualTo(PACKETS);
        pool.close();
        assertThat(port.history().driversLost()).isEqualTo(CHANGES + 1);
        assertThat(port.history().pauses()).isEqualTo(CHANGES);
    }
}
