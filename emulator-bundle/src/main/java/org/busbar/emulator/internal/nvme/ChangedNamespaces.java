package org.busbar.emulator.internal.nvme;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.TreeSet;

/**
 * Namespaces that have changed since the driver looked (Changed Namespace List, section 5.14.1.4), and the event that
 * says so, if the driver wants it.
 */
final class ChangedNamespaces {

    private static final int ENTRIES = 1024;
    private static final int NOTICES_WANTED = 1 << 8;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final TreeSet<Integer> changed = new TreeSet<>();
    private final Events events;
    private final Features features;
    private final boolean offered;

    /**
     * @param offered whether the controller sends such notices
     */
    ChangedNamespaces(Events events, Features features, boolean offered) {
        this.events = events;
        this.features = features;
        this.offered = offered;
    }

    void add(int namespace) {
        changed.add(namespace);
        if (offered && (features.eventConfiguration() & NOTICES_WANTED) != 0) {
            events.happened(Events.NOTICE, Events.NAMESPACE_CHANGED);
        }
    }

    /** Fills in the log page; more than fit are said to be all. */
    void fill(MemorySegment data) {
        if (changed.size() > ENTRIES) {
            data.set(INT, 0, Namespaces.ALL);
            return;
        }
        long at = 0;
        for (int namespace : changed) {
            data.set(INT, at, namespace);
            at += 4;
        }
    }

    void clear() {
        changed.clear();
    }
}
