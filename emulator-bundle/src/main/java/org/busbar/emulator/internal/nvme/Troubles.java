package org.busbar.emulator.internal.nvme;

import java.util.Optional;
import org.busbar.emulator.Fault;

/** What each fault of an NVMe controller does. Faults of I/O queues spare the admin queue. */
final class Troubles {

    private Troubles() {}

    /** Returns whether a controller can have a fault, with these values. */
    static boolean possible(Fault fault) {
        return switch (fault) {
            case Fault.ErrorStatus error -> error.every() >= 1 && (error.status() & ~0x7ff) == 0 && error.status() != 0;
            case Fault.LostCompletion lost -> lost.every() >= 1;
            case Fault.SlowCompletion slow -> !slow.delay().isNegative() && slow.delay().toDays() < 1;
            case Fault.StuckReset stuck -> true;
            case Fault.BadConfigSpace bad -> true;
            case Fault.LinkDown link -> false;
        };
    }

    /** Returns what a fault does, unless the controller has no part in it. */
    static Optional<Trouble> of(Fault fault) {
        return switch (fault) {
            case Fault.ErrorStatus error -> Optional.of(new Failing(error));
            case Fault.LostCompletion lost -> Optional.of(new Losing(lost));
            case Fault.SlowCompletion slow -> Optional.of(new Slow(slow));
            case Fault.StuckReset stuck -> Optional.empty();
            case Fault.BadConfigSpace bad -> Optional.empty();
            case Fault.LinkDown link -> Optional.empty();
        };
    }

    /** Says of each n-th call that it is one. */
    private static final class Each {

        private final int every;
        private int count;

        Each(int every) {
            this.every = every;
        }

        boolean next() {
            count = (count + 1) % every;
            return count == 0;
        }
    }

    private static final class Failing extends Trouble {

        private final Each each;
        private final int status;

        Failing(Fault.ErrorStatus fault) {
            each = new Each(fault.every());
            status = fault.status();
        }

        @Override
        int instead(Namespace namespace, long first, long count, boolean write) {
            return each.next() ? status : 0;
        }
    }

    private static final class Losing extends Trouble {

        private final Each each;

        Losing(Fault.LostCompletion fault) {
            each = new Each(fault.every());
        }

        @Override
        void completing(Completion completion, boolean admin) {
            if (!admin && each.next()) {
                completion.copies = 0;
            }
        }
    }

    private static final class Slow extends Trouble {

        private final long nanos;

        Slow(Fault.SlowCompletion fault) {
            nanos = fault.delay().toNanos();
        }

        @Override
        void completing(Completion completion, boolean admin) {
            if (!admin && completion.delay != Completion.NEVER) {
                completion.delay = nanos;
            }
        }
    }
}
