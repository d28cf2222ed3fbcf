package org.busbar.shell.net.internal.capture;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.busbar.net.NetworkPort;
import org.busbar.net.PortQueue;
import org.busbar.net.io.CaptureFormatException;
import org.busbar.net.io.CaptureReader;
import org.busbar.net.io.CapturedFrame;
import org.busbar.shell.internal.text.Fields;
import org.busbar.shell.internal.text.Times;
import org.busbar.shell.net.internal.run.Pace;
import org.busbar.shell.net.internal.run.Stop;
import org.busbar.shell.net.internal.run.Work;
import org.busbar.shell.net.internal.wire.Copier;
import org.busbar.shell.net.internal.wire.Drain;
import org.busbar.shell.net.internal.wire.Outbox;
import org.busbar.shell.net.internal.wire.Wire;
import org.jspecify.annotations.Nullable;

/** {@code nic:replay}: a capture file goes out of a port. */
final class ReplayWork implements Work {

    private static final int BATCH = 64;
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final NetworkPort port;
    private final ReplayOptions options;
    private @Nullable PortQueue queue;
    private @Nullable CaptureReader file;
    private @Nullable Outbox outbox;
    private volatile long frames;
    private volatile long bytes;
    private long tooLong;
    private long tooShort;
    private long cut;
    private long loops;
    private volatile long nanos;

    ReplayWork(NetworkPort port, ReplayOptions options) {
        this.port = port;
        this.options = options;
    }

    @Override
    public String title() {
        return "nic:replay " + port.name() + ' ' + options.file();
    }

    @Override
    public void open() throws IOException {
        file = reader();
        queue = port.openQueue();
    }

    private CaptureReader reader() throws IOException {
        try {
            return CaptureReader.open(options.file());
        } catch (NoSuchFileException e) {
            throw new IOException("there is no file " + options.file(), e);
        } catch (CaptureFormatException e) {
            throw new IOException(options.file() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void run(Stop stop) throws IOException, InterruptedException {
        PortQueue open = queue;
        if (open == null) {
            throw new IllegalStateException("not open");
        }
        try (Outbox out = new Outbox(open, BATCH, PATIENCE)) {
            outbox = out;
            Copier copier = new Copier(port, out);
            Drain drain = new Drain(port);
            Pace pace = new Pace(stop);
            boolean more = true;
            while (more && (options.loops() == 0 || loops < options.loops())) {
                more = once(pace, stop, out, copier);
                loops++;
            }
            nanos = pace.elapsed();
            drain.await(open, out.sent());
        }
    }

    /** Sends the file once; returns whether there is to be more. */
    private boolean once(Pace pace, Stop stop, Outbox out, Copier copier) throws IOException, InterruptedException {
        long before = frames;
        try (CaptureReader reader = again()) {
            long began = pace.elapsed();
            long first = Long.MIN_VALUE;
            Optional<CapturedFrame> next = read(reader);
            while (next.isPresent() && !stop.isWanted() && (options.count() == 0 || frames < options.count())) {
                CapturedFrame frame = next.get();
                first = first == Long.MIN_VALUE ? frame.epochNanos() : first;
                long due =
                        switch (options.pace()) {
                            case FAST -> 0;
                            case RATE -> (long) (frames * 1e9 / options.perSecond());
                            case RECORDED -> began + (long) ((frame.epochNanos() - first) / options.speed());
                        };
                if (due > pace.elapsed()) {
                    out.flush();
                    if (pace.await(due)) {
                        return false;
                    }
                }
                send(frame, copier);
                next = read(reader);
            }
            if (frames == before) {
                return false; // nothing in it can be sent, again and again
            }
            return !stop.isWanted() && (options.count() == 0 || frames < options.count());
        } finally {
            out.flush();
            nanos = pace.elapsed();
        }
    }

    private CaptureReader again() throws IOException {
        CaptureReader opened = file;
        file = null;
        return opened == null ? reader() : opened;
    }

    private Optional<CapturedFrame> read(CaptureReader reader) throws IOException {
        try {
            return reader.next();
        } catch (CaptureFormatException e) {
            throw new IOException(
                    options.file() + ": " + e.getMessage() + " (" + frames + " frames before it were sent)", e);
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    private void send(CapturedFrame frame, Copier copier) throws IOException {
        if (frame.linkType() != CapturedFrame.ETHERNET) {
            throw new IOException(options.file() + " has frames of link type " + frame.linkType()
                    + "; only those of Ethernet (1) can be sent");
        }
        int length = (int) frame.data().byteSize();
        if (length < Wire.ETHERNET) {
            tooShort++;
            return;
        }
        cut += frame.isCut() ? 1 : 0;
        if (copier.send(frame.data(), length) == Copier.Sent.TOO_LONG) {
            tooLong++;
            return;
        }
        frames++;
        bytes += length;
    }

    @Override
    public void close() throws IOException {
        CaptureReader reader = file;
        PortQueue open = queue;
        try {
            if (reader != null) {
                reader.close();
            }
        } finally {
            if (open != null) {
                open.close();
            }
        }
    }

    @Override
    public String progress() {
        return String.format(Locale.ROOT, "%,d frames, %s sent", frames, Times.bytes(bytes));
    }

    private long dropped() {
        Outbox out = outbox;
        return out == null ? 0 : out.dropped();
    }

    @Override
    public Fields report() {
        double seconds = nanos / 1e9;
        long sent = frames - dropped();
        return new Fields()
                .add("file", options.file().toString())
                .add("sent", sent)
                .add("bytes", bytes, bytes + " (" + Times.bytes(bytes) + ")")
                .add("seconds", seconds, String.format(Locale.ROOT, "%.3f", seconds))
                .add("per second", Math.round(seconds == 0 ? 0 : sent / seconds))
                .add("rounds", loops)
                .add("not sent", dropped())
                .add("too long", tooLong)
                .add("too short", tooShort)
                .add("cut when captured", cut);
    }

    @Override
    public Optional<String> complaint() {
        long lost = dropped() + tooLong + tooShort;
        return lost == 0
                ? Optional.empty()
                : Optional.of(lost + " frames were not sent: " + dropped() + " found no room, " + tooLong
                        + " are longer than the port's " + Copier.longestFrame(port) + " bytes, " + tooShort
                        + " are too short for Ethernet");
    }
}
