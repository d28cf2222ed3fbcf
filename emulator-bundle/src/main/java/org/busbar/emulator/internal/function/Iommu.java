package org.busbar.emulator.internal.function;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.locks.StampedLock;
import org.busbar.emulator.internal.model.DmaPort;
import org.busbar.pci.DmaException;
import org.busbar.pci.host.DmaSpace;

/**
 * The IOMMU of one function. The driver's side maps and unmaps, the device's side reads and writes; an access outside the
 * mappings does not take place and is recorded.
 *
 * <p>Device accesses hold the lock for reading, so that unmapping and cutting the device off, which take it for writing,
 * wait for those in flight and exclude all later ones.
 */
final class Iommu implements DmaSpace, DmaPort {

    /** Takes accesses that went wrong. */
    interface FaultLog {

        void record(long address, long length, boolean write);
    }

    private static final int PAGE = 4096;
    /** As x86 IOMMUs with 39 bits have it: without the range to which interrupt messages are written. */
    private static final List<Range> RANGES =
            List.of(new Range(0x1_0000, 0xfedf_ffffL), new Range(0xfef0_0000L, 0x7f_ffff_ffffL));

    /** Sums of two addresses below this do not overflow. */
    private static final long MOST = 1L << 62;

    private static final VarHandle INT =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle LONG =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    private final StampedLock lock = new StampedLock();
    private final FaultLog log;
    /** Ascending by address, without gaps in the array. Guarded by the lock. */
    private Mapping[] table = {};

    private boolean cut;
    private boolean open;
    private volatile boolean busMaster;

    Iommu(FaultLog log) {
        this.log = log;
    }

    @Override
    public List<Range> ranges() {
        return RANGES;
    }

    @Override
    public long pageSize() {
        return PAGE;
    }

    @Override
    public long chunkSize() {
        return PAGE;
    }

    @Override
    public MemorySegment map(long address, long size) throws DmaException {
        checkRange(address, size);
        Arena arena = Arena.ofShared();
        MemorySegment memory;
        try {
            memory = arena.allocate(size, PAGE);
        } catch (OutOfMemoryError e) {
            arena.close();
            throw new DmaException(
                    "no memory for " + size + " bytes: raise the limit with -XX:MaxDirectMemorySize=SIZE", e);
        }
        insert(address, memory, arena);
        return memory;
    }

    /** What is freed with the mapping is an arena with nothing in it. */
    @Override
    public void map(long address, MemorySegment memory) throws DmaException {
        checkWholePages(address, memory.byteSize());
        insert(address, memory, Arena.ofShared());
    }

    private void insert(long address, MemorySegment memory, Arena arena) throws DmaException {
        long size = memory.byteSize();
        long stamp = lock.writeLock();
        try {
            if (open && !anyWithin(address, size)) {
                insert(new Mapping(address, memory, arena));
                return;
            }
        } finally {
            lock.unlockWrite(stamp);
        }
        arena.close();
        throw new DmaException("0x%x to 0x%x cannot be mapped: it is mapped already, or the function is closed"
                .formatted(address, address + size - 1));
    }

    @Override
    public void unmap(long address) {
        Mapping mapping;
        long stamp = lock.writeLock();
        try {
            int index = indexOf(address);
            if (index < 0 || table[index].address() != address) {
                return;
            }
            mapping = table[index];
            remove(index);
        } finally {
            lock.unlockWrite(stamp);
        }
        mapping.arena().close();
    }

    /** Lets mappings be made. */
    void open() {
        long stamp = lock.writeLock();
        open = true;
        lock.unlockWrite(stamp);
    }

    /** Ends all mappings, and lets none be made. */
    void close() {
        Mapping[] all;
        long stamp = lock.writeLock();
        try {
            open = false;
            all = table;
            table = new Mapping[0];
        } finally {
            lock.unlockWrite(stamp);
        }
        for (Mapping mapping : all) {
            mapping.arena().close();
        }
    }

    /** Cuts the device off for good: when this returns no access is in flight, and none will take place. */
    void cut() {
        long stamp = lock.writeLock();
        cut = true;
        lock.unlockWrite(stamp);
    }

    /** Says whether the function may access memory at all. */
    void busMaster(boolean enabled) {
        busMaster = enabled;
    }

    @Override
    public boolean read(long address, MemorySegment target, long offset, long length) {
        long stamp = lock.readLock();
        try {
            if (cut || !busMaster) {
                return false;
            }
            if (covered(address, length)) {
                for (long done = 0; done < length;) {
                    Mapping mapping = table[indexOf(address + done)];
                    long from = address + done - mapping.address();
                    long piece = Math.min(length - done, mapping.memory().byteSize() - from);
                    MemorySegment.copy(mapping.memory(), from, target, offset + done, piece);
                    done += piece;
                }
                return true;
            }
        } finally {
            lock.unlockRead(stamp);
        }
        log.record(address, length, false);
        return false;
    }

    @Override
    public boolean write(long address, MemorySegment source, long offset, long length) {
        long stamp = lock.readLock();
        try {
            if (cut || !busMaster) {
                return false;
            }
            if (covered(address, length)) {
                for (long done = 0; done < length;) {
                    Mapping mapping = table[indexOf(address + done)];
                    long to = address + done - mapping.address();
                    long piece = Math.min(length - done, mapping.memory().byteSize() - to);
                    MemorySegment.copy(source, offset + done, mapping.memory(), to, piece);
                    done += piece;
                }
                return true;
            }
        } finally {
            lock.unlockRead(stamp);
        }
        log.record(address, length, true);
        return false;
    }

    @Override
    public boolean write32(long address, int value) {
        long stamp = lock.readLock();
        try {
            if (cut || !busMaster) {
                return false;
            }
            int index = indexOf(address);
            if (index >= 0 && (address & 3) == 0) {
                Mapping mapping = table[index];
                INT.setRelease(mapping.memory(), address - mapping.address(), value);
                return true;
            }
        } finally {
            lock.unlockRead(stamp);
        }
        log.record(address, 4, true);
        return false;
    }

    @Override
    public boolean write64(long address, long value) {
        long stamp = lock.readLock();
        try {
            if (cut || !busMaster) {
                return false;
            }
            int index = indexOf(address);
            if (index >= 0 && (address & 7) == 0) {
                Mapping mapping = table[index];
                LONG.setRelease(mapping.memory(), address - mapping.address(), value);
                return true;
            }
        } finally {
            lock.unlockRead(stamp);
        }
        log.record(address, 8, true);
        return false;
    }

    /** Whose function this is keeps to the ranges by himself; clients of a served function know of none. */
    private static void checkWholePages(long address, long size) throws DmaException {
        boolean whole = ((address | size) & (PAGE - 1)) == 0 && size > 0;
        if (!whole || address < 0 || address > MOST - size) {
            throw new DmaException("0x%x bytes at 0x%x are no whole pages of 4096 below 2^62".formatted(size, address));
        }
    }

    private static void checkRange(long address, long size) throws DmaException {
        boolean aligned = (address & (PAGE - 1)) == 0 && (size & (PAGE - 1)) == 0 && size > 0;
        boolean inRange = RANGES.stream()
                .anyMatch(range -> address >= range.first() && address <= range.last()
                        && size <= range.last() - address + 1);
        if (!aligned || !inRange) {
            throw new DmaException(
                    "0x%x bytes at 0x%x are no whole pages of 4096 within the ranges of this function"
                            .formatted(size, address));
        }
    }

    private boolean anyWithin(long address, long size) {
        for (Mapping mapping : table) {
            if (mapping.address() < address + size && address < mapping.end()) {
                return true;
            }
        }
        return false;
    }

    private boolean covered(long address, long length) {
        long done = 0;
        while (done < length) {
            int index = indexOf(address + done);
            if (index < 0) {
                return false;
            }
            done += table[index].end() - (address + done);
        }
        return true;
    }

    /** Returns the index of the mapping that an address is in, or -1. */
    private int indexOf(long address) {
        int low = 0;
        int high = table.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Mapping mapping = table[middle];
            if (address < mapping.address()) {
                high = middle - 1;
            } else if (address >= mapping.end()) {
                low = middle + 1;
            } else {
                return middle;
            }
        }
        return -1;
    }

    private void insert(Mapping mapping) {
        int index = 0;
        while (index < table.length && table[index].address() < mapping.address()) {
            index++;
        }
        Mapping[] more = new Mapping[table.length + 1];
        System.arraycopy(table, 0, more, 0, index);
        more[index] = mapping;
        System.arraycopy(table, index, more, index + 1, table.length - index);
        table = more;
    }

    private void remove(int index) {
        Mapping[] less = new Mapping[table.length - 1];
        System.arraycopy(table, 0, less, 0, index);
        System.arraycopy(table, index + 1, less, index, less.length - index);
        table = less;
    }
}
