package org.busbar.durable.internal;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockRange;
import org.busbar.block.BlockStatus;
import org.busbar.block.RequestOptions;

/**
 * What a queue's requests say, so that they can be said again. Each has a slot:
 *
 * <pre>
 *   FREE --> SENT --> FREE
 *     |       | ^
 *     |       v |
 *     |     WAITING     its path has gone
 *     |       |
 *     +--> ENDING --> FREE     its end is known, and has not been reported
 * </pre>
 *
 * For one thread; allocates nothing per request once vectors and ranges have been as long as they get.
 */
final class Requests {

    static final int NONE = -1;

    private static final int SLOT_BITS = 20;
    private static final int LOSS_BITS = 4;

    /** What a request does. */
    enum Kind {
        READ,
        WRITE,
        COMPARE,
        FLUSH,
        ZEROES,
        VERIFY,
        DEALLOCATE,
        COPY;

        /** Whether it changes what is stored. */
        boolean writes() {
            return this == WRITE || this == ZEROES || this == DEALLOCATE || this == COPY;
        }

        /**
         * Whether doing it twice is like doing it once, as long as it has not ended. What a copy finds the second time may be
         * what it has written itself.
         */
        boolean repeatable() {
            return this != COPY;
        }
    }

    /** Where a request is. */
    enum State {
        FREE,
        SENT,
        WAITING,
        ENDING
    }

    private final State[] states;
    private final Kind[] kinds;
    private final long[] tags;
    private final long[] orders;
    private final long[] firsts;
    private final int[] counts;
    private final MemorySegment[] buffers;
    private final long[] offsets;
    private final RequestOptions[] options;
    private final VolumeVector[] vectors;
    private final boolean[] vectored;
    private final RangeList[] ranges;
    private final long[] flushes;
    private final int[] losses;
    private final BlockStatus[] ends;
    private final int[] free;
    private final int[] line;
    private int freeCount;
    private long nextOrder;

    Requests(int depth) {
        if (depth >= 1 << SLOT_BITS) {
            throw new IllegalArgumentException("a queue of a volume is 1 to " + ((1 << SLOT_BITS) - 1) + " deep, not "
                    + depth);
        }
        states = new State[depth];
        kinds = new Kind[depth];
        tags = new long[depth];
        orders = new long[depth];
        firsts = new long[depth];
        counts = new int[depth];
        buffers = new MemorySegment[depth];
        offsets = new long[depth];
        options = new RequestOptions[depth];
        vectors = new VolumeVector[depth];
        vectored = new boolean[depth];
        ranges = new RangeList[depth];
        flushes = new long[depth];
        losses = new int[depth];
        ends = new BlockStatus[depth];
        free = new int[depth];
        line = new int[depth];
        freeCount = depth;
        Arrays.fill(states, State.FREE);
        Arrays.fill(buffers, MemorySegment.NULL);
        Arrays.fill(options, RequestOptions.NONE);
        Arrays.fill(ends, BlockStatus.OK);
        for (int slot = 0; slot < depth; slot++) {
            free[slot] = depth - 1 - slot;
            vectors[slot] = new VolumeVector();
            ranges[slot] = new RangeList();
        }
    }

    int depth() {
        return states.length;
    }

    /** How many slots are not free. */
    int taken() {
        return states.length - freeCount;
    }

    /** Takes a slot, or gives {@link #NONE}. */
    int take(Kind kind, long first, int count, RequestOptions how, long tag) {
        if (freeCount == 0) {
            return NONE;
        }
        int slot = free[--freeCount];
        states[slot] = State.SENT;
        kinds[slot] = kind;
        firsts[slot] = first;
        counts[slot] = count;
        options[slot] = how;
        tags[slot] = tag;
        orders[slot] = nextOrder++;
        losses[slot] = 0;
        vectored[slot] = false;
        return slot;
    }

    void data(int slot, MemorySegment buffer, long offset) {
        buffers[slot] = buffer;
        offsets[slot] = offset;
    }

    void data(int slot, VolumeVector vector) {
        vectors[slot].copyOf(vector);
        vectored[slot] = true;
    }

    void ranges(int slot, List<BlockRange> of) {
        ranges[slot].copyOf(of);
    }

    /** Notes the number of a flush. */
    void flush(int slot, long number) {
        flushes[slot] = number;
    }

    long flush(int slot) {
        return flushes[slot];
    }

    Kind kind(int slot) {
        return kinds[slot];
    }

    long tag(int slot) {
        return tags[slot];
    }

    BlockStatus end(int slot) {
        return ends[slot];
    }

    /** Whether a write is durable when it ends. */
    boolean isDurable(int slot) {
        return options[slot].forceUnitAccess();
    }

    void give(int slot) {
        states[slot] = State.FREE;
        free[freeCount++] = slot;
    }

    /** Returns the slot of a tag that {@link #send} gave to a path, or {@link #NONE} if nothing is in flight by that tag. */
    int sent(long pathTag) {
        long slot = pathTag & (1L << SLOT_BITS) - 1;
        boolean known = slot < states.length
                && states[(int) slot] == State.SENT
                && orders[(int) slot] == pathTag >>> SLOT_BITS;
        return known ? (int) slot : NONE;
    }

    /** Returns a number for what a slot has with a path, another one for each time it is given to one, or {@link #NONE}. Any thread. */
    long inFlight(int slot) {
        return states[slot] == State.SENT ? orders[slot] << LOSS_BITS | losses[slot] : NONE;
    }

    boolean isSent(int slot) {
        return states[slot] == State.SENT;
    }

    /** Returns what a request is, in words. */
    String describe(int slot) {
        Kind kind = kinds[slot];
        return kind == Kind.FLUSH
                ? "a flush"
                : "a " + kind.name().toLowerCase(Locale.ROOT) + " of " + counts[slot] + " blocks at " + firsts[slot];
    }

    /** The path of a request has gone. */
    void park(int slot) {
        states[slot] = State.WAITING;
        losses[slot]++;
    }

    /** How often its path has gone. */
    int losses(int slot) {
        return losses[slot];
    }

    /** Notes how a request ends that its queue has still to report. */
    void ending(int slot, BlockStatus status) {
        states[slot] = State.ENDING;
        ends[slot] = status;
    }

    boolean isEnding(int slot) {
        return states[slot] == State.ENDING;
    }

    /** Returns how many wait; {@link #waiting} then gives them in the order of their submission. */
    int lineUp() {
        int count = 0;
        for (int slot = 0; slot < states.length; slot++) {
            if (states[slot] == State.WAITING) {
                int at = count++;
                while (at > 0 && orders[line[at - 1]] > orders[slot]) {
                    line[at] = line[at - 1];
                    at--;
                }
                line[at] = slot;
            }
        }
        return count;
    }

    int waiting(int place) {
        return line[place];
    }

    /** Prepares a request on a path. Returns whether there was room. */
    boolean send(int slot, Attachment to) {
        BlockQueue queue = to.queue();
        long tag = orders[slot] << SLOT_BITS | slot;
        long first = firsts[slot];
        int count = counts[slot];
        RequestOptions how = options[slot];
        boolean taken = switch (kinds[slot]) {
            case READ -> read(slot, to, first, count, how, tag);
            case WRITE -> write(slot, to, first, count, how, tag);
            case COMPARE -> vectored[slot]
                    ? queue.compare(first, count, to.translate(vectors[slot]), how, tag)
                    : queue.compare(first, count, buffers[slot], offsets[slot], how, tag);
            case FLUSH -> queue.flush(tag);
            case ZEROES -> queue.writeZeroes(first, count, how, tag);
            case VERIFY -> queue.verify(first, count, how, tag);
            case DEALLOCATE -> queue.deallocate(ranges[slot], tag);
            case COPY -> queue.copy(ranges[slot], first, how, tag);
        };
        if (taken) {
            states[slot] = State.SENT;
        }
        return taken;
    }

    private boolean read(int slot, Attachment to, long first, int count, RequestOptions how, long tag) {
        if (vectored[slot]) {
            return to.queue().read(first, count, to.translate(vectors[slot]), how, tag);
        }
        return how.equals(RequestOptions.NONE)
                ? to.queue().read(first, count, buffers[slot], offsets[slot], tag)
                : to.queue().read(first, count, buffers[slot], offsets[slot], how, tag);
    }

    private boolean write(int slot, Attachment to, long first, int count, RequestOptions how, long tag) {
        if (vectored[slot]) {
            return to.queue().write(first, count, to.translate(vectors[slot]), how, tag);
        }
        return how.equals(RequestOptions.NONE)
                ? to.queue().write(first, count, buffers[slot], offsets[slot], tag)
                : to.queue().write(first, count, buffers[slot], offsets[slot], how, tag);
    }
}
