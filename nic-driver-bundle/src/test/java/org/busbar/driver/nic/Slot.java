package org.busbar.driver.nic;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.annotation.Annotation;
import java.util.List;
import java.util.function.UnaryOperator;
import org.busbar.core.internal.net.PacketPoolService;
import org.busbar.device.Deadline;
import org.busbar.device.ProbeException;
import org.busbar.device.RemovalReason;
import org.busbar.emulator.Card;
import org.busbar.emulator.Fault;
import org.busbar.emulator.NicChip;
import org.busbar.emulator.Rack.IommuFault;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.emulator.internal.nic.NicModel;
import org.busbar.net.MacAddress;
import org.busbar.net.Packet;
import org.busbar.net.PacketPool;
import org.busbar.net.PortQueue;
import org.busbar.net.PortQueueOptions;
import org.busbar.net.PortQueueOptions.Waiting;
import org.busbar.pci.PciDeviceContext;
import org.busbar.pci.PciDriver;
import org.busbar.testkit.TestContext;
import org.busbar.testkit.TestSlot;

/** A slot with an emulated NIC, and what the tests of its driver do with it. */
final class Slot implements AutoCloseable {

    private final TestSlot slot;

    /** Plugs a card with an 82574L in, which nobody drives yet. */
    Slot(int number, NetworkSwitch network, MacAddress mac) {
        this(number, network, mac, NicChip.I82574L);
    }

    private Slot(int number, NetworkSwitch network, MacAddress mac, NicChip chip) {
        slot = new TestSlot(number, new NicModel(new Card.Nic(mac, chip), network));
    }

    /** Plugs a card with an 82574L in, and has it probed. */
    static Slot bound(int number, NetworkSwitch network, boolean interrupts) throws Exception {
        return bound(number, network, NicChip.I82574L, interrupts);
    }

    /** Plugs a card in, and has it probed. */
    static Slot bound(int number, NetworkSwitch network, NicChip chip, boolean interrupts) throws Exception {
        Slot slot = new Slot(number, network, mac(number), chip);
        slot.probe(interrupts);
        return slot;
    }

    static MacAddress mac(int number) {
        return new MacAddress(0x5254_0000_0000L | number);
    }

    void probe(boolean interrupts) throws ProbeException, InterruptedException {
        slot.probe(driver(interrupts));
    }

    /** Has the card probed by a driver that sees it through what {@code wrapper} makes of its context. */
    void probe(UnaryOperator<PciDeviceContext> wrapper) throws ProbeException, InterruptedException {
        PciDriver driver = driver(true);
        slot.probe(context -> driver.probe(wrapper.apply(context)));
    }

    private static PciDriver driver(boolean interrupts) {
        return new NicDriver(config(interrupts), new PacketPoolService());
    }

    /** Waits for a frame, and takes it. */
    static Packet receive(PortQueue queue) throws InterruptedException {
        Packet[] into = new Packet[1];
        Deadline deadline = Deadline.afterMillis(20_000);
        while (queue.receive(into) == 0) {
            assertThat(queue.awaitReceive(deadline)).as("a frame arrives").isTrue();
        }
        return into[0];
    }

    NicPort port() {
        return slot.service(NicPort.class);
    }

    NicQueue open() throws Exception {
        return (NicQueue) port().openQueue();
    }

    NicQueue open(Waiting waiting) throws Exception {
        return (NicQueue) port().openQueue(PortQueueOptions.DEFAULT.withWaiting(waiting));
    }

    NicQueue open(PacketPool pool) throws Exception {
        return (NicQueue) port().openQueue(PortQueueOptions.DEFAULT.withPool(pool));
    }

    /** The link comes up when the device's thread has seen that it is wanted. */
    void awaitLink() {
        Deadline deadline = Deadline.afterMillis(20_000);
        while (!port().link().up()) {
            assertThat(deadline.expired()).as("no link").isFalse();
            Thread.onSpinWait();
        }
    }

    TestContext context() {
        return slot.context();
    }

    List<IommuFault> iommuFaults() {
        return slot.iommuFaults();
    }

    long looks() {
        return slot.looks();
    }

    boolean inUse() {
        return slot.inUse();
    }

    void faults(Fault... faults) {
        slot.faults(faults);
    }

    /** Yanks the card; the driver has not been told yet. */
    void pull() {
        slot.pull();
    }

    void cutOff() {
        slot.cutOff();
    }

    void removeSurprised() throws Exception {
        slot.removeSurprised();
    }

    void remove(RemovalReason reason) throws Exception {
        slot.remove(reason);
    }

    @Override
    public void close() {
        slot.close();
    }

    @SuppressWarnings("BadAnnotationImplementation") // compared with nothing
    static NicConfig config(boolean interrupts) {
        return new NicConfig() {
            @Override
            public int packetBuffers() {
                return 512;
            }

            @Override
            public boolean interrupts() {
                return interrupts;
            }

            @Override
            public Class<? extends Annotation> annotationType() {
                return NicConfig.class;
            }
        };
    }
}
