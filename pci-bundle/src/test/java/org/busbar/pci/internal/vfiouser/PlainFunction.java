package org.busbar.pci.internal.vfiouser;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.busbar.device.Deadline;
import org.busbar.pci.Bar;
import org.busbar.pci.BarInfo;
import org.busbar.pci.ConfigSpace;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciIds;
import org.busbar.pci.host.DmaSpace;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.host.InterruptPort;
import org.busbar.pci.internal.config.CapabilityList;
import org.busbar.pci.serve.ServedFunction;
import org.jspecify.annotations.Nullable;

/** A function that does nothing but remember: registers are memory. */
public final class PlainFunction implements ServedFunction, HostFunction, FunctionHandle, DmaSpace, InterruptPort {

    static final int BAR_SIZE = 0x4000;
    static final int DOORBELLS = 0x1000;
    public static final int VECTORS = 70;

    private final Registers config = new Registers(4_096);
    private final Registers bar = new Registers(BAR_SIZE);
    final Map<Long, MemorySegment> mappings = new ConcurrentHashMap<>();
    final AtomicInteger resets = new AtomicInteger();
    public final AtomicInteger opened = new AtomicInteger();
    final AtomicInteger closed = new AtomicInteger();
    volatile @Nullable MemorySegment rung;
    volatile @Nullable FunctionNotices notices;
    volatile @Nullable Sink sink;

    public PlainFunction() {
        config.bytes.putShort(0, (short) 0x1b36).putShort(2, (short) 0x0010);
        config.bytes.putShort(6, (short) 0x10).putInt(8, 0x010802_03).putInt(0x10, 4).put(0x34, (byte) 0x40);
        config.bytes.putShort(0x2c, (short) 0x1af4).putShort(0x2e, (short) 0x1100);
        config.bytes.put(0x40, (byte) 0x11).putShort(0x42, (short) (VECTORS - 1)).putInt(0x44, 0x2000);
    }

    @Override
    public HostFunction function() {
        return this;
    }

    @Override
    public Optional<Doorbells> doorbells() {
        return Optional.of(new Doorbells(0, DOORBELLS, 0x1000));
    }

    @Override
    public FunctionHandle open(FunctionNotices told, @Nullable MemorySegment memory) {
        opened.incrementAndGet();
        notices = told;
        rung = memory;
        return this;
    }

    @Override
    public PciAddress address() {
        return new PciAddress(1, 2, 3, 0);
    }

    @Override
    public PciIds ids() {
        return new PciIds(0x1b36, 0x0010, 0x1af4, 0x1100, 0x010802);
    }

    @Override
    public Optional<String> slot() {
        return Optional.empty();
    }

    @Override
    public OptionalInt numaNode() {
        return OptionalInt.empty();
    }

    @Override
    public OptionalInt iommuGroup() {
        return OptionalInt.empty();
    }

    @Override
    public Optional<String> kernelDriver() {
        return Optional.empty();
    }

    @Override
    public OptionalInt revision() {
        return OptionalInt.of(3);
    }

    @Override
    public Optional<String> unavailable() {
        return Optional.empty();
    }

    @Override
    public List<BarInfo> bars() {
        return List.of(new BarInfo(0, BAR_SIZE, BarInfo.Kind.MEMORY64, false));
    }

    @Override
    public ConfigSpace config() {
        return new Config(config);
    }

    @Override
    public Bar bar(int index) throws IOException {
        if (index != 0) {
            throw new IOException("no such BAR");
        }
        return bar;
    }

    @Override
    public DmaSpace dma() {
        return this;
    }

    @Override
    public InterruptPort interrupts() {
        return this;
    }

    @Override
    public void reset(Deadline deadline) {
        resets.incrementAndGet();
    }

    @Override
    public void revoke() {}

    @Override
    public void stopDma() {}

    @Override
    public void closeBars() {}

    @Override
    public void close() {
        closed.incrementAndGet();
    }

    @Override
    public List<Range> ranges() {
        return List.of(new Range(0, Long.MAX_VALUE));
    }

    @Override
    public long pageSize() {
        return 4_096;
    }

    @Override
    public long chunkSize() {
        return 4_096;
    }

    @Override
    public MemorySegment map(long address, long size) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void map(long address, MemorySegment memory) {
        mappings.put(address, memory);
    }

    @Override
    public void unmap(long address) {
        mappings.remove(address);
    }

    @Override
    public int available() {
        return VECTORS;
    }

    @Override
    public void enable(int count, Sink target) {
        sink = target;
    }

    @Override
    public void disable() {
        sink = null;
    }

    /** Bytes that can be read and written. */
    private static final class Registers implements Bar {
        private final ByteBuffer bytes;

        Registers(int size) {
            bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        }

        @Override
        public boolean isMapped() {
            return true;
        }

        @Override
        public int read8(long offset) {
            return bytes.get((int) offset) & 0xff;
        }

        @Override
        public int read16(long offset) {
            return bytes.getShort((int) offset) & 0xffff;
        }

        @Override
        public int read32(long offset) {
            return bytes.getInt((int) offset);
        }

        @Override
        public long read64(long offset) {
            return bytes.getLong((int) offset);
        }

        @Override
        public void write8(long offset, int value) {
            bytes.put((int) offset, (byte) value);
        }

        @Override
        public void write16(long offset, int value) {
            bytes.putShort((int) offset, (short) value);
        }

        @Override
        public void write32(long offset, int value) {
            bytes.putInt((int) offset, value);
        }

        @Override
        public void write64(long offset, long value) {
            bytes.putLong((int) offset, value);
        }

        @Override
        public long size() {
            return bytes.capacity();
        }
    }

    /** Configuration space that can be read and written. */
    private record Config(Registers registers) implements ConfigSpace {
        @Override
        public int size() {
            return (int) registers.size();
        }

        @Override
        public int read8(int offset) {
            return registers.read8(offset);
        }

        @Override
        public int read16(int offset) {
            return registers.read16(offset);
        }

        @Override
        public int read32(int offset) {
            return registers.read32(offset);
        }

        @Override
        public void write8(int offset, int value) {
            registers.write8(offset, value);
        }

        @Override
        public void write16(int offset, int value) {
            registers.write16(offset, value);
        }

        @Override
        public void write32(int offset, int value) {
            registers.write32(offset, value);
        }

        @Override
        public List<Capability> capabilities() {
            return CapabilityList.read(this);
        }
    }
}
