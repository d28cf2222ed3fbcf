package org.busbar.pci.internal.vfio;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.pci.Bar;
import org.busbar.pci.ConfigSpace;
import org.busbar.pci.host.DmaSpace;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.host.InterruptPort;
import org.busbar.pci.internal.linux.FunctionOpener;
import org.busbar.pci.internal.sys.VfioAbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A function that is open through VFIO. */
final class VfioFunctionHandle implements FunctionOpener.Handle {

    private static final Logger LOG = LoggerFactory.getLogger(VfioFunctionHandle.class);
    /** How long close waits for the kernel, which resets the device: well below a second if there is one. */
    private static final long CLOSE_MILLIS = 5_000;

    /** PCI Local Bus 3.0, section 6.2.2. */
    private static final int COMMAND = 0x04;

    private static final int MEMORY_SPACE = 2;
    private static final int BUS_MASTER = 4;

    private final VfioDevice device;
    private final VfioGroups.Member member;
    private final EventLoop loop;
    private final RegisterAccess registers;
    /** Works after revocation too, to turn bus mastering off. */
    private final ConfigSpace ownConfig;

    private final Presence presence;
    private final VfioDmaSpace dma;
    private final VfioInterrupts interrupts;
    private final VfioNotifiers notifiers;
    private final AtomicBoolean dmaStopped = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final CompletableFuture<Void> released = new CompletableFuture<>();

    /** Takes over the device, the group membership and the loop if it succeeds. */
    VfioFunctionHandle(VfioDevice device, VfioGroups.Member member, EventLoop loop, FunctionNotices notices)
            throws IOException {
        this.device = device;
        this.member = member;
        this.loop = loop;
        RegionInfo region = device.region(VfioAbi.VFIO_PCI_CONFIG_REGION_INDEX);
        int size = Math.toIntExact(region.size());
        this.ownConfig = new VfioConfigSpace(device, region.offset(), size, new Revocation(device.address()));
        this.presence = new Presence(ownConfig);
        if (!presence.wasThere()) {
            throw new DeviceGoneException(device.address() + " does not answer");
        }
        this.registers = new RegisterAccess(
                device, revocation -> new VfioConfigSpace(device, region.offset(), size, revocation));
        this.dma = new VfioDmaSpace(
                member.group().container(), member.group().info(), member.ranges(), device.address(), member::strand);
        this.interrupts = new VfioInterrupts(device, loop);
        ownConfig.write16(COMMAND, ownConfig.read16(COMMAND) | MEMORY_SPACE | BUS_MASTER);
        this.notifiers = VfioNotifiers.arm(device, loop, presence, notices);
    }

    @Override
    public ConfigSpace config() {
        return registers.config();
    }

    @Override
    public Bar bar(int index) throws IOException {
        return registers.bar(index);
    }

    @Override
    public DmaSpace dma() {
        return dma;
    }

    @Override
    public InterruptPort interrupts() {
        return interrupts;
    }

    @Override
    public void reset(Deadline deadline) throws IOException, DeviceTimeoutException {
        registers.check();
        if (!device.canReset()) {
            throw new IOException(device.address() + " cannot be reset: it has no function-level reset, and the kernel"
                    + " knows no other way that leaves its neighbours alone");
        }
        try {
            KernelCall.run(
                    "reset of " + device.address(),
                    deadline,
                    IOException.class,
                    () -> {
                        device.reset();
                        return true;
                    },
                    late -> LOG.warn("the reset of {} has come to an end after all", device.address()));
        } catch (TimeoutException e) {
            DeviceTimeoutException timeout = new DeviceTimeoutException(
                    "the reset of " + device.address() + " takes longer than agreed and goes on in the background");
            timeout.initCause(e);
            throw timeout;
        }
    }

    @Override
    public void revoke() {
        registers.revoke();
    }

    @Override
    public boolean renew() {
        return !closed.get() && registers.renew();
    }

    @Override
    public void stopDma() {
        if (dmaStopped.compareAndSet(false, true)) {
            try {
                if (!presence.isGone()) {
                    ownConfig.write16(COMMAND, ownConfig.read16(COMMAND) & ~BUS_MASTER);
                }
            } catch (DeviceGoneException e) {
                LOG.debug("{}: bus mastering could not be turned off", device.address(), e);
            }
        }
    }

    @Override
    public void closeBars() {
        revoke();
    }

    /**
     * Closing the descriptor has the kernel reset the device, and a card that is dead but not gone makes that last over a
     * minute. So it is done on a thread of its own and waited for a few seconds; the kernel lets nobody else have the
     * device before it is done.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            interrupts.disable();
            stopDma();
            closeBars();
            notifiers.close();
            dma.close();
            loop.close();
        } finally {
            closeDescriptors(device, member, () -> released.complete(null));
        }
        if (!loop.join(Deadline.afterMillis(CLOSE_MILLIS))) {
            LOG.error("{}: the thread that handles interrupts does not end:{}", device.address(), loop.stack());
        }
    }

    @Override
    public boolean isGone() {
        return presence.isGone();
    }

    @Override
    public CompletableFuture<Void> released() {
        return released;
    }

    /** Closes a device and leaves its group, in the background if it takes too long; then does {@code afterwards}. */
    static void closeDescriptors(VfioDevice device, VfioGroups.Member member, Runnable afterwards) {
        long began = System.nanoTime();
        try {
            KernelCall.run(
                    "close of " + device.address(),
                    Deadline.afterMillis(CLOSE_MILLIS),
                    RuntimeException.class,
                    () -> {
                        try {
                            device.close();
                            member.close();
                        } finally {
                            afterwards.run();
                        }
                        return true;
                    },
                    late -> LOG.warn("{} is closed at last, after {} ms",
                            device.address(), (System.nanoTime() - began) / 1_000_000));
        } catch (TimeoutException e) {
            LOG.warn("{} (the card does not answer, or somebody still has it)", e.getMessage());
        }
    }
}
