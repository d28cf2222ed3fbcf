package org.busbar.shell.nvme.internal.admin;

import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.busbar.nvme.ErrorLogEntry;
import org.busbar.nvme.FirmwareLog;
import org.busbar.nvme.HealthLog;
import org.busbar.shell.internal.text.Fields;
import org.busbar.shell.internal.text.Table;

/** Log pages that people read. */
final class LogText {

    private static final BigInteger UNIT = BigInteger.valueOf(512_000);

    private LogText() {}

    static Fields health(HealthLog log) {
        List<String> warnings = log.warnings().stream().sorted().map(HealthLog.Warning::text).toList();
        Fields fields = new Fields()
                .add("critical_warning", warnings, warnings.isEmpty() ? "none" : String.join(", ", warnings))
                .add("temperature", log.kelvin(), IdentityText.temperature(log.kelvin()))
                .add("available_spare", log.spare(), log.spare() + "%")
                .add("available_spare_threshold", log.spareThreshold(), log.spareThreshold() + "%")
                .add("percentage_used", log.used(), log.used() + "%")
                .add("data_units_read", log.unitsRead(), units(log.unitsRead()))
                .add("data_units_written", log.unitsWritten(), units(log.unitsWritten()))
                .add("host_read_commands", log.readCommands())
                .add("host_write_commands", log.writeCommands())
                .add("controller_busy_time", log.busyMinutes(), log.busyMinutes() + " min")
                .add("power_cycles", log.powerCycles())
                .add("power_on_hours", log.powerOnHours())
                .add("unsafe_shutdowns", log.unsafeShutdowns())
                .add("media_errors", log.mediaErrors())
                .add("num_err_log_entries", log.errorEntries())
                .add("warning_temp_time", log.warningMinutes(), log.warningMinutes() + " min")
                .add("critical_comp_time", log.criticalMinutes(), log.criticalMinutes() + " min");
        for (int sensor = 0; sensor < log.sensorKelvin().size(); sensor++) {
            int kelvin = log.sensorKelvin().get(sensor);
            if (kelvin != 0) {
                fields.add("temperature_sensor_" + (sensor + 1), kelvin, IdentityText.temperature(kelvin));
            }
        }
        return fields;
    }

    private static String units(BigInteger units) {
        double bytes = units.multiply(UNIT).doubleValue();
        String[] names = {"B", "kB", "MB", "GB", "TB", "PB"};
        int unit = 0;
        while (bytes >= 1_000 && unit < names.length - 1) {
            bytes /= 1_000;
            unit++;
        }
        return units + String.format(Locale.ROOT, " (%.2f %s)", bytes, names[unit]);
    }

    static String errors(List<ErrorLogEntry> entries) {
        if (entries.isEmpty()) {
            return "no errors";
        }
        Table table = new Table("COUNT", "QUEUE", "COMMAND", "NSID", "LBA", "STATUS");
        entries.forEach(entry -> table.row(
                Long.toUnsignedString(entry.count()),
                entry.concernsCommand() ? Integer.toString(entry.submissionQueue()) : "-",
                entry.concernsCommand() ? "0x%04x".formatted(entry.commandId()) : "-",
                Integer.toUnsignedString(entry.nsid()),
                Long.toUnsignedString(entry.block()),
                entry.status().text()));
        return table.toString();
    }

    static List<Map<String, Object>> errorValues(List<ErrorLogEntry> entries) {
        return entries.stream().map(entry -> {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("count", entry.count());
            values.put("queue", entry.submissionQueue());
            values.put("command", entry.commandId());
            values.put("nsid", Integer.toUnsignedLong(entry.nsid()));
            values.put("block", entry.block());
            values.put("status", entry.status().typeAndCode());
            values.put("text", entry.status().text());
            return values;
        }).collect(Collectors.toList());
    }

    static Fields firmware(FirmwareLog log) {
        Fields fields = new Fields()
                .add("active", log.active(), "slot " + log.active())
                .add("next", log.next(), log.next() == 0 ? "none chosen" : "slot " + log.next());
        for (int slot = 0; slot < log.revisions().size(); slot++) {
            String revision = log.revisions().get(slot);
            if (!revision.isEmpty()) {
                fields.add("frs" + (slot + 1), revision);
            }
        }
        return fields;
    }
}
