package org.busbar.pci.internal.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.busbar.pci.ConfigSpace;
import org.busbar.pci.ConfigSpace.Capability;
import org.junit.jupiter.api.Test;

class CapabilityListTest {

    @Test
    void walksBothLists() {
        byte[] bytes = header(4096);
        bytes[0x34] = 0x40;
        set(bytes, 0x40, 0x5001);
        set(bytes, 0x50, 0x0011);
        set(bytes, 0x100, 0x1401_0001);
        set(bytes, 0x140, 0x0001_0003);
        assertThat(CapabilityList.read(new Bytes(bytes)))
                .containsExactly(
                        new Capability(0x01, 0x40, false),
                        new Capability(0x11, 0x50, false),
                        new Capability(0x0001, 0x100, true),
                        new Capability(0x0003, 0x140, true));
    }

    @Test
    void loopEndsTheList() {
        byte[] bytes = header(256);
        bytes[0x34] = 0x40;
        set(bytes, 0x40, 0x5001);
        set(bytes, 0x50, 0x4005);
        assertThat(CapabilityList.read(new Bytes(bytes))).extracting(Capability::id).containsExactly(1, 5);
    }

    @Test
    void pointerIntoTheHeaderEndsTheList() {
        byte[] bytes = header(256);
        bytes[0x34] = 0x40;
        set(bytes, 0x40, 0x1001);
        assertThat(CapabilityList.read(new Bytes(bytes))).hasSize(1);
    }

    @Test
    void functionThatHasGoneHasNone() {
        byte[] bytes = new byte[4096];
        Arrays.fill(bytes, (byte) 0xff);
        assertThat(CapabilityList.read(new Bytes(bytes))).isEmpty();
    }

    @Test
    void withoutTheStatusBitThePointerIsNotFollowed() {
        byte[] bytes = new byte[256];
        bytes[0x34] = 0x40;
        set(bytes, 0x40, 0x0001);
        assertThat(CapabilityList.read(new Bytes(bytes))).isEmpty();
    }

    @Test
    void headerAloneHasNone() {
        byte[] bytes = header(64);
        bytes[0x34] = 0x40;
        assertThat(CapabilityList.read(new Bytes(bytes))).isEmpty();
    }

    @Property(tries = 2000)
    void garbageEndsAndNothingIsListedTwice(@ForAll long seed) {
        Random random = new Random(seed);
        byte[] bytes = new byte[List.of(64, 256, 4096).get(random.nextInt(3))];
        random.nextBytes(bytes);
        bytes[0x06] |= 0x10;
        List<Capability> found = CapabilityList.read(new Bytes(bytes));
        assertThat(found).extracting(Capability::offset).doesNotHaveDuplicates();
        assertThat(found).allSatisfy(c -> assertThat(c.offset()).isBetween(0x40, bytes.length - 4));
    }

    private static byte[] header(int size) {
        byte[] bytes = new byte[size];
        bytes[0x06] = 0x10;
        return bytes;
    }

    private static void set(byte[] bytes, int offset, int value) {
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(offset, value);
    }

    /** Configuration space in an array. */
    private static final class Bytes implements ConfigSpace {

        private final ByteBuffer buffer;

        Bytes(byte[] bytes) {
            this.buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        }

        @Override
        public int size() {
            return buffer.capacity();
        }

        @Override
        public int read8(int offset) {
            return buffer.get(Objects.checkFromIndexSize(offset, 1, size())) & 0xff;
        }

        @Override
        public int read16(int offset) {
            return buffer.getShort(Objects.checkFromIndexSize(offset, 2, size())) & 0xffff;
        }

        @Override
        public int read32(int offset) {
            return buffer.getInt(Objects.checkFromIndexSize(offset, 4, size()));
        }

        @Override
        public void write8(int offset, int value) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void write16(int offset, int value) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void write32(int offset, int value) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<Capability> capabilities() {
            return CapabilityList.read(this);
        }
    }
}
