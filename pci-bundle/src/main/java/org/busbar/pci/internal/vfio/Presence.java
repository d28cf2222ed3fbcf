package org.busbar.pci.internal.vfio;

import org.busbar.device.DeviceGoneException;
import org.busbar.pci.ConfigSpace;

/**
 * Tells whether a card is still there, by its class code and revision. The vendor ID would not do: VFIO answers for it from
 * memory.
 */
final class Presence {

    private static final int CLASS_AND_REVISION = 0x08;

    private final ConfigSpace config;
    private final int atOpen;

    Presence(ConfigSpace config) {
        this.config = config;
        this.atOpen = config.read32(CLASS_AND_REVISION);
    }

    /** Returns whether the card was there when it was opened: all ones is no class. */
    boolean wasThere() {
        return atOpen != -1 && atOpen != 0;
    }

    /** Returns whether the card is sure to be gone. Absent cards read as all ones on hardware, as zero in some emulations. */
    boolean isGone() {
        try {
            return config.read32(CLASS_AND_REVISION) != atOpen;
        } catch (DeviceGoneException e) {
            return true;
        }
    }
}
