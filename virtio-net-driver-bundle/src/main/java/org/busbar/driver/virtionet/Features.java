package org.busbar.driver.virtionet;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * A set of features.
 *
 * @param bits as the registers have them
 */
record Features(long bits) {

    boolean has(Feature feature) {
        return (bits & feature.mask()) != 0;
    }

    private Features without(Feature feature) {
        return new Features(bits & ~feature.mask());
    }

    private Features unless(boolean condition, Feature... dropped) {
        Features rest = this;
        for (Feature feature : condition ? new Feature[0] : dropped) {
            rest = rest.without(feature);
        }
        return rest;
    }

    /** Chooses from what a device offers: what the driver knows, the configuration wants and the rest allows (5.1.3.1). */
    static Features choose(long offered, VirtioNetConfig config) {
        long known = Arrays.stream(Feature.values()).mapToLong(Feature::mask).reduce(0, (a, b) -> a | b);
        Features chosen = new Features(offered & known)
                .unless(config.packed(), Feature.RING_PACKED)
                .unless(config.eventIndex(), Feature.EVENT_IDX)
                .unless(config.queueReset(), Feature.RING_RESET)
                .unless(config.vlanFilter(), Feature.CTRL_VLAN)
                .unless(config.largeReceive(), Feature.GUEST_TSO4, Feature.GUEST_TSO6)
                .unless(config.queuePairs() > 1, Feature.MQ)
                .unless(config.hashSpread(), Feature.RSS);
        chosen = chosen.unless(
                chosen.has(Feature.CTRL_VQ), Feature.CTRL_RX, Feature.CTRL_VLAN, Feature.MQ, Feature.CTRL_MAC_ADDR);
        // A hash is of use only where there is something to choose by it.
        chosen = chosen.unless(chosen.has(Feature.MQ), Feature.RSS);
        chosen = chosen.unless(chosen.has(Feature.RSS), Feature.HASH_REPORT);
        return chosen.unless(chosen.has(Feature.CSUM), Feature.HOST_TSO4, Feature.HOST_TSO6)
                .unless(
                        chosen.has(Feature.GUEST_CSUM) && chosen.has(Feature.MRG_RXBUF),
                        Feature.GUEST_TSO4,
                        Feature.GUEST_TSO6);
    }

    /** Returns the names of those that the driver knows. */
    @Override
    public String toString() {
        return Arrays.stream(Feature.values()).filter(this::has).map(Feature::name).collect(Collectors.joining(" "));
    }
}
