package org.busbar.shell.net.internal.echo;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.net.Packet;
import org.busbar.net.PortFeature;
import org.busbar.net.PortQueue;
import org.busbar.shell.internal.text.Fields;
import org.busbar.shell.net.internal.run.Stop;
import org.busbar.shell.net.internal.run.Work;
import org.busbar.shell.net.internal.wire.Batch;
import org.busbar.shell.net.internal.wire.Outbox;
import org.jspecify.annotations.Nullable;

/** {@code nic:echo}: answers on a port, for some addresses. */
final class EchoWork implements Work {

    private static final int BATCH = 64;

    private final NetworkPort port;
    private final List<String> texts;
    private final Addresses addresses;
    private final Counts counts = new Counts();
    private @Nullable PortQueue queue;
    private volatile @Nullable Responder responder;
    private volatile @Nullable Outbox outbox;
    private boolean groups;

    EchoWork(NetworkPort port, List<String> addresses) {
        this.port = port;
        texts = addresses;
        this.addresses = Addresses.parse(addresses);
    }

    @Override
    public String title() {
        return "nic:echo " + port.name() + ' ' + String.join(" ", texts);
    }

    @Override
    public void open() throws IOException {
        queue = port.openQueue();
        List<MacAddress> wanted = addresses.solicitedGroups();
        if (!wanted.isEmpty()) {
            hear(wanted);
        }
    }

    /** Neighbours look for IPv6 addresses by groups. */
    private void hear(List<MacAddress> wanted) throws IOException {
        Set<PortFeature> features = port.features();
        if (features.contains(PortFeature.MULTICAST_FILTER)) {
            port.multicast(wanted);
        } else if (features.contains(PortFeature.ALL_MULTICAST)) {
            port.allMulticast(true);
        } else if (features.contains(PortFeature.PROMISCUOUS)) {
            port.promiscuous(true);
        } else {
            throw new IOException(
                    port.name() + " hears no groups: it lacks multicast-filter, all-multicast and promiscuous,"
                            + " so that no neighbour finds an IPv6 address; leave those out");
        }
        groups = true;
    }

    @Override
    public void run(Stop stop) throws InterruptedException {
        PortQueue open = queue;
        if (open == null) {
            throw new IllegalStateException("not open");
        }
        try (Outbox out = new Outbox(open, BATCH);
                Batch batch = new Batch(BATCH)) {
            Responder answers = new Responder(
                    port.mac(),
                    addresses,
                    new Responder.Limits(
                            port.mtu(),
                            port.features().contains(PortFeature.SCATTERED_TRANSMIT),
                            port.features().contains(PortFeature.VLAN_INSERT)),
                    new Fragmenter(out, port.mtu()),
                    counts);
            responder = answers;
            outbox = out;
            while (!stop.isWanted()) {
                if (!open.awaitReceive(stop.slice())) {
                    continue;
                }
                batch.receive(open);
                long now = System.nanoTime();
                for (int i = 0; i < batch.count(); i++) {
                    Packet packet = batch.get(i);
                    long before = counts.answered() + counts.fragments;
                    if (answers.answer(packet, now)) {
                        out.add(batch.take(i));
                    } else if (counts.answered() + counts.fragments == before) {
                        counts.others++;
                    }
                }
                batch.pack();
                batch.releaseAll();
                out.flush();
            }
        }
    }

    @Override
    public void close() throws IOException {
        PortQueue open = queue;
        if (open != null) {
            try (open) {
                if (groups && port.features().contains(PortFeature.MULTICAST_FILTER)) {
                    port.multicast(List.of());
                }
            }
        }
    }

    @Override
    public String progress() {
        return String.format(
                Locale.ROOT,
                "%,d pings, %,d ARP, %,d neighbours answered",
                counts.echo + counts.echo6,
                counts.arp,
                counts.neighbour);
    }

    @Override
    public Fields report() {
        Responder answers = responder;
        Outbox out = outbox;
        return new Fields()
                .add("port", port.name())
                .add("answered ping IPv4", counts.echo)
                .add("answered ping IPv6", counts.echo6)
                .add("answered ARP", counts.arp)
                .add("answered neighbours", counts.neighbour)
                .add("fragments", counts.fragments)
                .add("reassembled", counts.reassembled)
                .add("given up", answers == null ? 0 : answers.givenUp())
                .add("other frames", counts.others)
                .add("not sent", out == null ? 0 : out.dropped());
    }
}
