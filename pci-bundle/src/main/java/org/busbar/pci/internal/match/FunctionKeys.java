package org.busbar.pci.internal.match;

import java.util.ArrayList;
import java.util.List;
import org.busbar.device.bus.MatchKey;
import org.busbar.pci.PciIds;

/** The ways in which a function can be matched, from the most telling to the least. */
public final class FunctionKeys {

    static final int SUBSYSTEM = 500;
    static final int DEVICE = 400;
    static final int PROGRAMMING_INTERFACE = 300;
    static final int SUB_CLASS = 200;
    static final int BASE_CLASS = 100;

    private FunctionKeys() {}

    /** Returns the keys of a function, best first. One without a subsystem has no subsystem key. */
    public static List<MatchKey> of(PciIds ids) {
        String device = ids.deviceText();
        String classCode = ids.classText();
        List<MatchKey> keys = new ArrayList<>(5);
        if (ids.subsystemVendor() != 0 || ids.subsystemDevice() != 0) {
            keys.add(new MatchKey(device + ':' + ids.subsystemText(), SUBSYSTEM));
        }
        keys.add(new MatchKey(device, DEVICE));
        keys.add(new MatchKey(classKey(classCode), PROGRAMMING_INTERFACE));
        keys.add(new MatchKey(classKey(classCode.substring(0, 4)), SUB_CLASS));
        keys.add(new MatchKey(classKey(classCode.substring(0, 2)), BASE_CLASS));
        return List.copyOf(keys);
    }

    static String classKey(String digits) {
        return "class:" + digits;
    }
}
