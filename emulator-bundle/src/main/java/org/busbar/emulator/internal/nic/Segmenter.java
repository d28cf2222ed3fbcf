package org.busbar.emulator.internal.nic;

import static org.busbar.emulator.internal.net.InternetChecksum.INT;
import static org.busbar.emulator.internal.net.InternetChecksum.SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.busbar.emulator.internal.net.InternetChecksum;
import org.busbar.emulator.internal.net.NetworkSwitch;

/**
 * Cuts a TCP or UDP payload into frames (82574: section 7.3; 8254x manual: section 3.5). Lengths, identification, sequence
 * number and flags are set for each frame; checksums are those that the data descriptor asks for. The checksum's field has
 * the sum of the pseudo header without its length, as software has put it there. Device's thread only; allocates nothing
 * per frame.
 */
final class Segmenter {

    private static final int FIN_PSH = 0x09;
    private static final int IPV6_HEADER = 40;
    private static final int MIN_TCP = 20;
    private static final int MIN_UDP = 8;

    private final Outlet outlet;
    private final Statistics statistics;
    private final MemorySegment buffer =
            Arena.ofAuto().allocate(Outlet.HEADROOM + NetworkSwitch.MAX_FRAME, 8);
    private final MemorySegment segment = buffer.asSlice(Outlet.HEADROOM);

    Segmenter(Outlet outlet, Statistics statistics) {
        this.outlet = outlet;
        this.statistics = statistics;
    }

    /**
     * Sends a payload in pieces.
     *
     * @param source headers and payload
     * @param length of both together
     */
    void send(MemorySegment source, int length, OffloadContext context, boolean ipSum, boolean sum, int tag) {
        statistics.count(Stat.TSCTC);
        int headers = context.headers();
        int piece = context.segment();
        int total = Math.min(length, headers + context.payload());
        if (!makesSense(context, total)) {
            statistics.count(Stat.TSCTFC);
            return;
        }
        int number = 0;
        for (int at = headers; at < total; at += piece) {
            int bytes = Math.min(piece, total - at);
            MemorySegment.copy(source, 0, segment, 0, headers);
            MemorySegment.copy(source, at, segment, headers, bytes);
            finish(context, headers + bytes, at - headers, number++, at + bytes == total);
            checksums(context, headers + bytes, ipSum, sum);
            outlet.send(buffer, headers + bytes, tag);
        }
    }

    private static boolean makesSense(OffloadContext context, int total) {
        int ip = context.ipStart() + (context.isIpv4() ? 20 : IPV6_HEADER);
        int transport = context.start() + (context.isTcp() ? MIN_TCP : MIN_UDP);
        int headers = context.headers();
        return context.segment() > 0 && ip <= headers && transport <= headers && headers < total
                && headers + context.segment() <= NetworkSwitch.MAX_FRAME - Outlet.HEADROOM;
    }

    private void finish(OffloadContext context, int length, int offset, int number, boolean last) {
        int ip = context.ipStart();
        if (context.isIpv4()) {
            segment.set(SHORT, ip + 2, (short) (length - ip));
            segment.set(SHORT, ip + 4, (short) (segment.get(SHORT, ip + 4) + number));
        } else {
            segment.set(SHORT, ip + 4, (short) (length - ip - IPV6_HEADER));
        }
        int transport = context.start();
        if (!context.isTcp()) {
            segment.set(SHORT, transport + 4, (short) (length - transport));
            return;
        }
        segment.set(INT, transport + 4, segment.get(INT, transport + 4) + offset);
        if (!last) {
            int flags = segment.get(ValueLayout.JAVA_BYTE, transport + 13) & ~FIN_PSH;
            segment.set(ValueLayout.JAVA_BYTE, transport + 13, (byte) flags);
        }
    }

    private void checksums(OffloadContext context, int length, boolean ipSum, boolean sum) {
        if (ipSum) {
            Checksums.insert(segment, length, context.ipStart(), context.ipEnd(), context.ipField(), false);
        }
        if (sum && context.field() + 2 <= length) {
            int pseudo = segment.get(SHORT, context.field()) & 0xffff;
            int withLength = InternetChecksum.fold((long) pseudo + length - context.start());
            segment.set(SHORT, context.field(), (short) withLength);
            Checksums.insert(
                    segment, length, context.start(), context.end(), context.field(), !context.isTcp());
        }
    }
}
