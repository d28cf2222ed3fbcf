package org.busbar.testkit.net;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import org.busbar.core.internal.net.PacketPoolService;
import org.busbar.device.Deadline;
import org.busbar.device.RemovalReason;
import org.busbar.emulator.Fault;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.net.MacAddress;
import org.busbar.net.Packet;
import org.busbar.net.PacketPool;
import org.busbar.net.PortQueue;
import org.jspecify.annotations.Nullable;

/**
 * A card that lies under traffic, and an application that sends back what it receives. Whatever the card claims, it gets
 * to no memory that it was not given, the application to none that is not the packet's, no packet is lost, and frames pass in the end:
 * by themselves, or after one report and a reset. The report is the driver's, or the IOMMU's: a card that has overwritten its own
 * descriptors may reach for memory that is none, and stand still without a word.
 */
public final class HostileCard {

    /** What a report has to say at least: where, and which numbers. */
    public static final String REPORT = "(receive|transmit) queue 0: .*\\d.*|the IOMMU has stopped the card: .*";

    private static final int PACKETS = 1024;
    private static final int PACKET_BYTES = 2048;
    private static final int FRAMES = 100;
    private static final int BATCH = 16;
    private static final int FRAMES_UNDER_LIES = 300;
    private static final int STEPS_UNDER_LIES = 20_000;
    private static final long DEADLINE_MILLIS = 60_000;

    private final CardPlace place;
    private final PacketPool pool;
    private final Station station;
    private final MacAddress mac = new MacAddress(0x0200_0000_0001L);
    private final @Nullable Packet[] batch = new @Nullable Packet[BATCH];
    private int number;
    private int faultsBefore;
    private long received;

    private HostileCard(CardPlace.Kind kind) throws Exception {
        NetworkSwitch network = new NetworkSwitch();
        pool = new PacketPoolService().create(PACKETS, PACKET_BYTES);
        place = new CardPlace(1, kind, network);
        station = new Station(network, mac);
    }

    /** Has a card of a kind lie; returns what its driver or the IOMMU has reported, if anything. */
    public static Optional<String> lie(CardPlace.Kind kind, Fault fault) throws Exception {
        return new HostileCard(kind).run(fault);
    }

    private Optional<String> run(Fault fault) throws Exception {
        PortQueue queue = place.open(pool);
        if (!exchange(queue)) {
            throw new AssertionError(place + " was reported before it lied: " + failures());
        }
        place.slot().faults(fault);
        long enough = received + FRAMES_UNDER_LIES;
        for (int i = 0; i < STEPS_UNDER_LIES && received < enough && !isReported(); i++) {
            step(queue);
        }
        place.slot().faults();
        // What nobody has noticed must do no harm that lasts; or somebody notices now.
        Optional<String> report = exchange(queue) ? Optional.empty() : Optional.of(report());
        if (report.isPresent()) {
            place.slot().removeFailed();
            queue.close();
            requireWhole();
            faultsBefore = place.slot().iommuFaults().size();
            place.bind();
            queue = place.open(pool);
            if (!exchange(queue)) {
                throw new AssertionError(place + " is not well after its reset: " + failures() + ", "
                        + place.slot().iommuFaults());
            }
        }
        queue.close();
        requireWhole();
        place.slot().remove(RemovalReason.UNBIND);
        place.takeOut();
        pool.close();
        return report;
    }

    private List<Throwable> failures() {
        return place.slot().context().failures();
    }

    private boolean isReported() {
        return !failures().isEmpty() || place.slot().iommuFaults().size() > faultsBefore;
    }

    private String report() {
        if (failures().isEmpty()) {
            return "the IOMMU has stopped the card: " + place.slot().iommuFaults().getLast();
        }
        if (failures().size() != 1) {
            throw new AssertionError(failures().size() + " reports instead of one: " + failures());
        }
        return String.valueOf(failures().getFirst().getMessage());
    }

    /** Returns whether frames pass both ways and are what was sent; false if the device was reported. */
    private boolean exchange(PortQueue queue) throws IOException {
        Deadline deadline = Deadline.afterMillis(DEADLINE_MILLIS);
        for (int back = 0; back < FRAMES;) {
            if (isReported()) {
                return false;
            }
            back += step(queue);
            if (deadline.expired()) {
                throw new AssertionError("no frames pass through " + place + ", and nobody has reported it: "
                        + place.port().statistics());
            }
        }
        return true;
    }

    /** Sends some, has them sent back, and returns how many came back. */
    private int step(PortQueue queue) {
        for (int i = 0; i < BATCH / 2; i++) {
            station.send(place.mac(), number++);
        }
        int count = queue.receive(batch);
        received += count;
        for (int i = 0; i < count; i++) {
            Packet packet = batch[i];
            if (packet != null) {
                touch(packet);
                sendBack(queue, packet);
            }
        }
        Thread.onSpinWait();
        return station.receiveSome();
    }

    /** An application may read and write all that a packet says that it has. */
    private static void touch(Packet frame) {
        for (Packet part = frame; part != null; part = part.next()) {
            MemorySegment data = part.data();
            for (int i = 0; i < part.length(); i++) {
                data.set(ValueLayout.JAVA_BYTE, i, data.get(ValueLayout.JAVA_BYTE, i));
            }
        }
    }

    private void sendBack(PortQueue queue, Packet packet) {
        boolean sent = false;
        try {
            if (Station.isFrame(packet)) {
                Station.address(packet.data(), mac, place.mac());
                sent = queue.transmit(new Packet[] {packet}, 0, 1) == 1;
            }
        } finally {
            if (!sent) {
                packet.release();
            }
        }
    }

    private void requireWhole() {
        if (pool.available() != PACKETS) {
            throw new AssertionError("the pool has " + pool.available() + " of " + PACKETS + " packets");
        }
    }
}
