package org.busbar.testkit.net;

import java.util.Random;
import org.busbar.emulator.NicFault;
import org.busbar.emulator.NicFault.Side;

/** Makes lies of every kind, with values at and around the limits of rings, buffers and headers more often than others. */
public final class RandomLie {

    private static final int[] LIMITS =
            {0, 1, 11, 12, 13, 14, 59, 60, 255, 256, 257, 2047, 2048, 2049, 2060, 2061, 65_535};
    /** Random numbers of neighbouring seeds begin alike. */
    private static final long SPREAD = 0x9e37_79b9_7f4a_7c15L;

    private static final int SELDOM = 20;
    private static final int MOST_MORE = 600;

    private RandomLie() {}

    /** Returns the lie of a number, always the same. */
    public static NicFault of(long seed) {
        Random random = new Random(seed * SPREAD);
        Side side = random.nextBoolean() ? Side.RECEIVE : Side.TRANSMIT;
        int every = 1 + random.nextInt(SELDOM);
        return switch (random.nextInt(7)) {
            case 0 -> new NicFault.WrongLength(side, every, value(random));
            case 1 -> new NicFault.RandomStatus(side, every, seed);
            case 2 -> new NicFault.WrongIndex(side, every, value(random));
            case 3 -> new NicFault.NeverGiven(side, every);
            case 4 -> new NicFault.GivenBackTwice(side, every);
            case 5 -> new NicFault.TooMany(side, every, 1 + random.nextInt(MOST_MORE));
            default -> new NicFault.Garbage(side, every, seed);
        };
    }

    private static int value(Random random) {
        return random.nextInt(3) == 0 ? random.nextInt(1 << 16) : LIMITS[random.nextInt(LIMITS.length)];
    }
}
