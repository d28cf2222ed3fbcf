package org.busbar.shell.net.internal.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.busbar.net.PortFeature;
import org.busbar.net.io.CaptureReader;
import org.busbar.net.io.CapturedFrame;
import org.busbar.net.io.Direction;
import org.busbar.net.io.PcapNgWriter;
import org.busbar.shell.net.internal.MemoryPort;
import org.busbar.shell.net.internal.Pings;
import org.busbar.shell.net.internal.Ports;
import org.busbar.shell.net.internal.run.Stop;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CaptureTest {

    @TempDir
    Path folder;

    private final MemoryPort port = new MemoryPort("e000:03:00.0", 1, 2048, PortFeature.PROMISCUOUS);

    private CaptureWork capture(long count, int snap, boolean overwrite) {
        return new CaptureWork(
                Ports.Found.of(port), new CaptureOptions(folder.resolve("a.pcapng"), overwrite, count, snap, true));
    }

    private void captured(CaptureWork work, List<byte[]> frames) throws Exception {
        work.open();
        frames.forEach(port::arrive);
        work.run(new Stop(Optional.of(Duration.ofSeconds(30))));
        work.close();
    }

    private static List<CapturedFrame> read(Path file) throws IOException {
        List<CapturedFrame> frames = new ArrayList<>();
        try (CaptureReader reader = CaptureReader.open(file)) {
            for (Optional<CapturedFrame> next = reader.next(); next.isPresent(); next = reader.next()) {
                frames.add(next.get());
            }
        }
        return frames;
    }

    private static byte[] bytes(CapturedFrame frame) {
        return frame.data().toArray(ValueLayout.JAVA_BYTE);
    }

    @Test
    void whatArrivesIsInTheFile() throws Exception {
        List<byte[]> frames = new ArrayList<>(Pings.ipv4(port.mac(), 8900, 1500));
        frames.add(Pings.arp(Pings.OURS));
        frames.add(Pings.ipv4(port.mac(), 8900, 9000).getFirst()); // in several buffers
        captured(capture(frames.size(), 0, false), frames);

        List<CapturedFrame> back = read(folder.resolve("a.pcapng"));

        assertThat(back).hasSize(frames.size()).allMatch(frame -> frame.direction() == Direction.INBOUND);
        for (int i = 0; i < frames.size(); i++) {
            assertThat(bytes(back.get(i))).isEqualTo(frames.get(i));
        }
        assertThat(Duration.ofNanos(System.currentTimeMillis() * 1_000_000 - back.getFirst().epochNanos()))
                .isBetween(Duration.ofSeconds(-1), Duration.ofSeconds(60));
        assertThat(port.packetsOut()).isZero();
        assertThat(port.settings()).containsExactly("promiscuous true", "promiscuous false");
    }

    @Test
    void longFramesAreCut() throws Exception {
        CaptureWork work = capture(1, 64, false);
        captured(work, Pings.ipv4(port.mac(), 1000, 1500));

        CapturedFrame frame = read(folder.resolve("a.pcapng")).getFirst();

        assertThat(frame.isCut()).isTrue();
        assertThat(frame.originalLength()).isEqualTo(1042);
        assertThat(frame.data().byteSize()).isEqualTo(64);
        assertThat(work.report().values()).containsEntry("cut", 1L);
    }

    @Test
    void aFileThatIsThereIsOverwrittenOnlyWhenToldTo() throws Exception {
        Files.writeString(folder.resolve("a.pcapng"), "dear to somebody");
        CaptureWork work = capture(1, 0, false);

        assertThatThrownBy(work::open).hasMessageContaining("is there already; --force overwrites it");
        work.close();
        assertThat(folder.resolve("a.pcapng")).hasContent("dear to somebody");
        assertThat(port.openQueues()).isZero();

        captured(capture(1, 0, true), List.of(Pings.arp(Pings.OURS)));
        assertThat(read(folder.resolve("a.pcapng"))).hasSize(1);
    }

    private Path file(int frames, long apartNanos) throws IOException {
        Path file = folder.resolve("replay.pcapng");
        try (PcapNgWriter writer = PcapNgWriter.open(
                file, "test", StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING)) {
            writer.addInterface("one", "", null, 0);
            for (int i = 0; i < frames; i++) {
                byte[] frame = Pings.arp(i);
                writer.frame(
                        0, 1_000_000_000L + i * apartNanos, Direction.INBOUND, MemorySegment.ofArray(frame),
                        frame.length, "");
            }
        }
        return file;
    }

    private ReplayWork replayed(ReplayOptions options) throws Exception {
        ReplayWork work = new ReplayWork(port, options);
        work.open();
        CompletableFuture<Void> run = CompletableFuture.runAsync(() -> {
            try (work) {
                work.run(new Stop(Optional.of(Duration.ofSeconds(30))));
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        }, Thread.ofPlatform().daemon()::start);
        run.get(40, TimeUnit.SECONDS);
        assertThat(port.packetsOut()).isZero();
        return work;
    }

    @Test
    void whatIsInTheFileIsSent() throws Exception {
        Path file = file(100, 0);
        ReplayWork work = replayed(new ReplayOptions(file, ReplayOptions.Pacing.FAST, 1, 1, 3, 0));

        List<byte[]> sent = port.sent(300);
        assertThat(sent).hasSize(300);
        for (int i = 0; i < 300; i++) {
            assertThat(sent.get(i)).isEqualTo(Pings.arp(i % 100));
        }
        assertThat(work.complaint()).isEmpty();
        assertThat(work.report().values()).containsEntry("sent", 300L).containsEntry("rounds", 3L);
    }

    @Test
    void framesAreAsFarApartAsRecorded() throws Exception {
        Path file = file(5, 100_000_000);
        long start = System.nanoTime();
        replayed(new ReplayOptions(file, ReplayOptions.Pacing.RECORDED, 1, 2, 1, 0));

        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(200));
        assertThat(port.sent(5)).hasSize(5);
    }

    @Test
    void aRateIsKeptOverRounds() throws Exception {
        Path file = file(10, 0);
        long start = System.nanoTime();
        replayed(new ReplayOptions(file, ReplayOptions.Pacing.RATE, 100, 1, 0, 21));

        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(200));
        assertThat(port.sent(21)).hasSize(21);
    }

    @Test
    void framesThatThePortCannotSendAreCounted() throws Exception {
        Path file = folder.resolve("long.pcapng");
        try (PcapNgWriter writer = PcapNgWriter.open(file, "test", StandardOpenOption.CREATE_NEW)) {
            writer.addInterface("one", "", null, 0);
            writer.frame(0, 0, Direction.UNKNOWN, MemorySegment.ofArray(new byte[1519]), 1519, "");
            writer.frame(0, 0, Direction.UNKNOWN, MemorySegment.ofArray(new byte[13]), 13, "");
            writer.frame(0, 0, Direction.UNKNOWN, MemorySegment.ofArray(new byte[60]), 60, "");
        }
        ReplayWork work = replayed(new ReplayOptions(file, ReplayOptions.Pacing.FAST, 1, 1, 1, 0));

        assertThat(work.complaint().orElseThrow())
                .contains("2 frames were not sent", "1 are longer than the port's 1518 bytes", "1 are too short");
        assertThat(port.sent(1)).hasSize(1);
    }

    @Test
    void aFileThatIsNoneIsRefusedAtOnce() throws Exception {
        Path file = Files.writeString(folder.resolve("text"), "just some text");

        assertThatThrownBy(
                () -> new ReplayWork(port, new ReplayOptions(file, ReplayOptions.Pacing.FAST, 1, 1, 1, 0)).open())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no capture file");
        assertThat(port.openQueues()).isZero();
    }
}
