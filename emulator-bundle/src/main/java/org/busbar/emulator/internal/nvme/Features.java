package org.busbar.emulator.internal.nvme;

import java.util.Map;
import java.util.TreeMap;

/** The features (sections 5.13 and 5.21). They have their defaults after each controller reset. */
final class Features {

    static final int ARBITRATION = 0x01;
    static final int POWER = 0x02;
    static final int TEMPERATURE = 0x04;
    static final int ERROR_RECOVERY = 0x05;
    static final int WRITE_CACHE = 0x06;
    static final int QUEUE_COUNT = 0x07;
    static final int COALESCING = 0x08;
    static final int VECTOR = 0x09;
    static final int WRITE_ATOMICITY = 0x0a;
    static final int EVENTS = 0x0b;

    private static final int SAVE = 1 << 31;
    // Select (figure 182): current, default, saved, capabilities.
    private static final int DEFAULT = 1;
    private static final int SAVED = 2;
    private static final int CAPABILITIES = 3;
    private static final int CHANGEABLE = 1 << 2;
    /** Warnings of the SMART log, and namespace attribute notices. */
    private static final int KNOWN_EVENTS = 0x11f;

    private final Map<Integer, Feature> all = new TreeMap<>();
    private final ValueFeature cache = new ValueFeature(1, 1);
    private final ValueFeature events = new ValueFeature(0, -1);
    private boolean hasCache;

    Features() {
        all.put(ARBITRATION, new ValueFeature(0, -1));
        all.put(ERROR_RECOVERY, new ValueFeature(0, 0xffff));
        all.put(WRITE_ATOMICITY, new ValueFeature(0, 1));
        all.put(EVENTS, events);
    }

    /** Adds the volatile write cache. */
    void withCache() {
        all.put(WRITE_CACHE, cache);
        hasCache = true;
    }

    void add(int id, Feature feature) {
        all.put(id, feature);
    }

    void register(CommandTable table) {
        table.add(0x09, CommandTable.CHANGES_CONTROLLER, this::set);
        table.add(0x0a, CommandTable.READS, this::get);
    }

    void reset() {
        all.values().forEach(Feature::reset);
    }

    /** Returns whether written data may wait until it is flushed. */
    boolean writeCache() {
        return hasCache && cache.value() != 0;
    }

    /** Returns which events the driver wants to be told of (figure 291). */
    int eventConfiguration() {
        return events.value() & KNOWN_EVENTS;
    }

    private int set(Command command) {
        Feature feature = all.get(command.dword(10) & 0xff);
        if (feature == null) {
            return Status.INVALID_FIELD;
        }
        return (command.dword(10) & SAVE) != 0 ? Status.NOT_SAVEABLE : feature.set(command);
    }

    private int get(Command command) {
        Feature feature = all.get(command.dword(10) & 0xff);
        int select = (command.dword(10) >>> 8) & 7;
        if (feature == null || select > CAPABILITIES) {
            return Status.INVALID_FIELD;
        }
        if (select == CAPABILITIES) {
            command.result(CHANGEABLE);
            return Status.SUCCESS;
        }
        // Nothing is ever saved, so what is saved is the default.
        return feature.get(command, select == DEFAULT || select == SAVED);
    }
}
