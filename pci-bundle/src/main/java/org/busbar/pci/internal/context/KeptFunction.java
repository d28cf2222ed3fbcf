package org.busbar.pci.internal.context;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.HandoverState;
import org.busbar.device.bus.Kept;
import org.busbar.pci.PciDevice;
import org.busbar.pci.host.FunctionHandle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An open function between two drivers: it is the bus's own. Holds nothing of the driver that has left but the bytes of its
 * state.
 */
public final class KeptFunction implements Kept {

    private static final Logger LOG = LoggerFactory.getLogger(KeptFunction.class);
    private static final Duration RESET = Duration.ofSeconds(5);

    private enum Fate {
        KEPT,
        TAKEN,
        ADOPTED,
        RELEASED
    }

    private final PciDevice device;
    private final FunctionHandle handle;
    private final DmaEstate memory;
    private final HandoverState state;
    private final Runnable lookAgain;
    private final Runnable ended;
    private final AtomicReference<Fate> fate = new AtomicReference<>(Fate.KEPT);

    KeptFunction(PciDevice device, FunctionHandle handle, DmaEstate memory, HandoverState state, Runnable lookAgain,
            Runnable ended) {
        this.device = device;
        this.handle = handle;
        this.memory = memory;
        this.state = state;
        this.lookAgain = lookAgain;
        this.ended = ended;
    }

    /** What the driver that has left says. */
    public HandoverState state() {
        return state;
    }

    PciDevice device() {
        return device;
    }

    FunctionHandle handle() {
        return handle;
    }

    DmaEstate memory() {
        return memory;
    }

    Runnable lookAgain() {
        return lookAgain;
    }

    Runnable ended() {
        return ended;
    }

    /** Takes it for a probe; whoever does has to give it up. Returns false if it has been released. */
    boolean take() {
        return fate.compareAndSet(Fate.KEPT, Fate.TAKEN);
    }

    /** The probe has succeeded with what was kept. */
    void adopted() {
        fate.compareAndSet(Fate.TAKEN, Fate.ADOPTED);
    }

    @Override
    public boolean isAdopted() {
        return fate.get() == Fate.ADOPTED;
    }

    @Override
    public String text() {
        int pieces = memory.memory().size();
        return "the open function with bus mastering, " + pieces + (pieces == 1 ? " piece" : " pieces")
                + " of DMA memory (" + memory.bytes() / 1024 + " KiB), state " + state;
    }

    @Override
    public void release(boolean present) {
        if (!fate.compareAndSet(Fate.KEPT, Fate.RELEASED)) {
            return;
        }
        ReleaseSteps steps = new ReleaseSteps(device.address().toString());
        if (present) {
            steps.run("reset", () -> reset(handle, device));
        }
        steps.run("turn bus mastering off", handle::stopDma);
        memory.release(steps);
        steps.run("unmap registers", handle::closeBars);
        steps.run("give the function up", handle::close);
        steps.run("tell the bus", ended::run);
        steps.finish();
    }

    /** Brings a function to rest that no driver looks after any more. Bus mastering is turned off after this in any case. */
    static void reset(FunctionHandle handle, PciDevice device) {
        try {
            handle.reset(Deadline.after(RESET));
        } catch (IOException | DeviceTimeoutException | DeviceGoneException e) {
            LOG.warn("{}: not reset after its driver has left, only kept from memory: {}", device.address(),
                    e.getMessage());
        }
    }
}
