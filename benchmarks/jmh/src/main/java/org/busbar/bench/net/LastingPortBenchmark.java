package org.busbar.bench.net;

import java.util.concurrent.TimeUnit;
import org.busbar.core.internal.net.PacketPoolService;
import org.busbar.net.NetworkPort;
import org.busbar.net.Packet;
import org.busbar.net.PacketPool;
import org.busbar.net.PortQueue;
import org.busbar.net.PortQueueOptions;
import org.busbar.net.PortQueueOptions.Waiting;
import org.busbar.port.internal.LastingPort;
import org.jspecify.annotations.Nullable;
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
 * What it costs per packet that a port outlives its driver: packets are received on one port and sent by another, as in
 * {@link NicOverheadBenchmark#forward}, by the driver's queues and through those of lasting ports.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 8, time = 1)
@Fork(value = 1, jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC"})
public class LastingPortBenchmark {

    private static final int FRAMES = 1024;
    private static final int PACKETS = 2048;

    /** Frames that are received, and sent, at once. */
    @Param({"1", "32"})
    public int batch;

    @Param({"false", "true"})
    public boolean lasting;

    private InstantPort from;
    private InstantPort to;
    private @Nullable LastingPort lastingFrom;
    private @Nullable LastingPort lastingTo;
    private PacketPool pool;
    private PortQueue in;
    private PortQueue out;
    private @Nullable Packet[] packets;

    @Setup
    public void open() throws Exception {
        pool = new PacketPoolService().create(PACKETS, 2048);
        from = new InstantPort(1);
        to = new InstantPort(2);
        NetworkPort first = from.port();
        NetworkPort second = to.port();
        if (lasting) {
            lastingFrom = new LastingPort(first);
            lastingTo = new LastingPort(second);
            first = lastingFrom.port();
            second = lastingTo.port();
        }
        PortQueueOptions options = new PortQueueOptions(Waiting.POLL, pool);
        in = first.openQueue(options);
        out = second.openQueue(options);
        packets = new Packet[batch];
    }

    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public int forward() {
        int left = FRAMES;
        int idle = 0;
        while (left > 0) {
            int count = in.receive(packets);
            for (int sent = 0; sent < count;) {
                sent += out.transmit(packets, sent, count - sent);
            }
            left -= count;
            idle = count == 0 ? idle + 1 : 0;
            if (idle == 1 << 20) {
                throw new IllegalStateException("nothing arrives any more");
            }
        }
        return left;
    }

    @TearDown
    public void close() throws Exception {
        in.close();
        out.close();
        if (pool.available() != PACKETS) {
            throw new IllegalStateException("only " + pool.available() + " of " + PACKETS + " packets are back");
        }
        pool.close();
        if (lastingFrom != null && lastingTo != null) {
            lastingFrom.close();
            lastingTo.close();
        }
        from.close();
        to.close();
    }
}
