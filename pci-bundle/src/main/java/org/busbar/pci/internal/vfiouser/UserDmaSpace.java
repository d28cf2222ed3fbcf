package org.busbar.pci.internal.vfiouser;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.device.Deadline;
import org.busbar.pci.DmaException;
import org.busbar.pci.host.DmaSpace;
import org.busbar.pci.internal.sys.Errno;
import org.busbar.pci.internal.sys.ErrnoException;
import org.busbar.pci.internal.sys.Fd;
import org.busbar.pci.internal.sys.MemoryCalls;
import org.busbar.pci.internal.sys.SharedMemoryCalls;
import org.busbar.pci.internal.vfio.Arenas;
import org.busbar.pci.internal.vfiouser.wire.Command;
import org.busbar.pci.internal.vfiouser.wire.DmaAccess;
import org.busbar.pci.internal.vfiouser.wire.MessageSocket;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Memory that a device in another process reaches: each mapping is a memory file, which the other process maps as well.
 * Freeing it on this side is safe whatever the other does, because it has pages of its own to it. Thread-safe.
 */
final class UserDmaSpace implements DmaSpace, Connection.Requests {

    private static final Logger LOG = LoggerFactory.getLogger(UserDmaSpace.class);
    /** The protocol knows no limits; these addresses are such that processors' IOMMUs have. */
    private static final List<Range> RANGES = List.of(new Range(0x10_0000, 0x7f_ffff_ffffL));
    /** A huge page. */
    private static final long CHUNK = 2 << 20;

    private static final long PATIENCE_MILLIS = 1_000;

    /** Held during exchanges, which the connection's thread has a part in: so it never takes this one. */
    private final ReentrantLock changes = new ReentrantLock();
    // Guarded by changes.
    private @Nullable UserDevice device;
    private boolean huge = true;

    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by {@link #lock}. */
    private final TreeMap<Long, Mapping> mappings = new TreeMap<>();

    private record Mapping(Arena arena, MemorySegment memory) {}

    /** Says whom memory is for; nothing can be mapped before, or after {@link #close}. */
    void open(UserDevice mapping) {
        changes.lock();
        try {
            device = mapping;
        } finally {
            changes.unlock();
        }
    }

    @Override
    public List<Range> ranges() {
        return RANGES;
    }

    @Override
    public long pageSize() {
        return MemoryCalls.pageSize();
    }

    @Override
    public long chunkSize() {
        return CHUNK;
    }

    @Override
    public MemorySegment map(long address, long size) throws DmaException {
        changes.lock();
        try {
            UserDevice target = device;
            if (target == null) {
                throw new DmaException("the function is closed");
            }
            Arena arena = Arena.ofShared();
            boolean done = false;
            try (Fd file = file(target, size)) {
                MemorySegment memory = MemoryCalls.map(arena, size, MemoryCalls.PROT_READ | MemoryCalls.PROT_WRITE,
                        MemoryCalls.MAP_SHARED | MemoryCalls.MAP_POPULATE, file.number(), 0, file.name());
                put(address, new Mapping(arena, memory));
                try {
                    target.mapDma(file, address, size);
                    done = true;
                    return memory;
                } finally {
                    if (!done) {
                        Mapping _ = take(address);
                    }
                }
            } catch (IOException e) {
                throw new DmaException(
                        "cannot share %d bytes with %s: %s".formatted(size, target.address(), e.getMessage()), e);
            } finally {
                if (!done) {
                    arena.close();
                }
            }
        } finally {
            changes.unlock();
        }
    }

    private void put(long address, Mapping mapping) {
        lock.lock();
        try {
            mappings.put(address, mapping);
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Mapping take(long address) {
        lock.lock();
        try {
            return mappings.remove(address);
        } finally {
            lock.unlock();
        }
    }

    /** Makes a memory file, of huge pages if there are some: once there were none, they are not asked for again. */
    private Fd file(UserDevice target, long size) throws ErrnoException {
        String name = "busbar " + target.address();
        if (huge && size % CHUNK == 0) {
            Fd file = null;
            try (Arena probe = Arena.ofConfined()) {
                file = SharedMemoryCalls.create(name, size, true);
                var _ = MemoryCalls.map(probe, size, MemoryCalls.PROT_READ | MemoryCalls.PROT_WRITE,
                        MemoryCalls.MAP_SHARED, file.number(), 0, name);
                return file;
            } catch (ErrnoException e) {
                huge = false;
                LOG.debug("{}: no huge pages, {}", target.address(), e.getMessage());
                if (file != null) {
                    file.close();
                }
            }
        }
        return SharedMemoryCalls.create(name, size, false);
    }

    @Override
    public void unmap(long address) {
        changes.lock();
        try {
            Mapping mapping = take(address);
            if (mapping != null) {
                release(address, mapping);
            }
        } finally {
            changes.unlock();
        }
    }

    /** Unmaps everything that is left. No more can be mapped until it is opened again. */
    void close() {
        changes.lock();
        try {
            for (long address : addresses()) {
                Mapping mapping = take(address);
                if (mapping != null) {
                    release(address, mapping);
                }
            }
            device = null;
        } finally {
            changes.unlock();
        }
    }

    private List<Long> addresses() {
        lock.lock();
        try {
            return List.copyOf(mappings.keySet());
        } finally {
            lock.unlock();
        }
    }

    private void release(long address, Mapping mapping) {
        UserDevice target = device;
        if (target != null) {
            try {
                target.unmapDma(address, mapping.memory.byteSize());
            } catch (IOException e) {
                if (UserDevice.isRefusal(e)) {
                    target.hangUp("does not let go of memory: " + e.getMessage());
                }
                LOG.debug("{}: memory at 0x{} was not unmapped", target.address(), Long.toHexString(address), e);
            }
        }
        if (!Arenas.close(mapping.arena, Deadline.afterMillis(PATIENCE_MILLIS))) {
            LOG.error("{} bytes of DMA memory are lost: a system call of this program is still using them",
                    mapping.memory.byteSize());
        }
    }

    /** Lets a server read and write memory that it has not mapped. */
    @Override
    public ByteBuffer answer(int command, ByteBuffer payload) throws IOException {
        if (command != Command.DMA_READ && command != Command.DMA_WRITE) {
            throw new ErrnoException(Command.name(command), Errno.EOPNOTSUPP, "a server's request");
        }
        DmaAccess access = DmaAccess.decode(payload);
        boolean write = command == Command.DMA_WRITE;
        if (access.count() < 0 || access.count() > MessageSocket.MOST_DATA
                || payload.remaining() != (write ? access.count() : 0)) {
            throw new ErrnoException(Command.name(command), Errno.EINVAL, access + ", " + payload.remaining());
        }
        int count = (int) access.count();
        ByteBuffer reply = access.encode(write ? 0 : count);
        lock.lock();
        try {
            MemorySegment memory = at(access.address(), count);
            if (write) {
                for (int i = 0; i < count; i++) {
                    memory.set(ValueLayout.JAVA_BYTE, i, payload.get());
                }
            } else {
                reply.put(memory.asByteBuffer());
            }
        } finally {
            lock.unlock();
        }
        return reply.flip();
    }

    private MemorySegment at(long address, long count) throws ErrnoException {
        Map.Entry<Long, Mapping> entry = mappings.floorEntry(address);
        if (entry != null) {
            long offset = address - entry.getKey();
            MemorySegment memory = entry.getValue().memory;
            if (offset >= 0 && count <= memory.byteSize() - offset) {
                return memory.asSlice(offset, count);
            }
        }
        throw new ErrnoException("access", Errno.EFAULT, count + " bytes at 0x" + Long.toHexString(address));
    }
}
