package org.busbar.driver.nvme;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.HandoverState;
import org.busbar.device.Publication;
import org.busbar.nvme.ControllerIdentity;
import org.busbar.nvme.ControllerStatus;
import org.busbar.nvme.NvmeController;
import org.busbar.nvme.NvmeEvent;
import org.busbar.nvme.NvmeEventListener;
import org.busbar.nvme.NvmeException;
import org.busbar.nvme.NvmePassthrough;
import org.busbar.pci.PciDeviceContext;
import org.jspecify.annotations.Nullable;
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
final class Management implements Recovery.Surroundings, OpenQueues.Resets {

    private static final Logger LOG = LoggerFactory.getLogger(Management.class);
    private static final int ROOM = 1024;
    private static final long IDLE_MILLIS = 60_000;
    /** How often the controller is looked at: with interrupts for its health, without for its events too. */
    private static final long LOOK_MILLIS = 1_000;
    private static final long POLL_MILLIS = 50;

    private final PciDeviceContext context;
    private final String name;
    private final NvmeConfig config;
    private final AdminQueue admin;
    private final PatientAdmin patient;
    private final Recovery recovery;
    private final FeatureAccess features;
    private final RawCommands raw;
    private final Health health;
    private final IoQueues queues;
    private final EventLog events;
    private final TaskThread control;
    private final TaskThread care;
    private final AsyncEvents asyncEvents;
    private final Namespaces namespaces;
    private final NamespaceDuties duties;
    private final ControllerService service;
    private final AtomicBoolean polling = new AtomicBoolean();
    private final Controller controller;
    private volatile ControllerIdentity identity;
    private volatile @Nullable Publication publication;

    Management(
            PciDeviceContext context,
            NvmeConfig config,
            Registers registers,
            Quirks quirks,
            AdminQueue admin,
            Initialization initialization,
            Health health,
            IoQueues queues,
            ControllerIdentity identity,
            Controller controller,
            Supplier<List<NvmeEventListener>> listeners) {
        this.context = context;
        this.name = context.device().address().toString();
        this.config = config;
        this.admin = admin;
        this.health = health;
        this.queues = queues;
        this.identity = identity;
        this.controller = controller;
        this.events = new EventLog(name(), listeners);
        this.control = new TaskThread(name() + " control", ROOM, context::fail);
        this.care = new TaskThread(name() + " care", ROOM, this::careless);
        this.recovery = new Recovery(
                context, registers, initialization, events, control, this, config.commandTimeoutMillis());
        this.patient = new PatientAdmin(admin, recovery);
        Identify identify = new Identify(patient, registers, quirks);
        this.namespaces = new Namespaces(context, identify, events, controller::device, controller::objection);
        this.duties = new NamespaceDuties(
                context,
                care,
                namespaces,
                new NamespaceCommands(patient),
                controller,
                this::identity,
                config.commandTimeoutMillis());
        LogReader logs = new LogReader(patient, () -> identity().has(ControllerIdentity.Capability.LOG_OFFSET));
        this.asyncEvents = new AsyncEvents(
                admin, logs, events, care, this::changed, config.commandTimeoutMillis(), System::nanoTime);
        this.features = new FeatureAccess(patient);
        this.raw = new RawCommands(patient, controller.open()::raw, identity.maxTransfer());
        this.service = new ControllerService(this, identify, logs, features, this::passthrough);
        health.onFailure(recovery::request, () -> recovery.state() == ControllerStatus.State.READY);
        admin.aborts().onAbort(text -> events.add(NvmeEvent.Kind.ABORT, 0, text));
    }

    /** Publishes what there is and begins to look after it: the end of the probe. */
    void start(@Nullable InheritedRequests requests, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        if (requests == null) {
            asyncEvents.start(identity, deadline);
        } else {
            asyncEvents.start(identity, requests, deadline);
            care.post(() -> asyncEvents.catchUp(identity));
        }
        namespaces.refresh(identity, deadline);
        publication = context.publish(
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
        controller.lookAfterShared();
        health.check();
        report(admin.overdue());
        report(controller.open().overdueRaw());
        asyncEvents.relax();
    }

    private void report(@Nullable String overdue) {
        if (overdue != null) {
            health.unresponsive(overdue);
        }
    }

    /** Called by the thread that cares, when the controller says that its list of namespaces has changed. */
    private void changed() throws NvmeException, DeviceTimeoutException, InterruptedException {
        namespaces.refresh(identity, Deadline.afterMillis(config.commandTimeoutMillis()));
    }

    private void careless(RuntimeException e) {
        LOG.error("{}: an event could not be handled", context.id(), e);
    }

    String name() {
        return name; // also once the device is gone
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

    NamespaceDuties duties() {
        return duties;
    }

    ControllerStatus status() {
        return new ControllerStatus(
                recovery.state(),
                recovery.since(),
                recovery.reason(),
                queues.granted(),
                queues.open(),
                queues.vectors(),
                recovery.resets(),
                admin.aborts().sent(),
                health.strays(),
                asyncEvents.received());
    }

    void reset(Deadline deadline) throws NvmeException, DeviceTimeoutException, InterruptedException {
        recovery.reset(deadline);
    }

    @Override
    public long awaitEnd(Deadline deadline) throws NvmeException, DeviceTimeoutException, InterruptedException {
        return recovery.awaitReady(deadline);
    }

    @Override
    public long begun() {
        return recovery.resets();
    }

    @Override
    public void pause() {
        controller.pause();
    }

    @Override
    public boolean isStill() {
        return controller.open().areStill();
    }

    @Override
    public void restore(Initialization.Up up, Deadline deadline)
            throws IOException, DeviceTimeoutException, InterruptedException {
        ControllerIdentity now = up.identity();
        if (!now.serial().equals(identity.serial()) || !now.model().equals(identity.model())) {
            throw new IOException(
                    "after the reset it is another controller: " + now.model() + " serial " + now.serial());
        }
        controller.requireNoLess(up);
        queues.shareDoorbells(up.io(), deadline);
        controller.open().renew(deadline);
        features.restore(admin, text -> events.add(NvmeEvent.Kind.OTHER, 0, text), deadline);
        asyncEvents.start(now, deadline);
        identity = now;
    }

    @Override
    public void resume() {
        controller.resume();
        Publication mine = publication;
        ControllerIdentity now = identity;
        care.post(() -> {
            if (mine != null) {
                mine.update(ControllerService.properties(name(), now));
            }
            refresh();
        });
    }

    @Override
    public ResetBudget.Progress progress() {
        OpenQueues open = controller.open();
        return new ResetBudget.Progress(open.answered(), patient.answered(), open.areIdle());
    }

    private void refresh() throws InterruptedException {
        try {
            changed();
        } catch (NvmeException | DeviceTimeoutException e) {
            events.add(NvmeEvent.Kind.OTHER, 0, "the namespaces could not be looked at: " + e.getMessage());
        }
    }

    private NvmePassthrough passthrough() {
        if (!config.passthrough()) {
            throw new UnsupportedOperationException("raw commands are closed; to open them, set passthrough=true in the"
                    + " configuration org.busbar.driver.nvme and attach the device anew");
        }
        return raw;
    }

    /** Whether the controller is such as can be left to somebody else: up, and nothing of it in doubt. */
    boolean canLeave() {
        return recovery.state() == ControllerStatus.State.READY && queues.areCertain();
    }

    /**
     * Leaves the controller running for a successor, without I/O queues. To be called when nobody rings doorbells any more and
     * the threads have ended.
     *
     * @return what the successor has to know
     */
    HandoverState leave(Deadline deadline) throws NvmeException, DeviceTimeoutException, InterruptedException {
        admin.reserve();
        context.await(
                "admin commands to complete",
                () -> {
                    admin.poll();
                    return admin.isQuiet();
                },
                deadline);
        queues.deleteAll(deadline);
        return new Legacy(
                admin.leave(), queues.granted(), queues.sharesDoorbells(), identity.serial(), identity.model())
                .state();
    }

    /** Ends the threads: from here on nobody looks after the controller. Returns whether they have ended. */
    boolean stop(Deadline deadline) throws InterruptedException {
        recovery.close();
        boolean ended = control.stop(deadline);
        ended &= care.stop(deadline);
        if (!ended) {
            LOG.warn("{}: a thread does not end", context.id());
        }
        return ended;
    }
}
