package org.busbar.driver.nvme;

import java.lang.annotation.Annotation;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockQueue;
import org.busbar.device.RemovalReason;
import org.busbar.emulator.Card;
import org.busbar.emulator.NvmeNamespace;
import org.busbar.emulator.NvmeOptions;
import org.busbar.emulator.internal.nvme.NvmeModel;
import org.busbar.testkit.TestSlot;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Reads of 4 KiB from the emulated SSD, there and back: driver, emulated registers, the model's thread and the copying of
 * data. With {@code -prof gc} it shows what both sides allocate.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class EmulatedSsdBenchmark {

    private static final int REQUESTS = 1024;
    private static final int BLOCKS = 1 << 14;

    /** Requests in flight. */
    @Param({"1", "32"})
    public int depth;

    /** Whether doorbells have shadows in memory. */
    @Param({"true", "false"})
    public boolean shadowDoorbells;

    private TestSlot slot;
    private BlockQueue queue;
    private Load load;

    @Setup
    public void open() throws Exception {
        NvmeOptions options = shadowDoorbells
                ? NvmeOptions.DEFAULT
                : NvmeOptions.DEFAULT.lacking(NvmeOptions.Feature.SHADOW);
        slot = new TestSlot(1, new NvmeModel(new Card.Nvme("BENCH", List.of(NvmeNamespace.of(BLOCKS, 4096)), options)));
        slot.probe(new NvmeDriver(new Defaults()));
        BlockDevice device = slot.context()
                .published()
                .stream()
                .filter(BlockDevice.class::isInstance)
                .map(BlockDevice.class::cast)
                .findFirst()
                .orElseThrow();
        queue = device.openQueue(depth);
        load = new Load(queue, 1, BLOCKS);
    }

    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public long read() {
        return load.run(REQUESTS);
    }

    @TearDown
    public void close() throws Exception {
        load.drain();
        queue.close();
        slot.remove(RemovalReason.DRIVER_LEFT);
        slot.close();
    }

    @SuppressWarnings("BadAnnotationImplementation") // compared with nothing
    private static final class Defaults implements NvmeConfig {
        @Override
        public int ioQueues() {
            return 2;
        }

        @Override
        public long commandTimeoutMillis() {
            return 30_000;
        }

        @Override
        public boolean passthrough() {
            return false;
        }

        @Override
        public Class<? extends Annotation> annotationType() {
            return NvmeConfig.class;
        }
    }
}
