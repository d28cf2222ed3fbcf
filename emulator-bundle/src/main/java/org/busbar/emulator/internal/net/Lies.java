package org.busbar.emulator.internal.net;

import java.util.List;
import java.util.Random;
import org.busbar.emulator.Fault;
import org.busbar.emulator.NicFault;
import org.busbar.emulator.NicFault.Side;
import org.jspecify.annotations.Nullable;

/**
 * The lies of a NIC about one side's buffers, each with its own count. Made whenever faults are set, by any thread; asked by
 * the device's thread only.
 */
public final class Lies {

    /** A kind of lie, and when it is told. */
    private static final class Lie {

        private final int every;
        private int count;

        Lie(int every) {
            this.every = every;
        }

        boolean isDue() {
            count++;
            if (count < every) {
                return false;
            }
            count = 0;
            return true;
        }
    }

    private @Nullable Lie length;
    private int wrongLength;
    private @Nullable Lie status;
    private Random statusBits = new Random(0);
    private @Nullable Lie index;
    private int wrongIndex;
    private @Nullable Lie ungiven;
    private @Nullable Lie twice;
    private @Nullable Lie many;
    private int by;
    private @Nullable Lie garbage;
    private Random garbageBits = new Random(0);

    private Lies() {}

    /** Returns whether a fault is one, with values that can be. */
    public static boolean isPossible(Fault fault) {
        return fault instanceof NicFault lie
                && lie.every() >= 1
                && switch (lie) {
                    case NicFault.WrongLength f -> f.length() >= 0;
                    case NicFault.WrongIndex f -> f.index() >>> 16 == 0;
                    case NicFault.TooMany f -> f.by() >= 1 && f.by() >>> 16 == 0;
                    case NicFault.RandomStatus f -> true;
                    case NicFault.NeverGiven f -> true;
                    case NicFault.GivenBackTwice f -> true;
                    case NicFault.Garbage f -> true;
                };
    }

    /** Returns the lies about one side's buffers, null if there are none. */
    public static @Nullable Lies of(List<Fault> faults, Side side) {
        Lies lies = null;
        for (Fault fault : faults) {
            if (fault instanceof NicFault lie && lie.side() == side) {
                lies = lies == null ? new Lies() : lies;
                lies.add(lie);
            }
        }
        return lies;
    }

    private void add(NicFault fault) {
        Lie lie = new Lie(fault.every());
        switch (fault) {
            case NicFault.WrongLength f -> {
                length = lie;
                wrongLength = f.length();
            }
            case NicFault.RandomStatus f -> {
                status = lie;
                statusBits = new Random(f.seed());
            }
            case NicFault.WrongIndex f -> {
                index = lie;
                wrongIndex = f.index();
            }
            case NicFault.NeverGiven f -> ungiven = lie;
            case NicFault.GivenBackTwice f -> twice = lie;
            case NicFault.TooMany f -> {
                many = lie;
                by = f.by();
            }
            case NicFault.Garbage f -> {
                garbage = lie;
                garbageBits = new Random(f.seed());
            }
        }
    }

    private static boolean isDue(@Nullable Lie lie) {
        return lie != null && lie.isDue();
    }

    /** Returns the length to claim. */
    public int length(int truth) {
        return isDue(length) ? wrongLength : truth;
    }

    /** Whether status is to be random this time. */
    public boolean randomStatus() {
        return isDue(status);
    }

    public long statusBits() {
        return statusBits.nextLong();
    }

    /** Returns the number to claim. */
    public int index(int truth) {
        return isDue(index) ? wrongIndex : truth;
    }

    /** Whether a buffer that was not given is to come back this time. */
    public boolean ungiven() {
        return isDue(ungiven);
    }

    /** Whether a buffer is to come back twice this time. */
    public boolean twice() {
        return isDue(twice);
    }

    /** Returns how many buffers more are to come back this time. */
    public int more() {
        return isDue(many) ? by : 0;
    }

    /** Whether all of it is to be garbage this time. */
    public boolean garbage() {
        return isDue(garbage);
    }

    public long garbageBits() {
        return garbageBits.nextLong();
    }
}
