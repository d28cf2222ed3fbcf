package org.busbar.itest.felix;

import org.busbar.net.NetworkPort;
import org.osgi.framework.ServiceReference;

/** Finds the network ports of the rack's cards. */
final class Ports {

    private Ports() {}

    /** Waits for a port whose link is up. */
    static NetworkPort up(Rig rig, int slot) {
        Eventually.await("a port in slot " + slot, () -> reference(rig, slot) != null, () -> rig.describe(slot));
        NetworkPort port = rig.context().getService(reference(rig, slot));
        Eventually.await("the link of slot " + slot, () -> port.link().up(), port::link);
        return port;
    }

    static ServiceReference<NetworkPort> reference(Rig rig, int slot) {
        return rig.reference(NetworkPort.class, slot);
    }
}
