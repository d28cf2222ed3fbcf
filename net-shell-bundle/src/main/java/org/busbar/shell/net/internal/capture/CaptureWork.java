package org.busbar.shell.net.internal.capture;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.busbar.net.NetworkPort;
import org.busbar.net.Packet;
import org.busbar.net.PortQueue;
import org.busbar.net.PortStatistics;
import org.busbar.net.io.Direction;
import org.busbar.net.io.PcapNgWriter;
import org.busbar.shell.internal.text.Fields;
import org.busbar.shell.internal.text.Times;
import org.busbar.shell.net.internal.Ports;
import org.busbar.shell.net.internal.run.Stop;
import org.busbar.shell.net.internal.run.Work;
import org.busbar.shell.net.internal.wire.Batch;
import org.busbar.shell.net.internal.wire.Frames;
import org.jspecify.annotations.Nullable;

/** {@code nic:capture}: what a port receives goes into a file. */
final class CaptureWork implements Work {

    private static final int BATCH = 64;
    private static final long FLUSH_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Ports.Found found;
    private final NetworkPort port;
    private final CaptureOptions options;
    private final long epochMinusNano; // added to System.nanoTime() it gives nanoseconds since 1970
    private @Nullable PcapNgWriter file;
    private @Nullable PortQueue queue;
    private @Nullable PortStatistics before;
    private boolean held;
    private boolean promiscuous;
    private volatile long frames;
    private volatile long bytes;
    private long cut;
    private long dropped;

    CaptureWork(Ports.Found found, CaptureOptions options) {
        this.found = found;
        this.options = options;
        port = found.port();
        Instant now = Instant.now();
        epochMinusNano = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano() - System.nanoTime();
    }

    @Override
    public String title() {
        return "nic:capture " + port.name() + ' ' + options.file();
    }

    @Override
    public void open() throws IOException {
        PortQueue open = port.openQueue();
        queue = open;
        if (options.promiscuous()) {
            held = found.promiscuity().hold();
            promiscuous = held;
        }
        OpenOption[] how = options.overwrite()
                ? new OpenOption[] {StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING}
                : new OpenOption[] {StandardOpenOption.CREATE_NEW};
        try {
            PcapNgWriter writer = PcapNgWriter.open(options.file(), "Busbar nic:capture", how);
            file = writer;
            writer.addInterface(port.name(), found.driver(), port.mac(), options.snapLength());
            writer.flush();
        } catch (FileAlreadyExistsException e) {
            throw new IOException(options.file() + " is there already; --force overwrites it", e);
        } catch (NoSuchFileException e) {
            throw new IOException("there is no folder " + options.file().toAbsolutePath().getParent(), e);
        }
        before = port.statistics();
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    public void run(Stop stop) throws IOException, InterruptedException {
        PortQueue open = queue;
        PcapNgWriter writer = file;
        PortStatistics start = before;
        if (open == null || writer == null || start == null) {
            throw new IllegalStateException("not open");
        }
        long began = System.nanoTime();
        long flushed = began;
        boolean enough = false;
        try (Batch batch = new Batch(BATCH)) {
            while (!stop.isWanted() && !enough) {
                boolean any = open.awaitReceive(stop.slice());
                long now = System.nanoTime();
                if (!any || now - flushed > FLUSH_NANOS) {
                    writer.flush();
                    flushed = now;
                }
                int received = any ? batch.receive(open) : 0;
                for (int i = 0; i < received && !enough; i++) {
                    Packet packet = batch.get(i);
                    int length = Frames.length(packet);
                    writer.frame(0, epochMinusNano + now, Direction.INBOUND, options.snapLength(), packet);
                    frames++;
                    bytes += length;
                    cut += options.snapLength() > 0 && length > options.snapLength() ? 1 : 0;
                    enough = frames == options.count();
                }
                batch.releaseAll();
            }
        } finally {
            writer.flush();
        }
        PortStatistics end = port.statistics();
        dropped = end.receiveDropped() - start.receiveDropped();
        writer.statistics(
                0,
                epochMinusNano + began,
                epochMinusNano + System.nanoTime(),
                end.receivedFrames() - start.receivedFrames() + dropped,
                dropped);
    }

    @Override
    public void close() throws IOException {
        PcapNgWriter writer = file;
        PortQueue open = queue;
        try {
            if (writer != null) {
                writer.close();
            }
        } finally {
            try {
                if (held) {
                    held = false;
                    found.promiscuity().release();
                }
            } finally {
                if (open != null) {
                    open.close();
                }
            }
        }
    }

    @Override
    public String progress() {
        return String.format(Locale.ROOT, "%,d frames, %s", frames, Times.bytes(bytes));
    }

    @Override
    public Fields report() {
        return new Fields()
                .add("file", options.file().toString())
                .add("frames", frames)
                .add("bytes", bytes, bytes + " (" + Times.bytes(bytes) + ")")
                .add("cut", cut)
                .add("dropped by the port", dropped)
                .add("promiscuous", promiscuous);
    }
}
