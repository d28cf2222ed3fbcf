package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.busbar.pci.Bar;
import org.junit.jupiter.api.Test;

/** When a doorbell's register is written, if the controller looks into memory as well. */
class DoorbellTest {

    /** The register is needed exactly if the index is one of the values from the old one on, up to but without the new. */
    @Property
    void theRegisterIsWrittenWhenTheValuePassesTheEventIndex(
            @ForAll @IntRange(max = 0xffff) int old,
            @ForAll @IntRange(max = 300) int steps,
            @ForAll @IntRange(max = 0xffff) int index) {
        boolean passed = false;
        for (int value = old; value != old + steps; value++) {
            passed |= (value & 0xffff) == index;
        }
        assertThat(Doorbell.passes(index, old, old + steps & 0xffff)).isEqualTo(passed);
    }

    @Test
    void theShadowTakesEveryValueAndTheRegisterOnlyThoseThatAreWanted() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment shadow = arena.allocate(4, 4);
            MemorySegment index = arena.allocate(4, 4);
            Written register = new Written();
            Doorbell doorbell = new Doorbell(register, 0x1008, shadow, index);
            doorbell.ring(1);
            assertThat(shadow.get(ValueLayout.JAVA_INT, 0)).isEqualTo(1);
            assertThat(register.offset).isEqualTo(0x1008);
            assertThat(register.value).isEqualTo(1);
            doorbell.ring(5);
            assertThat(shadow.get(ValueLayout.JAVA_INT, 0)).isEqualTo(5);
            assertThat(register.value).as("not written: the index is behind").isEqualTo(1);
            index.set(ValueLayout.JAVA_INT, 0, 6);
            doorbell.ring(6);
            assertThat(register.value).isEqualTo(1);
            doorbell.ring(2); // round the ring's end
            assertThat(register.value).isEqualTo(2);
        }
    }

    /** Remembers what was last written. */
    private static final class Written implements Bar {
        private long offset;
        private int value;

        @Override
        public long size() {
            return 0x2000;
        }

        @Override
        public boolean isMapped() {
            return true;
        }

        @Override
        public int read8(long at) {
            throw new AssertionError("nothing is read");
        }

        @Override
        public int read16(long at) {
            throw new AssertionError("nothing is read");
        }

        @Override
        public int read32(long at) {
            throw new AssertionError("nothing is read");
        }

        @Override
        public long read64(long at) {
            throw new AssertionError("nothing is read");
        }

        @Override
        public void write8(long at, int written) {
            throw new AssertionError("doorbells have 32 bits");
        }

        @Override
        public void write16(long at, int written) {
            throw new AssertionError("doorbells have 32 bits");
        }

        @Override
        public void write32(long at, int written) {
            offset = at;
            value = written;
        }

        @Override
        public void write64(long at, long written) {
            throw new AssertionError("doorbells have 32 bits");
        }
    }
}
