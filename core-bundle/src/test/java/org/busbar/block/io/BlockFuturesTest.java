package org.busbar.block.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockRange;
import org.busbar.block.BlockStatus;
import org.junit.jupiter.api.Test;

class BlockFuturesTest {

    @Test
    void everyFutureEndsWithItsOwnData() throws Exception {
        BlockDevice device = new MemoryDevice(100, 512);
        BlockFutures futures = BlockFutures.of(device);
        List<CompletableFuture<ByteBuffer>> all = new ArrayList<>();
        for (int block = 0; block < 100; block++) {
            int own = block;
            ByteBuffer data = ByteBuffer.allocate(512).putInt(0, block);
            all.add(futures.write(block, data).thenCompose(written -> futures.read(own, ByteBuffer.allocate(512))));
        }
        for (int block = 0; block < 100; block++) {
            assertThat(all.get(block).get(20, TimeUnit.SECONDS).getInt(0)).isEqualTo(block);
        }
        assertThat(futures.flush().get(20, TimeUnit.SECONDS)).isSameAs(device);
    }

    @Test
    void aFutureFailsWithTheExceptionOfTheDeviceItself() {
        BlockFutures futures = BlockFutures.of(new MemoryDevice(1, 512));
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> futures.read(0, ByteBuffer.allocate(3)).get(20, TimeUnit.SECONDS))
                .withCauseInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatADeviceDoesNotSupportIsNamed() {
        BlockFutures futures = BlockFutures.of(new MemoryDevice(1, 512));
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> futures.deallocate(List.of(new BlockRange(0, 1))).get(20, TimeUnit.SECONDS))
                .withMessageContaining("memory does not support: deallocate")
                .satisfies(e -> assertThat(((BlockIOException) e.getCause()).status())
                        .isEqualTo(BlockStatus.NOT_SUPPORTED));
    }
}
