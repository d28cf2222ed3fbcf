package org.busbar.shell.net.internal.traffic;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import org.busbar.net.NetworkPort;
import org.busbar.net.Packet;
import org.busbar.net.PortFeature;
import org.busbar.net.PortQueue;
import org.busbar.shell.internal.text.Fields;
import org.busbar.shell.internal.text.Times;
import org.busbar.shell.net.internal.run.Pace;
import org.busbar.shell.net.internal.run.Stop;
import org.busbar.shell.net.internal.run.Work;
import org.busbar.shell.net.internal.wire.Batch;
import org.busbar.shell.net.internal.wire.Copier;
import org.busbar.shell.net.internal.wire.Drain;
import org.busbar.shell.net.internal.wire.Frames;
import org.jspecify.annotations.Nullable;

/** {@code nic:generate}: numbered frames go out of a port. */
final class GenerateWork implements Work {

    private final NetworkPort port;
    private final GenerateOptions options;
    private final int stream = ThreadLocalRandom.current().nextInt();
    private @Nullable PortQueue queue;
    private volatile long sent;
    private volatile long bytes;
    private volatile long nanos;

    GenerateWork(NetworkPort port, GenerateOptions options) {
        this.port = port;
        this.options = options;
    }

    @Override
    public String title() {
        return "nic:generate " + port.name() + " to " + options.to();
    }

    @Override
    public void open() throws IOException {
        int longest = Copier.longestFrame(port) - 4; // without a tag
        for (int size : options.sizes()) {
            if (size > longest) {
                throw new IOException("frames of " + size + " bytes are longer than the " + longest
                        + " that an MTU of " + port.mtu() + " allows");
            }
        }
        queue = port.openQueue();
    }

    @Override
    public void run(Stop stop) throws IOException, InterruptedException {
        PortQueue open = queue;
        if (open == null) {
            throw new IllegalStateException("not open");
        }
        List<Template> templates = options.sizes()
                .stream()
                .map(size -> new Template(size, port.mac(), options.to(), options.ip(), stream))
                .toList();
        boolean scattered = port.features().contains(PortFeature.SCATTERED_TRANSMIT);
        try (Batch batch = new Batch(options.batch())) {
            Maker maker = new Maker(templates.toArray(Template[]::new), options.flows(), scattered);
            Drain drain = new Drain(port);
            Pace pace = new Pace(stop);
            boolean last = false;
            while (!last) {
                last = stop.isWanted() || isEnough();
                if (!last) {
                    fill(batch, maker, open, pace);
                }
                send(batch, open);
                nanos = pace.elapsed();
                if (!last && batch.count() == 0 && options.perSecond() > 0) {
                    pace.await((long) (maker.made * 1e9 / options.perSecond()));
                }
            }
            drain.await(open, sent);
        }
    }

    private boolean isEnough() {
        return options.count() > 0 && sent >= options.count();
    }

    /** Makes as many frames as are due, as there is room for, and as there are packets. */
    private void fill(Batch batch, Maker maker, PortQueue open, Pace pace) throws IOException {
        long due = options.perSecond() == 0
                ? Long.MAX_VALUE
                : (long) (pace.elapsed() / 1e9 * options.perSecond()) + 1;
        long most = options.count() == 0 ? due : Math.min(due, options.count());
        while (!batch.isFull() && maker.made < most) {
            Packet packet = maker.next(open);
            if (packet == null) {
                return;
            }
            batch.add(packet);
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    private void send(Batch batch, PortQueue open) {
        int before = batch.count();
        long length = 0;
        for (int i = 0; i < before; i++) {
            length += Frames.length(batch.get(i));
        }
        batch.sendSome(open);
        for (int i = 0; i < batch.count(); i++) {
            length -= Frames.length(batch.get(i));
        }
        sent += before - batch.count();
        bytes += length;
    }

    /** Makes frames, one after the other. */
    private static final class Maker {

        private final Template[] templates;
        private final int flows;
        private final boolean scattered;
        private long made;

        Maker(Template[] templates, int flows, boolean scattered) {
            this.templates = templates;
            this.flows = flows;
            this.scattered = scattered;
        }

        /** Returns the next frame; null if there are not enough packets for it. */
        @Nullable
        Packet next(PortQueue open) throws IOException {
            Packet packet = open.allocate();
            if (packet == null) {
                return null;
            }
            Template template = templates[(int) (made % templates.length)];
            int flow = (int) (made % flows);
            if (packet.data().byteSize() >= template.bytes()) {
                template.copyTo(packet, made, flow);
            } else if (!inSeveral(packet, template, flow, open)) {
                packet.release();
                return null;
            }
            made++;
            return packet;
        }

        private boolean inSeveral(Packet first, Template template, int flow, PortQueue open) throws IOException {
            if (!scattered) {
                throw new IOException("frames of " + template.bytes() + " bytes do not fit into the port's packets of "
                        + first.data().byteSize() + ", and it sends no frame in several");
            }
            template.number(made, flow);
            Packet last = first;
            int done = Copier.fill(first, template.frame(), 0, template.bytes());
            while (done < template.bytes()) {
                Packet more = open.allocate();
                if (more == null) {
                    return false;
                }
                last.next(more);
                done = Copier.fill(more, template.frame(), done, template.bytes());
                last = more;
            }
            return true;
        }
    }

    @Override
    public void close() {
        PortQueue open = queue;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public String progress() {
        double seconds = nanos / 1e9;
        return String.format(
                Locale.ROOT,
                "%,d frames, %,.0f per second",
                sent,
                seconds == 0 ? 0 : sent / seconds);
    }

    @Override
    public Fields report() {
        return Rates.add(new Fields().add("port", port.name()), "sent", sent, bytes, nanos);
    }
}
