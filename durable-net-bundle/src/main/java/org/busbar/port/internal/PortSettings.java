package org.busbar.port.internal;

import java.io.IOException;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import org.busbar.device.DeviceGoneException;
import org.busbar.net.NetworkPort;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was chosen for a port, what of it the present card cannot do, and what the port is by now. Thread-safe; drivers are
 * called without a lock.
 */
final class PortSettings {

    private static final Logger LOG = LoggerFactory.getLogger(PortSettings.class);

    private final String name;
    // Guarded by this.
    private final Map<Kind, Choice> choices = new EnumMap<>(Kind.class);
    private final Map<Kind, String> shortfalls = new EnumMap<>(Kind.class);
    private final SortedSet<Integer> vlans = new TreeSet<>();

    private volatile Traits traits;

    /** @param traits of the first card */
    PortSettings(String name, Traits traits) {
        this.name = name;
        this.traits = traits;
    }

    Traits traits() {
        return traits;
    }

    /** Whether anything is other than usual. */
    synchronized boolean any() {
        return !choices.isEmpty();
    }

    synchronized SequencedMap<String, String> chosen() {
        SequencedMap<String, String> words = new LinkedHashMap<>();
        choices.values().forEach(choice -> words.put(choice.kind().word(), choice.text()));
        return Collections.unmodifiableSequencedMap(words);
    }

    synchronized SequencedMap<String, String> shortfalls() {
        SequencedMap<String, String> words = new LinkedHashMap<>();
        shortfalls.forEach((kind, why) -> words.put(kind.word(), why));
        return Collections.unmodifiableSequencedMap(words);
    }

    /** Has every driver told of this that comes from now on. */
    synchronized void remember(Choice choice) {
        if (choice.usual()) {
            choices.remove(choice.kind());
        } else {
            choices.put(choice.kind(), choice);
        }
        shortfalls.remove(choice.kind());
        traits = choice.effect().apply(traits);
    }

    /** As {@link #remember}, of one VLAN. */
    synchronized void rememberVlan(int id, boolean receive) {
        boolean _ = receive ? vlans.add(id) : vlans.remove(id);
        remember(Choice.vlans(Collections.unmodifiableSortedSet(new TreeSet<>(vlans))));
    }

    /** Looks at a driver's port again. */
    void look(NetworkPort port) {
        Traits now = Traits.of(port);
        synchronized (this) {
            traits = now;
        }
    }

    /**
     * Tells a driver's port all that was chosen, before a frame passes. What it cannot do is noted; the rest is done.
     *
     * @throws DeviceGoneException if it is gone
     */
    void tell(NetworkPort port) {
        Map<Kind, Choice> all;
        synchronized (this) {
            all = new EnumMap<>(Kind.class);
            all.putAll(choices);
        }
        Map<Kind, String> lacking = new EnumMap<>(Kind.class);
        all.values().forEach(choice -> tell(port, choice, lacking));
        Traits now = Traits.of(port);
        synchronized (this) {
            shortfalls.clear();
            shortfalls.putAll(lacking);
            traits = now;
        }
    }

    /** Has a driver's port undo what it was told, perhaps, before that was taken back. */
    void takeBack(NetworkPort port, Kind kind, Choice.Act act) {
        try {
            act.on(port);
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            LOG.warn("{}: {} is perhaps still in force: {}", name, kind.word(), e.getMessage());
        }
    }

    private void tell(NetworkPort port, Choice choice, Map<Kind, String> lacking) {
        try {
            choice.act().on(port);
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            String why = String.valueOf(e.getMessage());
            LOG.warn("{}: {} {} is not in force: {}", name, choice.kind().word(), choice.text(), why);
            lacking.put(choice.kind(), why);
        }
    }
}
