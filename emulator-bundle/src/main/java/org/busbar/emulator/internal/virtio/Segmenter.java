package org.busbar.emulator.internal.virtio;

import static org.busbar.emulator.internal.net.InternetChecksum.INT;
import static org.busbar.emulator.internal.net.InternetChecksum.SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.busbar.emulator.internal.net.InternetChecksum;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.emulator.internal.net.SwitchPort;

/** Cuts a TCP segment into several (5.1.6.2). Device's thread only; allocates nothing per frame. */
final class Segmenter {

    private static final int ETHERNET = 14;
    private static final int MIN_TCP = 20;
    private static final int TCP = 6;
    private static final int FIN_PSH = 0x09;

    private final SwitchPort port;
    private final MemorySegment segment = Arena.ofAuto().allocate(NetworkSwitch.MAX_FRAME, 8);

    Segmenter(SwitchPort port) {
        this.port = port;
    }

    /**
     * Sends a frame in pieces, each with checksums of its own.
     *
     * @param tcp where the TCP header begins
     * @param payload bytes per segment
     * @return false if it is no such frame
     */
    boolean send(MemorySegment frame, int length, boolean ipv6, int tcp, int payload) {
        int ip = ipv6 ? 40 : 20;
        if (payload == 0 || tcp < ETHERNET + ip || length < tcp + MIN_TCP) {
            return false;
        }
        int headers = tcp + ((frame.get(ValueLayout.JAVA_BYTE, tcp + 12) & 0xf0) >>> 2);
        if (headers < tcp + MIN_TCP || headers >= length || headers + payload > NetworkSwitch.MAX_FRAME) {
            return false;
        }
        int number = 0;
        for (int at = headers; at < length; at += payload) {
            int bytes = Math.min(payload, length - at);
            MemorySegment.copy(frame, 0, segment, 0, headers);
            MemorySegment.copy(frame, at, segment, headers, bytes);
            finish(ipv6, tcp, headers + bytes, at - headers, number++, at + bytes == length);
            port.send(segment, 0, headers + bytes);
        }
        return true;
    }

    private void finish(boolean ipv6, int tcp, int length, int offset, int number, boolean last) {
        if (ipv6) {
            segment.set(SHORT, ETHERNET + 4, (short) (length - ETHERNET - 40));
        } else {
            segment.set(SHORT, ETHERNET + 2, (short) (length - ETHERNET));
            segment.set(SHORT, ETHERNET + 4, (short) (segment.get(SHORT, ETHERNET + 4) + number));
            segment.set(SHORT, ETHERNET + 10, (short) 0);
            segment.set(SHORT, ETHERNET + 10, (short) ~InternetChecksum.sum(segment, ETHERNET, tcp));
        }
        segment.set(INT, tcp + 4, segment.get(INT, tcp + 4) + offset);
        if (!last) {
            int flags = segment.get(ValueLayout.JAVA_BYTE, tcp + 13) & ~FIN_PSH;
            segment.set(ValueLayout.JAVA_BYTE, tcp + 13, (byte) flags);
        }
        segment.set(SHORT, tcp + 16, (short) 0);
        long sum = (long) InternetChecksum.pseudoHeader(segment, ETHERNET, ipv6, TCP, length - tcp)
                + InternetChecksum.sum(segment, tcp, length);
        segment.set(SHORT, tcp + 16, (short) ~InternetChecksum.fold(sum));
    }
}
