package org.busbar.emulator;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What can be made to go wrong with an NVMe controller in particular. A {@code command} is counted from 1, from the moment
 * at which the fault was set, among the commands of the queues named; the fault happens once. Setting the same kind of
 * fault again replaces it and counts anew.
 */
public sealed interface NvmeFault extends Fault {

    /** What {@link #parse} understands, in one line. */
    String SYNTAX = NvmeFaultText.SYNTAX;

    /**
     * Parses a fault from words, for example {@code media 1 100 8 read} or {@code never io 5}.
     *
     * @return empty if the first word names none
     * @throws IllegalArgumentException if the other words make no sense
     */
    static Optional<NvmeFault> parse(List<String> words) {
        return NvmeFaultText.parse(words);
    }

    /** Returns the fault in words. */
    default String words() {
        return NvmeFaultText.words(this);
    }

    /** Which queues' commands a fault is about. */
    enum Queues {
        /** The admin queue. Asynchronous Event Requests count where the fault is about fetching, not completing. */
        ADMIN,
        /** All I/O queues together. */
        IO
    }

    /**
     * The controller takes its time to get ready, to stop being ready, and to shut down.
     *
     * @param delay how long, less than a day
     */
    record SlowTransitions(Duration delay) implements NvmeFault {}

    /**
     * The controller fails (CSTS.CFS) instead of carrying out a command. Nothing completes until it is reset.
     *
     * @param queues which queues' commands count
     * @param command which command
     */
    record Fatal(Queues queues, int command) implements NvmeFault {}

    /**
     * Completions of the admin queue come late; {@link Fault.SlowCompletion} is the same for the I/O queues. Asynchronous
     * events are on time.
     *
     * @param delay by how much, less than a day
     */
    record SlowAdmin(Duration delay) implements NvmeFault {}

    /**
     * A command is carried out and never completed, unless it is aborted.
     *
     * @param queues which queues' commands count
     * @param command which command
     */
    record NeverCompleted(Queues queues, int command) implements NvmeFault {}

    /**
     * A command is completed twice, one completion right after the other.
     *
     * @param queues which queues' commands count
     * @param command which command
     */
    record CompletedTwice(Queues queues, int command) implements NvmeFault {}

    /**
     * A completion bears another command's identifier, so that its own command is never completed.
     *
     * @param queues which queues' commands count
     * @param command which command
     * @param identifier the identifier that it bears, 0 to 65,535
     */
    record WrongIdentifier(Queues queues, int command, int identifier) implements NvmeFault {}

    /**
     * A completion has the wrong phase tag, so that it looks as if it was not there. Those after it are right.
     *
     * @param queues which queues' commands count
     * @param command which command
     */
    record WrongPhase(Queues queues, int command) implements NvmeFault {}

    /**
     * Completions report random submission queue heads.
     *
     * @param queues which queues' completions
     * @param seed where the random numbers begin
     */
    record GarbageHead(Queues queues, long seed) implements NvmeFault {}

    /**
     * Completions are random from the first to the last bit, the phase tag included.
     *
     * @param queues which queues' completions
     * @param every 1 for all of them, n for each n-th
     * @param seed where the random numbers begin
     */
    record GarbageCompletion(Queues queues, int every, long seed) implements NvmeFault {}

    /**
     * Blocks cannot be read or written: Unrecovered Read Error or Write Fault.
     *
     * @param namespace namespace identifier
     * @param first the first such block
     * @param blocks how many
     * @param reads whether reading fails, comparing, verifying and copying from there too
     * @param writes whether writing fails
     */
    record MediaError(int namespace, long first, long blocks, boolean reads, boolean writes) implements NvmeFault {}

    /**
     * All data structures of Identify are random.
     *
     * @param seed where the random numbers begin; 0 has all bits set instead
     */
    record GarbageIdentify(long seed) implements NvmeFault {}

    /**
     * All log pages are random.
     *
     * @param seed where the random numbers begin; 0 has all bits set instead
     */
    record GarbageLogs(long seed) implements NvmeFault {}

    /** Abort commands complete and abort nothing. */
    record UselessAbort() implements NvmeFault {}

    /**
     * Blocks that are written have a bit flipped where they are kept, and nobody is told. Metadata stays as it was, so that
     * protection information shows it.
     *
     * @param every 1 for all write commands, n for each n-th
     */
    record SilentCorruption(int every) implements NvmeFault {}
}
