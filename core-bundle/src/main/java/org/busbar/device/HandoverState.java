package org.busbar.device;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a driver leaves to its successor: plain bytes, so that nothing of the old bundle stays alive, in a format that has a
 * name and a version. Immutable.
 */
public final class HandoverState {

    /** The most bytes that a state may have: it describes queues, it does not carry data. */
    public static final int MAX_BYTES = 1 << 20;

    private final String format;
    private final int version;
    private final byte[] bytes;

    /**
     * @param format name of the format, for example {@code org.busbar.driver.nvme}; not blank
     * @param version version of the format: a successor that does not know it starts afresh
     * @param bytes the state, copied; at most {@link #MAX_BYTES}
     */
    public HandoverState(String format, int version, byte[] bytes) {
        if (format.isBlank()) {
            throw new IllegalArgumentException("the format of a handover state needs a name");
        }
        if (bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "a handover state has at most " + MAX_BYTES + " bytes, not " + bytes.length);
        }
        this.format = format;
        this.version = version;
        this.bytes = bytes.clone();
    }

    /** Returns the name of the format. */
    public String format() {
        return format;
    }

    /** Returns the version of the format. */
    public int version() {
        return version;
    }

    /** Returns a copy of the state. */
    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof HandoverState state
                && state.format.equals(format)
                && state.version == version
                && Arrays.equals(state.bytes, bytes);
    }

    @Override
    public int hashCode() {
        return Objects.hash(format, version, Arrays.hashCode(bytes));
    }

    @Override
    public String toString() {
        return format + " version " + version + ", " + bytes.length + " bytes";
    }
}
