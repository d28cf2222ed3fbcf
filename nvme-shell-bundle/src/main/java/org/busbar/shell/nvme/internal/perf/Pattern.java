package org.busbar.shell.nvme.internal.perf;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Which blocks are asked for, in which order, and what for. The names are fio's. */
enum Pattern {
    READ(false, true, false),
    WRITE(false, false, true),
    RW(false, true, true),
    RANDREAD(true, true, false),
    RANDWRITE(true, false, true),
    RANDRW(true, true, true);

    private final boolean random;
    private final boolean reads;
    private final boolean writes;

    Pattern(boolean random, boolean reads, boolean writes) {
        this.random = random;
        this.reads = reads;
        this.writes = writes;
    }

    static Pattern parse(String text) {
        return Arrays.stream(values())
                .filter(pattern -> pattern.text().equals(text.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("'" + text + "' is no pattern; there are "
                        + Arrays.stream(values()).map(Pattern::text).collect(Collectors.joining(", "))));
    }

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    boolean random() {
        return random;
    }

    boolean reads() {
        return reads;
    }

    boolean writes() {
        return writes;
    }

    boolean mixed() {
        return reads && writes;
    }
}
