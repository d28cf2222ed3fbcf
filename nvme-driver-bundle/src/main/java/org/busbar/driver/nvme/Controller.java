package org.busbar.driver.nvme;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.busbar.block.BlockFeatures;
import org.busbar.block.QueueOptions;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.DriverBinding;
import org.busbar.device.RemovalReason;
import org.busbar.nvme.ControllerIdentity;
import org.busbar.nvme.NvmeException;
import org.busbar.pci.DmaBuffer;
import org.busbar.pci.DmaException;
import org.busbar.pci.PciDeviceContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A controller that is up: what its namespaces and queues share, and how it is brought to rest. */
final class Controller implements DriverBinding {

    private static final Logger LOG = LoggerFactory.getLogger(Controller.class);
    private static final Duration DEFAULT_SHUTDOWN = Duration.ofSeconds(2);
    /** RTD3E may claim over an hour; the core gives a close a few seconds. */
    private static final Duration MAX_SHUTDOWN = Duration.ofSeconds(4);

    private static final Duration STOP_PATIENCE = Duration.ofMillis(500);
    private static final long MAX_TRANSFER = 1 << 20;

    private final PciDeviceContext context;
    private final String name;
    private final NvmeConfig config;
    private final Registers registers;
    private final Health health;
    private final ControllerIdentity identity;
    private final IoSupport io;
    private final IoQueues queues;
    private final Gate gate;
    /** Open queues, and the namespace of each; 0 for the one that all share. */
    private final Map<CommandQueue, Integer> open = new ConcurrentHashMap<>();
    private @Nullable BlockingIo blocking;
    private volatile @Nullable Management management;

    Controller(
            PciDeviceContext context,
            NvmeConfig config,
            Registers registers,
            Health health,
            Initialization.Up up,
            IoQueues queues) {
        this.context = context;
        this.config = config;
        this.registers = registers;
        this.health = health;
        this.identity = up.identity();
        this.io = up.io();
        this.queues = queues;
        this.name = context.device().address().toString();
        this.gate = new Gate(name);
        context.onRevoked(this::shut);
    }

    String name() {
        return name;
    }

    /** Has the admin side looked after from now on, until this is closed. */
    void managedBy(Management admin) {
        management = admin;
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

    /** Whether no request is in flight on a namespace. */
    boolean isIdle(NamespaceInfo namespace) {
        return !namespace.isInUse()
                && open.entrySet()
                        .stream()
                        .noneMatch(e -> e.getValue() == namespace.nsid() && e.getKey().inFlight() > 0);
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
        Signal signal = new Signal();
        boolean polls = options.waiting() == QueueOptions.Waiting.POLL;
        long timeout = options.timeout().isZero() ? commandTimeoutNanos() : options.timeout().toNanos();
        CommandQueue commands = openCommands(
                namespace.nsid(), options.depth(), polls ? null : signal::raise, timeout, commandDeadline());
        Waiter waiter = new Waiter(signal, options.waiting(), hasInterrupt(commands.pair().id()));
        return new NvmeQueue(this, namespace, commands, waiter, new Buffers(context.dma()));
    }

    private BlockingIo openBlocking(Deadline deadline)
            throws DmaException, NvmeException, DeviceTimeoutException, InterruptedException {
        AtomicReference<BlockingIo> later = new AtomicReference<>();
        int depth = Math.min(BlockingIo.SLOTS, maxDepth());
        CommandQueue commands = openCommands(
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
        BlockingIo blocking = new BlockingIo(
                commands,
                context.dma().allocate((long) depth * BlockingIo.SLOT_BYTES),
                gate,
                hasInterrupt(commands.pair().id()));
        later.set(blocking);
        return blocking;
    }

    private CommandQueue openCommands(
            int nsid, int depth, @Nullable Runnable onInterrupt, long timeoutNanos, Deadline deadline)
            throws DmaException, NvmeException, DeviceTimeoutException, InterruptedException {
        if (gate.isGone() || gate.isDraining()) {
            throw gate.gone();
        }
        QueuePair pair = queues.create(depth + 1, onInterrupt, deadline);
        boolean done = false;
        try {
            DmaBuffer lists = context.dma().allocate(depth * PrpLists.listBytes(maxTransfer()));
            DataPointers pointers = new DataPointers(lists, maxTransfer(), io.hasSgls());
            Watch watch = new Watch(pair.id(), pair.slots(), timeoutNanos, queues::abort, health);
            CommandQueue commands = new CommandQueue(pair, pointers, gate, health, watch);
            open.put(commands, nsid);
            done = true;
            return commands;
        } finally {
            if (!done) {
                queues.delete(pair, deadline);
            }
        }
    }

    private long commandTimeoutNanos() {
        return TimeUnit.MILLISECONDS.toNanos(config.commandTimeoutMillis());
    }

    /**
     * Ends a queue for its owner: what is in flight completes first, or is aborted by deleting the queue.
     *
     * @return whether the controller has no use for the queue's memory any more, data buffers included; otherwise all of
     *     it stays with the binding
     */
    boolean close(CommandQueue commands, Deadline deadline) {
        if (open.remove(commands) == null || gate.isGone()) {
            return false;
        }
        boolean interrupted = false;
        try {
            interrupted = !drain(commands, deadline);
            queues.delete(commands.pair(), commandDeadline());
            commands.release();
            return true;
        } catch (NvmeException | DeviceTimeoutException e) {
            LOG.warn("{}: queue {} cannot be deleted: {}", context.id(), commands.pair().id(), e.getMessage());
            health.unresponsive("queue " + commands.pair().id() + " cannot be deleted: " + e.getMessage());
        } catch (DeviceGoneException e) {
            LOG.debug("{}: gone while queue {} was closed", context.id(), commands.pair().id());
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        return false;
    }

    /** Returns false if the thread was interrupted. What has not completed in time is left to the deletion. */
    private boolean drain(CommandQueue commands, Deadline deadline) {
        try {
            commands.drain(context, deadline);
            return true;
        } catch (DeviceTimeoutException e) {
            LOG.warn("{}: queue {}: {}", context.id(), commands.pair().id(), e.getMessage());
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    @Override
    public void quiesce(Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        gate.drain();
        context.await(
                "requests in flight to complete",
                () -> open.keySet().stream().allMatch(commands -> commands.inFlight() == 0),
                deadline);
    }

    @Override
    public void close(RemovalReason reason) throws DeviceTimeoutException, InterruptedException {
        shut();
        Management admin = management;
        if (admin != null) {
            admin.stop(Deadline.after(STOP_PATIENCE));
        }
        if (!reason.isSurprise() && !context.isRevoked() && !registers.looksGone()) {
            shutDown();
        }
    }

    /** Fails what is in flight and wakes those who wait. */
    private void shut() {
        gate.shut();
        queues.wakeAll();
    }

    /** Normal shutdown (NVMe Base 1.4, section 7.6.2), so that the controller saves what it has cached. */
    private void shutDown() throws DeviceTimeoutException, InterruptedException {
        Duration reported = identity.shutdownTime().isZero() ? DEFAULT_SHUTDOWN : identity.shutdownTime();
        Duration patience = reported.compareTo(MAX_SHUTDOWN) < 0 ? reported : MAX_SHUTDOWN;
        registers.notifyShutdown();
        try {
            context.await(
                    "the controller to shut down (CSTS.SHST = 10b)",
                    registers::shutdownComplete,
                    Deadline.after(patience));
        } finally {
            registers.disable();
        }
        // Until then the controller may still access memory that is about to be unmapped (3.1.5).
        context.await("the controller to stop (CSTS.RDY = 0)", () -> !registers.ready(), Deadline.after(STOP_PATIENCE));
    }

    private Deadline commandDeadline() {
        return Deadline.afterMillis(config.commandTimeoutMillis());
    }
}
