package org.busbar.pci.internal.vfiouser;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.pci.internal.sys.Fd;
import org.busbar.pci.internal.sys.MemoryCalls;
import org.busbar.pci.internal.sys.SharedMemoryCalls;
import org.busbar.pci.internal.vfio.Area;
import org.busbar.pci.internal.vfiouser.wire.Command;
import org.busbar.pci.internal.vfiouser.wire.MalformedMessageException;
import org.busbar.pci.internal.vfiouser.wire.Message;
import org.busbar.pci.internal.vfiouser.wire.RegionInfo;
import org.jspecify.annotations.Nullable;

/** A region of a device, with the descriptor of what can be mapped of it. Thread-safe. */
final class UserRegion implements AutoCloseable {

    /** Room for the answer: more areas than anybody has. */
    private static final int ROOM = 4_096;
    /** Regions have less than this: positions have no more bits. */
    private static final long MOST = 1L << 46;

    private final RegionInfo info;
    private final @Nullable Fd file;
    private final ReentrantLock lock = new ReentrantLock();

    private UserRegion(RegionInfo info, @Nullable Fd file) {
        this.info = info;
        this.file = file;
    }

    /** Asks for a region, and checks whether what is said of it can be. */
    static UserRegion ask(Connection connection, int index) throws IOException {
        try (Message reply = connection.ask(
                Command.DEVICE_GET_REGION_INFO, RegionInfo.question(index, ROOM).encode(false), List.of(), 1)) {
            RegionInfo info = RegionInfo.decode(reply.payload());
            if (info.index() != index || info.size() < 0 || info.size() > MOST || info.argsz() > ROOM
                    || info.argsz() < 0) {
                throw new MalformedMessageException("says of region %d: index %d, %d bytes, %d bytes of answer"
                        .formatted(index, info.index(), info.size(), info.argsz()));
            }
            boolean mappable = (info.flags() & RegionInfo.MMAP) != 0;
            reply.descriptors()
                    .require("region " + index + ", which can" + (mappable ? "" : "not") + " be mapped,",
                            mappable ? 1 : 0, mappable ? 1 : 0);
            if (!mappable) {
                return new UserRegion(info, null);
            }
            Fd file = reply.descriptors().take().getFirst();
            boolean done = false;
            try {
                checkLength(info, file);
                done = true;
                return new UserRegion(info, file);
            } finally {
                if (!done) {
                    file.close();
                }
            }
        }
    }

    /** What lies beyond the end of a file can be mapped, but not touched. */
    private static void checkLength(RegionInfo info, Fd file) throws MalformedMessageException {
        long length = SharedMemoryCalls.length(file);
        List<RegionInfo.Area> areas = info.sparse().orElse(List.of(new RegionInfo.Area(0, info.size())));
        for (RegionInfo.Area area : areas) {
            boolean within = area.offset() >= 0 && area.size() >= 0 && info.offset() >= 0
                    && area.offset() <= info.size() && area.size() <= info.size() - area.offset();
            if (!within || info.offset() > length - area.offset() - area.size()) {
                throw new MalformedMessageException(
                        "says that %s of region %d (%d bytes, at %d of a file of %d) can be mapped".formatted(
                                area, info.index(), info.size(), info.offset(), Math.max(0, length)));
            }
        }
    }

    long size() {
        return info.size();
    }

    /** @param position where the region begins for reads and writes */
    org.busbar.pci.internal.vfio.RegionInfo info(long position) {
        Optional<List<Area>> sparse = info.sparse()
                .map(areas -> areas.stream().map(area -> new Area(area.offset(), area.size())).toList());
        return new org.busbar.pci.internal.vfio.RegionInfo(
                info.size(), position, (info.flags() & RegionInfo.READ) != 0, file != null, sparse, false);
    }

    MemorySegment map(Area area, Arena arena) throws IOException {
        lock.lock();
        try {
            if (file == null || !file.isOpen()) {
                throw new IOException("the region cannot be mapped any more");
            }
            return MemoryCalls.map(arena, area.size(), MemoryCalls.PROT_READ | MemoryCalls.PROT_WRITE,
                    MemoryCalls.MAP_SHARED, file.number(), info.offset() + area.offset(), file.name());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (file != null) {
                file.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
