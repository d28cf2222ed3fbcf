package org.busbar.driver.virtionet;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.busbar.device.DeviceGoneException;
import org.busbar.pci.Bar;
import org.busbar.pci.DmaBuffer;

/** Memory that a device would reach, and a doorbell that counts. */
final class Memory implements Bar {

    private long nextAddress = 0x10_0000;
    long rings;
    boolean gone;

    DmaBuffer allocate(Arena arena, long bytes) {
        MemorySegment memory = arena.allocate(bytes, 4096);
        long address = nextAddress;
        nextAddress += bytes + 4096 & -4096;
        return new DmaBuffer() {
            @Override
            public MemorySegment memory() {
                return memory;
            }

            @Override
            public long address() {
                return address;
            }

            @Override
            public long size() {
                return bytes;
            }

            @Override
            public void close() {}
        };
    }

    Doorbell doorbell() {
        return new Doorbell(this, 0, 0);
    }

    @Override
    public void write16(long offset, int value) {
        if (gone) {
            throw new DeviceGoneException("revoked");
        }
        rings++;
    }

    @Override
    public long size() {
        return 4096;
    }

    @Override
    public boolean isMapped() {
        return true;
    }

    @Override
    public int read8(long offset) {
        throw unused();
    }

    @Override
    public int read16(long offset) {
        throw unused();
    }

    @Override
    public int read32(long offset) {
        throw unused();
    }

    @Override
    public long read64(long offset) {
        throw unused();
    }

    @Override
    public void write8(long offset, int value) {
        throw unused();
    }

    @Override
    public void write32(long offset, int value) {
        throw unused();
    }

    @Override
    public void write64(long offset, long value) {
        throw unused();
    }

    private static UnsupportedOperationException unused() {
        return new UnsupportedOperationException("a doorbell is written with 16 bits");
    }
}
