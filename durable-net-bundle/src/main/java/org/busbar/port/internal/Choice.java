package org.busbar.port.internal;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.busbar.net.FlowControl;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.net.ReceiveSpread;

/**
 * Something that was chosen, so that it can be chosen again.
 *
 * @param kind what it is
 * @param text its value in words
 * @param usual whether it is what a port does that nobody has told anything
 * @param act tells a driver's port that knows nothing of it
 * @param effect what a port is then, as far as it can be asked
 */
record Choice(Kind kind, String text, boolean usual, Act act, UnaryOperator<Traits> effect) {

    /** Tells a driver's port. */
    @FunctionalInterface
    interface Act {
        void on(NetworkPort port) throws IOException;
    }

    private static final int VLANS = 4096;
    private static final int MIN_MTU = 68;
    private static final long GROUP = 1L << 40;

    static Choice promiscuous(boolean on) {
        return flag(Kind.PROMISCUOUS, on, port -> port.promiscuous(on));
    }

    static Choice allMulticast(boolean on) {
        return flag(Kind.ALLMULTICAST, on, port -> port.allMulticast(on));
    }

    static Choice vlanStripping(boolean on) {
        return flag(Kind.VLAN_STRIP, on, port -> port.vlanStripping(on));
    }

    private static Choice flag(Kind kind, boolean on, Act act) {
        return new Choice(kind, on ? "on" : "off", !on, act, UnaryOperator.identity());
    }

    static Choice multicast(List<MacAddress> chosen) {
        List<MacAddress> groups = List.copyOf(chosen);
        for (MacAddress group : groups) {
            if (!isGroup(group)) {
                throw new IllegalArgumentException(group + " is no group address");
            }
        }
        String text = groups.stream().map(MacAddress::toString).collect(Collectors.joining(","));
        return new Choice(
                Kind.MULTICAST, text, groups.isEmpty(), port -> port.multicast(groups), UnaryOperator.identity());
    }

    static void requireVlan(int id) {
        if (id < 0 || id >= VLANS) {
            throw new IllegalArgumentException("VLANs are 0 to " + (VLANS - 1) + ", not " + id);
        }
    }

    /** @param ids all of those whose frames are to be received; not changed any more */
    static Choice vlans(SortedSet<Integer> ids) {
        String text = ids.stream().map(String::valueOf).collect(Collectors.joining(","));
        return new Choice(Kind.VLAN_FILTER, text, ids.isEmpty(), port -> {
            for (int id : ids) {
                port.vlan(id, true);
            }
        }, UnaryOperator.identity());
    }

    static Choice mac(MacAddress mac) {
        if (mac.value() == 0 || isGroup(mac)) {
            throw new IllegalArgumentException(mac + " is no station's address");
        }
        return new Choice(
                Kind.MAC, mac.toString(), false, port -> port.changeMac(mac), traits -> traits.withMac(mac));
    }

    private static boolean isGroup(MacAddress mac) {
        return (mac.value() & GROUP) != 0;
    }

    /** @param most what the port can do, or could when it was there last */
    static Choice mtu(int bytes, int most) {
        if (bytes < MIN_MTU || bytes > most) {
            throw new IllegalArgumentException("the MTU is " + MIN_MTU + " to " + most + ", not " + bytes);
        }
        return new Choice(
                Kind.MTU, Integer.toString(bytes), false, port -> port.changeMtu(bytes),
                traits -> traits.withMtu(bytes));
    }

    static Choice flowControl(FlowControl mode) {
        return new Choice(
                Kind.FLOW_CONTROL,
                mode.name().toLowerCase(Locale.ROOT),
                mode == FlowControl.NONE,
                port -> port.changeFlowControl(mode),
                traits -> traits.withFlowControl(mode));
    }

    static Choice throttle(Duration interval) {
        if (interval.isNegative()) {
            throw new IllegalArgumentException("interrupts cannot be held back for " + interval);
        }
        return new Choice(
                Kind.THROTTLE,
                interval.toNanos() / 1000 + " us",
                interval.isZero(),
                port -> port.throttleInterrupts(interval),
                UnaryOperator.identity());
    }

    static Choice spread(ReceiveSpread spread) {
        return new Choice(
                Kind.RSS,
                "of " + spread.fields().stream().sorted().toList() + " over queues "
                        + spread.table().stream().distinct().sorted().toList(),
                false,
                port -> port.changeReceiveSpread(spread),
                traits -> traits.withSpread(spread));
    }
}
