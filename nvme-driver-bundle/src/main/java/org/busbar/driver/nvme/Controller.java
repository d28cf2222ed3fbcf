package org.busbar.driver.nvme;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.busbar.block.BlockFeatures;
import org.busbar.block.QueueOptions;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.HandoverBinding;
import org.busbar.device.HandoverState;
import org.busbar.device.RemovalReason;
import org.busbar.nvme.ControllerIdentity;
import org.busbar.nvme.NvmeException;
import org.busbar.pci.DmaException;
import org.busbar.pci.PciDeviceContext;
import org.jspecify.annotations.Nullable;

/** A controller that is up: what its namespaces and queues share, and how it is brought to rest. */
final class Controller implements HandoverBinding {

    private static final Duration STOP_PATIENCE = Duration.ofSeconds(1);
    private static final long MAX_TRANSFER = 1 << 20;

    private final PciDeviceContext context;
    private final String name;
    private final NvmeConfig config;
    private final Registers registers;
    private final Shutdown shutdown;
    private final ControllerIdentity identity;
    private final IoSupport io;
    private final IoQueues queues;
    private final Gate gate;
    private final OpenQueues open;
    private final BindingEnd end;
    private volatile @Nullable BlockingIo blocking;
    private volatile @Nullable Management management;

    Controller(
            PciDeviceContext context,
            NvmeConfig config,
            Registers registers,
            Quirks quirks,
            Health health,
            Initialization.Up up,
            IoQueues queues) {
        this.context = context;
        this.config = config;
        this.registers = registers;
        this.identity = up.identity();
        this.shutdown = new Shutdown(context, registers, quirks, identity.shutdownTime());
        this.io = up.io();
        this.queues = queues;
        this.name = context.device().address().toString();
        this.gate = new Gate(name);
        this.end = new BindingEnd(context.dma());
        this.open = new OpenQueues(
                context,
                context.dma(),
                health,
                queues,
                gate,
                io.hasSgls(),
                maxTransfer(),
                config.commandTimeoutMillis());
        context.onRevoked(this::shut);
    }

    String name() {
        return name;
    }

    /** Has the admin side looked after from now on, until this is closed. */
    void managedBy(Management admin) {
        management = admin;
        open.follow(admin);
    }

    /** The queues that are open. */
    OpenQueues open() {
        return open;
    }

    /**
     * Checks that a controller that was reset still has what open queues and block devices rely on. Firmware that the
     * reset has activated may have less; then only a new probe helps.
     */
    void requireNoLess(Initialization.Up up) throws IOException {
        require("I/O queues", queues.granted(), up.queues());
        require("entries per queue (CAP.MQES)", open.mostEntries(), registers.maxQueueEntries());
        require("bytes per command (MDTS)", maxTransfer(), up.identity().maxTransfer());
        if (io.hasSgls() && !up.io().hasSgls()) {
            throw new IOException("after the reset it does not support SGLs any more");
        }
    }

    private static void require(String what, long before, long now) throws IOException {
        if (now < before) {
            throw new IOException("after the reset it grants " + now + " " + what + " instead of " + before);
        }
    }

    /** Stops requests for a reset. */
    void pause() {
        gate.pause();
    }

    /** Goes on after a reset, and wakes those who wait. */
    void resume() {
        gate.resume();
        queues.wakeAll();
    }

    /** Makes the block device of a namespace. Called by one thread at a time. */
    NvmeNamespace device(NamespaceInfo namespace) throws IOException, DeviceTimeoutException, InterruptedException {
        BlockingIo shared = blocking;
        if (shared == null) {
            shared = openBlocking(commandDeadline());
            blocking = shared;
        }
        return new NvmeNamespace(this, namespace, shared);
    }

    /** Returns why a namespace cannot be offered, or nothing. */
    Optional<String> objection(NamespaceInfo namespace) {
        return namespace.unsupported(maxTransfer());
    }

    /** Lets no further request reach a namespace that is retired. */
    void retire(NamespaceInfo namespace) {
        open.retire(namespace.nsid());
    }

    /** Whether no request is under way on a namespace that is retired. */
    boolean isIdle(NamespaceInfo namespace) {
        lookAfterShared();
        return !namespace.isInUse() && open.areIdle(namespace.nsid());
    }

    /** Takes completions whose callers have given up, and sees to commands that are late. */
    void lookAfterShared() {
        BlockingIo shared = blocking;
        if (shared != null) {
            shared.look();
        }
    }

    /** What the controller says of I/O commands. */
    IoSupport io() {
        return io;
    }

    /** Returns what a namespace offers. */
    BlockFeatures features(NamespaceInfo namespace) {
        return io.blockFeatures(namespace, maxTransfer());
    }

    /** Returns what one Copy command on a namespace may do. */
    CopyLimits copyLimits(NamespaceInfo namespace) {
        return namespace.copyLimits().atMost(PrpLists.copyRanges(maxTransfer()));
    }

    private long maxTransfer() {
        return Math.min(identity.maxTransfer(), MAX_TRANSFER);
    }

    boolean hasInterrupt(int queue) {
        return queues.hasInterrupt(queue);
    }

    /** The most commands that a queue may have in flight: CAP.MQES less the entry that keeps a full ring from looking empty. */
    int maxDepth() {
        return registers.maxQueueEntries() - 1;
    }

    NvmeQueue openQueue(NamespaceInfo namespace, QueueOptions options)
            throws DmaException, NvmeException, DeviceTimeoutException, InterruptedException {
        AtomicInteger id = new AtomicInteger();
        Signal signal = new Signal(
                () -> hasInterrupt(id.get()) ? context.interrupts().waiter(id.get()) : Optional.empty());
        boolean polls = options.waiting() == QueueOptions.Waiting.POLL;
        long timeout = options.timeout().isZero() ? commandTimeoutNanos() : options.timeout().toNanos();
        CommandQueue commands = open.open(
                namespace.nsid(), options.depth(), polls ? null : signal::raise, timeout, commandDeadline());
        id.set(commands.pair().id());
        Waiter waiter = new Waiter(signal, options.waiting(), hasInterrupt(commands.pair().id()));
        return new NvmeQueue(this, namespace, commands, waiter, new Buffers(context.dma()));
    }

    private BlockingIo openBlocking(Deadline deadline)
            throws DmaException, NvmeException, DeviceTimeoutException, InterruptedException {
        AtomicReference<BlockingIo> later = new AtomicReference<>();
        int depth = Math.min(BlockingIo.SLOTS, maxDepth());
        CommandQueue commands = open.open(
                0,
                depth,
                () -> {
                    BlockingIo blocking = later.get();
                    if (blocking != null) {
                        blocking.wake();
                    }
                },
                commandTimeoutNanos(),
                deadline);
        boolean done = false;
        try {
            BlockingIo blocking = new BlockingIo(
                    commands,
                    context.dma().allocate((long) depth * BlockingIo.SLOT_BYTES),
                    gate,
                    hasInterrupt(commands.pair().id()));
            later.set(blocking);
            done = true;
            return blocking;
        } finally {
            if (!done) {
                boolean _ = open.close(commands, deadline);
            }
        }
    }

    private long commandTimeoutNanos() {
        return TimeUnit.MILLISECONDS.toNanos(config.commandTimeoutMillis());
    }

    /**
     * Ends a queue for its owner: what is in flight completes first, or is aborted by deleting the queue.
     *
     * @return whether the queue's memory, data buffers included, is free; otherwise all of it stays with the binding
     */
    boolean close(CommandQueue commands, Deadline deadline) {
        return open.close(commands, deadline);
    }

    @Override
    public void quiesce(Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        gate.drain();
        context.await(
                "requests in flight to complete",
                () -> {
                    lookAfterShared();
                    return open.areIdle();
                },
                deadline);
    }

    /** The controller stays enabled, with its admin queue; I/O queues are deleted. */
    @Override
    public Optional<HandoverState> handOver(Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        Management admin = management;
        if (admin == null || !admin.canLeave() || registers.failed()) {
            return Optional.empty();
        }
        shut();
        context.await("those who use queues to let go of them", open::areStill, deadline);
        if (!admin.stop(Deadline.after(STOP_PATIENCE).orEarlier(deadline))) {
            return Optional.empty();
        }
        return Optional.of(admin.leave(deadline));
    }

    @Override
    public void close(RemovalReason reason) throws DeviceTimeoutException, InterruptedException {
        shut();
        Management admin = management;
        if (admin != null) {
            boolean _ = admin.stop(Deadline.after(STOP_PATIENCE));
        }
        if (!reason.isSurprise() && !context.isRevoked() && !registers.looksGone()) {
            shutdown.run();
        }
    }

    /** As {@link org.busbar.block.BlockDevice#whenOver}. */
    boolean whenOver(Runnable action) {
        return end.whenOver(action);
    }

    /** Fails what is in flight and wakes those who wait. */
    private void shut() {
        gate.shut();
        queues.wakeAll();
    }

    private Deadline commandDeadline() {
        return Deadline.afterMillis(config.commandTimeoutMillis());
    }
}
