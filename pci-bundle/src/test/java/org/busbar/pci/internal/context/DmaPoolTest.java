package org.busbar.pci.internal.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.busbar.device.DeviceGoneException;
import org.busbar.pci.DmaBuffer;
import org.busbar.pci.DmaException;
import org.busbar.pci.host.DmaSpace;
import org.busbar.pci.internal.testing.FakeContext;
import org.busbar.pci.internal.testing.FakeDmaSpace;
import org.junit.jupiter.api.Test;

class DmaPoolTest {

    private static final long PAGE = 4096;
    private static final long CHUNK = 16 * PAGE;

    private final FakeContext context = new FakeContext();
    private final FakeDmaSpace chunked = new FakeDmaSpace(CHUNK, 0x1_0000, 0x1_0000 + 64 * PAGE - 1);
    private final FakeDmaSpace exact = new FakeDmaSpace(PAGE, 0x1_0000, 0x1_0000 + 64 * PAGE - 1);

    @Test
    void smallAllocationsShareAMapping() throws Exception {
        DmaPool pool = new DmaPool(context, chunked);

        DmaBuffer a = pool.allocate(1);
        DmaBuffer b = pool.allocate(PAGE + 1);

        assertThat(a.size()).isEqualTo(PAGE);
        assertThat(b.size()).isEqualTo(2 * PAGE);
        assertThat(b.address()).isEqualTo(a.address() + PAGE);
        assertThat(chunked.maps).isOne();
        assertThat(chunked.mappedBytes()).isEqualTo(CHUNK);
    }

    @Test
    void whereAccessesAreCheckedExactlyEachAllocationIsAMappingOfItsOwn() throws Exception {
        DmaPool pool = new DmaPool(context, exact);

        DmaBuffer a = pool.allocate(3 * PAGE);
        DmaBuffer b = pool.allocate(PAGE);
        assertThat(exact.sizes).containsEntry(a.address(), 3 * PAGE).containsEntry(b.address(), PAGE);

        a.close();
        assertThat(exact.sizes).containsOnlyKeys(b.address());
        assertThatThrownBy(() -> a.memory().get(ValueLayout.JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
        a.close();
        b.close();
        assertThat(exact.sizes).isEmpty();
    }

    @Test
    void aFreedPieceIsZeroedBeforeItIsUsedAgain() throws Exception {
        DmaPool pool = new DmaPool(context, chunked);
        DmaBuffer a = pool.allocate(PAGE);
        a.memory().fill((byte) 0x5a);
        a.close();

        DmaBuffer again = pool.allocate(PAGE);

        assertThat(again.address()).isEqualTo(a.address());
        assertThat(again.memory().toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
    }

    @Test
    void aLargeRequestHasAChunkOfItsOwnThatGoesWithIt() throws Exception {
        DmaPool pool = new DmaPool(context, chunked);
        pool.allocate(PAGE).close();
        DmaBuffer large = pool.allocate(2 * CHUNK);
        assertThat(chunked.mappedBytes()).isEqualTo(3 * CHUNK);

        large.close();

        assertThat(chunked.mappedBytes()).isEqualTo(CHUNK);
    }

    @Test
    void exhaustionSaysWhatIsLeft() throws Exception {
        DmaPool pool = new DmaPool(context, chunked);
        List<DmaBuffer> all = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            all.add(pool.allocate(PAGE));
        }

        assertThatThrownBy(() -> pool.allocate(PAGE)).isInstanceOf(DmaException.class)
                .hasMessageContaining("0000:02:00.0")
                .hasMessageContaining("no 4096 contiguous bytes");
        all.forEach(DmaBuffer::close);
        assertThat(pool.allocate(CHUNK).size()).isEqualTo(CHUNK);
    }

    @Test
    void aRemainderThatIsSmallerThanAChunkIsStillUsed() throws Exception {
        FakeDmaSpace small = new FakeDmaSpace(CHUNK, 0x1_0000, 0x1_0000 + 3 * PAGE - 1);

        assertThat(new DmaPool(context, small).allocate(3 * PAGE).address()).isEqualTo(0x1_0000);
    }

    @Test
    void theHostsLimitReachesTheDriverAndLosesNoAddresses() throws Exception {
        DmaPool pool = new DmaPool(context, exact);
        exact.limit = 2 * PAGE;
        for (int i = 0; i < 100; i++) {
            assertThatThrownBy(() -> pool.allocate(3 * PAGE)).isInstanceOf(DmaException.class)
                    .hasMessageContaining("RLIMIT_MEMLOCK");
        }
        exact.limit = Long.MAX_VALUE;

        assertThat(pool.allocate(64 * PAGE).address()).isEqualTo(0x1_0000);
    }

    @Test
    void nonsenseIsRefused() {
        DmaPool pool = new DmaPool(context, chunked);

        assertThatThrownBy(() -> pool.allocate(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> pool.allocate(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> pool.allocate(Long.MAX_VALUE)).isInstanceOf(DmaException.class);
    }

    @Test
    void L6_endUnmapsEverythingAndLateClosesDoNothing() throws Exception {
        DmaPool pool = new DmaPool(context, chunked);
        DmaBuffer leaked = pool.allocate(PAGE);
        pool.allocate(2 * CHUNK);
        ReleaseSteps steps = new ReleaseSteps("device");

        pool.close(steps);
        steps.finish();

        assertThat(chunked.sizes).isEmpty();
        assertThatThrownBy(() -> leaked.memory().get(ValueLayout.JAVA_BYTE, 0))
                .isInstanceOf(IllegalStateException.class);
        leaked.close();
        assertThatThrownBy(() -> pool.allocate(1)).isInstanceOf(DeviceGoneException.class);
    }

    @Test
    void L8_nothingIsAllocatedOnceRevoked() {
        DmaPool pool = new DmaPool(context, chunked);
        context.revoke();

        assertThatThrownBy(() -> pool.allocate(1)).isInstanceOf(DeviceGoneException.class);
        assertThat(chunked.sizes).isEmpty();
    }

    @Test
    void memoryOfSomebodyElseIsMappedAndRemainsTheirs() throws Exception {
        DmaPool pool = new DmaPool(context, chunked);
        List<String> told = new ArrayList<>();
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(3 * PAGE, PAGE);
            DmaBuffer mapped = pool.map(memory, () -> told.add("unreachable"));
            assertThat(mapped.memory()).isSameAs(memory);
            assertThat(mapped.size()).isEqualTo(3 * PAGE);
            assertThat(chunked.sizes).containsOnly(Map.entry(mapped.address(), 3 * PAGE));
            assertThat(told).isEmpty();

            mapped.close();
            mapped.close();

            assertThat(told).containsExactly("unreachable");
            assertThat(chunked.sizes).isEmpty();
            memory.fill((byte) 1);
            assertThat(pool.map(memory, () -> {}).address()).as("addresses come back").isEqualTo(mapped.address());
        }
    }

    @Test
    void L6_atTheEndMemoryOfSomebodyElseIsUnmappedBeforeTheyAreTold() throws Exception {
        DmaPool pool = new DmaPool(context, exact);
        List<Integer> left = new ArrayList<>();
        DmaBuffer mapped = pool.map(Arena.ofAuto().allocate(PAGE, PAGE), () -> left.add(exact.sizes.size()));
        ReleaseSteps steps = new ReleaseSteps("device");

        pool.close(steps);
        steps.finish();
        mapped.close();

        assertThat(left).containsExactly(0);
        assertThatThrownBy(() -> pool.map(Arena.ofAuto().allocate(PAGE, PAGE), () -> {}))
                .isInstanceOf(DeviceGoneException.class);
    }

    @Test
    void L6_whoeverOwnsMemoryThatCannotBeUnmappedIsNotToldThatItIsFree() throws Exception {
        DmaPool pool = new DmaPool(context, exact);
        List<String> told = new ArrayList<>();
        DmaBuffer first = pool.map(Arena.ofAuto().allocate(PAGE, PAGE), () -> told.add("first"));
        pool.map(Arena.ofAuto().allocate(PAGE, PAGE), () -> told.add("second"));
        exact.unmapFails = true;
        assertThatThrownBy(first::close).isInstanceOf(IllegalStateException.class);
        ReleaseSteps steps = new ReleaseSteps("device");
        pool.close(steps);
        assertThatThrownBy(steps::finish).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("unmap memory");
        assertThat(told).isEmpty();
    }

    @Test
    void onlyWholeNativePagesAreMapped() {
        DmaPool pool = new DmaPool(context, exact);
        MemorySegment pages = Arena.ofAuto().allocate(4 * PAGE, PAGE);
        for (MemorySegment memory : List.of(MemorySegment.ofArray(new byte[4096]), pages.asSlice(64, PAGE),
                pages.asSlice(0, PAGE + 64), pages.asSlice(0, 0))) {
            assertThatThrownBy(() -> pool.map(memory, () -> {})).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(exact.maps).isZero();
    }

    @Test
    void aHostThatCannotMapMemoryOfOthersSaysSoAndLosesNoAddresses() throws Exception {
        DmaSpace limited = new DmaSpace() {
            @Override
            public List<Range> ranges() {
                return exact.ranges();
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
                return exact.map(address, size);
            }

            @Override
            public void unmap(long address) {
                exact.unmap(address);
            }
        };
        DmaPool pool = new DmaPool(context, limited);
        assertThatThrownBy(() -> pool.map(Arena.ofAuto().allocate(PAGE, PAGE), () -> {}))
                .isInstanceOf(DmaException.class)
                .hasMessageContaining("Dma.allocate");
        assertThat(pool.allocate(64 * PAGE).address()).isEqualTo(0x1_0000);
    }

    /** Positive: allocate so many pages; else: free one. Each buffer holds its own mark until it is freed. */
    @Property(tries = 200)
    void buffersNeverShareMemory(@ForAll @Size(max = 60) List<@IntRange(min = -10, max = 6) Integer> steps,
            @ForAll boolean exactly) {
        FakeDmaSpace space = new FakeDmaSpace(exactly ? PAGE : CHUNK, 0x1_0000, 0x1_0000 + 64 * PAGE - 1);
        DmaPool pool = new DmaPool(new FakeContext(), space);
        List<DmaBuffer> held = new ArrayList<>();
        byte mark = 0;
        List<Byte> marks = new ArrayList<>();
        for (int step : steps) {
            if (step > 0) {
                try {
                    DmaBuffer buffer = pool.allocate(step * PAGE);
                    assertThat(buffer.memory().toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
                    buffer.memory().fill(++mark);
                    held.add(buffer);
                    marks.add(mark);
                } catch (DmaException e) {
                    assertThat(e).hasMessageContaining("contiguous bytes");
                }
            } else if (!held.isEmpty()) {
                int which = -step % held.size();
                assertThat(held.get(which).memory().toArray(ValueLayout.JAVA_BYTE)).containsOnly(marks.remove(which));
                held.remove(which).close();
            }
        }
        for (int i = 0; i < held.size(); i++) {
            assertThat(held.get(i).memory().toArray(ValueLayout.JAVA_BYTE)).containsOnly(marks.get(i));
        }
        ReleaseSteps end = new ReleaseSteps("device");
        pool.close(end);
        end.finish();
        assertThat(space.sizes).isEmpty();
    }
}
