package org.busbar.pci.internal.vfio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.busbar.device.DeviceGoneException;
import org.busbar.pci.ConfigSpace;
import org.junit.jupiter.api.Test;

class VfioConfigSpaceTest {

    private final ByteBuffer bytes = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
    private final Revocation revocation = new Revocation("0000:02:00.0");
    private final ConfigSpace config = new VfioConfigSpace(new Memory(bytes), 1L << 40, 256, revocation);

    private record Memory(ByteBuffer bytes) implements RegionAccess {
        @Override
        public long read(long position, int width) {
            int at = (int) (position - (1L << 40));
            return switch (width) {
                case 1 -> bytes.get(at) & 0xff;
                case 2 -> bytes.getShort(at) & 0xffff;
                default -> bytes.getInt(at) & 0xffffffffL;
            };
        }

        @Override
        public void write(long position, int width, long value) {
            int at = (int) (position - (1L << 40));
            switch (width) {
                case 1 -> bytes.put(at, (byte) value);
                case 2 -> bytes.putShort(at, (short) value);
                default -> bytes.putInt(at, (int) value);
            }
        }
    }

    @Test
    void readsAndWritesAllWidths() {
        config.write32(0x40, 0xfedcba98);
        config.write16(0x42, 0x8001);
        config.write8(0x40, 0xff);
        assertThat(config.read32(0x40)).isEqualTo(0x8001baff);
        assertThat(config.read16(0x42)).isEqualTo(0x8001);
        assertThat(config.read8(0x40)).isEqualTo(0xff);
    }

    @Test
    void boundsAndAlignment() {
        assertThatThrownBy(() -> config.read8(256)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> config.read32(-4)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> config.write32(254, 0)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> config.read16(1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> config.write32(2, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void memoryDecodingCannotBeTurnedOff() {
        config.write16(0x04, 0);
        assertThat(config.read16(0x04)).isEqualTo(2);
        config.write8(0x04, 4);
        assertThat(config.read8(0x04)).isEqualTo(6);
        config.write32(0x04, 0x400);
        assertThat(config.read32(0x04)).isEqualTo(0x402);
    }

    @Test
    void L6_revokedMeansGone() {
        revocation.revoke();
        assertThatThrownBy(() -> config.read8(0)).isInstanceOf(DeviceGoneException.class);
        assertThatThrownBy(() -> config.write32(0, 0)).isInstanceOf(DeviceGoneException.class);
        assertThatThrownBy(config::capabilities).isInstanceOf(DeviceGoneException.class);
    }

    @Test
    void presenceIsToldByClassAndRevision() {
        bytes.putInt(8, 0x01080202);
        Presence presence = new Presence(config);
        assertThat(presence.wasThere()).isTrue();
        assertThat(presence.isGone()).isFalse();
        bytes.putInt(8, -1);
        assertThat(presence.isGone()).isTrue();
        assertThat(new Presence(config).wasThere()).isFalse();
        bytes.putInt(8, 0);
        assertThat(presence.isGone()).isTrue();
        assertThat(new Presence(config).wasThere()).isFalse();
    }
}
