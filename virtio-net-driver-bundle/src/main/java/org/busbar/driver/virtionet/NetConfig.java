package org.busbar.driver.virtionet;

import org.busbar.net.LinkState;

/** What a network device says about itself (5.1.4). Fields are read only if their features were negotiated. */
final class NetConfig {

    private static final long MAC = 0;
    private static final long STATUS = 6;
    private static final long MAX_VIRTQUEUE_PAIRS = 8;
    private static final long MTU = 10;
    private static final long SPEED = 12;
    private static final long DUPLEX = 16;

    private static final long RSS_MAX_TABLE = 18;
    private static final long HASH_TYPES = 20;

    private static final int LINK_UP = 1;
    private static final int FULL_DUPLEX = 1;
    /** How often the fields are read again because they have changed meanwhile. */
    private static final int ATTEMPTS = 16;

    private final Region region;
    private final CommonConfig common;
    private final Features features;

    NetConfig(Region region, CommonConfig common, Features features) {
        this.region = region;
        this.common = common;
        this.features = features;
    }

    /** The address, first octet most significant. Read octet by octet, so it counts only if nothing has changed (2.5.1). */
    long mac() {
        long mac = 0;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int generation = common.generation();
            mac = 0;
            for (int i = 0; i < 6; i++) {
                mac = mac << 8 | region.read8(MAC + i);
            }
            if (common.generation() == generation) {
                return mac;
            }
        }
        return mac;
    }

    /** Queue pairs, at least 1. */
    int maxPairs() {
        boolean says = features.has(Feature.MQ) && region.has(MAX_VIRTQUEUE_PAIRS, 2);
        return says ? Math.max(1, region.read16(MAX_VIRTQUEUE_PAIRS)) : 1;
    }

    /** How many entries a table of the device has at most; only if RSS was agreed on, which implies keys of 40 octets. */
    int mostTableEntries() {
        return region.read16(RSS_MAX_TABLE);
    }

    /** What the device can hash, a bit each. */
    int hashTypes() {
        return region.read32(HASH_TYPES);
    }

    /** The largest payload of a frame. */
    int mtu() {
        return features.has(Feature.MTU) && region.has(MTU, 2) ? region.read16(MTU) : 1500;
    }

    /** A device that does not report its link always has one. */
    LinkState link() {
        if (features.has(Feature.STATUS) && (region.read16(STATUS) & LINK_UP) == 0) {
            return LinkState.DOWN;
        }
        if (!features.has(Feature.SPEED_DUPLEX) || !region.has(SPEED, 5)) {
            return new LinkState(true, 0, true);
        }
        // 0xffffffff is unknown, and so is an unknown duplex mode.
        int duplex = region.read8(DUPLEX);
        return new LinkState(true, Math.max(0, region.read32(SPEED)), duplex == FULL_DUPLEX || duplex == 0xff);
    }
}
