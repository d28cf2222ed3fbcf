package org.busbar.itest.felix.control;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;

/** What the drivers of one name have done, over all revisions of their bundle, and the gates at which they wait. */
public final class Ledger {

    private static final ConcurrentMap<String, Ledger> ALL = new ConcurrentHashMap<>();

    private final List<String> entries = new ArrayList<>();
    private final ConcurrentMap<String, CountDownLatch> gates = new ConcurrentHashMap<>();

    private Ledger() {}

    /** Returns the ledger of a driver. */
    public static Ledger of(String driver) {
        return ALL.computeIfAbsent(driver, name -> new Ledger());
    }

    /** Forgets everything, and lets everybody go who waits at a gate. */
    public static void reset() {
        ALL.values().forEach(ledger -> ledger.gates.values().forEach(CountDownLatch::countDown));
        ALL.clear();
    }

    /** Adds an entry. */
    public void record(String entry) {
        synchronized (entries) {
            entries.add(entry);
        }
    }

    /** Returns all entries, oldest first. */
    public List<String> entries() {
        synchronized (entries) {
            return List.copyOf(entries);
        }
    }

    /** Returns how many entries start like this. */
    public long count(String start) {
        return entries().stream().filter(entry -> entry.startsWith(start)).count();
    }

    /** Returns the gate of a name, closed until somebody counts it down. */
    public CountDownLatch gate(String name) {
        return gates.computeIfAbsent(name, unknown -> new CountDownLatch(1));
    }
}
