package org.busbar.durable.internal;

import java.util.Optional;
import java.util.function.Consumer;
import org.busbar.block.BlockDevice;
import org.busbar.device.DeviceGoneException;
import org.jspecify.annotations.Nullable;

/** A block device as a path of a volume. Thread-safe. */
final class Path {

    private final BlockDevice device;
    private final Medium medium;
    private final String place;
    private volatile @Nullable String refusal;
    private final Consumer<String> supervisor;
    private volatile boolean leaving;
    private volatile boolean condemned;
    private volatile boolean over;
    /** For the volumes' thread. */
    private boolean lost;

    /** @param place the device it belongs to, address and generation; empty if not known */
    Path(BlockDevice device, Medium medium, String place) {
        this(device, medium, place, fault -> {});
    }

    /** @param supervisor is told if its driver does not do what it should */
    Path(BlockDevice device, Medium medium, String place, Consumer<String> supervisor) {
        this.device = device;
        this.medium = medium;
        this.place = place;
        this.supervisor = supervisor;
    }

    BlockDevice device() {
        return device;
    }

    Medium medium() {
        return medium;
    }

    String place() {
        return place;
    }

    /** Asks to be told when the device is over. Returns why it cannot be a path, if it cannot tell. */
    Optional<String> watch(Runnable whenOver) {
        try {
            boolean tells = device.whenOver(() -> {
                over = true;
                whenOver.run();
            });
            return tells
                    ? Optional.empty()
                    : Optional
                            .of("it cannot tell when nothing can come of its requests any more, or reaches no memory of"
                                    + " others");
        } catch (DeviceGoneException e) {
            return Optional.of("it was gone when it was looked at");
        }
    }

    /** It may be a path of another volume than that which has refused it. */
    void reconsider() {
        refusal = null;
    }

    /** Says why it is never used. */
    void refuse(String why) {
        refusal = why;
    }

    Optional<String> refusal() {
        return Optional.ofNullable(refusal);
    }

    /** Nothing more is to be given to it. Returns whether this is new. */
    synchronized boolean leave() {
        boolean first = !leaving;
        leaving = true;
        return first;
    }

    /** Returns whether this is the first time that its loss is looked at. For the volumes' thread. */
    boolean isNewlyLost() {
        boolean first = !lost;
        lost = true;
        return first;
    }

    /** Its driver does not do what it should. Returns whether this is new, and not because it is going anyhow. */
    synchronized boolean condemn() {
        boolean first = !condemned && !leaving;
        condemned = true;
        return first;
    }

    /** Whether its driver is not to be called any more, except to close what is open. */
    boolean isCondemned() {
        return condemned;
    }

    /** Tells who looks after drivers what is wrong with this one's. */
    void report(String fault) {
        supervisor.accept(fault);
    }

    /** Whether it goes or is gone. */
    boolean isLeaving() {
        return leaving;
    }

    /** Whether requests may be given to it. */
    boolean isUsable() {
        return refusal == null && !leaving;
    }

    /** Whether nothing that it was asked to do can take effect any more. */
    boolean isOver() {
        return over;
    }

    @Override
    public String toString() {
        return device.name();
    }
}
