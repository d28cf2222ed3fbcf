package org.busbar.port.internal;

import java.util.Locale;
import org.busbar.net.PortFeature;

/** What can be chosen for a port, in the order in which a driver is told. */
enum Kind {
    MAC(PortFeature.MAC_SET),
    MTU(PortFeature.MTU_SET),
    FLOW_CONTROL(PortFeature.FLOW_CONTROL),
    VLAN_STRIP(PortFeature.VLAN_STRIP),
    VLAN_FILTER(PortFeature.VLAN_FILTER),
    MULTICAST(PortFeature.MULTICAST_FILTER),
    ALLMULTICAST(PortFeature.ALL_MULTICAST),
    PROMISCUOUS(PortFeature.PROMISCUOUS),
    THROTTLE(PortFeature.INTERRUPT_THROTTLING),
    /** Last: a table may name queues only of a port that is otherwise in place. */
    RSS(PortFeature.RECEIVE_SPREAD);

    private final PortFeature feature;

    Kind(PortFeature feature) {
        this.feature = feature;
    }

    /** What a port needs for it. */
    PortFeature feature() {
        return feature;
    }

    /** As it is typed. */
    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
