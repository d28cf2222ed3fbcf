package org.busbar.shell.net.internal.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.busbar.device.DeviceGoneException;
import org.busbar.net.PortFeature;
import org.busbar.shell.net.internal.MemoryPort;
import org.busbar.shell.net.internal.Ports;
import org.busbar.shell.net.internal.run.Stop;
import org.busbar.shell.net.internal.run.Work;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TrafficTest {

    private final MemoryPort a = new MemoryPort("e000:03:00.0", 1, 2048, PortFeature.PROMISCUOUS);
    private final MemoryPort b = new MemoryPort("e000:04:00.0", 2, 2048, PortFeature.PROMISCUOUS);
    private final AtomicLong frames = new AtomicLong();

    @BeforeEach
    void join() {
        MemoryPort.join(a, b);
    }

    private static GenerateOptions options(MemoryPort to, long count, double rate, Integer... sizes) {
        return new GenerateOptions(to.mac(), 0xc612_0002, List.of(sizes), rate, count, 4, 32);
    }

    private static CompletableFuture<Void> run(Work work, Stop stop) {
        return CompletableFuture.runAsync(() -> {
            try (work) {
                work.run(stop);
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        }, Thread.ofPlatform().daemon()::start);
    }

    /** Sends frames over a cable on which something happens to each, and returns what the sink has to say. */
    private SinkWork sunk(long count, long expected, UnaryOperator<byte[]> cable, Integer... sizes) throws Exception {
        a.onCable(cable);
        SinkWork sink = new SinkWork(Ports.Found.of(b), new SinkOptions(expected, false));
        sink.open();
        Stop stop = new Stop(Optional.of(Duration.ofSeconds(30)));
        CompletableFuture<Void> sinking = run(sink, stop);
        GenerateWork generator = new GenerateWork(a, options(b, count, 0, sizes));
        generator.open();
        run(generator, new Stop(Optional.empty())).get(30, TimeUnit.SECONDS);
        sinking.get(30, TimeUnit.SECONDS);
        assertThat(a.packetsOut() + b.packetsOut()).isZero();
        assertThat(generator.report().values()).containsEntry("sent", count);
        return sink;
    }

    @Test
    void everyFrameArrivesWhole() throws Exception {
        SinkWork sink = sunk(20_000, 20_000, frame -> frame, 60, 61, 512, 1514);

        assertThat(sink.complaint()).isEmpty();
        assertThat(sink.report().values()).containsEntry("received", 20_000L).containsEntry("runs", 1);
    }

    @Test
    void lostFramesAreMissed() throws Exception {
        SinkWork sink = sunk(1000, 990, frame -> frames.incrementAndGet() % 100 == 50 ? null : frame, 60);

        assertThat(sink.complaint().orElseThrow()).contains("10 frames were lost");
    }

    @Test
    void damagedFramesAreFound() throws Exception {
        SinkWork sink = sunk(
                1000,
                1000 - 10,
                frame -> {
                    if (frames.incrementAndGet() % 100 == 50) {
                        frame[70] ^= 4;
                    }
                    return frame;
                },
                100);

        assertThat(sink.complaint().orElseThrow()).contains("10 were damaged");
    }

    @Test
    void framesThatComeTwiceAreFound() throws Exception {
        SinkWork sink = sunk(
                1000,
                1000,
                frame -> {
                    if (frames.incrementAndGet() % 100 == 50) {
                        b.arrive(frame);
                    }
                    return frame;
                },
                60);

        assertThat(sink.complaint().orElseThrow()).contains("10 came twice", "0 frames were lost");
    }

    @Test
    void aRateIsKept() throws Exception {
        GenerateWork generator = new GenerateWork(a, options(b, 200, 1000, 60));
        generator.open();
        long start = System.nanoTime();
        run(generator, new Stop(Optional.empty())).get(30, TimeUnit.SECONDS);

        assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(190));
        assertThat(a.sent(200)).hasSize(200);
    }

    @Test
    void framesThatDoNotFitAreRefusedAtTheStart() {
        assertThatThrownBy(() -> new GenerateWork(a, options(b, 1, 0, 1515)).open())
                .hasMessageContaining("longer than the 1514 that an MTU of 1500 allows");
    }

    @Test
    void framesPassBothWaysByCopying() throws Exception {
        MemoryPort left = new MemoryPort("left", 3, 2048);
        MemoryPort right = new MemoryPort("right", 4, 2048);
        MemoryPort.join(left, a);
        MemoryPort.join(b, right);
        ForwardWork forward = new ForwardWork(
                Ports.Found.of(a), Ports.Found.of(b), Optional.empty(), new ForwardOptions(true, true, false, 32));
        forward.open();
        Stop stop = new Stop(Optional.empty());
        CompletableFuture<Void> forwarding = run(forward, stop);
        assertThat(a.settings()).containsExactly("promiscuous true");

        for (MemoryPort from : List.of(left, right)) {
            MemoryPort to = from == left ? right : left;
            SinkWork sink = new SinkWork(Ports.Found.of(to), new SinkOptions(500, false));
            sink.open();
            CompletableFuture<Void> sinking = run(sink, new Stop(Optional.of(Duration.ofSeconds(30))));
            GenerateWork generator = new GenerateWork(from, options(to, 500, 0, 60, 1514));
            generator.open();
            run(generator, new Stop(Optional.empty())).get(30, TimeUnit.SECONDS);
            sinking.get(30, TimeUnit.SECONDS);
            assertThat(sink.complaint()).isEmpty();
        }
        stop.ask();
        forwarding.get(20, TimeUnit.SECONDS);

        assertThat(forward.report().values())
                .containsEntry("by", "copying")
                .containsEntry("e000:03:00.0 to e000:04:00.0", 500L)
                .containsEntry("e000:04:00.0 to e000:03:00.0", 500L);
        assertThat(a.settings()).containsExactly("promiscuous true", "promiscuous false");
        assertThat(a.packetsOut() + b.packetsOut()).isZero();
        assertThat(a.openQueues() + b.openQueues()).isZero();
    }

    @Test
    void L8_aDeviceThatGoesEndsForwarding() throws Exception {
        ForwardWork forward = new ForwardWork(
                Ports.Found.of(a), Ports.Found.of(b), Optional.empty(), new ForwardOptions(true, false, false, 32));
        forward.open();
        b.yank();

        assertThatThrownBy(() -> forward.run(new Stop(Optional.empty()))).isInstanceOf(DeviceGoneException.class);
        forward.close();
        assertThat(a.openQueues()).isZero();
    }
}
