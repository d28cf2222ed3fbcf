package org.busbar.driver.nvme;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.nvme.ControllerIdentity;
import org.busbar.nvme.ControllerStatus;
import org.busbar.nvme.FormatRequest;
import org.busbar.nvme.NvmeController;
import org.busbar.nvme.NvmeEvent;
import org.busbar.nvme.NvmeEventListener;
import org.busbar.nvme.NvmeException;
import org.busbar.nvme.NvmePassthrough;
import org.busbar.pci.PciDeviceContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin side of a controller: its service, events and namespaces, and the threads that look after it.
 *
 * <table>
 * <caption>Threads of a binding</caption>
 * <tr><td>control</td><td>admin completions, overdue commands, health, resets; calls nobody who might take his time</td></tr>
 * <tr><td>care</td><td>handles events; publishes and withdraws namespaces</td></tr>
 * <tr><td>events</td><td>calls listeners</td></tr>
 * </table>
 */
final class Management {

    private static final Logger LOG = LoggerFactory.getLogger(Management.class);
    private static final int ROOM = 1024;
    private static final long IDLE_MILLIS = 60_000;
    /** How often the controller is looked at: with interrupts for its health, without for its events too. */
    private static final long LOOK_MILLIS = 1_000;
    private static final long POLL_MILLIS = 50;

    private final PciDeviceContext context;
    private final NvmeConfig config;
    private final AdminQueue admin;
    private final Health health;
    private final IoQueues queues;
    private final EventLog events;
    private final TaskThread control;
    private final TaskThread care;
    private final AsyncEvents asyncEvents;
    private final Namespaces namespaces;
    private final NamespaceCommands commands;
    private final ControllerService service;
    private final AtomicBoolean polling = new AtomicBoolean();
    private final Instant since = Instant.now();
    private final Controller controller;
    private volatile ControllerIdentity identity;

    Management(
            PciDeviceContext context,
            NvmeConfig config,
            AdminQueue admin,
            Identify identify,
            Health health,
            IoQueues queues,
            ControllerIdentity identity,
            Controller controller,
            Supplier<List<NvmeEventListener>> listeners) {
        this.context = context;
        this.config = config;
        this.admin = admin;
        this.health = health;
        this.queues = queues;
        this.identity = identity;
        this.controller = controller;
        this.events = new EventLog(name(), listeners);
        this.control = new TaskThread(name() + " control", ROOM, context::fail);
        this.care = new TaskThread(name() + " care", ROOM, this::careless);
        this.namespaces = new Namespaces(context, identify, events, controller::device, controller::objection);
        this.commands = new NamespaceCommands(admin);
        LogReader logs = new LogReader(admin);
        this.asyncEvents =
                new AsyncEvents(admin, logs, events, care, this::changed, config.commandTimeoutMillis());
        this.service = new ControllerService(
                this, identify, logs, new FeatureAccess(admin), this::passthrough);
    }

    /** Publishes what there is and begins to look after it: the end of the probe. */
    void start(Deadline deadline) throws NvmeException, DeviceTimeoutException, InterruptedException {
        asyncEvents.start(identity, deadline);
        namespaces.refresh(identity, deadline);
        context.publish(
                NvmeController.class, service, ControllerService.properties(name(), identity));
        events.start(context.executor());
        care.start(context.executor(), IDLE_MILLIS, () -> {});
        control.start(context.executor(), queues.hasInterrupt(0) ? LOOK_MILLIS : POLL_MILLIS, this::look);
    }

    /** Takes the admin queue's interrupt. */
    void interrupt() {
        if (polling.compareAndSet(false, true) && !control.post(this::pollAdmin)) {
            polling.set(false);
        }
    }

    private void pollAdmin() {
        polling.set(false);
        admin.poll();
    }

    private void look() {
        admin.poll();
        health.check();
        String overdue = admin.overdue();
        if (overdue != null) {
            health.unresponsive(overdue);
        }
        asyncEvents.relax();
    }

    /** Called by the thread that cares, when the controller says that its list of namespaces has changed. */
    private void changed() throws NvmeException, DeviceTimeoutException, InterruptedException {
        namespaces.refresh(identity, Deadline.afterMillis(config.commandTimeoutMillis()));
    }

    private void careless(RuntimeException e) {
        LOG.error("{}: an event could not be handled", context.id(), e);
    }

    String name() {
        return context.device().address().toString();
    }

    ControllerIdentity identity() {
        return identity;
    }

    EventLog events() {
        return events;
    }

    Namespaces namespaces() {
        return namespaces;
    }

    ControllerStatus status() {
        return new ControllerStatus(
                context.isRevoked() ? ControllerStatus.State.GONE : ControllerStatus.State.READY,
                since,
                "started",
                queues.granted(),
                queues.open(),
                queues.vectors(),
                0,
                admin.aborts(),
                health.strays(),
                asyncEvents.received());
    }

    void attach(int nsid, Deadline deadline) throws NvmeException, DeviceTimeoutException, InterruptedException {
        onCare("the namespace to be attached", deadline, () -> {
            commands.attach(nsid, identity, deadline);
            namespaces.refresh(identity, deadline);
        });
    }

    void detach(int nsid, Deadline deadline) throws NvmeException, DeviceTimeoutException, InterruptedException {
        onCare("the namespace to be detached", deadline, () -> {
            try {
                vacate(List.of(nsid), deadline);
                commands.detach(nsid, identity, deadline);
            } finally {
                namespaces.refresh(identity, deadline);
            }
        });
    }

    void format(FormatRequest request, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        NamespaceCommands.requireFormat(request, identity);
        onCare("the format", deadline, () -> {
            try {
                vacate(NamespaceCommands.concerned(request, identity, namespaces.offered()), deadline);
                commands.format(request, deadline);
            } finally {
                namespaces.refresh(identity, Deadline.afterMillis(config.commandTimeoutMillis()));
            }
        });
    }

    /** Takes block devices back and waits until nobody's request is in flight on them. */
    private void vacate(List<Integer> nsids, Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        List<NamespaceInfo> leaving =
                namespaces.offered().stream().filter(info -> nsids.contains(info.nsid())).toList();
        nsids.forEach(namespaces::withdraw);
        context.await(
                "the requests in flight on it to complete",
                () -> leaving.stream().allMatch(controller::isIdle),
                deadline);
    }

    /** Something that the thread that cares does for somebody who waits. */
    @FunctionalInterface
    private interface Duty {
        void run() throws NvmeException, DeviceTimeoutException, InterruptedException;
    }

    private void onCare(String what, Deadline deadline, Duty duty)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        CompletableFuture<Void> done = new CompletableFuture<>();
        boolean posted = care.post(() -> {
            try {
                duty.run();
                done.complete(null);
            } catch (NvmeException | DeviceTimeoutException | RuntimeException e) {
                done.completeExceptionally(e);
            } finally {
                done.cancel(false); // only if it was interrupted
            }
        });
        if (!posted) {
            throw new DeviceGoneException(name() + " is being given up");
        }
        context.await(what, done::isDone, deadline);
        try {
            done.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case null -> throw new IllegalStateException(e);
                case NvmeException failed -> throw failed;
                case DeviceTimeoutException late -> throw late;
                case RuntimeException other -> throw other;
                default -> throw new IllegalStateException(e.getCause());
            }
        }
    }

    void reset(Deadline deadline) throws NvmeException, DeviceTimeoutException, InterruptedException {
        if (deadline.expired()) {
            throw new DeviceTimeoutException("timed out before the reset");
        }
        throw new UnsupportedOperationException("reset on request is not there yet");
    }

    private NvmePassthrough passthrough() {
        if (!config.passthrough()) {
            throw new UnsupportedOperationException("raw commands are closed; to open them, set passthrough=true in the"
                    + " configuration org.busbar.driver.nvme and attach the device anew");
        }
        throw new UnsupportedOperationException("raw commands are not there yet");
    }

    /** Ends the threads: from here on nobody looks after the controller. */
    void stop(Deadline deadline) throws InterruptedException {
        boolean ended = control.stop(deadline);
        ended &= care.stop(deadline);
        if (!ended) {
            LOG.warn("{}: a thread does not end", context.id());
        }
    }
}
