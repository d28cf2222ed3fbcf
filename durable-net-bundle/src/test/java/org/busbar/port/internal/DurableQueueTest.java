package org.busbar.port.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.net.Packet;
import org.busbar.net.PacketPool;
import org.busbar.net.PortQueue;
import org.busbar.net.PortQueueOptions;
import org.busbar.port.Port;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class DurableQueueTest {

    private static final int PACKETS = 64;

    private final Bench bench = new Bench();
    private final Packet[] batch = new Packet[4];
    private FakePort driver;
    private Port port;
    private PacketPool pool;

    @BeforeEach
    void insert() throws IOException {
        driver = bench.come(new FakePort(Bench.MAC));
        port = bench.port();
        pool = bench.pool(PACKETS);
    }

    private PortQueue open() throws IOException {
        return port.openQueue(PortQueueOptions.DEFAULT.withPool(pool));
    }

    private void fill(PortQueue queue) {
        for (int i = 0; i < batch.length; i++) {
            batch[i] = queue.allocate();
            batch[i].length(60);
        }
    }

    private FakePort next(String place) {
        driver = bench.come(new FakePort(Bench.MAC), place);
        return driver;
    }

    @Test
    void framesOfTheGapAreDroppedCountedAndTheirPacketsComeBack() throws IOException {
        PortQueue queue = open();
        fill(queue);
        assertThat(queue.transmit(batch, 0, 4)).isEqualTo(4);
        driver.queue(0).send();
        bench.leave(driver);
        fill(queue);
        assertThat(queue.transmit(batch, 0, 3)).isEqualTo(3);
        assertThat(queue.transmit(batch, 3, 1)).isEqualTo(1);
        assertThat(queue.receive(batch)).isZero();
        assertThat(pool.available()).as("packets").isEqualTo(PACKETS);
        assertThat(port.history().dropped()).isEqualTo(4);
        assertThat(port.history().unconfirmed()).isZero();
        next("1#2");
        fill(queue);
        assertThat(queue.transmit(batch, 0, 4)).isEqualTo(4);
        assertThat(driver.queue(0).handedOver()).isEqualTo(4);
        driver.queue(0).arrive(77);
        assertThat(queue.receive(batch)).isEqualTo(1);
        assertThat(batch[0].length()).isEqualTo(77);
        batch[0].release();
        queue.close();
        assertThat(pool.available()).isEqualTo(PACKETS);
        pool.close();
    }

    @Test
    void framesThatADriverHadAcceptedAndNobodyHasSeenLeaveAreCounted() throws IOException {
        PortQueue queue = open();
        fill(queue);
        queue.transmit(batch, 0, 4);
        driver.queue(0).send();
        fill(queue);
        queue.transmit(batch, 0, 3);
        batch[3].release();
        bench.leave(driver);
        assertThat(port.history().unconfirmed()).as("until the owner knows").isZero();
        assertThat(queue.receive(batch)).isZero();
        assertThat(port.history().unconfirmed()).isEqualTo(3);
        assertThat(port.history().dropped()).isZero();
        assertThat(pool.available()).isEqualTo(PACKETS);
    }

    @Test
    void packetsOfOthersAreRefusedInTheGapToo() throws IOException {
        PortQueue queue = open();
        PortQueue other = port.openQueue();
        bench.pull(driver);
        batch[0] = queue.allocate();
        batch[1] = other.allocate();
        assertThat(queue.transmit(batch, 0, 2)).as("the batch ends before it").isEqualTo(1);
        assertThatThrownBy(() -> queue.transmit(batch, 1, 1)).isInstanceOf(IllegalArgumentException.class);
        batch[1].release();
        assertThatThrownBy(() -> queue.transmit(batch, 0, 1)).as("released")
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(port.history().dropped()).isEqualTo(1);
    }

    @Test
    void whoeverWaitsGoesOnWaitingThroughTheGap() throws Exception {
        PortQueue queue = open();
        CompletableFuture<Boolean> waits = CompletableFuture.supplyAsync(() -> {
            try {
                return queue.awaitReceive(Deadline.afterMillis(60_000));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }, waiter -> Thread.ofPlatform().daemon().start(waiter));
        FakeQueue old = driver.queue(0);
        bench.leave(driver);
        old.wake();
        next("1#2");
        driver.queue(0).arrive(60);
        assertThat(waits.get(60, TimeUnit.SECONDS)).isTrue();
        assertThat(queue.receive(batch)).isEqualTo(1);
    }

    @Test
    void waitingInTheGapEndsInTime() throws Exception {
        PortQueue queue = open();
        bench.leave(driver);
        assertThat(queue.awaitReceive(Deadline.afterMillis(5))).isFalse();
    }

    @Test
    void queueOfAnIdleOwnerIsOpenAndWhatHeNeverTookIsClosed() throws IOException {
        PortQueue queue = open();
        FakeQueue first = driver.queue(0);
        assertThat(queue.receive(batch)).as("the owner takes it").isZero();
        bench.leave(driver);
        next("1#2");
        FakeQueue second = driver.queue(0);
        assertThat(first.closed).as("until the owner comes").isFalse();
        bench.pull(driver);
        assertThat(second.closed).as("never taken").isTrue();
        next("1#3");
        assertThat(queue.receive(batch)).isZero();
        assertThat(first.closed).isTrue();
        assertThat(driver.queue(0).arrive(60)).isTrue();
        assertThat(queue.receive(batch)).isEqualTo(1);
    }

    @Test
    void queuesKeepTheirNumbers() throws IOException {
        PortQueue zero = open();
        PortQueue one = open();
        assertThat(one.index()).isEqualTo(1);
        zero.close();
        bench.pull(driver);
        next("1#2");
        assertThat(driver.queue(0)).as("nobody's").isNull();
        driver.queue(1).arrive(60);
        assertThat(one.receive(batch)).isEqualTo(1);
        PortQueue again = open();
        assertThat(again.index()).isZero();
        assertThatThrownBy(() -> open()).isInstanceOf(IOException.class).hasMessageContaining("close one first");
    }

    @Test
    void queueWithoutOneOfTheNewCardIsToldOf() throws IOException {
        PortQueue zero = open();
        PortQueue one = open();
        bench.pull(driver);
        driver = bench.come(new FakePort(Bench.MAC, 1, driver.features()), "1#2");
        assertThat(port.shortfalls()).containsOnlyKeys("queue 1");
        fill(one);
        assertThat(one.transmit(batch, 0, 4)).isEqualTo(4);
        assertThat(port.history().dropped()).isEqualTo(4);
        fill(zero);
        assertThat(zero.transmit(batch, 0, 4)).isEqualTo(4);
        assertThat(driver.queue(0).handedOver()).isEqualTo(4);
    }

    @Test
    void queueThatIsOpenedInTheGapIsTheNextDrivers() throws IOException {
        port.promiscuous(true);
        bench.leave(driver);
        PortQueue queue = open();
        assertThat(queue.receive(batch)).isZero();
        next("1#2");
        assertThat(driver.told).containsExactly("promiscuous", "queue 0");
        driver.queue(0).arrive(60);
        assertThat(queue.receive(batch)).isEqualTo(1);
    }

    @Test
    void stoppedQueueStaysStopped() throws IOException {
        PortQueue queue = open();
        queue.stop();
        bench.leave(driver);
        fill(queue);
        assertThat(queue.transmit(batch, 0, 4)).as("taken while stopped").isZero();
        next("1#2");
        assertThat(queue.transmit(batch, 0, 4)).isZero();
        assertThat(driver.queue(0).stopped).isTrue();
        queue.start();
        assertThat(queue.transmit(batch, 0, 4)).isEqualTo(4);
    }

    @Test
    void closedQueueIsOfNoUse() throws IOException {
        PortQueue queue = open();
        FakeQueue below = driver.queue(0);
        queue.close();
        queue.close();
        assertThat(below.closed).isTrue();
        assertThatThrownBy(() -> queue.receive(batch)).isInstanceOf(IllegalStateException.class);
        assertThat(open().index()).isZero();
    }

    @Test
    void ownPoolEndsWithItsQueueAndItsLastPacket() throws IOException {
        PortQueue queue = port.openQueue();
        Packet kept = queue.allocate();
        bench.pull(driver);
        queue.close();
        kept.data().fill((byte) 7);
        kept.release();
        next("1#2");
        PortQueue again = port.openQueue();
        assertThatThrownBy(() -> kept.data().fill((byte) 7)).as("memory was given back")
                .isInstanceOf(IllegalStateException.class);
        again.close();
    }

    @Test
    void poolThatWasClosedInTheGapIsNoOthersTrouble() throws IOException {
        PortQueue queue = open();
        PortQueue other = port.openQueue();
        bench.pull(driver);
        assertThat(queue.receive(batch)).isZero();
        pool.close();
        next("1#2");
        assertThat(port.shortfalls()).containsOnlyKeys("queue 0");
        assertThat(bench.reports).as("it is not the driver's fault").isEmpty();
        driver.queue(1).arrive(60);
        assertThat(other.receive(batch)).isEqualTo(1);
    }

    @Test
    void L5_driverThatThrowsIsReportedAndItsUserSeesAGap() throws Exception {
        PortQueue queue = open();
        fill(queue);
        driver.queue(0).crashes = true;
        assertThat(queue.transmit(batch, 0, 4)).isEqualTo(4);
        assertThat(port.history().dropped()).as("but for the one that the driver had taken").isEqualTo(3);
        assertThat(bench.reports).hasSize(1).first().asString().contains("a defect");
        assertThat(pool.available()).isEqualTo(PACKETS);
        assertThat(queue.receive(batch)).as("until it is driven again").isZero();
        bench.pull(driver);
        assertThat(port.history().unconfirmed()).isEqualTo(1);
        next("1#1");
        driver.queue(0).crashes = true;
        assertThat(queue.receive(batch)).isZero();
        bench.pull(driver);
        next("1#1");
        driver.queue(0).crashes = true;
        assertThat(queue.awaitReceive(Deadline.afterMillis(5))).isFalse();
        bench.pull(driver);
        next("1#1");
        driver.queue(0).crashes = true;
        Packet packet = queue.allocate();
        packet.release();
        assertThat(bench.reports).hasSize(4);
    }

    @Test
    void portThatIsGivenUpSaysSo() throws IOException {
        PortQueue queue = open();
        bench.ports.close();
        assertThat(bench.services).isEmpty();
        assertThatThrownBy(() -> queue.receive(batch)).isInstanceOf(DeviceGoneException.class);
        assertThatThrownBy(() -> port.promiscuous(true)).isInstanceOf(DeviceGoneException.class);
        assertThatThrownBy(() -> port.openQueue()).isInstanceOf(DeviceGoneException.class);
        assertThat(pool.available()).isEqualTo(PACKETS);
    }
}
