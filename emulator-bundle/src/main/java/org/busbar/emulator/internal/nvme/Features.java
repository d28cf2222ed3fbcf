package org.busbar.emulator.internal.nvme;

/** The features that can be set (section 5.21). Defaults after each controller reset. */
final class Features {

    static final int NUMBER_OF_QUEUES = 0x07;

    private static final int WRITE_CACHE = 0x06;
    private static final int INTERRUPT_VECTOR = 0x09;
    private static final int EVENTS = 0x0b;
    private static final int TEMPERATURE_THRESHOLD = 0x04;
    private static final int SAVE = 1 << 31;
    private static final int IO_QUEUES = NvmeRegisters.QUEUES - 1;
    private static final int QUEUES_GRANTED = (IO_QUEUES - 1) | ((IO_QUEUES - 1) << 16);
    /** Arbitration, power, temperature, error recovery, cache, queues, coalescing, vector, atomicity, events. */
    private static final int KNOWN = 0xff6;

    private final int[] values = new int[16];
    private final int[] vectors = new int[NvmeRegisters.QUEUES];

    Features() {
        reset();
    }

    void reset() {
        for (int id = 0; id < values.length; id++) {
            values[id] = initial(id);
        }
        for (int vector = 0; vector < vectors.length; vector++) {
            vectors[vector] = 0;
        }
    }

    boolean writeCache() {
        return (values[WRITE_CACHE] & 1) != 0;
    }

    /** Returns whether the driver wants to be told of events of the SMART log with these bits. */
    int eventConfiguration() {
        return values[EVENTS];
    }

    /** Set Features; returns the status. */
    int set(Command command, boolean ioQueuesExist) {
        int id = command.dword(10) & 0xff;
        int value = command.dword(11);
        if ((command.dword(10) & SAVE) != 0) {
            return Status.NOT_SAVEABLE;
        }
        if (!known(id)) {
            return Status.INVALID_FIELD;
        }
        switch (id) {
            case NUMBER_OF_QUEUES -> {
                return setQueues(command, value, ioQueuesExist);
            }
            case INTERRUPT_VECTOR -> {
                return setVector(value);
            }
            case 0x02 -> {
                // The only power state is 0.
                return (value & 0x1f) == 0 ? Status.SUCCESS : Status.INVALID_FIELD;
            }
            default -> values[id] = value;
        }
        return Status.SUCCESS;
    }

    /** Get Features; returns the status and puts the value into the completion. */
    int get(Command command) {
        int id = command.dword(10) & 0xff;
        if (!known(id)) {
            return Status.INVALID_FIELD;
        }
        boolean initial = ((command.dword(10) >>> 8) & 7) == 1;
        if (id == INTERRUPT_VECTOR) {
            int vector = command.dword(11) & 0xffff;
            if (vector >= vectors.length) {
                return Status.INVALID_FIELD;
            }
            command.result(initial ? vector : vectors[vector] | vector);
            return Status.SUCCESS;
        }
        command.result(initial ? initial(id) : values[id]);
        return Status.SUCCESS;
    }

    /** Number of Queues (section 5.21.1.7): always all, once asked for anything sensible before there are any. */
    private static int setQueues(Command command, int value, boolean ioQueuesExist) {
        if (ioQueuesExist) {
            return Status.COMMAND_SEQUENCE_ERROR;
        }
        if ((value & 0xffff) == 0xffff || value >>> 16 == 0xffff) {
            return Status.INVALID_FIELD;
        }
        command.result(QUEUES_GRANTED);
        return Status.SUCCESS;
    }

    private int setVector(int value) {
        int vector = value & 0xffff;
        if (vector >= vectors.length) {
            return Status.INVALID_FIELD;
        }
        vectors[vector] = value & (1 << 16);
        return Status.SUCCESS;
    }

    private static boolean known(int id) {
        return id < 16 && (KNOWN & (1 << id)) != 0;
    }

    private static int initial(int id) {
        return switch (id) {
            case TEMPERATURE_THRESHOLD -> 343;
            case WRITE_CACHE -> 1;
            case NUMBER_OF_QUEUES -> QUEUES_GRANTED;
            default -> 0;
        };
    }
}
