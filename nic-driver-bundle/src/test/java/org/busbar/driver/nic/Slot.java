package org.busbar.driver.nic;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceId;
import org.busbar.device.DriverBinding;
import org.busbar.device.ProbeException;
import org.busbar.device.RemovalReason;
import org.busbar.emulator.Card;
import org.busbar.emulator.Fault;
import org.busbar.emulator.Rack.IommuFault;
import org.busbar.emulator.internal.function.EmulatedFunction;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.emulator.internal.nic.NicModel;
import org.busbar.net.MacAddress;
import org.busbar.pci.BarInfo;
import org.busbar.pci.ConfigSpace;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciDevice;
import org.busbar.pci.PciIds;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.internal.context.PciGrant;

/** A slot with an emulated NIC, and the driver bound to it through the PCI bus's own grant. */
final class Slot implements AutoCloseable {

    private static final AtomicLong GENERATIONS = new AtomicLong();

    final EmulatedFunction function;
    final TestContext context;
    final Queue<IommuFault> iommuFaults = new ConcurrentLinkedQueue<>();
    final AtomicLong lookedAgain = new AtomicLong();
    private final PciAddress address;
    private DriverBinding binding;

    /** Plugs a card in, which nobody drives yet. */
    Slot(int number, NetworkSwitch network, MacAddress mac) {
        address = new PciAddress(0xe000, number, 0, 0);
        function = new EmulatedFunction(number, address, new NicModel(new Card.Nic(mac), network), iommuFaults::add);
        function.plugIn();
        context = new TestContext(new DeviceId("pci", address.toString(), GENERATIONS.incrementAndGet()));
    }

    /** Plugs a card in, and has it probed. */
    static Slot bound(int number, NetworkSwitch network, boolean interrupts) throws Exception {
        Slot slot = new Slot(number, network, mac(number));
        slot.probe(interrupts);
        return slot;
    }

    static MacAddress mac(int number) {
        return new MacAddress(0x5254_0000_0000L | number);
    }

    void probe(boolean interrupts) throws ProbeException, InterruptedException {
        PciGrant grant = PciGrant.open(
                new Device(), context, () -> function.open(new NoNotices()), lookedAgain::incrementAndGet, () -> {});
        binding = new NicDriver(config(interrupts)).probe(grant);
    }

    NicPort port() {
        return (NicPort) context.published.element();
    }

    NicQueue open() throws Exception {
        return (NicQueue) port().openQueue();
    }

    void faults(Fault... faults) {
        function.setFaults(List.of(faults));
    }

    /** Yanks the card; the driver has not been told yet. */
    void pull() {
        function.cutOff();
        function.switchOff();
    }

    /** What the core does once the host no longer reports the card. */
    void removeSurprised() throws Exception {
        context.revoke();
        binding.close(RemovalReason.SURPRISE);
        context.release();
    }

    void remove(RemovalReason reason) throws Exception {
        binding.quiesce(Deadline.afterMillis(5_000));
        binding.close(reason);
        context.revoke();
        context.release();
    }

    @Override
    public void close() {
        pull();
        context.revoke();
        if (function.crash() != null) {
            throw new AssertionError("the model has crashed", function.crash());
        }
    }

    static NicConfig config(boolean interrupts) {
        return (NicConfig) Proxy.newProxyInstance(
                NicConfig.class.getClassLoader(),
                new Class<?>[] {NicConfig.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "packetBuffers" -> 512;
                    case "interrupts" -> interrupts;
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    private static final class NoNotices implements FunctionNotices {
        @Override
        public void ejectRequested() {}

        @Override
        public void ejectCancelled() {}

        @Override
        public void maybeGone() {}

        @Override
        public void error(String what) {}
    }

    private final class Device implements PciDevice {
        @Override
        public DeviceId id() {
            return context.id();
        }

        @Override
        public PciAddress address() {
            return address;
        }

        @Override
        public PciIds ids() {
            return function.ids();
        }

        @Override
        public String host() {
            return "emulated";
        }

        @Override
        public Optional<String> slot() {
            return function.slot();
        }

        @Override
        public OptionalInt numaNode() {
            return function.numaNode();
        }

        @Override
        public OptionalInt iommuGroup() {
            return function.iommuGroup();
        }

        @Override
        public Optional<String> kernelDriver() {
            return function.kernelDriver();
        }

        @Override
        public OptionalInt revision() {
            return function.revision();
        }

        @Override
        public List<BarInfo> bars() throws java.io.IOException {
            return function.bars();
        }

        @Override
        public ConfigSpace config() {
            return function.config();
        }
    }
}
