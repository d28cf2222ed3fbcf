package org.busbar.driver.virtionet;

import java.io.IOException;
import java.util.BitSet;
import java.util.List;
import org.busbar.net.MacAddress;
import org.jspecify.annotations.Nullable;

/**
 * What has been chosen for a port since its binding began. The device loses it in a reset, and gets it back from here. A change is
 * remembered once the device has taken it. The port's lock guards it, but for the address, which any thread may read.
 */
final class Choices {

    private static final int VLANS = 4096;
    private static final long GROUP = 1L << 40;

    private boolean promiscuous;
    private boolean allMulticast;
    private List<MacAddress> groups = List.of();
    private final BitSet vlans = new BitSet();
    private boolean macChanged;
    private volatile MacAddress mac;

    Choices(MacAddress mac) {
        this.mac = mac;
    }

    static boolean isStation(MacAddress address) {
        return address.value() != 0 && !isGroup(address);
    }

    /** Fails unless these are groups, and not too many. */
    static void requireGroups(List<MacAddress> groups) {
        if (groups.size() > ControlQueue.MAX_GROUPS) {
            throw new IllegalArgumentException("the filter takes " + ControlQueue.MAX_GROUPS + " groups, not "
                    + groups.size() + "; receive all multicast instead");
        }
        for (MacAddress group : groups) {
            if (!isGroup(group)) {
                throw new IllegalArgumentException(group + " is no group address");
            }
        }
    }

    static void requireVlan(int id) {
        if (id < 0 || id >= VLANS) {
            throw new IllegalArgumentException("VLANs are 0 to " + (VLANS - 1) + ", not " + id);
        }
    }

    private static boolean isGroup(MacAddress address) {
        return (address.value() & GROUP) != 0;
    }

    MacAddress mac() {
        return mac;
    }

    void promiscuous(ControlQueue control, boolean on) throws IOException {
        control.promiscuous(on);
        promiscuous = on;
    }

    void allMulticast(ControlQueue control, boolean on) throws IOException {
        control.allMulticast(on);
        allMulticast = on;
    }

    void groups(ControlQueue control, List<MacAddress> chosen) throws IOException {
        control.groups(chosen);
        groups = List.copyOf(chosen);
    }

    void vlan(ControlQueue control, int id, boolean receive) throws IOException {
        control.vlan(id, receive);
        vlans.set(id, receive);
    }

    void mac(ControlQueue control, MacAddress address) throws IOException {
        control.mac(address);
        mac = address;
        macChanged = true;
    }

    /** Has the device do all that again. */
    void restore(@Nullable ControlQueue control, Features features) throws IOException {
        if (control == null) {
            return;
        }
        if (features.has(Feature.CTRL_RX)) {
            control.promiscuous(promiscuous);
            control.allMulticast(allMulticast);
            if (!groups.isEmpty()) {
                control.groups(groups);
            }
        }
        if (macChanged) {
            control.mac(mac);
        }
        for (int id = vlans.nextSetBit(0); id >= 0; id = vlans.nextSetBit(id + 1)) {
            control.vlan(id, true);
        }
    }
}
