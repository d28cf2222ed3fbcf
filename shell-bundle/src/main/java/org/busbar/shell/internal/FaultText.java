package org.busbar.shell.internal;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.busbar.emulator.Fault;
import org.busbar.emulator.NicFault;
import org.busbar.emulator.NvmeFault;

/** Faults as they are typed and shown. */
final class FaultText {

    /** Unrecovered read error: status code type 2, status code 81h (NVMe Base 1.4, section 4.6.1). */
    private static final int UNRECOVERED_READ = 0x281;

    private FaultText() {}

    /**
     * Parses a fault.
     *
     * @throws IllegalArgumentException if there is no such fault
     */
    static Fault parse(List<String> words) {
        Optional<NvmeFault> nvme = NvmeFault.parse(words);
        if (nvme.isPresent()) {
            return nvme.get();
        }
        Optional<NicFault> nic = NicFault.parse(words);
        if (nic.isPresent()) {
            return nic.get();
        }
        String kind = words.isEmpty() ? "" : words.getFirst();
        int most = switch (kind) {
            case "error" -> 3;
            case "lost", "slow" -> 2;
            default -> 1;
        };
        if (words.size() > most) {
            throw new IllegalArgumentException("'" + kind + "' does not go with '" + words.get(most) + "'");
        }
        return switch (kind) {
            case "error" -> new Fault.ErrorStatus(number(words, 1, 1), number(words, 2, UNRECOVERED_READ));
            case "lost" -> new Fault.LostCompletion(number(words, 1, 1));
            case "slow" -> new Fault.SlowCompletion(Duration.ofMillis(number(words, 1, 100)));
            case "stuck" -> new Fault.StuckReset();
            case "config" -> new Fault.BadConfigSpace();
            case "link" -> new Fault.LinkDown();
            default ->
                throw new IllegalArgumentException(
                        "a fault is error [EVERY [STATUS]], lost [EVERY], slow MILLIS, stuck,"
                                + " config, link or, for SSDs, " + NvmeFault.SYNTAX + ", or, for NICs, "
                                + NicFault.SYNTAX + "; not '"
                                + String.join(" ", words) + "'");
        };
    }

    private static int number(List<String> words, int index, int fallback) {
        if (words.size() <= index) {
            return fallback;
        }
        String word = words.get(index);
        try {
            int number = Integer.decode(word);
            if (number > 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below, with numbers that make no sense.
        }
        throw new IllegalArgumentException("'" + word + "' is no number from 1 on (0x.. for hex)");
    }

    /** Returns a fault in words. */
    static String words(Fault fault) {
        return switch (fault) {
            case Fault.ErrorStatus error -> often(error.every()) + " ends with status 0x%x".formatted(error.status());
            case Fault.LostCompletion lost -> often(lost.every()) + " is done but never answered";
            case Fault.SlowCompletion slow -> "completions " + slow.delay().toMillis() + " ms late";
            case Fault.StuckReset stuck -> "resets never end";
            case Fault.BadConfigSpace bad -> "config space is garbage";
            case Fault.LinkDown down -> "the link is down";
            case NvmeFault nvme -> nvme.words();
            case NicFault nic -> nic.words();
        };
    }

    private static String often(int every) {
        return every == 1 ? "every command" : "each " + every + ". command";
    }
}
