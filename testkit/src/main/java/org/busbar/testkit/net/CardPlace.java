package org.busbar.testkit.net;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.busbar.device.ProbeException;
import org.busbar.emulator.Rack.IommuFault;
import org.busbar.emulator.internal.model.DeviceModel;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.net.PacketPool;
import org.busbar.net.PortQueue;
import org.busbar.net.PortQueueOptions;
import org.busbar.pci.PciDriver;
import org.busbar.testkit.TestSlot;

/** A slot for network cards of one kind, one after the other, and the drivers that get them. */
public final class CardPlace {

    private final int number;
    private final Kind kind;
    private final NetworkSwitch network;
    private final List<IommuFault> iommuFaults = new ArrayList<>();
    private TestSlot slot;

    /**
     * A kind of card and its driver.
     *
     * @param name for people
     * @param card makes a card with an address, joined to a switch
     * @param driver makes a driver, as a bundle that arrives does
     */
    public record Kind(
            String name, BiFunction<MacAddress, NetworkSwitch, DeviceModel> card, Supplier<PciDriver> driver) {

        @Override
        public String toString() {
            return name;
        }
    }

    CardPlace(int number, Kind kind, NetworkSwitch network) throws ProbeException, InterruptedException {
        this.number = number;
        this.kind = kind;
        this.network = network;
        slot = new TestSlot(number, kind.card().apply(mac(), network));
        bind();
    }

    MacAddress mac() {
        return new MacAddress(0x5254_0000_0000L | number);
    }

    /** Returns the slot with the card that is in it now. */
    public TestSlot slot() {
        return slot;
    }

    /** Returns the port that the card has now. */
    public NetworkPort port() {
        return slot.service(NetworkPort.class);
    }

    PortQueue open(PacketPool pool) throws IOException {
        return port().openQueue(PortQueueOptions.DEFAULT.withPool(pool));
    }

    /** Puts another card in the place of the one that was removed, and has it bound. */
    public void replace() throws ProbeException, InterruptedException {
        takeOut();
        slot = new TestSlot(number, kind.card().apply(mac(), network));
        bind();
    }

    /** Has the card bound by a driver that has just arrived. */
    public void bind() throws ProbeException, InterruptedException {
        slot.probe(kind.driver().get());
    }

    /** Fails if the card or its driver have done what they must not. */
    void requireInnocence() {
        iommuFaults.addAll(slot.iommuFaults());
        if (!iommuFaults.isEmpty()) {
            throw new AssertionError(this + " reached for memory that it was not given: " + iommuFaults);
        }
        if (!slot.context().failures().isEmpty()) {
            throw new AssertionError(this + " was reported: " + slot.context().failures());
        }
    }

    /** Takes the card out, of which nothing may be left. */
    void takeOut() {
        if (slot.inUse()) {
            throw new AssertionError(this + " is still open, though its binding has ended");
        }
        iommuFaults.addAll(slot.iommuFaults());
        slot.close();
    }

    @Override
    public String toString() {
        return "the " + kind + " card in slot " + number;
    }
}
