package org.busbar.emulator.internal.nvme;

import java.util.List;
import org.busbar.emulator.Fault;

/**
 * What goes wrong with the commands of a controller's I/O queues; the admin queue is spared. Made anew when the faults
 * change; counts on the device's thread.
 */
final class NvmeFaults {

    static final NvmeFaults NONE = new NvmeFaults(List.of());

    private int errorEvery;
    private int errorStatus;
    private int errorCount;
    private int loseEvery;
    private int loseCount;
    private long delay;

    NvmeFaults(List<Fault> faults) {
        for (Fault fault : faults) {
            switch (fault) {
                case Fault.ErrorStatus error -> {
                    errorEvery = error.every();
                    errorStatus = error.status() & 0x7ff;
                }
                case Fault.LostCompletion lost -> loseEvery = lost.every();
                case Fault.SlowCompletion slow -> delay = slow.delay().toNanos();
                case Fault.StuckReset stuck -> {}
                case Fault.BadConfigSpace bad -> {}
                case Fault.LinkDown link -> {}
            }
        }
    }

    /** Returns whether a controller can have a fault, with these values. */
    static boolean supports(Fault fault) {
        return switch (fault) {
            case Fault.ErrorStatus error -> error.every() >= 1 && (error.status() & ~0x7ff) == 0 && error.status() != 0;
            case Fault.LostCompletion lost -> lost.every() >= 1;
            case Fault.SlowCompletion slow -> !slow.delay().isNegative() && slow.delay().toDays() < 1;
            case Fault.StuckReset stuck -> true;
            case Fault.BadConfigSpace bad -> true;
            case Fault.LinkDown link -> false;
        };
    }

    /** Returns the status that the next command that moves data ends with instead of being carried out, or 0. */
    int nextError() {
        if (errorEvery == 0) {
            return 0;
        }
        errorCount = (errorCount + 1) % errorEvery;
        return errorCount == 0 ? errorStatus : 0;
    }

    /** Returns whether the next completion is lost. */
    boolean nextLost() {
        if (loseEvery == 0) {
            return false;
        }
        loseCount = (loseCount + 1) % loseEvery;
        return loseCount == 0;
    }

    /** Returns by how many nanoseconds completions are late. */
    long delay() {
        return delay;
    }
}
