package org.busbar.driver.nvme;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import org.busbar.pci.Dma;
import org.busbar.pci.DmaBuffer;
import org.busbar.pci.DmaException;
import org.jspecify.annotations.Nullable;

/**
 * The data of one command that is not on the data path: memory of its own, and the PRP entries that lead to it (NVMe Base
 * 1.4, section 4.3). At most 1 MiB, so that one page of PRP entries is enough.
 */
final class Transfer implements AutoCloseable {

    static final int MAX_BYTES = 1 << 20;

    private final DmaBuffer data;
    private final @Nullable DmaBuffer list;
    private final long second;
    private final boolean lasts;

    private Transfer(DmaBuffer data, @Nullable DmaBuffer list, long second) {
        this(data, list, second, false);
    }

    private Transfer(DmaBuffer data, @Nullable DmaBuffer list, long second, boolean lasts) {
        this.lasts = lasts;
        this.data = data;
        this.list = list;
        this.second = second;
    }

    static Transfer of(Dma dma, int bytes) throws DmaException {
        if (bytes < 1 || bytes > MAX_BYTES) {
            throw new IllegalArgumentException("a command carries 1 to " + MAX_BYTES + " bytes, not " + bytes);
        }
        DmaBuffer data = dma.allocate(bytes);
        if (bytes <= 2 * PrpLists.PAGE) {
            return new Transfer(data, null, bytes <= PrpLists.PAGE ? 0 : data.address() + PrpLists.PAGE);
        }
        DmaBuffer list;
        try {
            list = dma.allocate(PrpLists.PAGE);
        } catch (DmaException e) {
            data.close();
            throw e;
        }
        int slot = 0;
        for (long page = PrpLists.PAGE; page < bytes; page += PrpLists.PAGE) {
            list.memory().setAtIndex(ValueLayout.JAVA_LONG, slot, data.address() + page);
            slot++;
        }
        return new Transfer(data, list, list.address());
    }

    /** Memory that is there, of one or two pages. */
    static Transfer of(DmaBuffer data) {
        return new Transfer(data, null, data.size() <= PrpLists.PAGE ? 0 : data.address() + PrpLists.PAGE);
    }

    /** PRP entry 1. */
    long prp1() {
        return data.address();
    }

    /** PRP entry 2: the second page, the list of all but the first, or 0. */
    long prp2() {
        return second;
    }

    MemorySegment memory() {
        return data.memory();
    }

    void put(ByteBuffer source) {
        int bytes = source.remaining();
        MemorySegment.copy(MemorySegment.ofBuffer(source), 0, data.memory(), 0, bytes);
    }

    void get(ByteBuffer target) {
        int bytes = target.remaining();
        MemorySegment.copy(data.memory(), 0, MemorySegment.ofBuffer(target), 0, bytes);
        target.position(target.limit());
    }

    byte[] bytes(int count) {
        return data.memory().asSlice(0, count).toArray(ValueLayout.JAVA_BYTE);
    }

    /** The same memory for a command after which it stays the controller's: closing it does nothing. */
    Transfer lasting() {
        return new Transfer(data, list, second, true);
    }

    /** Returns the memory. The controller must not use it any more. */
    @Override
    public void close() {
        if (lasts) {
            return;
        }
        data.close();
        if (list != null) {
            list.close();
        }
    }
}
