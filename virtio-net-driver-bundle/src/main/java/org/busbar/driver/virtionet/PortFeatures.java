package org.busbar.driver.virtionet;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.busbar.net.PortFeature;

/** What a port can do with the features that were agreed on. */
final class PortFeatures {

    private PortFeatures() {}

    static Set<PortFeature> of(Features features, boolean interrupts) {
        EnumSet<PortFeature> has = EnumSet.of(
                PortFeature.SCATTERED_TRANSMIT,
                PortFeature.QUEUE_STATISTICS,
                PortFeature.DESCRIPTOR_STATUS,
                PortFeature.RESET);
        add(has, features, Feature.MRG_RXBUF, PortFeature.SCATTERED_RECEIVE);
        add(has, features, Feature.CTRL_RX, PortFeature.PROMISCUOUS, PortFeature.ALL_MULTICAST,
                PortFeature.MULTICAST_FILTER);
        add(has, features, Feature.RING_RESET, PortFeature.SHARED_POOL, PortFeature.QUEUE_RESTART);
        add(has, features, Feature.CTRL_VLAN, PortFeature.VLAN_FILTER);
        add(has, features, Feature.CTRL_MAC_ADDR, PortFeature.MAC_SET);
        add(has, features, Feature.CSUM, PortFeature.TRANSMIT_CHECKSUM);
        add(has, features, Feature.GUEST_CSUM, PortFeature.RECEIVE_CHECKSUM);
        add(has, features, Feature.HOST_TSO4, PortFeature.SEGMENTATION_IPV4);
        add(has, features, Feature.HOST_TSO6, PortFeature.SEGMENTATION_IPV6);
        add(has, features, Feature.RSS, PortFeature.RECEIVE_SPREAD);
        add(has, features, Feature.HASH_REPORT, PortFeature.RECEIVE_HASH);
        if (interrupts) {
            add(has, features, Feature.STATUS, PortFeature.LINK_EVENTS);
        }
        return has;
    }

    private static void add(Set<PortFeature> set, Features features, Feature needed, PortFeature... means) {
        if (features.has(needed)) {
            set.addAll(List.of(means));
        }
    }
}
