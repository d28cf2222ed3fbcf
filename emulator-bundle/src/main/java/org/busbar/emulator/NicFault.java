package org.busbar.emulator;

import java.util.List;
import java.util.Optional;

/**
 * How a NIC lies to its driver about the buffers that it gives back: in descriptors that it writes back (Intel) or in used
 * rings (virtio). Nothing is written outside the rings and buffers that it was given, whatever it claims. {@code every} is 1
 * for all of them, n for each n-th, counted from the moment at which the fault was set. Setting the same kind of fault again
 * for the same side replaces it and counts anew.
 */
public sealed interface NicFault extends Fault {

    /** What {@link #parse} understands, in one line. */
    String SYNTAX = NicFaultText.SYNTAX;

    /**
     * Parses a fault from words, for example {@code nic length rx 1 65535}.
     *
     * @return empty if the first word is not {@code nic}
     * @throws IllegalArgumentException if the other words make no sense
     */
    static Optional<NicFault> parse(List<String> words) {
        return NicFaultText.parse(words);
    }

    /** Returns the fault in words. */
    default String words() {
        return NicFaultText.words(this);
    }

    /** Which buffers a fault is about. */
    enum Side {
        RECEIVE,
        TRANSMIT
    }

    Side side();

    int every();

    /**
     * A length that the buffer never had.
     *
     * @param length 0 to 65,535 for Intel, any for virtio
     */
    record WrongLength(Side side, int every, int length) implements NicFault {}

    /**
     * Status and error bits (Intel), or all of struct virtio_net_hdr, are random; done they are all the same.
     *
     * @param seed where the random numbers begin
     */
    record RandomStatus(Side side, int every, long seed) implements NicFault {}

    /**
     * The head register (Intel) shows a number, or a buffer is given back by a number (virtio), that may be anything.
     *
     * @param index 0 to 65,535
     */
    record WrongIndex(Side side, int every, int index) implements NicFault {}

    /** A buffer is given back that the driver has not given, besides the right one. */
    record NeverGiven(Side side, int every) implements NicFault {}

    /** A buffer is given back twice. With Intel the second time comes with the next buffer. */
    record GivenBackTwice(Side side, int every) implements NicFault {}

    /**
     * More buffers than one are given back though only one is done. With as many as the ring has, a driver that believes it
     * goes round in circles.
     *
     * @param by how many more, 1 to 65,535
     */
    record TooMany(Side side, int every, int by) implements NicFault {}

    /**
     * What is written back is random from the first to the last bit.
     *
     * @param seed where the random numbers begin
     */
    record Garbage(Side side, int every, long seed) implements NicFault {}
}
