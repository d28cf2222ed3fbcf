package org.busbar.driver.virtionet;

import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.busbar.driver.support.SpreadChoice;
import org.busbar.net.ReceiveSpread;
import org.busbar.net.ReceiveSpread.Field;
import org.jspecify.annotations.Nullable;

/**
 * Over which receive virtqueues the device spreads frames: by a hash and a table where it can do that (5.1.6.5.7), or else over
 * the first so many, as it likes (5.1.6.5.6). The port's lock guards it.
 */
final class Spread {

    /** What can be hashed, and its bit (5.1.6.4.3.1). */
    private static final Map<Field, Integer> TYPES = types();

    private static final int MOST_ENTRIES = 128;

    private final @Nullable ControlQueue control;
    private final @Nullable SpreadChoice choice;
    private List<Integer> running = List.of();
    private int enabled = 1;

    Spread(Features features, NetConfig device, int pairs, @Nullable ControlQueue control) {
        this.control = pairs > 1 ? control : null;
        choice = features.has(Feature.RSS)
                ? new SpreadChoice(pairs, entries(device.mostTableEntries()), fields(device.hashTypes()))
                : null;
    }

    private static Map<Field, Integer> types() {
        Map<Field, Integer> types = new EnumMap<>(Field.class);
        types.put(Field.IPV4, 1);
        types.put(Field.TCP_IPV4, 1 << 1);
        types.put(Field.UDP_IPV4, 1 << 2);
        types.put(Field.IPV6, 1 << 3);
        types.put(Field.TCP_IPV6, 1 << 4);
        types.put(Field.UDP_IPV6, 1 << 5);
        return types;
    }

    private static int entries(int most) {
        return Integer.highestOneBit(Math.clamp(most, 1, MOST_ENTRIES));
    }

    private static Set<Field> fields(int bits) {
        Map<Field, Integer> possible = new EnumMap<>(TYPES);
        possible.values().removeIf(type -> (bits & type) == 0);
        return possible.keySet();
    }

    @Nullable
    SpreadChoice choice() {
        return choice;
    }

    /** Takes over another choice, and has the device follow it. */
    void choose(SpreadChoice which, ReceiveSpread spread) throws IOException {
        which.choose(spread);
        restore();
    }

    /** Has frames spread over these pairs, in rising order; over the first if there are none. */
    void over(List<Integer> pairs) throws IOException {
        List<Integer> wanted = pairs.isEmpty() ? List.of(0) : List.copyOf(pairs);
        if (control == null || wanted.equals(running)) {
            return;
        }
        if (choice == null && wanted.getLast() + 1 != enabled) {
            control.pairs(wanted.getLast() + 1);
        }
        enabled = wanted.getLast() + 1;
        if (choice != null) {
            send(control, choice, wanted);
        }
        running = wanted;
    }

    /** Tells the device again, which knows nothing of it after a reset. */
    void restore() throws IOException {
        if (control != null && choice != null && !running.isEmpty()) {
            send(control, choice, running);
        } else if (control != null && enabled > 1) {
            control.pairs(enabled);
        }
    }

    private static void send(ControlQueue asked, SpreadChoice choice, List<Integer> wanted) throws IOException {
        ReceiveSpread chosen = choice.chosen();
        int types = 0;
        for (Field field : chosen.fields()) {
            types |= TYPES.getOrDefault(field, 0);
        }
        asked.spread(types, choice.table(wanted), wanted.getFirst(), wanted.getLast() + 1, chosen.key());
    }
}
