package org.busbar.emulator.internal.function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.busbar.pci.DmaException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a device can reach, and what not. */
@Timeout(60)
class IommuTest {

    private static final int PAGE = 4096;

    private final LongAdder faults = new LongAdder();
    private final Iommu iommu = new Iommu((address, length, write) -> faults.increment());
    private final MemorySegment device = Arena.ofAuto().allocate(16 * PAGE, 8);

    @BeforeEach
    void open() {
        iommu.open();
        iommu.busMaster(true);
    }

    @Test
    void accessesMayCrossAdjoiningMappingsButNotGaps() throws DmaException {
        MemorySegment second = iommu.map(0x11_000, PAGE);
        MemorySegment first = iommu.map(0x10_000, PAGE);
        device.fill((byte) 9);
        assertThat(iommu.write(0x10_ff0, device, 0, 32)).isTrue();
        assertThat(first.get(ValueLayout.JAVA_BYTE, PAGE - 1)).isEqualTo((byte) 9);
        assertThat(second.get(ValueLayout.JAVA_BYTE, 15)).isEqualTo((byte) 9);
        assertThat(second.get(ValueLayout.JAVA_BYTE, 16)).isZero();

        assertThat(iommu.write(0x11_ff0, device, 0, 32)).isFalse();
        assertThat(second.get(ValueLayout.JAVA_BYTE, PAGE - 1)).as("all or nothing").isZero();
        assertThat(iommu.read(0xf_fff, device, 0, 2)).isFalse();
        assertThat(iommu.read(-1, device, 0, 2)).isFalse();
        assertThat(iommu.write32(0x12_000, 1)).isFalse();
        assertThat(iommu.write64(0x11_ffc, 1)).as("not aligned").isFalse();
        assertThat(iommu.write64(0x11_ff8, 0x0102_0304_0506_0708L)).isTrue();
        assertThat(second.get(ValueLayout.JAVA_BYTE, PAGE - 8)).isEqualTo((byte) 8);
        assertThat(faults.sum()).isEqualTo(5);
    }

    @Test
    void memoryOfSomebodyElseIsReachedUntilItIsUnmappedAndRemainsTheirs() throws DmaException {
        MemorySegment memory = Arena.ofAuto().allocate(2 * PAGE, PAGE);
        iommu.map(0x10_000, memory);
        assertThatThrownBy(() -> iommu.map(0x11_000, memory)).isInstanceOf(DmaException.class);
        device.fill((byte) 7);
        assertThat(iommu.write(0x10_000, device, 0, 2 * PAGE)).isTrue();
        assertThat(memory.get(ValueLayout.JAVA_BYTE, 2 * PAGE - 1)).isEqualTo((byte) 7);
        iommu.unmap(0x10_000);
        assertThat(iommu.write(0x10_000, device, 0, 1)).isFalse();
        memory.fill((byte) 1);
        iommu.map(0x20_000, memory);
        iommu.close();
        memory.fill((byte) 2);
    }

    @Test
    void mappingsAreWholePagesInsideTheRangesAndDoNotOverlap() throws DmaException {
        iommu.map(0x10_000, 4 * PAGE);
        assertThatThrownBy(() -> iommu.map(0x13_000, PAGE)).isInstanceOf(DmaException.class);
        assertThatThrownBy(() -> iommu.map(0x20_001, PAGE)).isInstanceOf(DmaException.class);
        assertThatThrownBy(() -> iommu.map(0x20_000, 100)).isInstanceOf(DmaException.class);
        assertThatThrownBy(() -> iommu.map(0x20_000, 0)).isInstanceOf(DmaException.class);
        assertThatThrownBy(() -> iommu.map(0xfee0_0000L, PAGE)).isInstanceOf(DmaException.class);
        assertThatThrownBy(() -> iommu.map(0x7f_ffff_f000L, 2 * PAGE)).isInstanceOf(DmaException.class);
        assertThatThrownBy(() -> iommu.map(-PAGE, PAGE)).isInstanceOf(DmaException.class);
        assertThat(iommu.map(0x7f_ffff_f000L, PAGE).byteSize()).isEqualTo(PAGE);
        iommu.unmap(0x10_000);
        iommu.unmap(0x10_000);
        iommu.map(0x13_000, PAGE);
    }

    @Test
    void withoutBusMasteringAndAfterTheCutNothingMovesAndNothingIsRecorded() throws DmaException {
        MemorySegment memory = iommu.map(0x10_000, PAGE);
        device.fill((byte) 1);
        iommu.busMaster(false);
        assertThat(iommu.write(0x10_000, device, 0, 8)).isFalse();
        iommu.busMaster(true);
        assertThat(iommu.write(0x10_000, device, 0, 4)).isTrue();
        iommu.cut();
        assertThat(iommu.write(0x10_000, device, 0, 8)).isFalse();
        assertThat(iommu.read(0x10_000, device, 0, 8)).isFalse();
        assertThat(iommu.write32(0x10_004, 1)).isFalse();
        assertThat(iommu.write64(0x10_008, 1)).isFalse();
        assertThat(memory.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(0x0101_0101L);
        assertThat(faults.sum()).isZero();
        iommu.close();
        assertThat(memory.scope().isAlive()).isFalse();
        assertThatThrownBy(() -> iommu.map(0x10_000, PAGE)).isInstanceOf(DmaException.class);
    }

    @Test
    void L6_unmappingWaitsForAccessesInFlightAndExcludesLaterOnes() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        LongAdder done = new LongAdder();
        CompletableFuture<Void> accesses = CompletableFuture.runAsync(() -> {
            while (!stop.get()) {
                if (iommu.write(0x10_000, device, 0, 16 * PAGE) && iommu.read(0x10_000, device, 0, 16 * PAGE)) {
                    done.increment();
                }
            }
        });
        for (int round = 0; round < 500; round++) {
            MemorySegment memory = iommu.map(0x10_000, 16 * PAGE);
            long before = done.sum();
            while (round % 100 == 0 && done.sum() == before) {
                assertThat(accesses).isNotDone();
                Thread.onSpinWait();
            }
            iommu.unmap(0x10_000);
            assertThat(memory.scope().isAlive()).isFalse();
        }
        stop.set(true);
        accesses.get(10, TimeUnit.SECONDS);
        assertThat(done.sum()).isPositive();
    }
}
