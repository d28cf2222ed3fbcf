package org.busbar.driver.nvme;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.nvme.ControllerIdentity;
import org.busbar.nvme.ControllerIdentity.Capability;
import org.busbar.nvme.ErrorLogEntry;
import org.busbar.nvme.HealthLog;
import org.busbar.nvme.NvmeCommand;
import org.busbar.nvme.NvmeCompletion;
import org.busbar.nvme.NvmeEvent;
import org.busbar.nvme.NvmeException;
import org.busbar.nvme.NvmeLogs;
import org.busbar.nvme.NvmeStatus;

/**
 * Keeps asynchronous event requests posted (NVMe Base 1.4, section 5.2), and does what an event asks for: reads the log
 * that it names, which is also what lets the controller send the next one of its type, and posts the request again.
 *
 * <p>A controller that has more to say than anybody can listen to is heard so many times between two calls of
 * {@link #relax}; then its requests wait for the next. A request that it refuses is posted again after a second, and each
 * time that it is refused again after twice as long, up to a minute.
 */
final class AsyncEvents {

    /** Requests that are kept posted, if the controller takes so many: an event that comes while one is handled waits. */
    private static final int REQUESTS = 4;

    private static final int BURST = 64;

    private static final long FIRST_PAUSE = TimeUnit.SECONDS.toNanos(1);
    private static final long LONGEST_PAUSE = TimeUnit.MINUTES.toNanos(1);

    private static final int TYPE_ERROR = 0;
    private static final int TYPE_HEALTH = 1;
    private static final int TYPE_NOTICE = 2;
    private static final int NOTICE_NAMESPACES = 0;
    private static final int NOTICE_FIRMWARE = 1;

    /** Feature 0Bh (5.21.1.11): the critical warnings, and the notices by the bits that OAES has. */
    private static final int WARNINGS = 0x1f;

    private static final int NAMESPACE_NOTICES = 1 << 8;
    private static final int FIRMWARE_NOTICES = 1 << 9;

    /** Looks at the namespaces again. */
    @FunctionalInterface
    interface Changed {
        void look() throws NvmeException, DeviceTimeoutException, InterruptedException;
    }

    private final AdminQueue admin;
    private final LogReader logs;
    private final EventLog events;
    private final TaskThread care;
    private final Changed namespacesChanged;
    private final long timeoutMillis;
    private final LongSupplier clock;
    private final AtomicLong received = new AtomicLong();
    // Guarded by this.
    private int heard;
    private int held;
    private int refused;
    private long pause;
    private long askAgainAt;

    /**
     * @param admin posts the requests
     * @param logs reads what events are about
     * @param care where events are handled
     * @param namespacesChanged called there once the list of namespaces has changed
     * @param clock nanoseconds
     */
    AsyncEvents(
            AdminQueue admin,
            LogReader logs,
            EventLog events,
            TaskThread care,
            Changed namespacesChanged,
            long timeoutMillis,
            LongSupplier clock) {
        this.admin = admin;
        this.logs = logs;
        this.events = events;
        this.care = care;
        this.namespacesChanged = namespacesChanged;
        this.timeoutMillis = timeoutMillis;
        this.clock = clock;
    }

    /** Says which events are wanted, and posts requests: after each start of the controller. */
    void start(ControllerIdentity identity, Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        start(identity, 0, deadline);
    }

    /** The same for a controller that has requests already, which a predecessor has posted. */
    void start(ControllerIdentity identity, InheritedRequests posted, Deadline deadline)
            throws DeviceTimeoutException, InterruptedException {
        start(identity, posted.count(), deadline);
        posted.attach(this::completed);
    }

    private void start(ControllerIdentity identity, int posted, Deadline deadline)
            throws DeviceTimeoutException, InterruptedException {
        int wanted = WARNINGS
                | (identity.has(Capability.NAMESPACE_EVENTS) ? NAMESPACE_NOTICES : 0)
                | (identity.has(Capability.FIRMWARE_EVENTS) ? FIRMWARE_NOTICES : 0);
        try {
            NvmeCommand set =
                    NvmeCommand.of(Opcode.SET_FEATURES, 0).with(Opcode.FEATURE_EVENTS, wanted, 0, 0, 0, 0);
            admin.run("Set Features (Asynchronous Event Configuration)", set, deadline);
        } catch (NvmeException e) {
            events.add(NvmeEvent.Kind.OTHER, 0, "some events will not be reported: " + e.getMessage());
        }
        synchronized (this) {
            held = 0;
            refused = 0;
            pause = 0;
        }
        for (int i = posted; i < Math.min(REQUESTS, identity.eventLimit()); i++) {
            request();
        }
    }

    /**
     * Reads the logs of events that may have come to a predecessor who had no time to read them: until then the controller
     * sends no more of their types. Called by the thread that cares.
     */
    void catchUp(ControllerIdentity identity) throws InterruptedException {
        try {
            logs.health(true, deadline());
            logs.errors(1, true, deadline());
            if (identity.has(Capability.FIRMWARE_EVENTS)) {
                logs.clear(NvmeLogs.FIRMWARE, deadline());
            }
            if (identity.has(Capability.NAMESPACE_EVENTS)) {
                logs.clear(NvmeLogs.CHANGED_NAMESPACES, deadline());
                namespacesChanged.look();
            }
        } catch (NvmeException | DeviceTimeoutException e) {
            events.add(NvmeEvent.Kind.OTHER, 0,
                    "what happened while the driver was replaced could not be read: " + e.getMessage());
        }
    }

    long received() {
        return received.get();
    }

    /** Posts what was held back, and when it is time what was refused. To be called now and then. */
    void relax() {
        int post;
        synchronized (this) {
            heard = 0;
            post = held;
            held = 0;
            if (clock.getAsLong() - askAgainAt >= 0) {
                post += refused;
                refused = 0;
            }
        }
        for (int i = 0; i < post; i++) {
            request();
        }
    }

    private void request() {
        NvmeCommand command = NvmeCommand.of(Opcode.ASYNC_EVENT_REQUEST, 0);
        if (!admin.post("Asynchronous Event Request", command, AdminQueue.NEVER, this::completed)) {
            hold();
        }
    }

    private synchronized void hold() {
        held++;
    }

    private synchronized boolean tooMuch() {
        return ++heard > BURST;
    }

    /** Called by whoever polls the admin queue. */
    private void completed(NvmeCompletion completion) {
        NvmeStatus status = completion.status();
        if (Recovery.isLost(status)) {
            return; // the start that follows the reset posts anew
        }
        if (!status.isSuccess()) {
            refused(status);
            return;
        }
        synchronized (this) {
            pause = 0;
        }
        received.incrementAndGet();
        int event = (int) completion.result();
        if (!care.post(() -> handle(event))) {
            hold();
        }
    }

    /** Requests that are refused together wait together, and are reported once. */
    private void refused(NvmeStatus status) {
        boolean first;
        synchronized (this) {
            first = pause == 0;
            if (refused == 0) {
                pause = first ? FIRST_PAUSE : Math.min(2 * pause, LONGEST_PAUSE);
                askAgainAt = clock.getAsLong() + pause;
            }
            refused++;
        }
        if (first) {
            events.add(NvmeEvent.Kind.OTHER, 0,
                    "the controller does not take an Asynchronous Event Request and is asked"
                            + " again later; until then events may be missing: " + status);
        }
    }

    private void handle(int event) throws InterruptedException {
        int type = event & 7;
        int info = event >>> 8 & 0xff;
        int page = event >>> 16 & 0xff;
        try {
            switch (type) {
                case TYPE_ERROR -> error(info);
                case TYPE_HEALTH -> health(info);
                case TYPE_NOTICE -> notice(info, page);
                default -> other(type, info, page);
            }
        } catch (DeviceGoneException e) {
            throw e;
        } catch (NvmeException | DeviceTimeoutException | RuntimeException e) {
            // Whatever it was: a request that is not posted again is lost until the next reset.
            events.add(NvmeEvent.Kind.OTHER, 0, "what an event (type " + type + ", information " + info
                    + ") is about could not be read: " + e.getMessage());
        }
        if (tooMuch()) {
            hold();
        } else {
            request();
        }
    }

    private void error(int info) throws NvmeException, DeviceTimeoutException, InterruptedException {
        List<ErrorLogEntry> errors = logs.errors(1, true, deadline());
        String what =
                switch (info) {
                    case 0 -> "a doorbell of no queue was written";
                    case 1 -> "a doorbell was written with a value outside its queue";
                    case 2 -> "diagnostic failure";
                    case 3 -> "persistent internal error";
                    case 4 -> "transient internal error";
                    case 5 -> "a firmware image could not be loaded";
                    default -> "error " + info;
                };
        String newest = errors.isEmpty() ? "" : "; newest log entry: " + errors.getFirst().status();
        events.add(NvmeEvent.Kind.ERROR, errors.isEmpty() ? 0 : errors.getFirst().nsid(), what + newest);
    }

    private void health(int info) throws NvmeException, DeviceTimeoutException, InterruptedException {
        HealthLog health = logs.health(true, deadline());
        String warnings = health.warnings()
                .stream()
                .sorted()
                .map(HealthLog.Warning::text)
                .collect(Collectors.joining(", "));
        String cause =
                switch (info) {
                    case 0 -> "reliability";
                    case 1 -> "temperature";
                    case 2 -> "spare";
                    default -> "status " + info;
                };
        events.add(
                NvmeEvent.Kind.HEALTH,
                0,
                (warnings.isEmpty() ? cause + ": no warning any more" : warnings) + "; " + health.celsius()
                        + " degrees Celsius, " + health.spare() + " % spare, " + health.used() + " % used");
    }

    private void notice(int info, int page) throws NvmeException, DeviceTimeoutException, InterruptedException {
        switch (info) {
            case NOTICE_NAMESPACES -> {
                logs.clear(NvmeLogs.CHANGED_NAMESPACES, deadline());
                namespacesChanged.look();
            }
            case NOTICE_FIRMWARE -> {
                logs.clear(NvmeLogs.FIRMWARE, deadline());
                events.add(NvmeEvent.Kind.FIRMWARE, 0, "new firmware is about to be activated");
            }
            default -> other(TYPE_NOTICE, info, page);
        }
    }

    private void other(int type, int info, int page)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        events.add(NvmeEvent.Kind.OTHER, 0, "event of type %d, information 0x%02x, log page 0x%02x"
                .formatted(type, info, page));
        if (page != 0) {
            logs.clear(page, deadline());
        }
    }

    private Deadline deadline() {
        return Deadline.afterMillis(timeoutMillis);
    }
}
