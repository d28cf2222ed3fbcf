package org.busbar.emulator.internal.nvme;

import java.lang.foreign.MemorySegment;

/** The SMART / health information log (section 5.14.1.2). */
final class SmartLog {

    private static final int SPARE = 100;
    private static final int SPARE_THRESHOLD = 10;
    private static final int SPARE_WHEN_LOW = 5;

    private final Health health;
    private final Counters counters;
    private final ErrorLog errors;

    SmartLog(Health health, Counters counters, ErrorLog errors) {
        this.health = health;
        this.counters = counters;
        this.errors = errors;
    }

    void fill(MemorySegment data) {
        int warnings = health.warnings();
        Fields.set8(data, 0, warnings);
        Fields.set16(data, 1, health.temperature());
        Fields.set8(data, 3, (warnings & Health.SPARE_LOW) != 0 ? SPARE_WHEN_LOW : SPARE);
        Fields.set8(data, 4, SPARE_THRESHOLD);
        Fields.set64(data, 32, counters.unitsRead());
        Fields.set64(data, 48, counters.unitsWritten());
        Fields.set64(data, 64, counters.reads());
        Fields.set64(data, 80, counters.writes());
        Fields.set64(data, 112, 1);
        Fields.set64(data, 160, counters.mediaErrors());
        Fields.set64(data, 176, errors.count());
        Fields.set16(data, 200, health.temperature());
    }
}
