package org.busbar.block.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockStatus;
import org.junit.jupiter.api.Test;

class BlockChannelTest {

    private static final int BLOCKS = 16;
    private static final int SIZE = BLOCKS * 512;

    @Property(tries = 500)
    void bytesOfAnyRangeAreWrittenAndReadAndNoOthersChange(
            @ForAll @IntRange(max = SIZE) int position,
            @ForAll @IntRange(max = SIZE) int length,
            @ForAll boolean direct,
            @ForAll long seed) throws IOException {
        MemoryDevice device = new MemoryDevice(BLOCKS, 512);
        new Random(seed).nextBytes(device.content);
        byte[] expected = device.content.clone();
        byte[] data = new byte[length];
        new Random(~seed).nextBytes(data);
        int fits = Math.min(length, SIZE - position);
        System.arraycopy(data, 0, expected, position, fits);
        ByteBuffer source = direct ? ByteBuffer.allocateDirect(length).put(data).flip() : ByteBuffer.wrap(data);
        BlockChannel channel = BlockChannel.open(device);

        if (fits > 0 || length == 0) {
            assertThat(channel.write(source, position)).isEqualTo(fits);
            assertThat(source.remaining()).isEqualTo(length - fits);
        } else {
            assertThatIOException().isThrownBy(() -> channel.write(source, position)).withMessageContaining("ends at");
        }
        assertThat(device.content).isEqualTo(expected);

        ByteBuffer target = direct ? ByteBuffer.allocateDirect(length) : ByteBuffer.allocate(length);
        assertThat(channel.read(target, position)).isEqualTo(fits == 0 && length > 0 ? -1 : fits);
        byte[] back = new byte[fits];
        target.flip().get(back);
        assertThat(back).isEqualTo(Arrays.copyOf(data, fits));
    }

    @Test
    void theChannelsPositionFollowsWhatIsReadAndWritten() throws IOException {
        try (BlockChannel channel = BlockChannel.open(new MemoryDevice(2, 512))) {
            channel.position(500);
            assertThat(channel.write(ByteBuffer.allocate(24))).isEqualTo(24);
            assertThat(channel.position()).isEqualTo(524);
            assertThat(channel.read(ByteBuffer.allocate(1000))).isEqualTo(500);
            assertThat(channel.read(ByteBuffer.allocate(1))).isEqualTo(-1);
            assertThat(channel.position()).isEqualTo(channel.size()).isEqualTo(1024);
            assertThat(channel.truncate(1024)).isSameAs(channel);
            assertThatIOException().isThrownBy(() -> channel.truncate(1)).withMessageContaining("cannot be cut");
        }
    }

    @Test
    void aClosedChannelDoesNothing() throws IOException {
        BlockChannel channel = BlockChannel.open(new MemoryDevice(2, 512));
        channel.close();
        assertThat(channel.isOpen()).isFalse();
        assertThatExceptionOfType(ClosedChannelException.class).isThrownBy(() -> channel.read(ByteBuffer.allocate(1)));
        assertThatExceptionOfType(ClosedChannelException.class).isThrownBy(channel::force);
    }

    @Test
    void threadsThatShareABlockDoNotLoseEachOthersBytes() throws Exception {
        MemoryDevice device = new MemoryDevice(1, 512);
        BlockChannel channel = BlockChannel.open(device);
        int threads = 8;
        CountDownLatch done = new CountDownLatch(threads);
        for (int i = 0; i < threads; i++) {
            int own = i;
            Thread.startVirtualThread(() -> {
                try {
                    for (int at = own; at < 512; at += threads) {
                        channel.write(ByteBuffer.wrap(new byte[] {(byte) (own + 1)}), at);
                    }
                    done.countDown();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
        }
        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
        for (int at = 0; at < 512; at++) {
            assertThat(device.content[at]).as("byte %d", at).isEqualTo((byte) (at % threads + 1));
        }
    }

    @Test
    void anInterruptEndsATransferAndTheThreadStaysInterrupted() {
        BlockChannel channel = BlockChannel.open(new MemoryDevice(1, 512));
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(java.io.InterruptedIOException.class)
                .isThrownBy(() -> channel.write(ByteBuffer.allocate(3), 1));
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void L5_whoeverWaitsForAThreadThatIsStuckInTheDeviceWaitsNoLongerThanTheTimeOut() throws Exception {
        MemoryDevice device = new MemoryDevice(2, 512);
        BlockChannel channel = BlockChannel.open(device, Duration.ofMillis(50));
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch letGo = new CountDownLatch(1);
        device.before = () -> {
            inside.countDown();
            try {
                assertThat(letGo.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        };
        CompletableFuture<Integer> stuck = CompletableFuture.supplyAsync(() -> {
            try {
                return channel.write(ByteBuffer.allocate(3), 1);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        assertThat(inside.await(20, TimeUnit.SECONDS)).isTrue();
        assertThatExceptionOfType(BlockIOException.class)
                .isThrownBy(() -> channel.write(ByteBuffer.allocate(3), 600))
                .withMessageContaining("another thread")
                .satisfies(e -> assertThat(e.status()).isEqualTo(BlockStatus.TIMED_OUT));
        letGo.countDown();
        assertThat(stuck.get(20, TimeUnit.SECONDS)).isEqualTo(3);
    }

    @Test
    void aChannelIsAsLongAsTheDeviceIsNow() throws IOException {
        MemoryDevice device = new MemoryDevice(4, 512);
        device.resize(2);
        BlockChannel channel = BlockChannel.open(device);
        assertThat(channel.size()).isEqualTo(1024);
        device.resize(4);
        assertThat(channel.size()).isEqualTo(2048);
        assertThat(channel.write(ByteBuffer.allocate(2048), 1024)).isEqualTo(1024);
        device.resize(1);
        assertThat(channel.read(ByteBuffer.allocate(1024), 0)).isEqualTo(512);
        assertThat(channel.read(ByteBuffer.allocate(1), 512)).isEqualTo(-1);
        device.resize(4);
        device.before = () -> device.resize(1);
        assertThatIOException()
                .isThrownBy(() -> channel.read(ByteBuffer.allocate(512), 1024))
                .withMessageContaining("shrunk to 512 bytes");
    }
}
