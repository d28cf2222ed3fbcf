package org.busbar.emulator;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.busbar.emulator.NicFault.Side;

/** NIC faults as they are typed and shown. */
final class NicFaultText {

    /** What can be typed. */
    static final String SYNTAX = "nic length [rx|tx] [EVERY] [LENGTH], nic status [rx|tx] [EVERY] [SEED],"
            + " nic index [rx|tx] [EVERY] [INDEX], nic ungiven [rx|tx] [EVERY], nic twice [rx|tx] [EVERY],"
            + " nic many [rx|tx] [EVERY] [BY], nic garbage [rx|tx] [EVERY] [SEED]";

    private static final int MOST = 0xffff;

    private final Deque<String> words;

    private NicFaultText(List<String> words) {
        this.words = new ArrayDeque<>(words);
    }

    /** As {@link NicFault#parse}. */
    static Optional<NicFault> parse(List<String> words) {
        if (words.isEmpty() || !"nic".equals(words.getFirst())) {
            return Optional.empty();
        }
        NicFaultText text = new NicFaultText(words.subList(1, words.size()));
        NicFault fault = text.fault();
        if (!text.words.isEmpty()) {
            throw new IllegalArgumentException(
                    "'" + words.get(1) + "' does not go with '" + text.words.getFirst() + "'");
        }
        return Optional.of(fault);
    }

    private NicFault fault() {
        String kind = words.isEmpty() ? "" : words.removeFirst();
        Side side = side();
        return switch (kind) {
            case "length" -> new NicFault.WrongLength(side, number(1), number(MOST));
            case "status" -> new NicFault.RandomStatus(side, number(1), number(1));
            case "index" -> new NicFault.WrongIndex(side, number(1), number(MOST));
            case "ungiven" -> new NicFault.NeverGiven(side, number(1));
            case "twice" -> new NicFault.GivenBackTwice(side, number(1));
            case "many" -> new NicFault.TooMany(side, number(1), number(1));
            case "garbage" -> new NicFault.Garbage(side, number(1), number(1));
            default -> throw new IllegalArgumentException("a fault of a NIC is " + SYNTAX);
        };
    }

    private Side side() {
        String word = words.peekFirst();
        boolean transmit = "tx".equals(word);
        if (transmit || "rx".equals(word)) {
            words.removeFirst();
        }
        return transmit ? Side.TRANSMIT : Side.RECEIVE;
    }

    private int number(int fallback) {
        String word = words.peekFirst();
        if (word == null) {
            return fallback;
        }
        try {
            int number = Integer.decode(word);
            words.removeFirst();
            return number;
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + word + "' is no number (0x.. for hex)", e);
        }
    }

    /** Returns a fault in words. */
    static String words(NicFault fault) {
        String which = (fault.every() == 1 ? "every " : "each " + fault.every() + ". ")
                + (fault.side() == Side.RECEIVE ? "receive" : "transmit") + " buffer ";
        return which
                + switch (fault) {
                    case NicFault.WrongLength f -> "comes back with the length " + f.length();
                    case NicFault.RandomStatus f -> "comes back with random status";
                    case NicFault.WrongIndex f -> "comes back as number " + f.index();
                    case NicFault.NeverGiven f -> "comes back with one that was never given";
                    case NicFault.GivenBackTwice f -> "comes back twice";
                    case NicFault.TooMany f -> "comes back with " + f.by() + " that are not done";
                    case NicFault.Garbage f -> "comes back as garbage";
                };
    }
}
