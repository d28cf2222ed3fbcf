package org.busbar.driver.nvme;

import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
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
 * What the driver costs per read of 4 KiB: against a device that answers at once, on the same thread. Wall time is JMH's
 * score; the thread's CPU time, which does not suffer from whatever else runs, is printed after each iteration.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 8, time = 2)
@Fork(value = 2, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class DriverOverheadBenchmark {

    private static final int REQUESTS = 1024;

    /** Requests in flight. */
    @Param({"1", "32"})
    public int depth;

    private InstantDevice device;
    private Load load;
    private long requests;
    private long cpuAtStart;

    @Setup
    public void open() throws Exception {
        device = new InstantDevice(depth);
        load = new Load(device.queue(), 1, 1 << 20);
    }

    @Setup(Level.Iteration)
    public void start() {
        requests = 0;
        cpuAtStart = cpu();
    }

    @Benchmark
    @OperationsPerInvocation(REQUESTS)
    public long read() {
        requests += REQUESTS;
        return load.run(REQUESTS);
    }

    @TearDown(Level.Iteration)
    public void report() {
        System.out.printf("[CPU %.1f ns per I/O] ", (double) (cpu() - cpuAtStart) / requests);
    }

    @TearDown
    public void close() {
        load.drain();
        device.close();
    }

    private static long cpu() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
