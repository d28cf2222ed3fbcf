package org.busbar.driver.nic;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import org.busbar.device.DeviceGoneException;
import org.busbar.pci.Bar;
import org.busbar.pci.DmaBuffer;

/** Registers that keep what is written, and memory: a device that is played by the test. */
final class FakeDevice implements Bar {

    private final int[] registers = new int[0x2_0000 / 4];
    private long nextAddress = 0x10_0000;
    /** Words of registers that reading clears. */
    final BitSet clearedByReading = new BitSet();

    boolean gone;

    DmaBuffer memory(Arena arena, long bytes) {
        MemorySegment memory = arena.allocate(bytes, 4096);
        long address = nextAddress;
        nextAddress += bytes;
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

    @Override
    public long size() {
        return 4L * registers.length;
    }

    @Override
    public boolean isMapped() {
        return true;
    }

    @Override
    public int read8(long offset) {
        throw new UnsupportedOperationException("registers have 32 bits");
    }

    @Override
    public int read16(long offset) {
        throw new UnsupportedOperationException("registers have 32 bits");
    }

    @Override
    public int read32(long offset) {
        check();
        int word = (int) offset / 4;
        int value = registers[word];
        if (clearedByReading.get(word)) {
            registers[word] = 0;
        }
        return value;
    }

    @Override
    public long read64(long offset) {
        throw new UnsupportedOperationException("registers have 32 bits");
    }

    @Override
    public void write8(long offset, int value) {
        throw new UnsupportedOperationException("registers have 32 bits");
    }

    @Override
    public void write16(long offset, int value) {
        throw new UnsupportedOperationException("registers have 32 bits");
    }

    @Override
    public void write32(long offset, int value) {
        check();
        registers[(int) offset / 4] = value;
    }

    @Override
    public void write64(long offset, long value) {
        throw new UnsupportedOperationException("registers have 32 bits");
    }

    private void check() {
        if (gone) {
            throw new DeviceGoneException("revoked");
        }
    }
}
