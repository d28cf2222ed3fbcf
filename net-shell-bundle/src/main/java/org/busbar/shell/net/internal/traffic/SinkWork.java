package org.busbar.shell.net.internal.traffic;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.Optional;
import org.busbar.net.NetworkPort;
import org.busbar.net.Packet;
import org.busbar.net.PortQueue;
import org.busbar.shell.internal.text.Fields;
import org.busbar.shell.net.internal.Ports;
import org.busbar.shell.net.internal.run.Stop;
import org.busbar.shell.net.internal.run.Work;
import org.busbar.shell.net.internal.wire.Batch;
import org.busbar.shell.net.internal.wire.Frames;
import org.jspecify.annotations.Nullable;

/** {@code nic:sink}: frames that {@code nic:generate} has made are received, counted and checked. */
final class SinkWork implements Work {

    private static final int BATCH = 64;
    private static final int LONGEST_FRAME = 65_535 + 18;

    private final Ports.Found found;
    private final NetworkPort port;
    private final SinkOptions options;
    private final Checker checker = new Checker();
    private @Nullable PortQueue queue;
    private boolean held;
    private volatile long first;
    private volatile long last;

    SinkWork(Ports.Found found, SinkOptions options) {
        this.found = found;
        this.options = options;
        port = found.port();
    }

    @Override
    public String title() {
        return "nic:sink " + port.name();
    }

    @Override
    public void open() throws IOException {
        queue = port.openQueue();
        if (options.promiscuous()) {
            held = found.promiscuity().hold();
        }
    }

    @Override
    public void run(Stop stop) throws InterruptedException {
        PortQueue open = queue;
        if (open == null) {
            throw new IllegalStateException("not open");
        }
        MemorySegment whole = MemorySegment.ofArray(new byte[LONGEST_FRAME]);
        try (Batch batch = new Batch(BATCH)) {
            while (!stop.isWanted() && !isEnough()) {
                if (batch.receive(open) == 0) {
                    open.awaitReceive(stop.slice());
                    continue;
                }
                long before = checker.generated();
                for (int i = 0; i < batch.count(); i++) {
                    look(batch.get(i), whole);
                }
                batch.releaseAll();
                if (checker.generated() > before) {
                    last = System.nanoTime();
                    first = before == 0 ? last : first;
                }
            }
        }
    }

    private void look(Packet packet, MemorySegment whole) {
        if (packet.next() == null) {
            checker.look(packet.data(), packet.length());
        } else {
            checker.look(whole, Frames.gather(packet, whole));
        }
    }

    private boolean isEnough() {
        return options.count() > 0 && checker.unique() >= options.count();
    }

    @Override
    public void close() throws IOException {
        PortQueue open = queue;
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

    @Override
    public String progress() {
        double seconds = (last - first) / 1e9;
        return String.format(
                Locale.ROOT,
                "%,d frames, %,.0f per second, %,d lost, %,d damaged",
                checker.generated(),
                seconds <= 0 ? 0 : checker.generated() / seconds,
                lost(),
                checker.damaged());
    }

    /** Those that are known to have been sent, and did not come. */
    private long lost() {
        return Math.max(checker.lost(), 0);
    }

    private long missing() {
        return options.count() == 0 ? lost() : Math.max(lost(), options.count() - checker.unique());
    }

    @Override
    public Fields report() {
        return Rates.add(
                new Fields().add("port", port.name()),
                "received",
                checker.generated(),
                checker.bytes(),
                last - first)
                .add("runs", checker.streams())
                .add("lost", missing())
                .add("duplicates", checker.duplicates())
                .add("reordered", checker.reordered())
                .add("damaged", checker.damaged())
                .add("other frames", checker.others());
    }

    @Override
    public Optional<String> complaint() {
        long wrong = missing() + checker.duplicates() + checker.damaged();
        return wrong == 0
                ? Optional.empty()
                : Optional.of(missing() + " frames were lost, " + checker.duplicates() + " came twice, "
                        + checker.damaged() + " were damaged");
    }
}
