package org.busbar.driver.virtionet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.busbar.core.internal.net.PacketPoolService;
import org.busbar.device.Deadline;
import org.busbar.device.RemovalReason;
import org.busbar.emulator.Card;
import org.busbar.emulator.Fault;
import org.busbar.emulator.Rack.IommuFault;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.emulator.internal.virtio.VirtioNetModel;
import org.busbar.net.MacAddress;
import org.busbar.net.Packet;
import org.busbar.net.PacketPool;
import org.busbar.net.PortQueueOptions;
import org.busbar.pci.PciDriver;
import org.busbar.testkit.TestContext;
import org.busbar.testkit.TestSlot;

/** A slot with an emulated virtio-net device, and what the tests of its driver do with it. */
final class Slot implements AutoCloseable {

    private final VirtioNetModel model;
    private final TestSlot slot;

    /** Plugs a card in, which nobody drives yet. */
    Slot(int number, NetworkSwitch network, Card.VirtioNet card) {
        model = new VirtioNetModel(card, network);
        slot = new TestSlot(number, model);
    }

    /** Plugs a card in, has it probed, and waits for its link, without which frames for it are lost. */
    static Slot bound(int number, NetworkSwitch network, VirtioNetConfig config) throws Exception {
        return bound(number, network, new Card.VirtioNet(mac(number)), config);
    }

    static Slot bound(int number, NetworkSwitch network, Card.VirtioNet card, VirtioNetConfig config) throws Exception {
        Slot slot = new Slot(number, network, card);
        slot.probe(config);
        slot.awaitLink();
        return slot;
    }

    static MacAddress mac(int number) {
        return new MacAddress(0x5254_0000_0000L | number);
    }

    void probe(VirtioNetConfig config) throws Exception {
        probe(new VirtioNetDriver(config, new PacketPoolService()));
    }

    void probe(PciDriver driver) throws Exception {
        slot.probe(driver);
    }

    /** Leaves the device as somebody would who has begun to drive it and then gone. */
    void begin() {
        model.write(4, 0x14, 1, CommonConfig.ACKNOWLEDGE | CommonConfig.DRIVER);
    }

    VirtioPort port() {
        return slot.service(VirtioPort.class);
    }

    VirtioQueue open() throws Exception {
        return (VirtioQueue) port().openQueue();
    }

    VirtioQueue open(PacketPool pool) throws Exception {
        return (VirtioQueue) port().openQueue(PortQueueOptions.DEFAULT.withPool(pool));
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

    static void send(VirtioQueue queue, MacAddress to, MacAddress from, long number, int length) {
        Packet packet = queue.allocate();
        assertThat(packet).isNotNull();
        Frames.fill(packet, to, from, number, length);
        assertThat(queue.transmit(new Packet[] {packet}, 0, 1)).isEqualTo(1);
    }

    static Packet receive(VirtioQueue queue) throws InterruptedException {
        Packet[] into = new Packet[1];
        Deadline deadline = Deadline.afterMillis(20_000);
        while (queue.receive(into) == 0) {
            assertThat(queue.awaitReceive(deadline)).as("a frame arrives").isTrue();
        }
        return into[0];
    }
}
