package org.busbar.emulator.internal.nvme;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import org.busbar.emulator.Fault;

/** Everything that is wrong with a controller at a time. */
final class FaultSet extends Trouble {

    static final FaultSet NONE = new FaultSet(List.of());

    private final Trouble[] troubles;

    FaultSet(List<Fault> faults) {
        troubles = faults.stream().map(Troubles::of).flatMap(Optional::stream).toArray(Trouble[]::new);
    }

    @Override
    long transitionDelay() {
        long delay = 0;
        for (Trouble trouble : troubles) {
            delay = Math.max(delay, trouble.transitionDelay());
        }
        return delay;
    }

    @Override
    boolean fatal(boolean admin) {
        boolean fatal = false;
        for (Trouble trouble : troubles) {
            fatal |= trouble.fatal(admin);
        }
        return fatal;
    }

    @Override
    int instead(Namespace namespace, long first, long count, boolean write) {
        for (Trouble trouble : troubles) {
            int status = trouble.instead(namespace, first, count, write);
            if (status != 0) {
                return status;
            }
        }
        return 0;
    }

    @Override
    void written(Namespace namespace, long first, long count) {
        for (Trouble trouble : troubles) {
            trouble.written(namespace, first, count);
        }
    }

    @Override
    void identified(MemorySegment data) {
        for (Trouble trouble : troubles) {
            trouble.identified(data);
        }
    }

    @Override
    void logged(MemorySegment data) {
        for (Trouble trouble : troubles) {
            trouble.logged(data);
        }
    }

    @Override
    void completing(Completion completion, boolean admin) {
        for (Trouble trouble : troubles) {
            trouble.completing(completion, admin);
        }
    }

    @Override
    boolean obeysAborts() {
        for (Trouble trouble : troubles) {
            if (!trouble.obeysAborts()) {
                return false;
            }
        }
        return true;
    }
}
