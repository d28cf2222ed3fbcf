package org.busbar.core.internal.event;

import static org.busbar.core.internal.work.ModelCheck.explore;
import static org.busbar.core.internal.work.ModelCheck.require;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.busbar.device.DeviceEvent;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Events are numbered in the order in which they are kept, and a follower that waits misses neither an event nor its end. */
@Timeout(300)
class EventLogLinearizabilityTest {

    /** What threads may do with a log. What they may rely on is in {@link Sequential}. */
    public static class Concurrent {

        private final EventLog log = new EventLog(() -> Instant.EPOCH);

        @Operation
        public void add(@Param(gen = IntGen.class, conf = "1:9") int text) {
            log.add(DeviceEvent.Kind.DEVICE_ADDED, null, null, Integer.toString(text));
        }

        @Operation
        public List<String> history() {
            return texts(log.history());
        }

        /** What a follower gets that has seen the first event. */
        @Operation
        public List<String> takeFromTheSecond() throws InterruptedException {
            return texts(log.take(2, () -> false));
        }

        private static List<String> texts(List<DeviceEvent> events) {
            List<String> texts = new ArrayList<>();
            for (DeviceEvent event : events) {
                texts.add(event.sequence() + " " + event.text());
            }
            return texts;
        }
    }

    /** The same, one call after the other. */
    public static class Sequential {

        private final List<String> events = new ArrayList<>();

        public void add(int text) {
            events.add(events.size() + 1 + " " + text);
        }

        public List<String> history() {
            return List.copyOf(events);
        }

        public List<String> takeFromTheSecond() {
            return events.isEmpty() ? List.of() : List.copyOf(events.subList(1, events.size()));
        }
    }

    @Test
    void eventsAreKeptInTheOrderOfTheirNumbers() {
        new ModelCheckingOptions()
                .iterations(4)
                .invocationsPerIteration(60)
                .threads(2)
                .actorsBefore(1)
                .actorsPerThread(2)
                .actorsAfter(1)
                .sequentialSpecification(Sequential.class)
                .check(Concurrent.class);
    }

    @Test
    void followerThatWaitsIsWokenByAnEvent() {
        explore(40, threads -> {
            EventLog log = new EventLog(() -> Instant.EPOCH);
            threads.start(() -> require(log.take(1, () -> true).size() == 1, "the event is delivered"));
            log.add(DeviceEvent.Kind.DEVICE_ADDED, null, null, "a");
            threads.join();
        });
    }

    @Test
    void followerThatWaitsIsWokenByItsEnd() {
        explore(40, threads -> {
            EventLog log = new EventLog(() -> Instant.EPOCH);
            AtomicBoolean wanted = new AtomicBoolean(true);
            threads.start(() -> require(log.take(1, wanted::get).isEmpty(), "nothing is there"));
            wanted.set(false);
            log.wake();
            threads.join();
        });
    }
}
