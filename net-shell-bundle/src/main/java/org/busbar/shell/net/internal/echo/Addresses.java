package org.busbar.shell.net.internal.echo;

import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.busbar.net.MacAddress;
import org.busbar.shell.internal.words.CommandFailure;
import org.busbar.shell.net.internal.wire.Literals;
import org.busbar.shell.net.internal.wire.Wire;

/** The addresses that are answered for. */
final class Addresses {

    private static final long SOLICITED = 0x3333_ff00_0000L;

    private final int[] ipv4;
    private final List<MemorySegment> ipv6;

    private Addresses(int[] ipv4, List<MemorySegment> ipv6) {
        this.ipv4 = ipv4;
        this.ipv6 = List.copyOf(ipv6);
    }

    /** Reads addresses as they are written; names are none. */
    static Addresses parse(List<String> texts) {
        List<Integer> four = new ArrayList<>();
        List<MemorySegment> six = new ArrayList<>();
        for (String text : texts) {
            byte[] octets = octets(text);
            if (octets.length == 4) {
                four.add(Wire.i32(MemorySegment.ofArray(octets), 0));
            } else {
                six.add(MemorySegment.ofArray(octets));
            }
        }
        return new Addresses(four.stream().mapToInt(Integer::intValue).toArray(), six);
    }

    private static byte[] octets(String text) {
        try {
            InetAddress address = Literals.address(text);
            if (address.isMulticastAddress() || address.isAnyLocalAddress()) {
                throw new IllegalArgumentException("is no address of a single station");
            }
            if (address instanceof Inet6Address six && six.getScopeId() != 0) {
                throw new IllegalArgumentException("has a scope, which is of no use here");
            }
            return address.getAddress();
        } catch (IllegalArgumentException e) {
            throw new CommandFailure("'" + text + "' is no address to answer for; 10.7.0.1 or fd00::1 is one", e);
        }
    }

    boolean isOurs4(int address) {
        for (int ours : ipv4) {
            if (ours == address) {
                return true;
            }
        }
        return false;
    }

    /** Returns whether 16 bytes are one of the addresses. */
    boolean isOurs6(MemorySegment frame, long at) {
        for (MemorySegment ours : ipv6) {
            if (Wire.i64(ours, 0) == Wire.i64(frame, at) && Wire.i64(ours, 8) == Wire.i64(frame, at + 8)) {
                return true;
            }
        }
        return false;
    }

    /** Returns the groups to which neighbours send when they look for an address (RFC 4291, 2.7.1; RFC 2464, 7). */
    List<MacAddress> solicitedGroups() {
        List<MacAddress> groups = new ArrayList<>();
        for (MemorySegment ours : ipv6) {
            MacAddress group = new MacAddress(SOLICITED | (Wire.i32(ours, 12) & 0xff_ffffL));
            if (!groups.contains(group)) {
                groups.add(group);
            }
        }
        return groups;
    }
}
