package org.busbar.durable.internal;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.busbar.block.BlockDevice;
import org.busbar.device.Publication;
import org.busbar.volume.Volume;

/** Volumes without a framework. */
final class Bench {

    static final Duration HOLD = Duration.ofSeconds(30);
    static final Duration PATIENCE = Duration.ofSeconds(4);

    final TestWorks works = new TestWorks();
    final List<String> faults = new CopyOnWriteArrayList<>();
    final Map<Volume, Map<String, ?>> services = new HashMap<>();
    final Volumes volumes;

    Bench() {
        this.volumes = new Volumes(works, this::publish, HOLD, () -> PATIENCE);
    }

    private Publication publish(Volume volume, Map<String, Object> properties) {
        services.put(volume, properties);
        return new Publication() {
            @Override
            public void update(Map<String, ?> changed) {
                services.put(volume, changed);
            }

            @Override
            public void close() {
                services.remove(volume);
            }
        };
    }

    /** Has a block device come, at a place, as identity "medium" of one card. */
    Path come(BlockDevice device, String place) {
        return come(device, place, "SN1", true);
    }

    Path come(BlockDevice device, String place, String serial, boolean shared) {
        return come(device, place, "medium", serial, shared);
    }

    Path come(BlockDevice device, String place, String identity, String serial, boolean shared) {
        Medium medium = new Medium(identity, "Fake", serial, shared, device.blockSize(), device.features());
        Path path = new Path(device, medium, place, fault -> faults.add(place + ": " + fault));
        volumes.come(path);
        return path;
    }

    /** Returns the only volume. */
    Volume volume() {
        if (services.size() != 1) {
            throw new AssertionError("there are " + services);
        }
        return services.keySet().iterator().next();
    }

    /** Takes a path away: its device goes, then its service, then it is over. */
    void go(Path path, FakeDevice device) {
        device.yank();
        volumes.go(path);
        device.end();
    }
}
