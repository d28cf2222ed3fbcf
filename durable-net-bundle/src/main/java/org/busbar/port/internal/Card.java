package org.busbar.port.internal;

import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.busbar.net.NetworkPort;
import org.busbar.port.PortCard;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A card with a driver, as something that a port may have frames pass through. Thread-safe. */
final class Card {

    private static final Logger LOG = LoggerFactory.getLogger(Card.class);

    private final NetworkPort port;
    private final String identity;
    private final String place;
    private final String name;
    private final Traits traits;
    private final Lane lane;
    private final Consumer<String> supervisor;
    private final Handed handed = new Handed();
    private final AtomicBoolean looking = new AtomicBoolean();
    private volatile @Nullable String refusal;
    private volatile boolean leaving;
    private volatile long left;

    /**
     * Asks the driver who it is: to be made on a thread of those who bring it.
     *
     * @param identity the permanent address
     * @param place the device, address and generation; empty if not known
     * @param tasks run what may take its driver's time
     * @param supervisor is told if its driver does not do what it should
     */
    Card(NetworkPort port, String identity, String place, Executor tasks, Consumer<String> supervisor) {
        this.port = port;
        this.identity = identity;
        this.place = place;
        this.name = port.name();
        this.traits = Traits.of(port);
        this.lane = new Lane(tasks, defect -> report("when it was asked", defect));
        this.supervisor = supervisor;
    }

    NetworkPort port() {
        return port;
    }

    String identity() {
        return identity;
    }

    /** What it was when it came. */
    Traits traits() {
        return traits;
    }

    String place() {
        return place;
    }

    /** Where its driver is asked. */
    Lane lane() {
        return lane;
    }

    /** Has its driver asked what it has counted, soon; one that does not answer is not asked again. */
    void lookLater(Totals totals) {
        if (looking.compareAndSet(false, true)) {
            lane.submit(() -> {
                looking.set(false);
                totals.look(this);
            });
        }
    }

    Handed handed() {
        return handed;
    }

    /** Its driver has thrown what no caller is to blame for. */
    void report(String doing, Throwable defect) {
        LOG.warn("{}: its driver has thrown {}", this, doing, defect);
        supervisor.accept("it has thrown " + doing + ": " + defect);
    }

    /** Says why it is never used. */
    void refuse(String why) {
        refusal = why;
    }

    /** It may be of use to another port than that which has refused it. */
    void reconsider() {
        refusal = null;
    }

    boolean isRefused() {
        return refusal != null;
    }

    /** It goes, at a moment of the monotonic clock. */
    void leave(long now) {
        left = now;
        leaving = true;
    }

    boolean isLeaving() {
        return leaving;
    }

    /** When it went. */
    long left() {
        return left;
    }

    PortCard view(boolean active) {
        return new PortCard(name, place, active, Optional.ofNullable(refusal));
    }

    @Override
    public String toString() {
        return place.isEmpty() ? name : place;
    }
}
