package org.busbar.pci.internal.vfiouser.wire;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * DEVICE_GET_REGION_INFO. A descriptor comes with the reply if the region can be mapped.
 *
 * @param argsz in a question the room for the answer, in an answer how long it is, or would be
 * @param flags see the constants
 * @param index which region
 * @param size bytes, 0 if there is no such region
 * @param offset where the region begins in the descriptor's file
 * @param sparse the only areas that can be mapped, or nothing if all of it can
 */
public record RegionInfo(int argsz, int flags, int index, long size, long offset, Optional<List<Area>> sparse) {

    public static final int READ = 1;
    public static final int WRITE = 2;
    public static final int MMAP = 4;
    public static final int CAPS = 8;
    /** Bytes without capabilities. */
    public static final int SIZE = 32;

    private static final int CAP_SPARSE_MMAP = 1;
    private static final int CAP_HEADER = 8;
    private static final int CAP_SPARSE = 16;
    private static final int AREA = 16;

    /**
     * An area that can be mapped.
     *
     * @param offset of its first byte in the region
     * @param size bytes
     */
    public record Area(long offset, long size) {}

    /** Returns the question for a region. */
    public static RegionInfo question(int index, int room) {
        return new RegionInfo(room, 0, index, 0, 0, Optional.empty());
    }

    public static RegionInfo decode(ByteBuffer bytes) throws MalformedMessageException {
        Form.require("DEVICE_GET_REGION_INFO", bytes, SIZE);
        ByteBuffer all = bytes.slice().order(bytes.order());
        int argsz = Form.requireArgsz("DEVICE_GET_REGION_INFO", bytes.getInt(), SIZE);
        int flags = bytes.getInt();
        int index = bytes.getInt();
        int capabilities = bytes.getInt();
        return new RegionInfo(argsz, flags, index, bytes.getLong(), bytes.getLong(),
                (flags & CAPS) == 0 ? Optional.empty() : sparse(all, capabilities));
    }

    /** Follows the list of capabilities, which only goes forward: one that does not is broken. */
    private static Optional<List<Area>> sparse(ByteBuffer all, int first) throws MalformedMessageException {
        int at = first;
        int end = SIZE;
        while (at != 0) {
            if (at < end || at > all.limit() - CAP_HEADER) {
                throw new MalformedMessageException(
                        "a capability of a region at " + Integer.toUnsignedString(at) + " of " + all.limit());
            }
            if (Short.toUnsignedInt(all.getShort(at)) == CAP_SPARSE_MMAP) {
                return Optional.of(areas(all, at));
            }
            end = at + CAP_HEADER;
            at = all.getInt(at + 4);
        }
        return Optional.empty();
    }

    private static List<Area> areas(ByteBuffer all, int at) throws MalformedMessageException {
        if (at > all.limit() - CAP_SPARSE) {
            throw new MalformedMessageException("the areas of a region are cut off");
        }
        long count = Integer.toUnsignedLong(all.getInt(at + CAP_HEADER));
        if (count > (all.limit() - at - CAP_SPARSE) / AREA) {
            throw new MalformedMessageException("a region has " + count + " areas, more than the message has room for");
        }
        List<Area> areas = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int area = at + CAP_SPARSE + i * AREA;
            areas.add(new Area(all.getLong(area), all.getLong(area + 8)));
        }
        return List.copyOf(areas);
    }

    /** Returns how long the answer is, capabilities included. */
    public int fullSize() {
        return SIZE + sparse.map(areas -> CAP_SPARSE + areas.size() * AREA).orElse(0);
    }

    /**
     * Returns the structure.
     *
     * @param capabilities whether to write the areas too; flags say in any case that there are some
     */
    public ByteBuffer encode(boolean capabilities) {
        boolean withAreas = capabilities && sparse.isPresent();
        ByteBuffer bytes = Form.buffer(withAreas ? fullSize() : SIZE)
                .putInt(argsz)
                .putInt(flags)
                .putInt(index)
                .putInt(withAreas ? SIZE : 0)
                .putLong(size)
                .putLong(offset);
        if (withAreas) {
            List<Area> areas = sparse.orElseThrow();
            bytes.putShort((short) CAP_SPARSE_MMAP).putShort((short) 1).putInt(0).putInt(areas.size()).putInt(0);
            areas.forEach(area -> bytes.putLong(area.offset()).putLong(area.size()));
        }
        return bytes.flip();
    }
}
