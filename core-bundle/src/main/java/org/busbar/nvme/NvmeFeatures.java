package org.busbar.nvme;

import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The features of a controller (section 5.21). What is set here is set again after every reset, for as long as the
 * binding lives. Thread-safe; blocks, and throws, as {@link NvmeController} says.
 */
@ProviderType
public interface NvmeFeatures {

    /** Which value is asked for (section 5.13, SEL). */
    enum Select {
        /** The value in force. */
        CURRENT(0),
        /** The factory's. */
        DEFAULT(1),
        /** The one that holds after a reset. */
        SAVED(2),
        /** Bit 0: can be saved; bit 1: specific to a namespace; bit 2: can be changed. */
        CAPABILITIES(3);

        private final int code;

        Select(int code) {
            this.code = code;
        }

        /** Returns the value of the field SEL. */
        public int code() {
            return code;
        }
    }

    /**
     * Reads a feature's value: dword 0 of the completion (section 5.13).
     *
     * @param feature FID
     * @param nsid a namespace for features that are specific to one, otherwise 0
     * @param dword11 what the feature wants there, usually 0
     */
    int get(int feature, Select select, int nsid, int dword11, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException;

    /**
     * Reads a feature that is a data structure.
     *
     * @param bytes how many, 1 to 4,096
     */
    byte[] getData(int feature, Select select, int nsid, int dword11, int bytes, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException;

    /**
     * Sets a feature (section 5.21).
     *
     * @param save whether to keep it over resets and power cycles
     * @param data its data structure, 4,096 bytes at most; empty if the value is all
     * @return dword 0 of the completion
     * @throws IllegalArgumentException if the feature is the driver's own: number of queues, asynchronous events, host
     *     memory buffer
     */
    int set(int feature, int nsid, int dword11, int dword12, boolean save, byte[] data, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException;

    /** Returns the power state, an index into {@link ControllerIdentity#powerStates} (section 5.21.1.2). */
    int powerState(Deadline deadline) throws NvmeException, DeviceTimeoutException, InterruptedException;

    /** Changes the power state. */
    void setPowerState(int state, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException;

    /**
     * Returns a temperature threshold in kelvin (section 5.21.1.4). When it is passed the controller warns: see
     * {@link NvmeEvent.Kind#HEALTH}.
     *
     * @param sensor 0 for the composite temperature, 1 to 8 for a sensor
     * @param under whether the lower threshold is meant
     */
    int temperatureThreshold(int sensor, boolean under, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException;

    /**
     * Sets a temperature threshold.
     *
     * @param sensor 0 for the composite temperature, 1 to 8 for a sensor, 15 for all
     * @param under whether the lower threshold is meant
     * @param kelvin 0 to 65,535
     */
    void setTemperatureThreshold(int sensor, boolean under, int kelvin, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException;

    /** Returns when interrupts are held back (section 5.21.1.8). */
    InterruptCoalescing interruptCoalescing(Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException;

    /** Says when to hold interrupts back. */
    void setInterruptCoalescing(InterruptCoalescing coalescing, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException;

    /** Returns whether the volatile write cache is on (section 5.21.1.6). */
    boolean writeCache(Deadline deadline) throws NvmeException, DeviceTimeoutException, InterruptedException;

    /** Turns the volatile write cache on or off. */
    void setWriteCache(boolean on, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException;
}
