package org.busbar.net.io;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * pcapng: blocks, of which those with frames, interfaces and section headers are looked at.
 *
 * @param bytes the file's
 * @param interfaces those of the section so far
 */
record PcapNgFormat(CaptureBytes bytes, List<CaptureInterface> interfaces) implements CaptureFormat {

    private static final int MOST_INTERFACES = 65_536;
    private static final int LEAST_BLOCK = 12;
    private static final int SECTION_FIXED = 16;
    private static final int INTERFACE_FIXED = 8;
    private static final int PACKET_FIXED = 20;

    PcapNgFormat(CaptureBytes bytes) {
        this(bytes, new ArrayList<>());
    }

    @Override
    public @Nullable CapturedFrame next() throws IOException {
        while (bytes.fill(LEAST_BLOCK)) {
            long at = bytes.position();
            int type = bytes.peekInt();
            if (type == PcapNg.SECTION_HEADER) {
                order(at);
                interfaces.clear();
            }
            long length = bytes.peekInt(4) & 0xffff_ffffL;
            if (length < LEAST_BLOCK || length % 4 != 0) {
                throw damaged("a block of " + length + " bytes", at);
            }
            bytes.skip(8);
            long body = length - LEAST_BLOCK;
            CapturedFrame frame = block(type, body, at);
            bytes.skip(at + length - 4 - bytes.position());
            bytes.need(4);
            long again = bytes.takeInt() & 0xffff_ffffL;
            if (again != length) {
                throw damaged(
                        "a block that says its length is " + length + " at its start and " + again + " at its end",
                        at);
            }
            if (frame != null) {
                return frame;
            }
        }
        return null;
    }

    private static CaptureFormatException damaged(String what, long at) {
        return new CaptureFormatException("damaged: " + what + ", at byte " + at);
    }

    /** The byte order is the section's own. */
    private void order(long at) throws IOException {
        int magic = bytes.peekInt(8);
        if (magic == PcapNg.BYTE_ORDER_MAGIC) {
            return;
        }
        if (Integer.reverseBytes(magic) != PcapNg.BYTE_ORDER_MAGIC) {
            throw damaged("a section without a byte order", at);
        }
        bytes.order(bytes.order() == ByteOrder.BIG_ENDIAN ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    }

    private @Nullable CapturedFrame block(int type, long body, long at) throws IOException {
        return switch (type) {
            case PcapNg.SECTION_HEADER -> {
                require(body, SECTION_FIXED, at);
                bytes.takeInt();
                int major = bytes.takeShort();
                if (major != 1) {
                    throw new CaptureFormatException("pcapng of version " + major + " at byte " + at
                            + " is not understood, only version 1");
                }
                yield null;
            }
            case PcapNg.INTERFACE_DESCRIPTION -> {
                require(body, INTERFACE_FIXED, at);
                if (interfaces.size() == MOST_INTERFACES) {
                    throw damaged("more than " + MOST_INTERFACES + " interfaces", at);
                }
                interfaces.add(CaptureInterface.read(bytes, body));
                yield null;
            }
            case PcapNg.ENHANCED_PACKET -> {
                require(body, PACKET_FIXED, at);
                yield packet(bytes.takeInt(), body, at);
            }
            case PcapNg.OLD_PACKET -> {
                require(body, PACKET_FIXED, at);
                int number = bytes.takeShort();
                bytes.takeShort(); // how many were dropped before
                yield packet(number, body, at);
            }
            case PcapNg.SIMPLE_PACKET -> {
                require(body, 4, at);
                CaptureInterface seen = at(0, at);
                int original = bytes.takeInt();
                long kept = Math.min(original & 0xffff_ffffL, body - 4);
                if (seen.snapLength() > 0) {
                    kept = Math.min(kept, seen.snapLength());
                }
                yield new CapturedFrame(
                        0, seen.linkType(), 0, Direction.UNKNOWN, original, data(kept, body - 4, at));
            }
            default -> null;
        };
    }

    private void require(long body, int fixed, long at) throws IOException {
        if (body < fixed) {
            throw damaged("a block with " + body + " bytes where " + fixed + " belong", at);
        }
        bytes.need(fixed);
    }

    private CaptureInterface at(int number, long at) throws CaptureFormatException {
        if (number < 0 || number >= interfaces.size()) {
            throw damaged("a frame on interface " + (number & 0xffff_ffffL) + " where " + interfaces.size()
                    + " are known", at);
        }
        return interfaces.get(number);
    }

    private CapturedFrame packet(int number, long body, long at) throws IOException {
        CaptureInterface seen = at(number, at);
        long high = bytes.takeInt() & 0xffff_ffffL;
        long low = bytes.takeInt() & 0xffff_ffffL;
        long kept = bytes.takeInt() & 0xffff_ffffL;
        int original = bytes.takeInt();
        MemorySegment data = data(kept, body - PACKET_FIXED, at);
        long padded = (kept + 3) & ~3;
        Direction direction = Direction.UNKNOWN;
        if (padded <= body - PACKET_FIXED) {
            bytes.skip(padded - kept);
            direction = direction(body - PACKET_FIXED - padded);
        }
        return new CapturedFrame(
                number,
                seen.linkType(),
                seen.nanos(high << 32 | low),
                direction,
                Math.max(original, (int) kept),
                data);
    }

    private MemorySegment data(long kept, long room, long at) throws IOException {
        if (kept > room || kept > PcapNg.MOST_FRAME) {
            throw damaged("a frame of " + kept + " bytes in a block with room for " + room + "; frames have at most "
                    + PcapNg.MOST_FRAME, at);
        }
        bytes.need((int) kept);
        return bytes.take((int) kept);
    }

    private Direction direction(long options) throws IOException {
        long left = options;
        while (left >= 4) {
            bytes.need(4);
            int code = bytes.takeShort();
            int length = bytes.takeShort();
            left -= 4;
            if (code == PcapNg.OPT_END || length > left) {
                return Direction.UNKNOWN;
            }
            if (code == PcapNg.EPB_FLAGS && length == 4) {
                bytes.need(4);
                return switch (bytes.takeInt() & 3) {
                    case 1 -> Direction.INBOUND;
                    case 2 -> Direction.OUTBOUND;
                    default -> Direction.UNKNOWN;
                };
            }
            int padded = Math.min((length + 3) & ~3, (int) Math.min(left, Integer.MAX_VALUE));
            bytes.skip(padded);
            left -= padded;
        }
        return Direction.UNKNOWN;
    }
}
