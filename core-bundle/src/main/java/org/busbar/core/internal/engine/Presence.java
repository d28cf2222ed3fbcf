package org.busbar.core.internal.engine;

import java.util.List;
import org.busbar.core.internal.scope.Grant;
import org.busbar.device.DeviceId;
import org.busbar.device.bus.BusDevice;
import org.busbar.device.bus.MatchKey;
import org.jspecify.annotations.Nullable;

/**
 * That a device is there, and who holds a grant of it. The one thing that both the bus's threads and the worker write:
 * each side writes its own field and then reads the other's, so however the two meet, one of them revokes.
 */
final class Presence {

    private final BusDevice device;
    private final DeviceId id;
    private final List<MatchKey> keys;
    private volatile boolean gone;
    private volatile @Nullable Grant grant;

    Presence(BusDevice device) {
        this.device = device;
        this.id = device.id();
        this.keys = List.copyOf(device.keys());
    }

    BusDevice device() {
        return device;
    }

    DeviceId id() {
        return id;
    }

    List<MatchKey> keys() {
        return keys;
    }

    boolean isGone() {
        return gone;
    }

    /** Notes that the device is gone and revokes its grant. Returns the grant if it has actions to be run. */
    @Nullable
    Grant markGone() {
        gone = true;
        Grant current = grant;
        return current != null && current.revocation().mark() ? current : null;
    }

    /** Notes who holds the grant. Revokes it if the device has gone meanwhile. */
    void grant(Grant next) {
        grant = next;
        if (gone) {
            next.revocation().mark(); // it is new: nobody has given it actions yet
        }
    }

    /** Notes that nobody holds a grant any more. */
    void release() {
        grant = null;
    }
}
