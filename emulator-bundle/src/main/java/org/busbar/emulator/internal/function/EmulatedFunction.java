package org.busbar.emulator.internal.function;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.emulator.Fault;
import org.busbar.emulator.Rack.IommuFault;
import org.busbar.emulator.internal.model.ConfigImage;
import org.busbar.emulator.internal.model.DeviceBus;
import org.busbar.emulator.internal.model.DeviceModel;
import org.busbar.emulator.internal.model.DmaPort;
import org.busbar.pci.BarInfo;
import org.busbar.pci.ConfigSpace;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciIds;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.host.OpenException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A card in a slot, from when it is plugged in until it is taken out: the device model, and the bus around it. */
public final class EmulatedFunction implements HostFunction {

    /** Takes accesses outside the mappings. */
    public interface FaultLog {

        /** An access has gone wrong. Any thread; returns at once. */
        void record(IommuFault fault);
    }

    private static final Logger LOG = LoggerFactory.getLogger(EmulatedFunction.class);
    private static final long BAR_BASE = 0xc000_0000L;
    private static final long BAR_WINDOW = 0x10_0000L;
    private static final long STOP_MILLIS = 10_000;

    private final int slot;
    private final PciAddress address;
    private final DeviceModel model;
    private final ConfigRegisters registers;
    private final MessageVectors vectors;
    private final Iommu iommu;
    private final ConfigSpace readOnlyConfig;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile @Nullable EmulatedHandle handle;
    private volatile boolean ejecting;

    private volatile boolean present = true;
    private volatile boolean decodes;
    private volatile List<Fault> faults = List.of();

    /**
     * @param slot number of the slot
     * @param address where the card appears
     * @param model the card
     * @param log told of accesses outside the mappings
     */
    public EmulatedFunction(int slot, PciAddress address, DeviceModel model, FaultLog log) {
        this.slot = slot;
        this.address = address;
        this.model = model;
        iommu = new Iommu((at, length, write) -> strayed(log, new IommuFault(slot, at, length, write)));
        vectors = MessageVectors.of(model.config(), this::deliver);
        registers = new ConfigRegisters(model.config(), BAR_BASE + slot * BAR_WINDOW,
                new ConfigEffects(iommu, vectors, model, on -> decodes = on));
        readOnlyConfig = EmulatedConfigSpace.readOnly(registers, this);
    }

    /** Switches the card on. */
    public void plugIn() {
        model.plugIn(new Slot(), "busbar-card-" + address);
    }

    /** Switches the card on without a thread of its own, see {@link DeviceModel#plugInStepped}. */
    public void plugInStepped() {
        model.plugInStepped(new Slot());
    }

    @Override
    public PciAddress address() {
        return address;
    }

    @Override
    public PciIds ids() {
        return model.config().ids();
    }

    @Override
    public Optional<String> slot() {
        return Optional.of(Integer.toString(slot));
    }

    @Override
    public OptionalInt numaNode() {
        return OptionalInt.empty();
    }

    @Override
    public OptionalInt iommuGroup() {
        return OptionalInt.of(slot);
    }

    @Override
    public Optional<String> kernelDriver() {
        return Optional.empty();
    }

    @Override
    public OptionalInt revision() {
        return OptionalInt.of(model.config().revision());
    }

    @Override
    public Optional<String> unavailable() {
        return ejecting ? Optional.of("it is being ejected from slot " + slot) : Optional.empty();
    }

    @Override
    public List<BarInfo> bars() throws IOException {
        if (registers.bad()) {
            throw new IOException(address + " has base address registers of a reserved type; its configuration space is"
                    + " damaged");
        }
        return model.config().bars();
    }

    @Override
    public ConfigSpace config() {
        return readOnlyConfig;
    }

    /** Opens the card for a driver. */
    public FunctionHandle open(FunctionNotices notices) throws OpenException {
        return open(notices, false);
    }

    /**
     * Opens the card for a client of another process, after it was {@linkplain #eject taken} from drivers.
     *
     * @param doorbells where the client rings doorbells, or null if the card has none that can be rung so
     */
    public FunctionHandle openServed(FunctionNotices notices, @Nullable MemorySegment doorbells) throws OpenException {
        FunctionHandle opened = open(notices, true);
        if (doorbells != null) {
            model.ringThrough(doorbells);
        }
        return opened;
    }

    /** Gives the card back to drivers, after {@link #eject}. */
    public void giveBack() {
        ejecting = false;
    }

    private FunctionHandle open(FunctionNotices notices, boolean served) throws OpenException {
        EmulatedHandle opened;
        lock.lock();
        try {
            if (!present) {
                throw new OpenException(OpenException.Reason.GONE, address + " was taken out of its slot");
            }
            if (ejecting && !served) {
                throw new OpenException(OpenException.Reason.BUSY, address + " is being ejected");
            }
            if (handle != null) {
                throw new OpenException(OpenException.Reason.BUSY, address + " is open already; close it first");
            }
            opened = new EmulatedHandle(this, notices,
                    new EmulatedInterrupts(vectors, registers, model, () -> present, "busbar-card-" + address));
            handle = opened;
        } finally {
            lock.unlock();
        }
        iommu.open();
        registers.command(ConfigImage.MEMORY_ENABLE | ConfigImage.BUS_MASTER, 0);
        return opened;
    }

    /** Returns whether somebody has the card open. */
    public boolean inUse() {
        return handle != null;
    }

    /** Returns what is wrong with the card. */
    public List<Fault> faults() {
        return faults;
    }

    /**
     * Makes things go wrong with the card.
     *
     * @throws IllegalArgumentException if the card cannot have a fault
     */
    public void setFaults(List<Fault> wanted) {
        for (Fault fault : wanted) {
            boolean possible = fault instanceof Fault.BadConfigSpace
                    || fault instanceof Fault.StuckReset
                    || model.supports(fault);
            if (!possible) {
                throw new IllegalArgumentException("the card in slot " + slot + " cannot have the fault " + fault);
            }
        }
        faults = List.copyOf(wanted);
        registers.bad(faults.stream().anyMatch(Fault.BadConfigSpace.class::isInstance));
        model.setFaults(faults);
    }

    /**
     * Asks whoever has the card open to close it, and waits for that. Afterwards it cannot be opened any more.
     *
     * @throws IllegalStateException if it is being ejected already
     * @throws DeviceTimeoutException if it is still open at the deadline; the request is withdrawn
     */
    public void eject(Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        EmulatedHandle open;
        lock.lock();
        try {
            if (ejecting) {
                throw new IllegalStateException("the card in slot " + slot + " is being ejected already");
            }
            ejecting = true;
            open = handle;
        } finally {
            lock.unlock();
        }
        if (open == null) {
            return;
        }
        boolean released = false;
        try {
            open.ejectRequested();
            released = awaitRelease(deadline);
        } finally {
            if (!released) {
                ejecting = false;
                open.ejectCancelled();
            }
        }
        if (!released) {
            throw new DeviceTimeoutException(
                    "the driver of " + address + " has not given it up in time; the card stays in slot " + slot);
        }
    }

    /** Separates the card from everything: when this returns, neither side reaches the other any more. */
    public void cutOff() {
        lock.lock();
        try {
            present = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        iommu.cut();
        EmulatedHandle open = handle;
        if (open != null) {
            open.maybeGone();
        }
    }

    /** Switches a card off that was cut off, and waits until it has stopped. */
    public void switchOff() {
        if (!model.unplug(Deadline.afterMillis(STOP_MILLIS))) {
            LOG.error("The model of the card in slot {} does not stop; its thread is left behind", slot);
        }
    }

    /** The IOMMU has stopped an access. Whoever has the card open is told, once: its driver has lost track of its memory. */
    private void strayed(FaultLog log, IommuFault fault) {
        log.record(fault);
        EmulatedHandle open = handle;
        if (open != null) {
            open.strayed(
                    "the IOMMU has stopped the device: it wanted to %s %d bytes at 0x%x, where nothing is mapped for it"
                            .formatted(fault.write() ? "write" : "read", fault.length(), fault.address()));
        }
    }

    /** Returns what the card's model threw, if it has crashed. */
    public @Nullable Throwable crash() {
        return model.crash();
    }

    long readRegister(int bar, long offset, int width) {
        if (!present || !decodes) {
            return -1;
        }
        return vectors.covers(bar, offset) ? vectors.read(offset, width) : model.read(bar, offset, width);
    }

    void writeRegister(int bar, long offset, int width, long value) {
        if (!present || !decodes) {
            return;
        }
        if (vectors.covers(bar, offset)) {
            vectors.write(offset, width, value);
        } else {
            model.write(bar, offset, width, value);
        }
    }

    void checkPresent() {
        if (!present) {
            throw new DeviceGoneException(address + " was taken out of its slot");
        }
    }

    ConfigRegisters registers() {
        return registers;
    }

    Iommu iommu() {
        return iommu;
    }

    /** Returns the card itself. */
    public DeviceModel model() {
        return model;
    }

    /** A handle was closed: puts the card back into the state in which it was found. */
    void release(EmulatedHandle closed, Deadline deadline) {
        if (model.doorbellWindow() != null) {
            model.ringThrough(null);
        }
        registers.command(0, ConfigImage.MEMORY_ENABLE | ConfigImage.BUS_MASTER);
        iommu.close();
        resetAfterUse(deadline);
        lock.lock();
        try {
            if (handle == closed) {
                handle = null;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void resetAfterUse(Deadline deadline) {
        boolean stuck = faults.stream().anyMatch(Fault.StuckReset.class::isInstance);
        if (!present || stuck) {
            model.startReset();
            return;
        }
        try {
            if (!model.resetFunction(deadline) && present) {
                LOG.warn("{} has not come back from the reset after its use", address);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean awaitRelease(Deadline deadline) throws InterruptedException {
        lock.lock();
        try {
            while (handle != null && present) {
                if (!changed.await(deadline.remainingNanos(), TimeUnit.NANOSECONDS)) {
                    return handle == null || !present;
                }
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void deliver(int data) {
        EmulatedHandle open = handle;
        if (open != null && present) {
            open.deliver(data);
        }
    }

    /** What the card is plugged into. */
    private final class Slot implements DeviceBus {

        @Override
        public DmaPort dma() {
            return iommu;
        }

        @Override
        public void raise(int vector) {
            if (present) {
                vectors.raise(vector);
                EmulatedHandle open = handle;
                if (vector == 0 && open != null) {
                    open.pinMayBeAsserted();
                }
            }
        }
    }
}
