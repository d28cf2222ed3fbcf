package org.busbar.emulator.internal.nvme;

import java.util.function.IntConsumer;

/** A feature that is a number. */
final class ValueFeature implements Feature {

    private final int initial;
    private final int writable;
    private final IntConsumer changed;
    private int value;

    /**
     * @param initial its default
     * @param writable bits that may be set; others must be 0
     */
    ValueFeature(int initial, int writable) {
        this(initial, writable, value -> {});
    }

    /**
     * @param changed told of each new value
     */
    ValueFeature(int initial, int writable, IntConsumer changed) {
        this.initial = initial;
        this.writable = writable;
        this.changed = changed;
        value = initial;
    }

    int value() {
        return value;
    }

    void value(int wanted) {
        value = wanted;
        changed.accept(wanted);
    }

    @Override
    public int set(Command command) {
        if ((command.dword(11) & ~writable) != 0) {
            return Status.INVALID_FIELD;
        }
        value(command.dword(11));
        return Status.SUCCESS;
    }

    @Override
    public int get(Command command, boolean isInitial) {
        command.result(isInitial ? initial : value);
        return Status.SUCCESS;
    }

    @Override
    public void reset() {
        value = initial;
    }
}
