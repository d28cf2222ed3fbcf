package org.busbar.emulator;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.busbar.emulator.NvmeFault.Queues;

/** NVMe faults as they are typed and shown. */
final class NvmeFaultText {

    /** What can be typed. */
    static final String SYNTAX =
            "ready MILLIS, slowadmin MILLIS, fatal [io|admin] [N], never [io|admin] [N], twice [io|admin] [N], "
                    + "identifier [io|admin] [N] [ID], phase [io|admin] [N], head [io|admin] [SEED], "
                    + "garbage [io|admin] [EVERY] [SEED], media NAMESPACE FIRST BLOCKS [read|write], identify [SEED], logs [SEED], noabort, corrupt [EVERY]";

    private static final int UNKNOWN_IDENTIFIER = 0xfffe;

    private final Deque<String> words;

    private NvmeFaultText(List<String> words) {
        this.words = new ArrayDeque<>(words);
    }

    /** As {@link NvmeFault#parse}. */
    static Optional<NvmeFault> parse(List<String> words) {
        if (words.isEmpty()) {
            return Optional.empty();
        }
        NvmeFaultText text = new NvmeFaultText(words);
        NvmeFault fault =
                switch (text.words.removeFirst()) {
                    case "ready" -> new NvmeFault.SlowTransitions(Duration.ofMillis(text.number(1000)));
                    case "slowadmin" -> new NvmeFault.SlowAdmin(Duration.ofMillis(text.number(1000)));
                    case "fatal" -> new NvmeFault.Fatal(text.queues(), text.number(1));
                    case "never" -> new NvmeFault.NeverCompleted(text.queues(), text.number(1));
                    case "twice" -> new NvmeFault.CompletedTwice(text.queues(), text.number(1));
                    case "identifier" ->
                        new NvmeFault.WrongIdentifier(text.queues(), text.number(1), text.number(UNKNOWN_IDENTIFIER));
                    case "phase" -> new NvmeFault.WrongPhase(text.queues(), text.number(1));
                    case "head" -> new NvmeFault.GarbageHead(text.queues(), text.number(1));
                    case "garbage" ->
                        new NvmeFault.GarbageCompletion(text.queues(), text.number(1), text.number(1));
                    case "media" -> text.media();
                    case "identify" -> new NvmeFault.GarbageIdentify(text.number(1));
                    case "logs" -> new NvmeFault.GarbageLogs(text.number(1));
                    case "noabort" -> new NvmeFault.UselessAbort();
                    case "corrupt" -> new NvmeFault.SilentCorruption(text.number(1));
                    default -> null;
                };
        if (fault != null && !text.words.isEmpty()) {
            throw new IllegalArgumentException(
                    "'" + words.getFirst() + "' does not go with '" + text.words.getFirst() + "'");
        }
        return Optional.ofNullable(fault);
    }

    private NvmeFault media() {
        int namespace = number(1);
        int first = number(0);
        int blocks = number(1);
        boolean reads = true;
        boolean writes = true;
        if (is("read")) {
            writes = false;
        } else if (is("write")) {
            reads = false;
        }
        return new NvmeFault.MediaError(namespace, first, blocks, reads, writes);
    }

    private Queues queues() {
        if (is("admin")) {
            return Queues.ADMIN;
        }
        is("io");
        return Queues.IO;
    }

    private boolean is(String word) {
        boolean same = word.equals(words.peekFirst());
        if (same) {
            words.removeFirst();
        }
        return same;
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
    static String words(NvmeFault fault) {
        return switch (fault) {
            case NvmeFault.SlowTransitions f ->
                "takes " + f.delay().toMillis() + " ms to get ready and to shut down";
            case NvmeFault.SlowAdmin f -> "admin completions " + f.delay().toMillis() + " ms late";
            case NvmeFault.Fatal f -> "fails at " + one(f.queues(), f.command());
            case NvmeFault.NeverCompleted f -> one(f.queues(), f.command()) + " never completes";
            case NvmeFault.CompletedTwice f -> one(f.queues(), f.command()) + " completes twice";
            case NvmeFault.WrongIdentifier f ->
                one(f.queues(), f.command()) + " completes as command 0x%x".formatted(f.identifier());
            case NvmeFault.WrongPhase f -> one(f.queues(), f.command()) + " completes with the wrong phase";
            case NvmeFault.GarbageHead f -> name(f.queues()) + " queue heads are random";
            case NvmeFault.GarbageCompletion f ->
                (f.every() == 1 ? "every " : "each " + f.every() + ". ") + name(f.queues()) + " completion is random";
            case NvmeFault.MediaError f ->
                "blocks " + f.first() + " to " + (f.first() + f.blocks() - 1) + " of namespace " + f.namespace()
                        + " cannot be " + (f.reads() ? f.writes() ? "read or written" : "read" : "written");
            case NvmeFault.GarbageIdentify f -> "identify data is garbage";
            case NvmeFault.GarbageLogs f -> "log pages are garbage";
            case NvmeFault.UselessAbort f -> "aborts abort nothing";
            case NvmeFault.SilentCorruption f ->
                (f.every() == 1 ? "every write" : "each " + f.every() + ". write") + " is corrupted silently";
        };
    }

    private static String one(Queues queues, int command) {
        return name(queues) + " command " + command;
    }

    private static String name(Queues queues) {
        return queues == Queues.ADMIN ? "admin" : "I/O";
    }
}
