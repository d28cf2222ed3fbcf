package org.busbar.emulator.internal.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.busbar.emulator.internal.nic.Frames;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Indirect descriptors, the reset of single virtqueues, and large packets. */
@Timeout(60)
final class VirtioRingsTest {

    private static final int NEXT = 1;
    private static final int INDIRECT = 4;

    private MiniVirtio driver;

    @BeforeEach
    void plugIn() throws Exception {
        driver = new MiniVirtio(1);
    }

    @AfterEach
    void pull() {
        driver.close();
    }

    private static byte[] frame(int length) {
        byte[] frame = new byte[length];
        Arrays.fill(frame, 0, 6, (byte) 0xff);
        frame[6] = 2;
        frame[12] = 8;
        for (int i = 14; i < length; i++) {
            frame[i] = (byte) i;
        }
        return frame;
    }

    private static byte[] table(long... halves) {
        ByteBuffer table = ByteBuffer.allocate(8 * halves.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long half : halves) {
            table.putLong(half);
        }
        return table.array();
    }

    @Test
    void anIndirectTableMayStandForAChainOrEndOne() {
        driver.begin(Virtio.INDIRECT_DESC);
        driver.run();
        byte[] frame = frame(100);
        driver.put(1, 0, 0, new byte[12]);
        driver.put(1, 1, 0, frame);
        driver.put(
                1,
                2,
                0,
                table(
                        MiniVirtio.buffer(1, 0), 12 | 1L << 32 | 2L << 48,
                        0, 0,
                        MiniVirtio.buffer(1, 1), 100));
        driver.descriptor(1, 5, MiniVirtio.buffer(1, 2), 48, INDIRECT, 0);
        driver.offer(1, 5);
        driver.notify(1);
        assertThat(driver.takeSent()).isEqualTo(frame);
        MiniVirtio.await("the chain to come back", () -> driver.used(1) == 1);
        assertThat(driver.usedId(1, 0)).isEqualTo(5);
        driver.put(1, 3, 0, table(MiniVirtio.buffer(1, 1), 60));
        driver.descriptor(1, 6, MiniVirtio.buffer(1, 0), 12, NEXT, 7);
        driver.descriptor(1, 7, MiniVirtio.buffer(1, 3), 16, INDIRECT, 0);
        driver.offer(1, 6);
        driver.notify(1);
        assertThat(driver.takeSent()).isEqualTo(Arrays.copyOf(frame, 60));
    }

    @ParameterizedTest
    @ValueSource(strings = {"length", "empty", "nested", "next", "loop", "not negotiated"})
    void L5_anIndirectTableThatBreaksARuleNeedsAReset(String how) {
        driver.begin("not negotiated".equals(how) ? 0 : Virtio.INDIRECT_DESC);
        driver.run();
        boolean nested = "nested".equals(how);
        boolean loop = "loop".equals(how);
        driver.put(
                1, 2, 0, table(MiniVirtio.buffer(1, 0), 12 | (nested ? 4L << 32 : 0) | (loop ? 1L << 32 : 0), 0, 0));
        int length = "length".equals(how) ? 17 : "empty".equals(how) ? 0 : 32;
        driver.descriptor(1, 0, MiniVirtio.buffer(1, 2), length, INDIRECT | ("next".equals(how) ? NEXT : 0), 1);
        driver.descriptor(1, 1, MiniVirtio.buffer(1, 0), 12, 0, 0);
        driver.offer(1, 0);
        driver.notify(1);
        MiniVirtio.await("DEVICE_NEEDS_RESET", () -> (driver.status() & Virtio.NEEDS_RESET) != 0);
    }

    @Test
    void aPackedVirtqueueTakesIndirectTablesToo() {
        driver.begin(Virtio.INDIRECT_DESC | Virtio.RING_PACKED);
        driver.run();
        byte[] frame = frame(100);
        driver.put(1, 0, 0, new byte[12]);
        driver.put(1, 1, 0, frame);
        driver.put(1, 2, 0, table(MiniVirtio.buffer(1, 0), 12, MiniVirtio.buffer(1, 1), 100));
        for (int i = 0; i < 2; i++) {
            // The number, then the flags: available, indirect.
            driver.descriptor(1, i, MiniVirtio.buffer(1, 2), 32, 77 + i, 0);
            ValueLayout.JAVA_SHORT
                    .varHandle()
                    .setRelease(driver.memory, MiniVirtio.address(1) - MiniVirtio.address(0) + 16L * i + 14,
                            (short) (1 << 7 | INDIRECT));
            driver.notify(1);
            assertThat(driver.takeSent()).isEqualTo(frame);
        }
        long at = MiniVirtio.address(1) - MiniVirtio.address(0);
        MiniVirtio.await("it to be used", () -> ((short) ValueLayout.JAVA_SHORT
                .varHandle()
                .getAcquire(driver.memory, at + 16 + 14) & 1 << 15) != 0);
        assertThat(driver.memory.get(ValueLayout.JAVA_SHORT, at + 16 + 12)).as("one slot each").isEqualTo((short) 78);
    }

    @Test
    void aVirtqueueIsResetAloneAndBeginsAnew() {
        driver.begin(Virtio.RING_RESET);
        driver.offerReceive(0, 4, 2048);
        driver.run();
        driver.arrive(frame(70));
        MiniVirtio.await("the frame", () -> driver.used(0) == 1);
        driver.bar.write16(0x16, 0);
        driver.bar.write16(0x3a, 1);
        MiniVirtio.await("the reset", () -> driver.bar.read16(0x3a) == 0);
        assertThat(driver.bar.read16(0x1c)).as("queue_enable").isZero();
        assertThat(driver.bar.read16(0x18)).as("queue_size").isEqualTo(Virtio.QUEUE_SIZE);
        driver.arrive(frame(71));
        // The other virtqueue goes on, and with it the frame that has no place is known to have passed.
        driver.put(1, 0, 12, frame(80));
        driver.descriptor(1, 0, MiniVirtio.buffer(1, 0), 92, 0, 0);
        driver.offer(1, 0);
        driver.notify(1);
        assertThat(driver.takeSent()).hasSize(80);
        assertThat(driver.used(0)).isEqualTo(1);
        driver.enable(0);
        driver.offerReceive(0, 4, 2048);
        MiniVirtio.await("a frame again", () -> {
            driver.arrive(frame(72));
            return driver.used(0) > 0;
        });
        assertThat(driver.status() & Virtio.NEEDS_RESET).isZero();
    }

    @Test
    void withoutTheFeatureNoVirtqueueIsReset() {
        driver.begin(0);
        driver.run();
        driver.bar.write16(0x16, 0);
        driver.bar.write16(0x3a, 1);
        assertThat(driver.bar.read16(0x3a)).isZero();
        assertThat(driver.bar.read16(0x1c)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void segmentsThatFollowEachOtherBecomeOneLargePacket(boolean ipv6) {
        driver.begin(Virtio.GUEST_CSUM | Virtio.GUEST_TSO4 | Virtio.GUEST_TSO6 | Virtio.MRG_RXBUF);
        int segments = 40;
        int size = 1400;
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        // Sent before the device runs: all of them wait when it begins.
        for (int i = 0; i < segments; i++) {
            byte[] part = new byte[i == segments - 1 ? 99 : size];
            Arrays.fill(part, (byte) i);
            payload.writeBytes(part);
            driver.arrive(Frames.segment(ipv6, 1000 + size * i, i == segments - 1, part));
        }
        driver.arrive(Frames.segment(ipv6, 5, false, new byte[10]));
        driver.offerReceive(0, MiniVirtio.SIZE, MiniVirtio.BUFFER);
        driver.run();
        int bytes = 12 + (ipv6 ? 74 : 54) + payload.size();
        int buffers = (bytes + MiniVirtio.BUFFER - 1) / MiniVirtio.BUFFER;
        MiniVirtio.await("all of them", () -> driver.used(0) == buffers + 1);
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        for (int i = 0; i < buffers; i++) {
            packet.writeBytes(driver.bytes(0, driver.usedId(0, i), driver.usedLength(0, i)));
        }
        ByteBuffer header = ByteBuffer.wrap(packet.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(header.get(0)).as("NEEDS_CSUM").isEqualTo((byte) 1);
        assertThat(header.get(1)).as("gso_type").isEqualTo((byte) (ipv6 ? 4 : 1));
        assertThat(header.getShort(2)).as("hdr_len").isEqualTo((short) (ipv6 ? 74 : 54));
        assertThat(header.getShort(4)).as("gso_size").isEqualTo((short) size);
        assertThat(header.getShort(6)).as("csum_start").isEqualTo((short) (ipv6 ? 54 : 34));
        assertThat(header.getShort(8)).as("csum_offset").isEqualTo((short) 16);
        assertThat(header.getShort(10)).as("num_buffers").isEqualTo((short) buffers);
        assertThat(packet.toByteArray()).hasSize(bytes).endsWith(payload.toByteArray());
        byte[] frame = Arrays.copyOfRange(packet.toByteArray(), 12, bytes);
        assertThat(Frames.sumsUpAfterCompletion(frame)).isTrue();
        assertThat(driver.usedLength(0, buffers)).as("what does not follow stays alone")
                .isEqualTo(12 + (ipv6 ? 74 : 54) + 10);
    }

    @Test
    void withoutTheFeatureEverySegmentStaysAlone() {
        driver.begin(Virtio.GUEST_CSUM | Virtio.MRG_RXBUF);
        for (int i = 0; i < 3; i++) {
            driver.arrive(Frames.segment(false, 1000 + 100 * i, false, new byte[100]));
        }
        driver.offerReceive(0, 8, 2048);
        driver.run();
        MiniVirtio.await("three frames", () -> driver.used(0) == 3);
        assertThat(driver.bytes(0, 0, 2)).as("DATA_VALID, no GSO").containsExactly(2, 0);
    }
}
