package org.busbar.shell.nvme.internal.perf;

import java.time.Duration;
import java.util.Optional;
import org.busbar.block.BlockStatus;

/**
 * What came of a run.
 *
 * @param plan what was to be done
 * @param tally what all threads counted
 * @param elapsed from the first request to the end of the last
 * @param processCpu processor time of the whole process, other threads and devices that are software included
 * @param interrupted whether the user ended it
 * @param failure why it ended early
 */
record Outcome(
        Plan plan,
        Tally tally,
        Duration elapsed,
        Duration processCpu,
        boolean interrupted,
        Optional<String> failure) {

    long done() {
        return tally.count(BlockStatus.OK);
    }

    double seconds() {
        return elapsed.toNanos() / 1e9;
    }

    double perSecond(long count) {
        return elapsed.isZero() ? 0 : count / seconds();
    }

    /** Returns how much of something there was for each request that was done. */
    double perRequest(long amount) {
        return done() == 0 ? 0 : (double) amount / done();
    }

    /** Returns how many blocks were looked at whose content could be judged. */
    long judged() {
        return tally.count(Stamp.Verdict.GOOD) + wrong();
    }

    /** Returns how many blocks were not what they have to be. */
    long wrong() {
        long wrong = tally.count(Stamp.Verdict.MISPLACED) + tally.count(Stamp.Verdict.STALE)
                + tally.count(Stamp.Verdict.DAMAGED) + tally.count(Stamp.Verdict.UNREADABLE);
        return plan.remembers() ? wrong + tally.count(Stamp.Verdict.UNMARKED) : wrong;
    }

    /** Returns what makes the command fail, nothing if all went well. */
    Optional<String> complaint() {
        String name = plan.device().name();
        if (failure.isPresent()) {
            return failure.map(reason -> name + ": " + reason + " (" + tally.completedCount() + " requests ended, "
                    + done() + " of them well)");
        }
        if (tally.acceptedCount() != tally.completedCount()) {
            return Optional.of("%s: %d requests were begun and %d have ended; each has to end once"
                    .formatted(name, tally.acceptedCount(), tally.completedCount()));
        }
        if (wrong() > 0) {
            String first = tally.firstMismatch();
            return Optional.of(name + ": " + wrong() + " blocks are not what they have to be; the first: " + first);
        }
        long errors = tally.completedCount() - done();
        if (errors > 0) {
            return Optional.of(name + ": " + errors + " of " + tally.completedCount() + " requests failed");
        }
        if (plan.options().verify() && judged() == 0 && !interrupted) {
            return Optional.of(name + ": nothing could be checked: none of the blocks that were read was written by"
                    + " nvme:perf --verify");
        }
        return Optional.empty();
    }
}
