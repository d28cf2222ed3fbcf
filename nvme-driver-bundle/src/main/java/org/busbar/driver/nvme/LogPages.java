package org.busbar.driver.nvme;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.busbar.nvme.ErrorLogEntry;
import org.busbar.nvme.FirmwareLog;
import org.busbar.nvme.HealthLog;
import org.busbar.nvme.NvmeStatus;

/** Reads log pages (NVMe Base 1.4, section 5.14.1). Reading succeeds whatever is there. */
final class LogPages {

    static final int HEALTH_BYTES = 512;
    static final int FIRMWARE_BYTES = 512;
    static final int ERROR_BYTES = 64;
    /** Identifiers in the changed namespace list (5.14.1.4). */
    static final int CHANGED = 1024;

    private LogPages() {}

    /** SMART / Health Information (5.14.1.2, figure 194). */
    static HealthLog health(Fields log) {
        List<Integer> sensors = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            sensors.add(log.u16(200 + 2L * i));
        }
        return new HealthLog(
                warnings(log.u8(0)),
                log.u16(1),
                log.u8(3),
                log.u8(4),
                log.u8(5),
                log.u128(32),
                log.u128(48),
                log.u128(64),
                log.u128(80),
                log.u128(96),
                log.u128(112),
                log.u128(128),
                log.u128(144),
                log.u128(160),
                log.u128(176),
                log.u32(192),
                log.u32(196),
                sensors);
    }

    private static Set<HealthLog.Warning> warnings(int bits) {
        Set<HealthLog.Warning> warnings = EnumSet.noneOf(HealthLog.Warning.class);
        for (HealthLog.Warning warning : HealthLog.Warning.values()) {
            if ((bits >>> warning.bit() & 1) != 0) {
                warnings.add(warning);
            }
        }
        return warnings;
    }

    /** Error Information (5.14.1.1, figure 193): entries with a count of zero are empty. */
    static List<ErrorLogEntry> errors(Fields log, int entries) {
        List<ErrorLogEntry> errors = new ArrayList<>();
        for (int i = 0; i < entries; i++) {
            long at = (long) i * ERROR_BYTES;
            if (log.s64(at) != 0) {
                errors.add(new ErrorLogEntry(
                        log.s64(at),
                        log.u16(at + 8),
                        log.u16(at + 10),
                        NvmeStatus.ofField(log.u16(at + 12) >>> 1),
                        log.u16(at + 14),
                        log.s64(at + 16),
                        log.s32(at + 24),
                        log.u8(at + 28)));
            }
        }
        return errors;
    }

    /** Firmware Slot Information (5.14.1.3, figure 195). */
    static FirmwareLog firmware(Fields log) {
        List<String> revisions = new ArrayList<>();
        for (int slot = 1; slot <= 7; slot++) {
            revisions.add(log.text(8L * slot, 8));
        }
        return new FirmwareLog(log.u8(0) & 7, log.u8(0) >>> 4 & 7, revisions);
    }
}
