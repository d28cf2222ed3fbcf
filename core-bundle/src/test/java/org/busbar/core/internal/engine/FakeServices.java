package org.busbar.core.internal.engine;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.busbar.core.internal.work.ServiceWatch;

/** A registry of services that are known by one filter each. */
final class FakeServices implements ServiceWatch {

    private final Set<String> present = ConcurrentHashMap.newKeySet();
    volatile boolean stopping;
    final Map<Runnable, String> watches = new ConcurrentHashMap<>();

    @Override
    public AutoCloseable watch(String filter, Runnable appeared) {
        watches.put(appeared, filter);
        if (present.contains(filter)) {
            appeared.run();
        }
        return () -> watches.remove(appeared);
    }

    void appear(String filter) {
        present.add(filter);
        watches.forEach((watch, wanted) -> {
            if (wanted.equals(filter)) {
                watch.run();
            }
        });
    }

    @Override
    public boolean isStopping() {
        return stopping;
    }
}
