package org.busbar.durable.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.busbar.block.BlockDevice;
import org.busbar.device.Publication;
import org.busbar.volume.Volume;
import org.busbar.volume.VolumeState;

/**
 * All volumes, by identity. A block device whose volume there is not yet makes one. What it is told of is done on one thread,
 * in that order.
 */
final class Volumes implements PathSet.Owner {

    /** Makes services of volumes. */
    @FunctionalInterface
    interface Registry {
        Publication publish(Volume volume, Map<String, Object> properties);
    }

    private final Works works;
    private final Registry registry;
    private final Supplier<Duration> patience;
    private volatile Duration hold;
    private volatile boolean isolates;
    // On the thread of the changes.
    private final Map<String, DurableVolume> volumes = new HashMap<>();
    private final Map<DurableVolume, Publication> services = new HashMap<>();
    private final Map<Path, DurableVolume> paths = new HashMap<>();
    private boolean closed;

    Volumes(Works works, Registry registry, Duration hold, Supplier<Duration> patience) {
        this.patience = patience;
        this.works = works;
        this.registry = registry;
        this.hold = hold;
    }

    // On any thread.

    /** Has requests wait for so long, if they begin to wait from now on. */
    void hold(Duration changed) {
        hold = changed;
        works.changes().execute(() -> services.forEach((volume, service) -> service.update(properties(volume))));
    }

    @Override
    public Duration hold() {
        return hold;
    }

    /** Has drivers called by threads of their own, for queues on paths that come from now on. */
    void isolate(boolean wanted) {
        isolates = wanted;
    }

    @Override
    public boolean isolates() {
        return isolates;
    }

    @Override
    public Duration patience() {
        return patience.get();
    }

    /** A block device has come. */
    void come(Path path) {
        works.changes().execute(() -> add(path));
    }

    /** A block device goes. When this returns no new request is given to it. */
    void go(Path path) {
        boolean _ = path.leave(); // its volume hears of it below
        works.changes().execute(() -> remove(path));
    }

    /** A block device may have another size. */
    void changed(Path path) {
        works.changes().execute(() -> {
            DurableVolume volume = paths.get(path);
            if (volume != null) {
                volume.pathSet().resized(path);
            }
        });
    }

    /** Gives all volumes up. */
    void close() {
        works.changes().execute(() -> {
            closed = true;
            List.copyOf(volumes.values()).forEach(this::drop);
        });
    }

    // On the thread of the changes.

    private void add(Path path) {
        if (closed || path.isLeaving()) {
            return;
        }
        String identity = path.medium().identity();
        DurableVolume volume = volumes.get(identity);
        if (volume != null) {
            paths.put(path, volume);
            Optional<String> _ = volume.pathSet().come(path);
            return;
        }
        DurableVolume made = new DurableVolume(path.medium(), path.device().blockCount(), works, this);
        Optional<String> refused = made.pathSet().come(path);
        if (refused.isEmpty()) {
            volumes.put(identity, made);
            paths.put(path, made);
            services.put(made, registry.publish(made, properties(made)));
        }
    }

    private void remove(Path path) {
        DurableVolume volume = paths.remove(path);
        if (volume != null) {
            volume.pathSet().go(path);
        }
    }

    @Override
    public void changed(DurableVolume volume) {
        Publication service = services.get(volume);
        if (service == null) {
            return;
        }
        if (volume.state() == VolumeState.DROPPED) {
            List<Path> left = drop(volume);
            left.forEach(paths::remove);
            // What was refused because it was not this volume's medium is another one's.
            left.forEach(path -> {
                path.reconsider();
                come(path);
            });
        } else {
            service.update(properties(volume));
        }
    }

    private List<Path> drop(DurableVolume volume) {
        List<Path> left = new ArrayList<>();
        paths.forEach((path, of) -> {
            if (of == volume && !path.isLeaving()) {
                left.add(path);
            }
        });
        volumes.remove(volume.identity());
        Publication service = services.remove(volume);
        volume.pathSet().drop();
        if (service != null) {
            service.close();
        }
        return left;
    }

    private Map<String, Object> properties(DurableVolume volume) {
        Map<String, Object> properties = new HashMap<>();
        properties.put(BlockDevice.IDENTITY, volume.identity());
        properties.put(BlockDevice.SIZE, volume.blockCount() * volume.blockSize());
        properties.put(BlockDevice.BLOCK_SIZE, volume.blockSize());
        properties.put(BlockDevice.MODEL, volume.medium().model());
        properties.put(BlockDevice.SERIAL, volume.medium().serial());
        properties.put(Volume.STATE, volume.state().name());
        properties.put(Volume.HOLD, hold.toMillis());
        return properties;
    }
}
