package org.busbar.driver.nvme;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.nvme.InterruptCoalescing;
import org.busbar.nvme.NvmeCommand;
import org.busbar.nvme.NvmeCompletion;
import org.busbar.nvme.NvmeException;
import org.busbar.nvme.NvmeFeatures;

/** Get Features and Set Features (NVMe Base 1.4, sections 5.13 and 5.21). Thread-safe. */
final class FeatureAccess implements NvmeFeatures {

    /** Interrupt Vector Configuration (5.21.1.9). */
    private static final int VECTOR_CONFIGURATION = 0x09;

    private static final int SAVE = 1 << 31;
    private static final int TEMPERATURE_UNDER = 1 << 20;
    private static final int MAX_DATA = 4096;

    /** What the driver has set for itself. */
    private static final Set<Integer> OWN =
            Set.of(Opcode.FEATURE_NUMBER_OF_QUEUES, Opcode.FEATURE_EVENTS, Opcode.FEATURE_HOST_MEMORY);

    private final AdminPort admin;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Setting, Value> set = new LinkedHashMap<>();

    /** What a value belongs to: of some features, each sensor or interrupt vector has its own. */
    private record Setting(int feature, int nsid, int selector) {}

    private record Value(NvmeCommand command, ByteBuffer data) {}

    FeatureAccess(AdminPort admin) {
        this.admin = admin;
    }

    /** @throws IllegalArgumentException if a feature is the driver's own business */
    static void requireNotOwn(int feature) {
        if (OWN.contains(feature)) {
            throw new IllegalArgumentException(
                    "feature %02xh is the driver's own; it is not to be set from outside".formatted(feature));
        }
    }

    @Override
    public int get(int feature, Select select, int nsid, int dword11, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        return admin.run(name("Get", feature), getCommand(feature, select, nsid, dword11), deadline);
    }

    @Override
    public byte[] getData(int feature, Select select, int nsid, int dword11, int bytes, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        if (bytes < 1 || bytes > MAX_DATA) {
            throw new IllegalArgumentException("a feature has 1 to " + MAX_DATA + " bytes of data, not " + bytes);
        }
        return admin.read(name("Get", feature), getCommand(feature, select, nsid, dword11), bytes, deadline);
    }

    private static NvmeCommand getCommand(int feature, Select select, int nsid, int dword11) {
        requireFeature(feature);
        return NvmeCommand.of(Opcode.GET_FEATURES, nsid)
                .with(feature | select.code() << 8, dword11, 0, 0, 0, 0);
    }

    @Override
    public int set(int feature, int nsid, int dword11, int dword12, boolean save, byte[] data, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        requireFeature(feature);
        requireNotOwn(feature);
        if (data.length > MAX_DATA) {
            throw new IllegalArgumentException(
                    "a feature has at most " + MAX_DATA + " bytes of data, not " + data.length);
        }
        NvmeCommand command = NvmeCommand.of(Opcode.SET_FEATURES, nsid)
                .with(feature | (save ? SAVE : 0), dword11, dword12, 0, 0, 0);
        int result = send(admin, command, ByteBuffer.wrap(data), deadline);
        remember(feature, nsid, dword11, new Value(command, ByteBuffer.wrap(data.clone())));
        return result;
    }

    private static int send(AdminPort port, NvmeCommand command, ByteBuffer data, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        String what = name("Set", command.dword10() & 0xff);
        if (!data.hasRemaining()) {
            return port.run(what, command, deadline);
        }
        Transfer transfer = port.transfer(what, data.remaining());
        transfer.put(data.duplicate());
        NvmeCompletion completion = port.execute(what, command, transfer, deadline);
        transfer.close();
        return (int) AdminPort.requireSuccess(what, completion).result();
    }

    private void remember(int feature, int nsid, int dword11, Value value) {
        int selector =
                switch (feature) {
                    case Opcode.FEATURE_TEMPERATURE -> dword11 >>> 16;
                    case VECTOR_CONFIGURATION -> dword11 & 0xffff;
                    default -> 0;
                };
        lock.lock();
        try {
            set.put(new Setting(feature, nsid, selector), value);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Sets again what was set: after a reset every feature has its saved value, or its default (5.21). Nothing is saved
     * again.
     *
     * @param refused told of each that the controller does not take any more, as after another firmware was activated
     */
    void restore(AdminPort port, Consumer<String> refused, Deadline deadline)
            throws DeviceTimeoutException, InterruptedException {
        Map<Setting, Value> all;
        lock.lock();
        try {
            all = new LinkedHashMap<>(set);
        } finally {
            lock.unlock();
        }
        for (Value value : all.values()) {
            NvmeCommand command = value.command();
            NvmeCommand again = NvmeCommand.of(command.opcode(), command.nsid())
                    .with(command.dword10() & ~SAVE, command.dword11(), command.dword12(), 0, 0, 0);
            try {
                send(port, again, value.data(), deadline);
            } catch (NvmeException e) {
                refused.accept("after the reset a feature could not be set again: " + e.getMessage());
            }
        }
    }

    private static void requireFeature(int feature) {
        if (feature < 1 || feature > 0xff) {
            throw new IllegalArgumentException("features are 1 to 255, not " + feature);
        }
    }

    private static String name(String verb, int feature) {
        return "%s Features (%02xh)".formatted(verb, feature);
    }

    private int get(int feature, int dword11, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        return get(feature, Select.CURRENT, 0, dword11, deadline);
    }

    private void set(int feature, int dword11, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        set(feature, 0, dword11, 0, false, new byte[0], deadline);
    }

    @Override
    public int powerState(Deadline deadline) throws NvmeException, DeviceTimeoutException, InterruptedException {
        return get(Opcode.FEATURE_POWER, 0, deadline) & 0x1f;
    }

    @Override
    public void setPowerState(int state, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        requireRange("a power state", state, 31);
        set(Opcode.FEATURE_POWER, state, deadline);
    }

    @Override
    public int temperatureThreshold(int sensor, boolean under, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        requireRange("a temperature sensor", sensor, 8);
        return get(Opcode.FEATURE_TEMPERATURE, threshold(sensor, under, 0), deadline) & 0xffff;
    }

    @Override
    public void setTemperatureThreshold(int sensor, boolean under, int kelvin, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        requireRange("a temperature sensor", sensor, 15);
        requireRange("a temperature in kelvin", kelvin, 0xffff);
        set(Opcode.FEATURE_TEMPERATURE, threshold(sensor, under, kelvin), deadline);
    }

    /** CDW11: temperature in bits 15:0, sensor (TMPSEL) in 19:16, over or under (THSEL) in 21:20. */
    private static int threshold(int sensor, boolean under, int kelvin) {
        return kelvin | sensor << 16 | (under ? TEMPERATURE_UNDER : 0);
    }

    @Override
    public InterruptCoalescing interruptCoalescing(Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        int value = get(Opcode.FEATURE_COALESCING, 0, deadline);
        return new InterruptCoalescing((value & 0xff) + 1, value >>> 8 & 0xff);
    }

    @Override
    public void setInterruptCoalescing(InterruptCoalescing coalescing, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        set(
                Opcode.FEATURE_COALESCING,
                coalescing.threshold() - 1 | coalescing.hundredMicros() << 8,
                deadline);
    }

    @Override
    public boolean writeCache(Deadline deadline) throws NvmeException, DeviceTimeoutException, InterruptedException {
        return (get(Opcode.FEATURE_WRITE_CACHE, 0, deadline) & 1) != 0;
    }

    @Override
    public void setWriteCache(boolean on, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        set(Opcode.FEATURE_WRITE_CACHE, on ? 1 : 0, deadline);
    }

    private static void requireRange(String what, int value, int most) {
        if (value < 0 || value > most) {
            throw new IllegalArgumentException(what + " is 0 to " + most + ", not " + value);
        }
    }
}
