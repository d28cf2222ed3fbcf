package org.busbar.bench.net;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import org.busbar.pci.Bar;
import org.busbar.pci.Dma;
import org.busbar.pci.DmaBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An 82574 that is as fast as memory: as soon as it is told of receive descriptors there are frames of 60 bytes in all of
 * them, and as soon as it is told of frames to send they have left. It moves no data; what is left is what the driver costs, and
 * two stores for each frame that is received and a load for each that is sent.
 */
final class InstantNic implements Bar {

    static final int RDT = 0x2818;
    static final int TDT = 0x3818;

    private static final int CTRL = 0x0000;
    private static final int STATUS = 0x0008;
    private static final int EECD = 0x0010;
    private static final int RAL = 0x5400;
    private static final int RAH = 0x5404;
    private static final int RDBAL = 0x2800;
    private static final int TDBAL = 0x3800;

    private static final int RESET = 1 << 26;
    private static final int MASTER_DISABLE = 1 << 2;
    private static final int MASTER_ENABLED = 1 << 19;
    private static final int LINK = 0x83;
    private static final int AUTO_READ_DONE = 1 << 9;
    private static final int ENTRIES = 256;
    private static final int MASK = ENTRIES - 1;
    /** 7.1.5: length, end of packet, done. */
    private static final long FRAME = 60L << 32 | 3;
    /** 7.2.10. */
    private static final long REPORT_STATUS = 1L << 27;
    private static final long DONE = 1L << 32;

    private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    private final int[] registers = new int[0x2_0000 / 4];
    private final List<DmaBuffer> buffers = new ArrayList<>();
    private final Arena arena = Arena.ofAuto();
    private @Nullable MemorySegment receiveRing;
    private @Nullable MemorySegment transmitRing;
    private int received;
    private int sent;

    /** Memory that driver and device share; the device sees it where the processor does. */
    final Dma memory = new Dma() {
        @Override
        public long pageSize() {
            return 4096;
        }

        @Override
        public DmaBuffer allocate(long bytes) {
            return new Buffer(arena.allocate(bytes, 4096), () -> {});
        }

        @Override
        public DmaBuffer map(MemorySegment shared, Runnable unreachable) {
            return new Buffer(shared, unreachable);
        }
    };

    private final class Buffer implements DmaBuffer {

        private final MemorySegment memory;
        private final Runnable unreachable;

        Buffer(MemorySegment memory, Runnable unreachable) {
            this.memory = memory;
            this.unreachable = unreachable;
            buffers.add(this);
        }

        @Override
        public MemorySegment memory() {
            return memory;
        }

        @Override
        public long address() {
            return memory.address();
        }

        @Override
        public long size() {
            return memory.byteSize();
        }

        @Override
        public void close() {
            if (buffers.remove(this)) {
                unreachable.run();
            }
        }
    }

    InstantNic() {
        registers[STATUS / 4] = LINK | MASTER_ENABLED;
        registers[EECD / 4] = AUTO_READ_DONE;
        registers[RAL / 4] = 0x0000_5452;
        registers[RAH / 4] = 1 << 31 | 0x0100;
    }

    @Override
    public void write32(long offset, int value) {
        int at = (int) offset;
        registers[at / 4] = value;
        switch (at) {
            case RDT -> receive(value);
            case TDT -> transmit(value);
            case CTRL -> control(value);
            case RDBAL + 4, TDBAL + 4 -> rings();
            default -> {}
        }
    }

    private void control(int value) {
        registers[CTRL / 4] = value & ~RESET;
        registers[STATUS / 4] = LINK | ((value & MASTER_DISABLE) != 0 ? 0 : MASTER_ENABLED);
    }

    /** New rings are empty ones. */
    private void rings() {
        receiveRing = at(RDBAL);
        transmitRing = at(TDBAL);
        received = 0;
        sent = 0;
    }

    private @Nullable MemorySegment at(int register) {
        long address = registers[register / 4 + 1] * (1L << 32) + (registers[register / 4] & 0xffff_ffffL);
        return buffers.stream()
                .filter(buffer -> buffer.address() == address)
                .map(DmaBuffer::memory)
                .findFirst()
                .orElse(null);
    }

    /** Frames arrive in all descriptors up to the tail. */
    private void receive(int tail) {
        MemorySegment ring = receiveRing;
        if (ring == null) {
            return;
        }
        while (received != tail) {
            LONG.set(ring, received * 16L, 0L);
            LONG.setRelease(ring, received * 16L + 8, FRAME);
            received = received + 1 & MASK;
        }
    }

    /** All frames up to the tail leave. */
    private void transmit(int tail) {
        MemorySegment ring = transmitRing;
        if (ring == null) {
            return;
        }
        while (sent != tail) {
            long word = (long) LONG.get(ring, sent * 16L + 8);
            if ((word & REPORT_STATUS) != 0) {
                LONG.setRelease(ring, sent * 16L + 8, word | DONE);
            }
            sent = sent + 1 & MASK;
        }
    }

    @Override
    public int read32(long offset) {
        return registers[(int) offset / 4];
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
    public void write64(long offset, long value) {
        throw new UnsupportedOperationException("registers have 32 bits");
    }
}
