package org.busbar.emulator;

import java.time.Duration;

/**
 * What the wire from the rack's switch to a NIC does to the frames that reach the card. Frames that a card sends are
 * subject to the wire of whoever receives them. Which frames are hit follows from the seed and from how many came before,
 * so that the same frames meet the same fate each time.
 *
 * @param up whether it is plugged in; if not, the link is down and nothing goes either way
 * @param loss how many frames are lost, 0 to 1
 * @param duplication how many come twice, 0 to 1
 * @param reordering how many come after the next one instead of before, 0 to 1; one that nothing follows comes 10 ms later
 * @param corruption how many have a bit flipped and so a wrong frame check sequence, 0 to 1
 * @param delay how late all frames are, at most a minute
 * @param jitter up to how much later still each may be, at most a minute; they may overtake one another then
 * @param seed where the random numbers begin
 */
public record Wire(
        boolean up,
        double loss,
        double duplication,
        double reordering,
        double corruption,
        Duration delay,
        Duration jitter,
        long seed) {

    // Before the first wire, which is checked against it.
    private static final Duration LONGEST = Duration.ofMinutes(1);

    /** Plugged in, and does nothing to frames. */
    public static final Wire PERFECT = new Wire(true, 0, 0, 0, 0, Duration.ZERO, Duration.ZERO, 1);

    /** What {@link #parse} understands, in one line. */
    public static final String SYNTAX =
            "perfect, down, loss=0.01 dup=0.01 reorder=0.01 corrupt=0.01 delay=2ms jitter=500us seed=7";

    public Wire {
        if (!isShare(loss) || !isShare(duplication) || !isShare(reordering) || !isShare(corruption)) {
            throw new IllegalArgumentException("loss, duplication, reordering and corruption are 0 to 100%");
        }
        if (!isTime(delay) || !isTime(jitter)) {
            throw new IllegalArgumentException("a delay, or a jitter, is 0 to 60 s");
        }
    }

    private static boolean isShare(double share) {
        return share >= 0 && share <= 1;
    }

    private static boolean isTime(Duration time) {
        return !time.isNegative() && time.compareTo(LONGEST) <= 0;
    }

    /**
     * Parses a wire as it is typed: words separated by blanks or commas, for example {@code loss=0.01 delay=2ms seed=7}.
     * A share may be in percent, {@code loss=1%}, but the shell wants that in quotes. What is not named is as with {@link #PERFECT}.
     *
     * @throws IllegalArgumentException if the text is anything else; the message says what is wrong with it
     */
    public static Wire parse(String text) {
        return WireText.parse(text);
    }

    /** Returns whether frames pass as they are and when they are. */
    public boolean isTransparent() {
        return loss == 0 && duplication == 0 && reordering == 0 && corruption == 0 && delay.isZero() && jitter.isZero();
    }

    /** Returns it as {@link #parse} takes it. */
    @Override
    public String toString() {
        return WireText.of(this);
    }
}
