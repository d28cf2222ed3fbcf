package org.busbar.testkit;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceId;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.DriverBinding;
import org.busbar.device.HandoverBinding;
import org.busbar.device.HandoverState;
import org.busbar.device.ProbeException;
import org.busbar.device.RemovalReason;
import org.busbar.emulator.Fault;
import org.busbar.emulator.Rack.IommuFault;
import org.busbar.emulator.internal.function.EmulatedFunction;
import org.busbar.emulator.internal.model.DeviceModel;
import org.busbar.pci.BarInfo;
import org.busbar.pci.ConfigSpace;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciDevice;
import org.busbar.pci.PciDriver;
import org.busbar.pci.PciIds;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.internal.context.KeptFunction;
import org.busbar.pci.internal.context.PciGrant;
import org.busbar.pci.internal.context.Succession;
import org.jspecify.annotations.Nullable;

/**
 * A slot with an emulated card, and a driver that can be bound to it through the PCI bus's own grant. What the core would
 * do the test does, step by step, so that it can do it at the worst moment.
 */
public final class TestSlot implements AutoCloseable {

    private static final AtomicLong GENERATIONS = new AtomicLong();

    private final PciAddress address;
    private final EmulatedFunction function;
    private final DeviceId id;
    private final List<IommuFault> iommuFaults = new CopyOnWriteArrayList<>();
    private final AtomicLong lookedAgain = new AtomicLong();
    private volatile TestContext context;
    private @Nullable DriverBinding binding;
    private @Nullable KeptFunction kept;

    /** Plugs a card in, which nobody drives yet. */
    public TestSlot(int number, DeviceModel model) {
        this(number, model, false);
    }

    /**
     * Plugs a card in, which nobody drives yet.
     *
     * @param stepped whether it has no thread of its own: the caller steps the model
     */
    public TestSlot(int number, DeviceModel model, boolean stepped) {
        address = new PciAddress(0xe000, number, 0, 0);
        function = new EmulatedFunction(number, address, model, iommuFaults::add);
        if (stepped) {
            function.plugInStepped();
        } else {
            function.plugIn();
        }
        id = new DeviceId("pci", address.toString(), GENERATIONS.incrementAndGet());
        context = new TestContext(id);
    }

    /** Has a driver probe the card; with a grant of its own if one before has given the card up. */
    public DriverBinding probe(PciDriver driver) throws ProbeException, InterruptedException {
        if (context.isRevoked()) {
            context = new TestContext(id);
        }
        DriverBinding probed = driver.probe(open());
        binding = probed;
        return probed;
    }

    /**
     * Does what the core does when a driver leaves and another one of its kind may come.
     *
     * @param change what becomes of the state on its way
     */
    public void handOver(UnaryOperator<HandoverState> change) throws Exception {
        HandoverBinding leaving = (HandoverBinding) bound();
        leaving.quiesce(Deadline.afterMillis(30_000));
        HandoverState state = leaving.handOver(Deadline.afterMillis(30_000)).orElseThrow();
        kept = (KeptFunction) context.keepable().keep(change.apply(state));
        context.revoke();
        context.release();
        binding = null;
    }

    /** Has a driver probe the card that another one has handed over. */
    public DriverBinding adopt(PciDriver driver) throws ProbeException, InterruptedException {
        KeptFunction inherited = Objects.requireNonNull(kept, "nothing was handed over");
        kept = null;
        context = new TestContext(id);
        TestContext granted = context;
        granted.own("what was kept", () -> inherited.release(!granted.isRevoked()));
        DriverBinding adopted = Succession.probe(driver, inherited, granted, () -> driver.probe(open()));
        binding = adopted;
        return adopted;
    }

    /** Does what the core does when nobody comes for a card that was handed over. */
    public void releaseKept() {
        Objects.requireNonNull(kept, "nothing was handed over").release(true);
        kept = null;
    }

    private PciGrant open() throws ProbeException {
        return PciGrant.open(
                new Device(), context, () -> function.open(new NoNotices()), lookedAgain::incrementAndGet, () -> {});
    }

    /** Returns the grant, the last one if there were several. */
    public TestContext context() {
        return context;
    }

    /** Returns the only service that the driver has published. */
    public <S> S service(Class<S> type) {
        return type.cast(context.published().getFirst());
    }

    /** Makes things go wrong; none given heals. */
    public void faults(Fault... faults) {
        function.setFaults(List.of(faults));
    }

    /** Yanks the card; the driver has not been told yet. */
    public void pull() {
        function.cutOff();
        function.switchOff();
    }

    /** Does what the core does once the host no longer reports the card. */
    public void removeSurprised() throws Exception {
        context.revoke();
        bound().close(RemovalReason.SURPRISE);
        context.release();
    }

    /** Does what the core does for an orderly removal. */
    public void remove(RemovalReason reason) throws Exception {
        bound().quiesce(Deadline.afterMillis(5_000));
        bound().close(reason);
        context.revoke();
        context.release();
    }

    /** Does what the core does for an orderly removal that a surprise may overtake at any moment. */
    public void removeOvertaken(RemovalReason reason) throws Exception {
        try {
            bound().quiesce(Deadline.afterMillis(5_000));
        } catch (DeviceGoneException e) {
            requireRevoked(e);
        }
        try {
            bound().close(context.isRevoked() ? RemovalReason.SURPRISE : reason);
        } catch (DeviceGoneException e) {
            requireRevoked(e);
        }
        context.revoke();
        context.release();
    }

    /** Does what the core does with a device that its driver has reported: what it is asked to finish it may not finish. */
    public void removeFailed() throws Exception {
        try {
            bound().quiesce(Deadline.afterMillis(50));
        } catch (DeviceTimeoutException e) {
            // As the core does: what has not been finished in time is failed by the close.
        }
        bound().close(RemovalReason.FAILURE);
        context.revoke();
        context.release();
    }

    /** Only a device that has gone may be found gone. */
    private void requireRevoked(DeviceGoneException e) {
        if (!context.isRevoked()) {
            throw e;
        }
    }

    /** Returns what the card tried outside its mappings. */
    public List<IommuFault> iommuFaults() {
        return new ArrayList<>(iommuFaults);
    }

    /** Returns how often the driver had the bus look again because the card seemed gone. */
    public long looks() {
        return lookedAgain.get();
    }

    /** Cuts a card off from everything without a word, as a card that dies in its slot. */
    public void cutOff() {
        function.cutOff();
    }

    /** Returns whether somebody has the card open. */
    public boolean inUse() {
        return function.inUse();
    }

    private DriverBinding bound() {
        if (binding == null) {
            throw new IllegalStateException("nothing is bound in this slot");
        }
        return binding;
    }

    /**
     * Takes the card out.
     *
     * @throws AssertionError if the model itself has crashed
     */
    @Override
    public void close() {
        pull();
        if (function.crash() != null) {
            throw new AssertionError("the model has crashed", function.crash());
        }
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
            return id;
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
        public List<BarInfo> bars() throws IOException {
            return function.bars();
        }

        @Override
        public ConfigSpace config() {
            return function.config();
        }
    }
}
