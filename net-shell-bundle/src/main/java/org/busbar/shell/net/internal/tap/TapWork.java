package org.busbar.shell.net.internal.tap;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.busbar.device.Deadline;
import org.busbar.net.NetworkPort;
import org.busbar.net.Packet;
import org.busbar.net.PortFeature;
import org.busbar.net.PortQueue;
import org.busbar.net.tap.TapDevice;
import org.busbar.net.tap.TapDevices;
import org.busbar.net.tap.TapException;
import org.busbar.shell.internal.text.Fields;
import org.busbar.shell.net.internal.Ports;
import org.busbar.shell.net.internal.run.Stop;
import org.busbar.shell.net.internal.run.Work;
import org.busbar.shell.net.internal.wire.Batch;
import org.busbar.shell.net.internal.wire.Copier;
import org.busbar.shell.net.internal.wire.Frames;
import org.busbar.shell.net.internal.wire.Outbox;
import org.jspecify.annotations.Nullable;

/**
 * {@code nic:tap}: what a port receives the kernel receives, and what the kernel sends goes out of the port. One thread does both:
 * while something comes it looks at both sides all the time, and sleeps in short turns at either when nothing does.
 */
final class TapWork implements Work {

    private static final int BATCH = 64;
    private static final int IDLE_LOOKS = 2_000;
    private static final long TURN_MILLIS = 1;
    private static final int LONGEST_FRAME = 65_535 + 18;

    private final Ports.Found found;
    private final NetworkPort port;
    private final TapDevices taps;
    private final String name;
    private final boolean promiscuous;
    private final List<String> remarks = new ArrayList<>();
    private @Nullable TapDevice tap;
    private @Nullable PortQueue queue;
    private boolean held;
    private boolean groups;
    private volatile long toKernel;
    private volatile long toPort;
    private long kernelBusy;
    private long tooLong;
    private volatile @Nullable Outbox outbox;

    TapWork(Ports.Found found, TapDevices taps, String name, boolean promiscuous) {
        this.found = found;
        this.taps = taps;
        this.name = name;
        this.promiscuous = promiscuous;
        port = found.port();
    }

    @Override
    public String title() {
        return "nic:tap " + port.name() + ' ' + name;
    }

    @Override
    public void open() throws IOException {
        TapDevice opened = taps.open(name);
        tap = opened;
        queue = port.openQueue();
        tryTo(() -> opened.changeMac(port.mac()));
        tryTo(() -> opened.changeMtu(port.mtu()));
        tryTo(() -> opened.up(true));
        if (promiscuous || !opened.mac().equals(port.mac())) {
            held = found.promiscuity().hold();
            if (!held) {
                remarks.add(port.name() + " lacks promiscuous: it receives frames for " + port.mac() + " only");
            }
        }
        Set<PortFeature> features = port.features();
        if (!held && features.contains(PortFeature.ALL_MULTICAST)) {
            port.allMulticast(true);
            groups = true;
        }
    }

    /** A setting that the kernel may refuse to this user. */
    @FunctionalInterface
    private interface Setting {
        void apply() throws TapException;
    }

    private void tryTo(Setting setting) throws TapException {
        try {
            setting.apply();
        } catch (TapException e) {
            if (e.reason() != TapException.Reason.NOT_PERMITTED) {
                throw e;
            }
            remarks.add(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void run(Stop stop) throws IOException, InterruptedException {
        PortQueue open = queue;
        TapDevice kernel = tap;
        if (open == null || kernel == null) {
            throw new IllegalStateException("not open");
        }
        try (Outbox out = new Outbox(open, BATCH);
                Batch batch = new Batch(BATCH);
                Arena arena = Arena.ofConfined()) {
            outbox = out;
            MemorySegment whole = arena.allocate(LONGEST_FRAME);
            FromKernel fromKernel = new FromKernel(kernel, out, whole);
            try {
                int idle = 0;
                while (!stop.isWanted()) {
                    boolean any = toKernel(open, kernel, batch, whole);
                    any |= fromKernel.move();
                    idle = any ? 0 : idle + 1;
                    if (idle > IDLE_LOOKS) {
                        boolean more = open.awaitReceive(Deadline.afterMillis(TURN_MILLIS))
                                || kernel.awaitRead(Deadline.afterMillis(TURN_MILLIS));
                        idle = more ? 0 : idle;
                    } else if (idle > 0) {
                        Thread.onSpinWait();
                    }
                }
            } finally {
                fromKernel.release();
            }
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    private boolean toKernel(PortQueue open, TapDevice kernel, Batch batch, MemorySegment whole) throws TapException {
        if (batch.receive(open) == 0) {
            return false;
        }
        for (int i = 0; i < batch.count(); i++) {
            Packet packet = batch.get(i);
            MemorySegment frame = packet.data();
            int length = packet.length();
            if (packet.next() != null) {
                length = Frames.gather(packet, whole);
                frame = whole;
            }
            if (kernel.write(frame, length)) {
                toKernel++;
            } else {
                kernelBusy++;
            }
        }
        batch.releaseAll();
        return true;
    }

    /** What the kernel sends is read into packets, where they are large enough for any frame. */
    private final class FromKernel {

        private final TapDevice kernel;
        private final Outbox out;
        private final MemorySegment whole;
        private final Copier copier;
        private final int longest = Copier.longestFrame(port);
        private @Nullable Packet empty;

        FromKernel(TapDevice kernel, Outbox out, MemorySegment whole) {
            this.kernel = kernel;
            this.out = out;
            this.whole = whole;
            copier = new Copier(port, out);
        }

        @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
        boolean move() throws TapException {
            int moved = 0;
            while (moved < BATCH && one()) {
                moved++;
            }
            if (moved > 0) {
                out.flush();
                toPort += moved;
            }
            return moved > 0;
        }

        private boolean one() throws TapException {
            Packet packet = empty == null ? out.allocateNow() : empty;
            empty = packet;
            if (packet == null) {
                return false; // the kernel's own queue waits
            }
            if (packet.data().byteSize() < longest) {
                return oneInSeveral();
            }
            int length = kernel.read(packet.data());
            if (length == 0) {
                return false;
            }
            packet.length(length);
            empty = null;
            out.add(packet);
            return true;
        }

        private boolean oneInSeveral() throws TapException {
            int length = kernel.read(whole);
            if (length > 0 && copier.send(whole, length) == Copier.Sent.TOO_LONG) {
                tooLong++;
            }
            return length > 0;
        }

        void release() {
            Packet packet = empty;
            if (packet != null) {
                empty = null;
                packet.release();
            }
        }
    }

    @Override
    public void close() throws IOException {
        TapDevice kernel = tap;
        PortQueue open = queue;
        try {
            if (kernel != null) {
                kernel.close();
            }
        } finally {
            try {
                if (held) {
                    held = false;
                    found.promiscuity().release();
                }
                if (groups) {
                    groups = false;
                    port.allMulticast(false);
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
        return String.format(Locale.ROOT, "%,d frames to the kernel, %,d to the port", toKernel, toPort);
    }

    @Override
    public Fields report() {
        Outbox out = outbox;
        Fields fields = new Fields()
                .add("tap", name)
                .add("to the kernel", toKernel)
                .add("kernel had no room", kernelBusy)
                .add("to the port", toPort)
                .add("port had no room", out == null ? 0 : out.dropped())
                .add("too long", tooLong);
        if (!remarks.isEmpty()) {
            fields.add("remarks", remarks, String.join("; ", remarks));
        }
        return fields;
    }
}
