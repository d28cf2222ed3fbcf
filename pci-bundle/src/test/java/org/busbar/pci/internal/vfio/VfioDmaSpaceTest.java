package org.busbar.pci.internal.vfio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.busbar.pci.host.DmaSpace.Range;
import org.busbar.pci.internal.sys.Errno;
import org.busbar.pci.internal.sys.ErrnoException;
import org.junit.jupiter.api.Test;

class VfioDmaSpaceTest {

    private static final List<Range> RANGES = List.of(new Range(0, 0xfffff));
    private static final long SIZE = 0x10000;

    private final List<Arena> stranded = new ArrayList<>();
    private boolean stuck;

    private final DmaMappings iommu = new DmaMappings() {
        @Override
        public void map(MemorySegment memory, long address) {}

        @Override
        public void unmap(long address, long size) throws ErrnoException {
            if (stuck) {
                throw new ErrnoException("ioctl", Errno.EIO, "VFIO_IOMMU_UNMAP_DMA");
            }
        }
    };

    private final VfioDmaSpace space = new VfioDmaSpace(
            iommu, new IommuInfo(4096, RANGES, Optional.empty()), RANGES, "0000:01:00.0", stranded::add);

    @Test
    void L6_memoryThatTheDeviceMayStillReachIsKeptUntilItsGroupIsClosed() throws Exception {
        MemorySegment memory = space.map(0, SIZE);
        stuck = true;
        assertThatThrownBy(() -> space.unmap(0)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("0000:01:00.0");
        assertThat(memory.get(ValueLayout.JAVA_BYTE, 0)).as("still mapped").isZero();
        assertThat(stranded).hasSize(1);
        stranded.getFirst().close();
        assertThat(memory.scope().isAlive()).isFalse();
    }

    @Test
    void L6_closingGoesOnWhenOneMappingCannotBeEnded() throws Exception {
        space.map(0, SIZE);
        space.map(SIZE, SIZE);
        stuck = true;
        space.close();
        assertThat(stranded).hasSize(2);
        stranded.forEach(Arena::close);
    }

    @Test
    void memoryOfSomebodyElseIsMappedAndNeverFreed() throws Exception {
        MemorySegment memory = Arena.ofAuto().allocate(SIZE, 4096);
        space.map(SIZE, memory);
        assertThatThrownBy(() -> space.map(SIZE, memory)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> space.map(0, memory.asSlice(64, 4096))).isInstanceOf(IllegalArgumentException.class);
        space.unmap(SIZE);
        memory.fill((byte) 1);
        space.map(SIZE, memory);
        stuck = true;
        space.close();
        assertThat(stranded).as("its addresses are not used again").hasSize(1);
        stranded.getFirst().close();
        memory.fill((byte) 2);
    }

    @Test
    void addressesOfAShareThatIsRetiredAreNotGivenOutAgain() {
        AddressShares shares = new AddressShares(RANGES, 4096, 2);
        int share = shares.take().orElseThrow();
        shares.retire(share);
        shares.give(share);
        assertThat(shares.isIdle()).isTrue();
        assertThat(shares.take()).hasValue(1 - share);
        assertThat(shares.take()).isEmpty();
    }
}
