package org.busbar.emulator.internal.net;

import static org.busbar.emulator.internal.net.InternetChecksum.SHORT;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Where the headers of a frame are: Ethernet, one VLAN tag, IPv4 or IPv6 with extension headers, TCP or UDP. Whatever a
 * frame claims, nothing outside it is looked at. Used again for each frame; allocates nothing. One thread.
 */
public final class PacketHeaders {

    public static final int TCP = 6;
    public static final int UDP = 17;

    private static final int IPV4 = 0x0800;
    private static final int IPV6 = 0x86dd;
    private static final int VLAN = 0x8100;
    private static final int ETHERNET = 14;
    private static final int TAG = 4;
    private static final int IPV6_HEADER = 40;
    private static final int FRAGMENT_HEADER = 44;

    private int network;
    private int networkLength;
    private int transport;
    private int protocol;
    private int end;
    private boolean ipv4;
    private boolean ipv6;
    private boolean fragment;

    /** Looks at a frame that begins at the segment's beginning; a tag has the usual type. */
    public void parse(MemorySegment frame, int length) {
        parse(frame, length, VLAN);
    }

    /**
     * Looks at a frame that begins at the segment's beginning.
     *
     * @param tagType type of a VLAN tag
     */
    public void parse(MemorySegment frame, int length, int tagType) {
        ipv4 = false;
        ipv6 = false;
        fragment = false;
        transport = 0;
        protocol = 0;
        network = ETHERNET;
        if (length < ETHERNET + TAG) {
            return;
        }
        int type = frame.get(SHORT, 12) & 0xffff;
        if (type == tagType) {
            type = frame.get(SHORT, 16) & 0xffff;
            network = ETHERNET + TAG;
        }
        if (type == IPV4) {
            parse4(frame, length);
        } else if (type == IPV6) {
            parse6(frame, length);
        }
    }

    private void parse4(MemorySegment frame, int length) {
        if (length < network + 20) {
            return;
        }
        int first = frame.get(ValueLayout.JAVA_BYTE, network) & 0xff;
        networkLength = 4 * (first & 0xf);
        int total = frame.get(SHORT, network + 2) & 0xffff;
        if (first >>> 4 != 4 || networkLength < 20 || total < networkLength || network + total > length) {
            return;
        }
        ipv4 = true;
        end = network + total;
        fragment = (frame.get(SHORT, network + 6) & 0x3fff) != 0;
        transport(network + networkLength, frame.get(ValueLayout.JAVA_BYTE, network + 9) & 0xff);
    }

    private void parse6(MemorySegment frame, int length) {
        if (length < network + IPV6_HEADER || (frame.get(ValueLayout.JAVA_BYTE, network) & 0xf0) != 0x60) {
            return;
        }
        end = network + IPV6_HEADER + (frame.get(SHORT, network + 4) & 0xffff);
        if (end > length) {
            return;
        }
        ipv6 = true;
        int next = frame.get(ValueLayout.JAVA_BYTE, network + 6) & 0xff;
        int at = network + IPV6_HEADER;
        while ((next == 0 || next == 43 || next == 60 || next == FRAGMENT_HEADER) && at + 8 <= end) {
            fragment |= next == FRAGMENT_HEADER;
            int units = next == FRAGMENT_HEADER ? 0 : frame.get(ValueLayout.JAVA_BYTE, at + 1) & 0xff;
            next = frame.get(ValueLayout.JAVA_BYTE, at) & 0xff;
            at += 8 * (units + 1);
        }
        networkLength = at - network;
        transport(at, next);
    }

    private void transport(int at, int next) {
        protocol = next;
        int needed = next == TCP ? 20 : 8;
        if (!fragment && (next == TCP || next == UDP) && at + needed <= end) {
            transport = at;
        }
    }

    public boolean isIpv4() {
        return ipv4;
    }

    public boolean isIpv6() {
        return ipv6;
    }

    public boolean isFragment() {
        return fragment;
    }

    /** Whether there is a whole TCP or UDP header. */
    public boolean hasPorts() {
        return transport != 0;
    }

    public boolean isTcp() {
        return transport != 0 && protocol == TCP;
    }

    public boolean isUdp() {
        return transport != 0 && protocol == UDP;
    }

    /** Returns where the IP header begins. */
    public int network() {
        return network;
    }

    /** Returns how long the IP header is, with options and extension headers. */
    public int networkLength() {
        return networkLength;
    }

    /** Returns where the TCP or UDP header begins; 0 if there is none. */
    public int transport() {
        return transport;
    }

    /** Returns the protocol above IP. */
    public int protocol() {
        return protocol;
    }

    /** Returns where the IP packet ends, which may be before the frame does. */
    public int end() {
        return end;
    }
}
