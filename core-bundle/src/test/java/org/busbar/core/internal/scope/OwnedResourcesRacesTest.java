package org.busbar.core.internal.scope;

import static org.busbar.core.internal.work.ModelCheck.explore;
import static org.busbar.core.internal.work.ModelCheck.require;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a binding acquires while it is released, in interleavings that a model checker picks. */
@Timeout(300)
class OwnedResourcesRacesTest {

    @Test
    void L6_whatIsAcquiredDuringTheReleaseIsClosedExactlyOnce() {
        explore(80, threads -> {
            OwnedResources resources = new OwnedResources();
            AtomicInteger closed = new AtomicInteger();
            require(resources.add("first", closed::incrementAndGet), "taken over");
            threads.start(() -> {
                AutoCloseable late = closed::incrementAndGet;
                if (!resources.add("late", late)) {
                    late.close();
                }
            });
            threads.start(() -> release(resources));
            release(resources);
            threads.join();
            require(closed.get() == 2, "each is closed once");
            require(resources.isEmpty(), "nothing is left");
        });
    }

    private static void release(OwnedResources resources) {
        resources.close(
                (what, failure) -> {
                    throw new AssertionError(what, failure);
                },
                () -> true);
    }
}
