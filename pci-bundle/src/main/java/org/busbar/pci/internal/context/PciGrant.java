package org.busbar.pci.internal.context;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceId;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.HandoverState;
import org.busbar.device.ProbeDeferredException;
import org.busbar.device.ProbeException;
import org.busbar.device.Publication;
import org.busbar.device.bus.Keepable;
import org.busbar.device.bus.Kept;
import org.busbar.pci.Bar;
import org.busbar.pci.ConfigSpace;
import org.busbar.pci.Dma;
import org.busbar.pci.DmaBuffer;
import org.busbar.pci.Inheritance;
import org.busbar.pci.Interrupts;
import org.busbar.pci.PciDevice;
import org.busbar.pci.PciDeviceContext;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.OpenException;
import org.jspecify.annotations.Nullable;

/** The core's grant of a device, with the open function behind it. */
public final class PciGrant implements PciDeviceContext {

    private final PciDevice device;
    private final DeviceContext context;
    private final FunctionHandle handle;
    private final Runnable lookAgain;
    private final Runnable ended;
    /** What this goes on from; the driver may ask for it until its probe is over. */
    private final @Nullable KeptFunction kept;

    private volatile boolean probed;
    private final BarCache bars;
    private final DmaPool dma;
    private final DriverInterrupts interrupts;
    private final AtomicBoolean released = new AtomicBoolean();

    private PciGrant(PciDevice device, DeviceContext context, FunctionHandle handle, DmaPool dma, Runnable lookAgain,
            Runnable ended, @Nullable KeptFunction kept) {
        this.device = device;
        this.context = context;
        this.handle = handle;
        this.dma = dma;
        this.lookAgain = lookAgain;
        this.ended = ended;
        this.kept = kept;
        bars = new BarCache(device.address(), handle);
        interrupts = new DriverInterrupts(context, handle.interrupts());
    }

    /**
     * Opens a function for a probe, and has it released at the end of the binding.
     *
     * @param lookAgain has the host looked at, once a driver suspects that the function is gone
     * @param ended called when the function has been given up
     * @throws ProbeException if the host does not open it, with the host's own words
     */
    public static PciGrant open(PciDevice device, DeviceContext context, FunctionOpener opener, Runnable lookAgain,
            Runnable ended) throws ProbeException {
        FunctionHandle handle = openHandle(opener);
        PciGrant grant;
        try {
            grant = new PciGrant(
                    device, context, handle, new DmaPool(context, handle.dma()), lookAgain, ended, null);
        } catch (RuntimeException | Error e) {
            // A host that cannot even describe the function: nothing holds the handle yet, so it is closed here.
            try (handle) {
                throw new ProbeException(device.address() + ": its host " + device.host() + " failed: " + e, e);
            }
        }
        return grant.granted();
    }

    /**
     * Goes on with a function that was kept, and has it released at the end of the binding.
     *
     * @throws ProbeException if it has been released
     */
    public static PciGrant adopt(KeptFunction kept, DeviceContext context) throws ProbeException {
        if (!kept.take()) {
            throw new ProbeException(kept.device().address() + " is not kept any more");
        }
        PciGrant grant = new PciGrant(
                kept.device(),
                context,
                kept.handle(),
                new DmaPool(context, kept.memory()),
                kept.lookAgain(),
                kept.ended(),
                kept);
        return grant.granted();
    }

    private PciGrant granted() throws ProbeException {
        context.own("function " + device.address(), new Hold());
        context.onRevoked(this::revoke);
        if (context.isRevoked()) {
            throw new ProbeException(device.address() + " has gone while it was being opened");
        }
        return this;
    }

    /** A function that is not this driver's any more is not its to revoke. */
    private void revoke() {
        if (!released.get()) {
            handle.revoke();
        }
    }

    /** The function, as the binding owns it. */
    private final class Hold implements Keepable {
        @Override
        public Kept keep(HandoverState state) throws IOException {
            return PciGrant.this.keep(state);
        }

        @Override
        public void close() {
            release(false);
        }
    }

    /** Takes the function from the driver, but not from the bus. */
    private KeptFunction keep(HandoverState state) throws IOException {
        requireGranted();
        if (!released.compareAndSet(false, true)) {
            throw new DeviceGoneException(context.id().address() + " has been given up");
        }
        boolean done = false;
        try {
            interrupts.disable();
            if (!handle.renew()) {
                throw new IOException(device.address() + ": its host " + device.host() + " cannot keep it running");
            }
            DmaEstate left = dma.handOver();
            done = true;
            return new KeptFunction(device, handle, left, state, lookAgain, ended);
        } finally {
            if (!done) {
                released.set(false);
                if (context.isRevoked()) {
                    handle.revoke(); // the surprise has passed by meanwhile
                }
            }
        }
    }

    /** The probe has succeeded: what it has left of the inheritance goes. */
    public void probed() {
        probed = true;
        if (kept != null) {
            dma.dropInherited();
            kept.adopted();
        }
    }

    /** Ends this grant before its probe has: the function is reset and given up, to be opened anew. */
    public void startOver() {
        release(true);
    }

    private static FunctionHandle openHandle(FunctionOpener opener) throws ProbeException {
        try {
            return opener.open();
        } catch (OpenException e) {
            String message = String.valueOf(e.getMessage());
            if (e.reason() == OpenException.Reason.BUSY) {
                ProbeDeferredException deferred = new ProbeDeferredException(message);
                deferred.initCause(e);
                throw deferred;
            }
            throw new ProbeException(message, e);
        }
    }

    /** Takes everything back, in the order that the hardware needs: first what the device can do to us, then the rest. */
    private void release(boolean reset) {
        if (!released.compareAndSet(false, true)) {
            return;
        }
        ReleaseSteps steps = new ReleaseSteps(context.id().address());
        steps.run("turn interrupts off", interrupts::disable);
        if (reset) {
            steps.run("reset", () -> KeptFunction.reset(handle, device));
        }
        steps.run("turn bus mastering off", handle::stopDma);
        dma.close(steps);
        steps.run("unmap registers", handle::closeBars);
        steps.run("give the function up", handle::close);
        steps.run("tell the bus", ended::run);
        steps.finish();
    }

    @Override
    public PciDevice device() {
        requireGranted();
        return device;
    }

    @Override
    public ConfigSpace config() {
        requireGranted();
        return handle.config();
    }

    @Override
    public Bar bar(int index) throws IOException {
        requireGranted();
        return bars.get(index);
    }

    @Override
    public Dma dma() {
        requireGranted();
        return dma;
    }

    @Override
    public Interrupts interrupts() {
        requireGranted();
        return interrupts;
    }

    @Override
    public Optional<Inheritance> inherited() {
        KeptFunction from = kept;
        return from == null || probed ? Optional.empty() : Optional.of(new Heritage(from.state(), dma));
    }

    private record Heritage(HandoverState state, DmaPool dma) implements Inheritance {
        @Override
        public Set<String> names() {
            return dma.inheritedNames();
        }

        @Override
        public DmaBuffer memory(String name) {
            return dma.inherit(name);
        }
    }

    @Override
    public void reset(Deadline deadline) throws IOException, DeviceTimeoutException {
        requireGranted();
        handle.reset(deadline);
    }

    @Override
    public void suspectGone(String why) {
        context.suspectGone(why);
        lookAgain.run();
    }

    @Override
    public DeviceId id() {
        return context.id();
    }

    @Override
    public Deadline probeDeadline() {
        return context.probeDeadline();
    }

    @Override
    public boolean isRevoked() {
        return context.isRevoked();
    }

    @Override
    public void onRevoked(Runnable action) {
        context.onRevoked(action);
    }

    @Override
    public <S> Publication publish(Class<S> type, S service, Map<String, ?> properties) {
        return context.publish(type, service, properties);
    }

    @Override
    public Executor executor() {
        return context.executor();
    }

    @Override
    public void await(String what, BooleanSupplier condition, Deadline deadline)
            throws DeviceTimeoutException, InterruptedException {
        context.await(what, condition, deadline);
    }

    @Override
    public <R extends AutoCloseable> R own(String what, R resource) {
        return context.own(what, resource);
    }

    @Override
    public void fail(Throwable cause) {
        context.fail(cause);
    }

    private void requireGranted() {
        if (released.get() || context.isRevoked()) {
            throw new DeviceGoneException(context.id().address() + " is gone, or not this driver's any more");
        }
    }
}
