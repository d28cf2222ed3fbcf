package org.busbar.port.internal;

import java.util.Optional;
import java.util.Set;
import org.busbar.net.FlowControl;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.net.PortFeature;
import org.busbar.net.ReceiveSpread;

/** What a port is and can do, to be told also while there is no driver to be asked. */
record Traits(
        MacAddress mac,
        int mtu,
        int maxMtu,
        int queues,
        Set<PortFeature> features,
        FlowControl flowControl,
        Optional<ReceiveSpread> spread) {

    /** Asks a driver's port. */
    static Traits of(NetworkPort port) {
        return new Traits(
                port.mac(),
                port.mtu(),
                port.maxMtu(),
                port.queues(),
                Set.copyOf(port.features()),
                port.flowControl(),
                port.receiveSpread());
    }

    Traits withMac(MacAddress other) {
        return new Traits(other, mtu, maxMtu, queues, features, flowControl, spread);
    }

    Traits withMtu(int other) {
        return new Traits(mac, other, maxMtu, queues, features, flowControl, spread);
    }

    Traits withFlowControl(FlowControl other) {
        return new Traits(mac, mtu, maxMtu, queues, features, other, spread);
    }

    Traits withSpread(ReceiveSpread other) {
        return new Traits(mac, mtu, maxMtu, queues, features, flowControl, Optional.of(other));
    }
}
