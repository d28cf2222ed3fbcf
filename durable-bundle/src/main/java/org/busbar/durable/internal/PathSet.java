package org.busbar.durable.internal;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.busbar.volume.VolumePath;
import org.busbar.volume.VolumeState;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The paths of a volume, and the state that follows from them. Changed by one thread, that of the volumes; read by all.
 */
final class PathSet {

    private static final Logger LOG = LoggerFactory.getLogger(PathSet.class);

    private static final long LEAST_PATIENCE = TimeUnit.MILLISECONDS.toNanos(200);

    /** Who looks after volumes. */
    interface Owner {

        /** The state has changed. */
        void changed(DurableVolume volume);

        /** How long requests wait. */
        Duration hold();

        /** How long a request may be with a driver. */
        Duration patience();

        /** Whether drivers are called by threads of their own. */
        boolean isolates();
    }

    private final DurableVolume volume;
    private final Medium medium;
    private final Works works;
    private final Owner owner;
    /** The devices that were paths since the last time that there was none: as long as one is there, the medium has power. */
    private final Set<String> powered = new HashSet<>();
    private volatile Path[] paths = {};
    private volatile VolumeState state = VolumeState.HELD;
    private volatile long blocks;
    private int holds;

    /** @param blocks how many blocks the medium has */
    PathSet(DurableVolume volume, Medium medium, long blocks, Works works, Owner owner) {
        this.volume = volume;
        this.medium = medium;
        this.blocks = blocks;
        this.works = works;
        this.owner = owner;
    }

    // On any thread.

    VolumeState state() {
        return state;
    }

    long blocks() {
        return blocks;
    }

    long holdNanos() {
        return owner.hold().toNanos();
    }

    boolean isolates() {
        return owner.isolates();
    }

    long patienceNanos() {
        return Math.max(LEAST_PATIENCE, owner.patience().toNanos());
    }

    /** Returns the path to be taken: the same one for as long as it is there. */
    @Nullable
    Path active() {
        for (Path path : paths) {
            if (path.isUsable()) {
                return path;
            }
        }
        return null;
    }

    List<VolumePath> list() {
        Path used = active();
        return Arrays.stream(paths)
                .filter(path -> !path.isLeaving())
                .map(path -> new VolumePath(path.device().name(), path.place(), path == used, path.refusal()))
                .toList();
    }

    /** Nothing more is to be given to a path. */
    void leave(Path path) {
        if (path.leave()) {
            works.changes().execute(() -> left(path));
        }
    }

    /** The last queue was closed. */
    void unused() {
        works.changes().execute(() -> happened(VolumeEvent.LAST_USER_LEFT));
    }

    // On the volumes' thread.

    /** A block device with the volume's identity has come. Returns why it is not used, or nothing. */
    Optional<String> come(Path path) {
        Optional<String> other = medium.objection(path.medium()).or(() -> objectionToSize(path));
        Path used = active();
        Optional<String> why = other
                .or(() -> used == null ? Optional.empty() : used.medium().objectionToSeveral(path.medium()))
                .or(() -> path.watch(volume::tellAll));
        if (why.isPresent()) {
            LOG.warn("{}: {} is not used: {}", volume.name(), path, why.get());
            path.refuse(why.get());
        } else if (state != VolumeState.UP && !powered.isEmpty() && wasOff(path)) {
            powerLost(path);
        }
        if (why.isEmpty()) {
            powered.add(path.place());
        }
        add(path);
        if (other.isPresent()) {
            happened(VolumeEvent.OTHER_CAME);
        } else if (why.isEmpty()) {
            happened(VolumeEvent.PATH_CAME);
            volume.tellAll();
        }
        return why;
    }

    private Optional<String> objectionToSize(Path path) {
        long there = path.device().blockCount();
        return there == blocks ? Optional.empty() : Medium.differs(there + " blocks", blocks);
    }

    /** Whether the medium may have been without power: unless the device has been on its bus all the time. */
    private boolean wasOff(Path path) {
        return path.place().isEmpty() || !powered.contains(path.place());
    }

    private void powerLost(Path path) {
        powered.clear();
        if (volume.durability().powerLost()) {
            volume.statisticsNow().powerLost();
            LOG.warn(
                    "{} is back at {}, after it was off its bus: what was written and not flushed may be lost, and the next"
                            + " flush says so",
                    volume.name(), path.place());
        }
    }

    private void add(Path path) {
        Path[] more = Arrays.copyOf(paths, paths.length + 1);
        more[paths.length] = path;
        paths = more;
    }

    /** A path's block device is not there any more. */
    void go(Path path) {
        boolean _ = path.leave();
        left(path);
        paths = Arrays.stream(paths).filter(other -> other != path).toArray(Path[]::new);
        volume.tellAll();
    }

    private void left(Path path) {
        if (path.refusal().isPresent() || !path.isNewlyLost()) {
            return;
        }
        volume.statisticsNow().pathLost();
        if (active() == null) {
            happened(VolumeEvent.LAST_PATH_WENT);
        }
        volume.tellAll();
    }

    /** A path's size has changed. */
    void resized(Path path) {
        if (path == active() && path.device().blockCount() != blocks) {
            blocks = path.device().blockCount();
            LOG.info("{} now has {} blocks", volume.name(), blocks);
            owner.changed(volume);
        }
    }

    /** The volume is given up. */
    void drop() {
        state = VolumeState.DROPPED;
        volume.tellAll();
    }

    private void happened(VolumeEvent event) {
        VolumeState before = state;
        VolumeState after = event.after(before, volume.isUsed());
        if (after == before) {
            return;
        }
        state = after;
        LOG.info("{}: {}, {}", volume.name(), after, after.text());
        if (after == VolumeState.HELD) {
            int hold = ++holds;
            works.later(() -> {
                if (hold == holds && state == VolumeState.HELD) {
                    happened(VolumeEvent.HOLD_OVER);
                }
            }, holdNanos());
        }
        owner.changed(volume);
        volume.tellAll();
    }
}
