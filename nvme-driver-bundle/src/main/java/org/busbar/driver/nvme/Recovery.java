package org.busbar.driver.nvme;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.ProbeException;
import org.busbar.nvme.ControllerStatus.State;
import org.busbar.nvme.NvmeEvent;
import org.busbar.nvme.NvmeException;
import org.busbar.nvme.NvmeStatus;
import org.busbar.pci.PciDeviceContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Resets a controller that has failed (CSTS.CFS), does not answer, or answers what it was not asked, and brings it up again
 * under the queues that are open (NVMe Base 1.4, section 7.3.2).
 *
 * <pre>
 *   READY --request--> RESETTING --up again, queues created anew--> READY
 *     |                    |
 *     |                    +--attempts used up, or too little was answered since the last resets-----> FAILED
 *     |                                                                                                  |
 *     +------------------------- removal --------------------------> CLOSING <---------------------------+
 * </pre>
 *
 * RESETTING: the gate is paused, queues are left alone by their owners, {@link Initialization} runs, every open queue is
 * created anew with rings of its own. What was in flight is sent again by its owner, see {@link CommandQueue}. FAILED: the
 * binding fails, which ends every request, and the core probes the device again with its own growing delays.
 *
 * <p>Resets run on the controller's control thread; requests come from any thread.
 */
final class Recovery {

    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);
    private static final int ATTEMPTS = 3;
    private static final String ON_REQUEST = "on request";

    private static final Duration STILLNESS = Duration.ofSeconds(2);
    /** A function is back 100 ms after its reset (PCI Express Base, FLR); some take longer. */
    private static final Duration FUNCTION_RESET = Duration.ofSeconds(5);

    /** The queues that a reset happens under, and what else follows it. */
    interface Surroundings {

        /** Stops requests; those who own queues let go of them soon. */
        void pause();

        /** Whether nobody touches a doorbell of an I/O queue any more. */
        boolean isStill();

        /** The controller is up again: creates the open queues anew, sets features and asks for events. */
        void restore(Initialization.Up up, Deadline deadline)
                throws IOException, DeviceTimeoutException, InterruptedException;

        /** Lets requests go on, and wakes those who wait. */
        void resume();

        /** What the controller has answered; need not be exact. */
        ResetBudget.Progress progress();
    }

    private record Standing(State state, Instant since, String reason) {}

    private final PciDeviceContext context;
    private final Registers registers;
    private final Initialization initialization;
    private final EventLog events;
    private final TaskThread control;
    private final Surroundings surroundings;
    private final long commandMillis;
    private final AtomicReference<@Nullable String> requested = new AtomicReference<>();
    private final AtomicLong resets = new AtomicLong();
    private volatile Standing standing = new Standing(State.READY, Instant.now(), "started");
    private final ResetBudget budget = new ResetBudget(System::nanoTime);

    Recovery(
            PciDeviceContext context,
            Registers registers,
            Initialization initialization,
            EventLog events,
            TaskThread control,
            Surroundings surroundings,
            long commandMillis) {
        this.context = context;
        this.registers = registers;
        this.initialization = initialization;
        this.events = events;
        this.control = control;
        this.surroundings = surroundings;
        this.commandMillis = commandMillis;
    }

    State state() {
        return context.isRevoked() ? State.GONE : standing.state();
    }

    Instant since() {
        return standing.since();
    }

    String reason() {
        return standing.reason();
    }

    /** How many resets have begun. */
    long resets() {
        return resets.get();
    }

    /** Has the controller reset, unless that is under way. From any thread; returns at once. */
    void request(String why) {
        if (standing.state() == State.READY && requested.compareAndSet(null, why) && !control.post(this::perform)) {
            requested.set(null);
        }
    }

    /** Resets the controller and waits until it is up again. */
    void reset(Deadline deadline) throws NvmeException, DeviceTimeoutException, InterruptedException {
        awaitReady(deadline);
        long before = resets.get();
        request(ON_REQUEST);
        context.await("the reset to begin", () -> resets.get() > before || isOver(), deadline);
        awaitReady(deadline);
    }

    /**
     * Waits for the end of a reset, if there is one. Returns how many had begun by then, all of which are over.
     *
     * @throws NvmeException if the controller could not be reset
     */
    long awaitReady(Deadline deadline) throws NvmeException, DeviceTimeoutException, InterruptedException {
        while (true) {
            // In this order: a reset leaves READY before it is counted.
            long begun = resets.get();
            if (standing.state() == State.READY) {
                return begun;
            }
            awaitEnd(deadline);
        }
    }

    private void awaitEnd(Deadline deadline) throws NvmeException, DeviceTimeoutException, InterruptedException {
        context.await("the reset to end", () -> standing.state() == State.READY || isOver(), deadline);
        Standing now = standing;
        if (now.state() == State.FAILED) {
            throw new NvmeException(AdminQueue.LOST, "the controller has failed: " + now.reason());
        }
        if (now.state() == State.CLOSING) {
            throw new DeviceGoneException(context.id() + " is being given up");
        }
    }

    private boolean isOver() {
        return standing.state() == State.FAILED || standing.state() == State.CLOSING;
    }

    /** The binding ends: no more resets. */
    void close() {
        enter(State.CLOSING, "given up");
    }

    private void perform() throws InterruptedException {
        String why = requested.get();
        if (why == null || standing.state() != State.READY) {
            return;
        }
        long began = System.nanoTime();
        enter(State.RESETTING, why);
        resets.incrementAndGet();
        events.add(NvmeEvent.Kind.RESET_STARTED, 0, why);
        surroundings.pause();
        String trouble = budget.spend(surroundings.progress(), why.equals(ON_REQUEST)).orElse(null);
        if (trouble == null) {
            trouble = attempts();
        }
        requested.set(null);
        if (trouble != null) {
            giveUp(why, trouble);
        } else if (standing.state() == State.RESETTING) {
            enter(State.READY, "reset: " + why);
            surroundings.resume();
            long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - began);
            events.add(NvmeEvent.Kind.RESET_DONE, 0,
                    "up again after " + micros / 1000 + "." + micros / 100 % 10 + " ms");
        }
    }

    /** Returns why all attempts failed, or null if one did not. */
    private @Nullable String attempts() throws InterruptedException {
        String trouble = "";
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            try {
                bringUp(attempt == ATTEMPTS);
                return null;
            } catch (ProbeException | DeviceTimeoutException | IOException e) {
                trouble = String.valueOf(e.getMessage());
            } catch (RuntimeException e) {
                trouble = unexpected(e);
            }
            LOG.warn("{}: attempt {} to reset the controller failed: {}", context.id(), attempt, trouble);
        }
        return trouble;
    }

    /** Revoked: the core knows. Otherwise an access has faulted, or the controller's answer made no sense. */
    private String unexpected(RuntimeException e) {
        if (e instanceof DeviceGoneException gone) {
            if (context.isRevoked()) {
                throw gone;
            }
            context.suspectGone("the registers cannot be reached");
        }
        return String.valueOf(e.getMessage());
    }

    private void bringUp(boolean last)
            throws ProbeException, DeviceTimeoutException, IOException, InterruptedException {
        Deadline whole = Deadline.afterMillis(registers.timeoutMillis() + registers.readyMillis() + 8 * commandMillis);
        context.await("those who use queues to let go of them", surroundings::isStill, Deadline.after(STILLNESS));
        if (last) {
            resetFunction(Deadline.after(FUNCTION_RESET).orEarlier(whole));
        }
        surroundings.restore(initialization.run(whole), whole);
    }

    /** The last means: a reset of the whole function, for a controller that does not even stop. */
    private void resetFunction(Deadline deadline) {
        try {
            context.reset(deadline);
        } catch (IOException | DeviceTimeoutException e) {
            LOG.warn("{}: the function cannot be reset: {}", context.id(), e.getMessage());
        }
    }

    private void giveUp(String why, String trouble) {
        String text = why + "; the controller could not be reset: " + trouble;
        enter(State.FAILED, text);
        events.add(NvmeEvent.Kind.RESET_FAILED, 0, text);
        try {
            if (!registers.answersNot()) {
                registers.disable();
            }
        } catch (DeviceGoneException e) {
            LOG.debug("{}: gone before it could be disabled", context.id());
        } finally {
            context.fail(new IllegalStateException(text));
        }
    }

    private synchronized void enter(State next, String reason) {
        if (standing.state() != State.CLOSING) {
            standing = new Standing(next, Instant.now(), reason);
        }
    }

    /** Returns whether a command ended because the controller was reset under it. */
    static boolean isLost(NvmeStatus status) {
        return status.typeAndCode() == AdminQueue.LOST.typeAndCode();
    }
}
