package org.busbar.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.busbar.device.DeviceEvent;
import org.busbar.emulator.Card;
import org.busbar.net.FlowControl;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.net.PacketPool;
import org.busbar.net.PacketPools;
import org.busbar.net.PortStatistics;
import org.busbar.port.Port;
import org.busbar.port.PortState;
import org.junit.Test;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.osgi.framework.Bundle;
import org.osgi.framework.InvalidSyntaxException;

/**
 * Applications that use lasting ports lose frames where those of a driver's port see an error: two ports that send to each other
 * as much as they take. More rounds by hand: {@code -Dbusbar.swaps=100 -Dbusbar.reseats=100 -Dbusbar.limit=900}.
 */
public class LastingPortIT extends OnRack {

    /** Of each driver. */
    private static final int SWAPS = Integer.getInteger("busbar.swaps", 3);
    private static final int RESEATS = Integer.getInteger("busbar.reseats", 3);
    private static final int PACKETS = 2048;
    private static final int INTEL_MTU = 4000;
    private static final int VLAN = 5;
    private static final int INTEL = 3;
    private static final int VIRTIO = 5;
    private static final int OTHER_SLOT = 7;
    /** Each test has cards of its own: what was chosen for a port stays. */
    private static final AtomicInteger CARDS = new AtomicInteger();

    private static final MacAddress CHOSEN = MacAddress.parse("02:00:00:00:00:03");
    private static final MacAddress GROUP = MacAddress.parse("01:00:5e:00:00:fb");
    private static final MacAddress OTHER_GROUP = MacAddress.parse("01:00:5e:01:02:03");
    private static final MacAddress STRANGER = MacAddress.parse("52:54:00:00:00:99");
    private static final String[] MODULES = {"nic-driver-bundle", "virtio-net-driver-bundle"};

    private final MacAddress intelMac = card();
    private final MacAddress virtioMac = card();
    private Port intel;
    private Port virtio;
    private Bundle[] bundles;
    private PacketPool pool;

    @Configuration
    @Override
    public Option[] framework() {
        return new Option[] {Felix.options(), Felix.early("durable-net-bundle")};
    }

    private static MacAddress card() {
        return new MacAddress(0x5254_0000_0100L + CARDS.incrementAndGet());
    }

    private void setUp() throws Exception {
        insert(INTEL, new Card.Nic(intelMac));
        insert(VIRTIO, new Card.VirtioNet(virtioMac));
        bundles = new Bundle[] {start(MODULES[0]), start(MODULES[1])};
        intel = port(intelMac);
        virtio = port(virtioMac);
        pool = rig.service(PacketPools.class).create(PACKETS, 2048);
    }

    @Test
    public void L6_driverUpdatesAreAPauseForPortsAndTheyStayAsTheyWereSet() throws Exception {
        setUp();
        configure();
        Footprint footprint = new Footprint(rig);
        PortStatistics[] counted = {intel.statistics(), virtio.statistics()};
        PooledTraffic traffic = PooledTraffic.on(intel, virtio, pool);
        try {
            for (int swap = 1; swap <= 2 * SWAPS; swap++) {
                update(swap % 2, swap, footprint);
                traffic.awaitProgress();
                expectGrown(counted);
                expectInForce();
            }
        } finally {
            traffic.close();
        }
        // Not while it runs: the compiled code of a loop may name classes of a driver that has gone.
        footprint.awaitCollected();
        expectAllPackets();
        expectFilters();
        report(SWAPS + " updates of each driver");
        assertThat(intel.history().driversLost()).isEqualTo(SWAPS);
        assertThat(virtio.history().driversLost()).isEqualTo(SWAPS);
        assertThat(rig.iommuFaults()).isEmpty();
        for (int slot : new int[] {INTEL, VIRTIO}) {
            assertThat(rig.events(DeviceEvent.Kind.LEAK, slot)).as("leaks reported").isZero();
            assertThat(rig.events(DeviceEvent.Kind.PROBE_FAILED, slot)).as("probes failed").isZero();
        }
    }

    @Test
    public void L8_cardsThatArePulledAndPutBackAreAPauseForPorts() throws Exception {
        setUp();
        configure();
        PortStatistics[] counted = {intel.statistics(), virtio.statistics()};
        PooledTraffic traffic = PooledTraffic.on(intel, virtio, pool);
        try {
            for (int reseat = 0; reseat < RESEATS; reseat++) {
                reseat(intel, INTEL, new Card.Nic(intelMac));
                reseat(virtio, VIRTIO, new Card.VirtioNet(virtioMac));
                traffic.awaitProgress();
                expectGrown(counted);
                expectInForce();
            }
        } finally {
            traffic.close();
        }
        expectAllPackets();
        expectFilters();
        report(RESEATS + " re-seats of each card");
        assertThat(rig.iommuFaults()).isEmpty();
    }

    @Test
    public void L8_otherCardInTheSlotIsAnotherPort() throws Exception {
        setUp();
        configure();
        rig.rack().pull(INTEL);
        MacAddress otherMac = card();
        rig.rack().insert(INTEL, new Card.Nic(otherMac));
        Port other = port(otherMac);
        assertThat(other.settings()).isEmpty();
        assertThat(other.mtu()).isEqualTo(1500);
        assertThat(intel.state()).isEqualTo(PortState.HELD);
        assertThat(intel.link().up()).isFalse();
        insert(OTHER_SLOT, new Card.Nic(intelMac));
        awaitUp(intel);
        expectFilters();
    }

    private void configure() throws Exception {
        intel.changeMac(CHOSEN);
        intel.changeMtu(INTEL_MTU);
        intel.changeFlowControl(FlowControl.BOTH);
        intel.vlan(VLAN, true);
        intel.vlanStripping(true);
        intel.multicast(List.of(GROUP));
        virtio.multicast(List.of(GROUP));
    }

    private void update(int which, int swap, Footprint footprint) throws Exception {
        Bundle bundle = bundles[which];
        footprint.follow(bundle);
        bundle.update(BundleJar.copyOf(Felix.jar(MODULES[which])).version("0.4." + swap).open());
        rig.refresh(bundle);
    }

    /** That a card was pulled is found out in its own time: what comes after it is another pause. */
    private void reseat(Port port, int slot, Card card) {
        long pauses = port.history().pauses();
        rig.rack().pull(slot);
        rig.rack().insert(slot, card);
        Eventually.await(port.name() + " to be back", () -> port.history().pauses() > pauses, port::state);
        awaitUp(port);
    }

    private void expectGrown(PortStatistics[] counted) {
        Port[] ports = {intel, virtio};
        for (int i = 0; i < ports.length; i++) {
            PortStatistics before = counted[i];
            PortStatistics now = ports[i].statistics();
            assertThat(now.receivedFrames()).as("received by " + ports[i].name())
                    .isGreaterThan(before.receivedFrames());
            assertThat(now.receivedBytes()).isGreaterThan(before.receivedBytes());
            assertThat(now.sentFrames()).as("sent by " + ports[i].name()).isGreaterThan(before.sentFrames());
            assertThat(now.receiveErrors()).isGreaterThanOrEqualTo(before.receiveErrors());
            counted[i] = now;
        }
    }

    /** What the driver that is there now says of its card. */
    private void expectInForce() {
        NetworkPort driver = Ports.up(rig, INTEL);
        assertThat(driver.mtu()).isEqualTo(INTEL_MTU);
        assertThat(driver.mac()).isEqualTo(CHOSEN);
        assertThat(driver.flowControl()).isEqualTo(FlowControl.BOTH);
        assertThat(intel.shortfalls()).isEmpty();
        assertThat(virtio.shortfalls()).isEmpty();
    }

    /** What frames tell of filters. */
    private void expectFilters() throws Exception {
        awaitUp(intel);
        awaitUp(virtio);
        try (FrameProbe toIntel = FrameProbe.between(virtio, intel)) {
            assertThat(toIntel.arrives(CHOSEN)).as("frame to the address that was chosen").isTrue();
            assertThat(toIntel.arrives(GROUP)).as("frame to a group that was chosen").isTrue();
            assertThat(toIntel.arrives(OTHER_GROUP)).as("frame to another group").isFalse();
            assertThat(toIntel.arrives(STRANGER)).as("frame to another station").isFalse();
            assertThat(toIntel.arrivesTagged(VLAN)).as("frame of a VLAN that was chosen").isEqualTo(Optional.of(VLAN));
            assertThat(toIntel.arrivesTagged(VLAN + 1)).as("frame of another VLAN").isEmpty();
        }
        try (FrameProbe toVirtio = FrameProbe.between(intel, virtio)) {
            assertThat(toVirtio.arrives(GROUP)).as("frame to a group that was chosen").isTrue();
            assertThat(toVirtio.arrives(OTHER_GROUP)).as("frame to another group").isFalse();
        }
    }

    private void expectAllPackets() {
        Eventually.await("all packets", () -> pool.available() == PACKETS, pool::available);
        pool.close();
    }

    /** A figure for people; how long a pause takes depends on the machine. */
    private void report(String what) {
        for (Port port : List.of(intel, virtio)) {
            System.out.printf(
                    "%s: %s: %d frames sent, %d received, %d dropped, at most %d lost in rings, pauses of at most %.1f ms%n",
                    what,
                    port.name(),
                    port.statistics().sentFrames(),
                    port.statistics().receivedFrames(),
                    port.history().dropped(),
                    port.history().unconfirmed(),
                    port.history().longestPause().toNanos() / 1e6);
        }
    }

    private void insert(int slot, Card card) {
        rig.rack().insert(slot, card);
        rig.awaitPresent(slot);
    }

    private Bundle start(String module) throws Exception {
        Bundle bundle = rig.installModule(module);
        bundle.start();
        return bundle;
    }

    private Port port(MacAddress identity) {
        Eventually.await("a port of " + identity, () -> find(identity).isPresent());
        Port port = find(identity).orElseThrow();
        awaitUp(port);
        return port;
    }

    private static void awaitUp(Port port) {
        Eventually.await(port.name() + " to be up", () -> port.state() == PortState.UP && port.link().up(),
                port::state);
    }

    private Optional<Port> find(MacAddress identity) {
        try {
            return rig.context()
                    .getServiceReferences(Port.class, "(" + Port.IDENTITY + "=" + identity + ")")
                    .stream()
                    .findFirst()
                    .map(rig.context()::getService);
        } catch (InvalidSyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
