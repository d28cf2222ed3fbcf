package org.busbar.emulator.internal.model;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.busbar.device.Deadline;
import org.busbar.emulator.Fault;
import org.jspecify.annotations.Nullable;

/**
 * A software device: registers, and a thread of its own that does what they ask for. See the package for how to write
 * one.
 */
public abstract class DeviceModel {

    /** What {@link #work} returns when only a wake-up can give it something to do. */
    public static final long IDLE = Long.MAX_VALUE;

    private final ConfigImage config;
    private volatile boolean stuckReset;
    private @Nullable DeviceBus bus;
    private @Nullable DeviceThread thread;
    private boolean stepped;

    /**
     * Makes a device that is not plugged in yet.
     *
     * @param config its configuration space
     */
    protected DeviceModel(ConfigImage config) {
        this.config = config;
    }

    /** Returns the configuration space after reset. */
    public final ConfigImage config() {
        return config;
    }

    /**
     * Reads a register. Any thread, several at once; does not wait.
     *
     * @param bar index of the base address register
     * @param offset a multiple of the width, within the register's size
     * @param width 1, 2, 4 or 8 bytes
     * @return the value; bits above the width are ignored
     */
    public abstract long read(int bar, long offset, int width);

    /**
     * Writes a register. Any thread, several at once; does not wait. What it changes is stored volatile before
     * {@link #wake}.
     *
     * @param bar index of the base address register
     * @param offset a multiple of the width, within the register's size
     * @param width 1, 2, 4 or 8 bytes
     * @param value the value, bits above the width are 0
     */
    public abstract void write(int bar, long offset, int width, long value);

    /**
     * Does a bounded piece of work, on the device's thread.
     *
     * @return in how many nanoseconds it wants to be called again without {@link #wake}: 0 at once, {@link #IDLE} never
     */
    protected abstract long work();

    /** Function-level reset, on the device's thread: registers to their defaults, nothing in flight. */
    protected abstract void reset();

    /** The card was taken out, on the device's thread: give back what the model holds. Nothing is called afterwards. */
    protected abstract void unplugged();

    /**
     * Returns which registers can be rung through memory, see {@link #ringThrough}; null if there are none. Where the model
     * says so, each write to them says all, in 32 bits, and only the latest counts.
     */
    public @Nullable DoorbellWindow doorbellWindow() {
        return null;
    }

    /**
     * Has the device look at memory for what is written to its {@link #doorbellWindow}, besides at its registers. A word that
     * is not {@link DoorbellWindow#NOT_RUNG} was written, and the device puts that value back. Any thread; stores it volatile,
     * wakes and returns.
     *
     * @param memory as large as the window, valid for as long as it is referred to, or null for no more
     */
    public void ringThrough(@Nullable MemorySegment memory) {
        if (memory != null) {
            throw new IllegalArgumentException("the device has no doorbells that can be rung through memory");
        }
    }

    /** Returns whether the interrupt pin is asserted, by a device that has one. Any thread. */
    public boolean pinAsserted() {
        return false;
    }

    /** Returns whether the device can have a fault. Called for faults other than those of configuration space. */
    public abstract boolean supports(Fault fault);

    /** Told which faults the device has from now on. Any thread; stores them volatile and returns. */
    protected abstract void faults(List<Fault> faults);

    /** Has {@link #work} called soon. Cheap; any thread. */
    protected final void wake() {
        DeviceThread running = thread;
        if (running != null) {
            running.wake();
        }
    }

    /** Returns the way to memory. */
    protected final DmaPort dma() {
        return bus().dma();
    }

    /** Sends an interrupt; with vector 0, says that the pin may be asserted as well. */
    protected final void raise(int vector) {
        bus().raise(vector);
    }

    /** Returns whether resets are to hang: a model leaves its ready bits as they are while this holds. Any thread. */
    protected final boolean stuckReset() {
        return stuckReset;
    }

    /**
     * Starts the device. Called once, before anything else.
     *
     * @param where what it is plugged into
     * @param name for its thread
     */
    public final void plugIn(DeviceBus where, String name) {
        bus = where;
        thread = new DeviceThread(name, this);
        thread.start();
    }

    /**
     * Plugs the device in without a thread: {@link #step} does what one would do. For measurements in which the device's time is
     * to be told from that of waking it. Function-level resets are not carried out.
     *
     * @param where what it is plugged into
     */
    public final void plugInStepped(DeviceBus where) {
        bus = where;
        stepped = true;
    }

    /**
     * Does a bounded piece of work on the caller's thread, of a device that has none of its own. For one thread at a time.
     *
     * @return in how many nanoseconds there is more to do, as {@link #work} says
     */
    public final long step() {
        if (!stepped) {
            throw new IllegalStateException("the device has a thread of its own, or is not plugged in");
        }
        return work();
    }

    /**
     * Stops the device and waits until its thread has ended. The device is cut off from its bus before.
     *
     * @return whether it ended by the deadline
     */
    public final boolean unplug(Deadline deadline) {
        DeviceThread running = thread;
        if (running == null && stepped) {
            stepped = false;
            unplugged();
        }
        return running == null || running.stop(deadline);
    }

    /**
     * Carries out a function-level reset.
     *
     * @return whether it was done by the deadline
     */
    public final boolean resetFunction(Deadline deadline) throws InterruptedException {
        DeviceThread running = thread;
        return running != null && running.reset(deadline);
    }

    /** Starts a function-level reset and does not wait for it. */
    public final void startReset() {
        DeviceThread running = thread;
        if (running != null) {
            running.startReset();
        }
    }

    /** Gives the device these faults and no others. */
    public final void setFaults(List<Fault> faults) {
        stuckReset = faults.stream().anyMatch(Fault.StuckReset.class::isInstance);
        faults(faults);
        wake();
    }

    /** Returns what the model threw, if it has crashed. */
    public final @Nullable Throwable crash() {
        DeviceThread running = thread;
        return running == null ? null : running.crash();
    }

    private DeviceBus bus() {
        DeviceBus where = bus;
        if (where == null) {
            throw new IllegalStateException("the device is not plugged in");
        }
        return where;
    }
}
