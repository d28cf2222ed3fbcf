package org.busbar.driver.support;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.busbar.net.ReceiveSpread;
import org.busbar.net.ReceiveSpread.Field;

/** What has been chosen of how frames are spread over queues, within what a device can do. Its owner's lock guards it. */
public final class SpreadChoice {

    /** The key that the definition of the hash is published with, so that results can be compared; 40 octets. */
    private static final int[] KEY = {
        0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca,
        0x2b, 0xcb,
        0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac,
        0x01, 0xfa
    };

    /** Octets of a key. */
    public static final int KEY_BYTES = KEY.length;

    private final int queues;
    private final int entries;
    private final Set<Field> possible;
    private ReceiveSpread chosen;

    /**
     * Chooses all fields, and all queues in turn.
     *
     * @param queues how many there are
     * @param entries of the table, a power of two
     * @param possible what the device can hash
     */
    public SpreadChoice(int queues, int entries, Set<Field> possible) {
        this.queues = queues;
        this.entries = entries;
        this.possible = Set.copyOf(possible);
        chosen = new ReceiveSpread(
                IntStream.of(KEY).boxed().toList(),
                IntStream.range(0, entries).mapToObj(i -> i % queues).toList(),
                possible);
    }

    /** Returns it. */
    public ReceiveSpread chosen() {
        return chosen;
    }

    /**
     * Changes it.
     *
     * @throws IllegalArgumentException if the device cannot do that; the message says what it can
     */
    public void choose(ReceiveSpread spread) {
        if (spread.key().size() != KEY_BYTES || spread.table().size() != entries) {
            throw new IllegalArgumentException(
                    "the key has %d octets and the table %d entries, not %d and %d".formatted(
                            KEY_BYTES, entries, spread.key().size(), spread.table().size()));
        }
        if (spread.table().stream().anyMatch(queue -> queue >= queues)) {
            throw new IllegalArgumentException("there are only " + queues + " queues, from 0");
        }
        if (!possible.containsAll(spread.fields())) {
            throw new IllegalArgumentException("this controller hashes " + possible + " only, not " + spread.fields());
        }
        chosen = spread;
    }

    /** Returns the table with running queues in the place of those that do not run, of which one has to. */
    public List<Integer> table(List<Integer> running) {
        return chosen.table()
                .stream()
                .map(queue -> running.contains(queue) ? queue : running.get(queue % running.size()))
                .toList();
    }
}
