package org.busbar.nvme;

import java.math.BigInteger;
import java.util.List;
import java.util.Set;

/**
 * SMART / Health Information (section 5.14.1.2, figure 194). Counters are as wide as the controller's.
 *
 * @param warnings what it warns of now
 * @param kelvin composite temperature
 * @param spare spare capacity that is left, in percent
 * @param spareThreshold it warns below so much, in percent
 * @param used estimate of the life that is used up, in percent; may be more than 100, 255 at most
 * @param unitsRead data read by the host, in units of 512,000 bytes
 * @param unitsWritten data written by the host, in units of 512,000 bytes
 * @param readCommands read and compare commands
 * @param writeCommands write commands
 * @param busyMinutes how long I/O commands were being carried out
 * @param powerCycles how often it was switched on
 * @param powerOnHours how long it was on
 * @param unsafeShutdowns how often it lost power without a shutdown notification
 * @param mediaErrors data integrity errors that could not be corrected
 * @param errorEntries error log entries over its life
 * @param warningMinutes how long it was above its warning temperature
 * @param criticalMinutes how long it was above its critical temperature
 * @param sensorKelvin temperature of sensors 1 to 8; 0 for those it does not have
 */
public record HealthLog(
        Set<Warning> warnings,
        int kelvin,
        int spare,
        int spareThreshold,
        int used,
        BigInteger unitsRead,
        BigInteger unitsWritten,
        BigInteger readCommands,
        BigInteger writeCommands,
        BigInteger busyMinutes,
        BigInteger powerCycles,
        BigInteger powerOnHours,
        BigInteger unsafeShutdowns,
        BigInteger mediaErrors,
        BigInteger errorEntries,
        long warningMinutes,
        long criticalMinutes,
        List<Integer> sensorKelvin) {

    public HealthLog {
        warnings = Set.copyOf(warnings);
        sensorKelvin = List.copyOf(sensorKelvin);
    }

    /** Returns the composite temperature in degrees Celsius. */
    public int celsius() {
        return kelvin - 273;
    }

    /** A critical warning: bit 0 first. */
    public enum Warning {
        /** Spare capacity has fallen below its threshold. */
        SPARE(0, "the spare capacity is low"),
        /** A temperature is beyond a threshold. */
        TEMPERATURE(1, "a temperature is beyond its threshold"),
        /** Reliability is degraded by media or internal errors. */
        RELIABILITY(2, "reliability is degraded"),
        /** All of the media is read-only. */
        READ_ONLY(3, "the media is read-only"),
        /** The backup of volatile memory has failed. */
        BACKUP(4, "the backup of volatile memory has failed"),
        /** The persistent memory region is read-only or unreliable. */
        PERSISTENT_MEMORY(5, "the persistent memory region is read-only or unreliable");

        private final int bit;
        private final String text;

        Warning(int bit, String text) {
            this.bit = bit;
            this.text = text;
        }

        /** Returns its bit in the field Critical Warning. */
        public int bit() {
            return bit;
        }

        /** Returns it in words. */
        public String text() {
            return text;
        }
    }
}
