package org.busbar.emulator.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.busbar.emulator.Card;
import org.jspecify.annotations.Nullable;

/**
 * What a rack is to look like at the start. Entries that make no sense are left out and reported, the others count.
 *
 * @param slots how many slots there are
 * @param cards what is in them, by number
 * @param problems what is wrong with the configuration
 */
record RackLayout(int slots, Map<Integer, Card> cards, List<String> problems) {

    static final int DEFAULT_SLOTS = 8;
    static final int MAX_SLOTS = 255;

    /**
     * @param slots as configured
     * @param configured entries like {@code 1=nvme:size=64M}
     * @param fallback entries for when there are none, separated by semicolons
     */
    static RackLayout of(int slots, String[] configured, @Nullable String fallback) {
        List<String> problems = new ArrayList<>();
        int count = slots;
        if (slots < 1 || slots > MAX_SLOTS) {
            problems.add("a rack has 1 to 255 slots, not " + slots + "; it gets " + DEFAULT_SLOTS);
            count = DEFAULT_SLOTS;
        }
        // A plain .cfg file cannot hold an array: there, one text holds all entries.
        List<String> entries = present(String.join(";", configured));
        if (entries.isEmpty() && fallback != null) {
            entries = present(fallback);
        }
        Map<Integer, Card> cards = new LinkedHashMap<>();
        for (String entry : entries) {
            try {
                add(cards, count, entry);
            } catch (IllegalArgumentException e) {
                problems.add("the entry '" + entry + "' is left out: " + e.getMessage());
            }
        }
        return new RackLayout(count, cards, problems);
    }

    private static List<String> present(String entries) {
        return Arrays.stream(entries.split(";", -1))
                .map(String::strip)
                .filter(entry -> !entry.isEmpty())
                .toList();
    }

    private static void add(Map<Integer, Card> cards, int slots, String entry) {
        int equals = entry.indexOf('=');
        String number = equals < 0 ? "" : entry.substring(0, equals).strip();
        if (!number.matches("[0-9]{1,3}")) {
            throw new IllegalArgumentException("an entry looks like 1=nvme:size=64M");
        }
        int slot = Integer.parseInt(number);
        if (slot < 1 || slot > slots) {
            throw new IllegalArgumentException("the slots are 1 to " + slots);
        }
        if (cards.containsKey(slot)) {
            throw new IllegalArgumentException("slot " + slot + " has a card already");
        }
        cards.put(slot, Card.parse(entry.substring(equals + 1).strip()));
    }
}
