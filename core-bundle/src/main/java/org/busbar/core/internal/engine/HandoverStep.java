package org.busbar.core.internal.engine;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.busbar.core.internal.policy.Deadlines;
import org.busbar.core.internal.scope.Grant;
import org.busbar.device.Deadline;
import org.busbar.device.HandoverBinding;
import org.busbar.device.HandoverState;
import org.busbar.device.bus.Kept;

/**
 * The step of a tenure in which a driver hands its device over to the bus.
 *
 * @param leaving the driver
 * @param grant its grant
 * @param presence its device
 * @param calls takes what it throws
 */
record HandoverStep(HandoverBinding leaving, Grant grant, Presence presence, DriverCalls calls) {

    /**
     * Starts the step.
     *
     * @param then told what is kept; nothing if the driver is to be closed as always
     * @param overdue told where the driver is when it misses its deadline
     */
    Step<?> start(
            Environment env,
            String threadName,
            long driver,
            Deadlines deadlines,
            Consumer<Optional<Kept>> then,
            Consumer<StackTraceElement[]> overdue) {
        return Step.<Optional<Kept>>start(
                env,
                threadName,
                driver,
                deadlines.close(),
                deadlines.grace(),
                wanted -> run(Deadline.after(deadlines.close())),
                new Step.Outcomes<>(then, overdue, () -> then.accept(Optional.empty()), this::late));
    }

    private Optional<Kept> run(Deadline deadline) {
        AtomicReference<Optional<Kept>> result = new AtomicReference<>(Optional.empty());
        calls.call("handing over", () -> {
            Optional<HandoverState> state = leaving.handOver(deadline);
            if (state.isPresent()) {
                result.set(Optional.of(grant.keep(state.get())));
            }
        });
        return result.get();
    }

    /** Nobody waits any more: the driver has been closed meanwhile, so nothing can be kept. */
    private void late(Optional<Kept> unwanted) {
        unwanted.ifPresent(kept -> kept.release(!presence.isGone()));
    }
}
