package org.busbar.pci.internal.vfiouser.server;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.busbar.device.Deadline;
import org.busbar.pci.DmaException;
import org.busbar.pci.host.DmaSpace;
import org.busbar.pci.internal.sys.Errno;
import org.busbar.pci.internal.sys.ErrnoException;
import org.busbar.pci.internal.sys.Fd;
import org.busbar.pci.internal.sys.MemoryCalls;
import org.busbar.pci.internal.sys.SharedMemoryCalls;
import org.busbar.pci.internal.vfio.Arenas;
import org.busbar.pci.internal.vfiouser.wire.DmaMap;
import org.busbar.pci.internal.vfiouser.wire.DmaUnmap;

/** The client's memory, mapped here and given to the function. For the session's thread. */
final class SessionMemory implements AutoCloseable {

    /** More than any client needs; each costs a mapping of this process. */
    private static final int MOST = 4_096;
    /** Addresses have fewer bits than this. */
    private static final long ADDRESSES = 1L << 62;

    private static final long PATIENCE_MILLIS = 1_000;

    private final DmaSpace space;
    private final TreeMap<Long, Mapping> mappings = new TreeMap<>();

    private record Mapping(Arena arena, long size) {}

    SessionMemory(DmaSpace space) {
        this.space = space;
    }

    /** Maps a client's memory. */
    void map(DmaMap map, Fd file) throws IOException {
        check(map, file);
        // What the device may only read is mapped so that writes, which should not be, stay here.
        boolean writable = (map.flags() & DmaMap.WRITE) != 0;
        Arena arena = Arena.ofShared();
        boolean done = false;
        try {
            MemorySegment memory = MemoryCalls.map(arena, map.size(), MemoryCalls.PROT_READ | MemoryCalls.PROT_WRITE,
                    writable ? MemoryCalls.MAP_SHARED : MemoryCalls.MAP_PRIVATE, file.number(), map.offset(),
                    "memory of a client");
            space.map(map.address(), memory);
            mappings.put(map.address(), new Mapping(arena, map.size()));
            done = true;
        } catch (DmaException e) {
            throw new ErrnoException("DMA_MAP", Errno.EINVAL, String.valueOf(e.getMessage()));
        } finally {
            if (!done) {
                arena.close();
            }
        }
    }

    /** What lies beyond the end of a file can be mapped, but not touched. */
    private void check(DmaMap map, Fd file) throws ErrnoException {
        long page = MemoryCalls.pageSize() - 1;
        boolean possible = map.size() > 0 && map.address() >= 0 && map.offset() >= 0
                && map.size() <= ADDRESSES && map.address() <= ADDRESSES - map.size()
                && ((map.address() | map.offset() | map.size()) & page) == 0
                && (map.flags() & ~(DmaMap.READ | DmaMap.WRITE)) == 0 && map.flags() != 0
                && map.offset() <= SharedMemoryCalls.length(file) - map.size();
        if (!possible) {
            throw new ErrnoException("DMA_MAP", Errno.EINVAL, map.toString());
        }
        Map.Entry<Long, Mapping> below = mappings.lowerEntry(map.address() + map.size());
        if (below != null && below.getKey() + below.getValue().size() > map.address()) {
            throw new ErrnoException("DMA_MAP", Errno.EEXIST, map.toString());
        }
        if (mappings.size() >= MOST) {
            throw new ErrnoException("DMA_MAP", Errno.ENOSPC, MOST + " mappings");
        }
    }

    /** Ends a mapping, or all: the function cannot reach the memory any more when this returns. */
    void unmap(DmaUnmap unmap) throws ErrnoException {
        if ((unmap.flags() & ~DmaUnmap.ALL) != 0) {
            throw new ErrnoException("DMA_UNMAP", Errno.EOPNOTSUPP, unmap.toString());
        }
        if ((unmap.flags() & DmaUnmap.ALL) != 0) {
            close();
            return;
        }
        Mapping mapping = mappings.get(unmap.address());
        if (mapping == null || mapping.size() != unmap.size()) {
            throw new ErrnoException("DMA_UNMAP", Errno.ENOENT, unmap.toString());
        }
        mappings.remove(unmap.address());
        release(unmap.address(), mapping);
    }

    private void release(long address, Mapping mapping) {
        space.unmap(address);
        boolean _ = Arenas.close(mapping.arena(), Deadline.afterMillis(PATIENCE_MILLIS));
    }

    @Override
    public void close() {
        List<Map.Entry<Long, Mapping>> all = new ArrayList<>(mappings.entrySet());
        mappings.clear();
        all.forEach(entry -> release(entry.getKey(), entry.getValue()));
    }
}
