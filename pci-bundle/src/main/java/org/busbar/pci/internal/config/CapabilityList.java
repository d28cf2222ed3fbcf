package org.busbar.pci.internal.config;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.busbar.pci.ConfigSpace;
import org.busbar.pci.ConfigSpace.Capability;

/**
 * Walks the capability lists of a configuration space: the standard list (PCI Local Bus 3.0, section 6.7) and the
 * extended one (PCI Express Base 5.0, section 7.6). A list that is broken - a loop, a pointer into the header, all ones
 * from a function that has gone - ends where it breaks.
 */
public final class CapabilityList {

    private static final int STATUS = 0x06;
    private static final int STATUS_HAS_LIST = 1 << 4;
    private static final int POINTER = 0x34;
    private static final int HEADER_END = 0x40;
    private static final int STANDARD_END = 0x100;
    private static final int NO_ID = 0xff;
    private static final int NO_EXTENDED_ID = 0xffff;

    private CapabilityList() {}

    /** Returns the capabilities, standard ones first, each in the order of its list. */
    public static List<Capability> read(ConfigSpace config) {
        List<Capability> found = new ArrayList<>();
        standard(config, found);
        extended(config, found);
        return List.copyOf(found);
    }

    private static void standard(ConfigSpace config, List<Capability> found) {
        int end = Math.min(config.size(), STANDARD_END);
        if (end < STANDARD_END || (config.read16(STATUS) & STATUS_HAS_LIST) == 0) {
            return;
        }
        BitSet visited = new BitSet();
        // The two lowest bits of a pointer are reserved and have to be masked off.
        int at = config.read8(POINTER) & ~3;
        while (at >= HEADER_END && at < end && !visited.get(at)) {
            visited.set(at);
            int header = config.read16(at);
            int id = header & 0xff;
            if (id == NO_ID) {
                return;
            }
            found.add(new Capability(id, at, false));
            at = header >>> 8 & ~3;
        }
    }

    private static void extended(ConfigSpace config, List<Capability> found) {
        int end = config.size();
        BitSet visited = new BitSet();
        int at = STANDARD_END;
        while (at >= STANDARD_END && at <= end - 4 && !visited.get(at)) {
            visited.set(at);
            int header = config.read32(at);
            int id = header & 0xffff;
            if (header == 0 || id == NO_EXTENDED_ID) {
                return;
            }
            found.add(new Capability(id, at, true));
            at = header >>> 20 & ~3;
        }
    }
}
