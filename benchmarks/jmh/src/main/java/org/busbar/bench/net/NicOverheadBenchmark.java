package org.busbar.bench.net;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.busbar.core.internal.net.PacketPoolService;
import org.busbar.net.Packet;
import org.busbar.net.PacketPool;
import org.busbar.net.PortQueue;
import org.busbar.net.PortQueueOptions;
import org.busbar.net.PortQueueOptions.Waiting;
import org.busbar.pci.DmaException;
import org.jspecify.annotations.Nullable;
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
 * What the Intel driver costs per packet: against devices that answer at once, on the same thread, see {@link InstantNic}.
 * {@link #forward} is the work that ixy's table of batch sizes is about: a packet is received on one port, looked at, and sent by
 * another. {@link #device} is what the devices alone cost of that. Wall time is JMH's score; the thread's CPU time, which does not
 * suffer from whatever else runs, is printed after each iteration. The collector is that of the runtime.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 8, time = 1)
@Fork(value = 1, jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC"})
public class NicOverheadBenchmark {

    private static final int FRAMES = 1024;
    private static final int PACKETS = 2048;
    private static final int ENTRIES = 256;

    /** Frames that are received, and sent, at once. */
    @Param({"1", "2", "4", "8", "16", "32", "64", "128", "256"})
    public int batch;

    private InstantPort from;
    private InstantPort to;
    private PacketPool pool;
    private PortQueue in;
    private PortQueue out;
    private @Nullable Packet[] packets;
    private int devicesTail;
    private long frames;
    private long cpuAtStart;

    @Setup
    public void open() throws Exception {
        pool = new PacketPoolService().create(PACKETS, 2048);
        from = new InstantPort(1);
        to = new InstantPort(2);
        PortQueueOptions options = new PortQueueOptions(Waiting.POLL, pool);
        in = from.port().openQueue(options);
        out = to.port().openQueue(options);
        packets = new Packet[batch];
    }

    @Setup(Level.Iteration)
    public void start() {
        frames = 0;
        cpuAtStart = cpu();
    }

    @TearDown(Level.Iteration)
    public void report() {
        System.out.printf("[CPU %.1f ns per packet] ", (double) (cpu() - cpuAtStart) / frames);
    }

    private static long cpu() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    /** One byte of each frame is changed, as ixy's forwarder does. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public int forward() {
        frames += FRAMES;
        int left = FRAMES;
        int idle = 0;
        while (left > 0) {
            int count = in.receive(packets);
            for (int i = 0; i < count; i++) {
                MemorySegment data = packets[i].data();
                data.set(ValueLayout.JAVA_BYTE, 48, (byte) (data.get(ValueLayout.JAVA_BYTE, 48) + 1));
            }
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

    /** The same without looking at the frames and without another port: taken and given back. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public int receive() {
        frames += FRAMES;
        int left = FRAMES;
        while (left > 0) {
            int count = in.receive(packets);
            for (int i = 0; i < count; i++) {
                packets[i].release();
            }
            left -= count;
        }
        return left;
    }

    /** Frames are taken from the pool, given a length, and sent. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public int transmit() {
        frames += FRAMES;
        int left = FRAMES;
        while (left > 0) {
            int made = 0;
            for (; made < batch; made++) {
                Packet packet = out.allocate();
                if (packet == null) {
                    break;
                }
                packet.length(60);
                packets[made] = packet;
            }
            int sent = 0;
            while (sent < made) {
                sent += out.transmit(packets, sent, made - sent);
            }
            left -= sent;
        }
        return left;
    }

    /** What the two devices do for that many frames, with rings of their own. */
    @State(Scope.Thread)
    public static class Devices {

        final InstantNic from = new InstantNic();
        final InstantNic to = new InstantNic();

        @Setup
        public void open() throws DmaException {
            ring(from, InstantNic.RDT);
            ring(to, InstantNic.TDT);
        }

        private static void ring(InstantNic nic, int tail) throws DmaException {
            MemorySegment ring = nic.memory.allocate(16L * ENTRIES).memory();
            for (int i = 0; i < ENTRIES; i++) {
                ring.set(ValueLayout.JAVA_LONG, 16L * i + 8, 1L << 27);
            }
            nic.write32(tail - 0x18, (int) ring.address());
            nic.write32(tail - 0x14, (int) (ring.address() >>> 32));
        }
    }

    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public int device(Devices devices) {
        frames += FRAMES;
        int step = Math.min(batch, ENTRIES / 2); // a whole ring at once would be none
        for (int left = FRAMES; left > 0; left -= step) {
            devicesTail = devicesTail + step & ENTRIES - 1;
            devices.from.write32(InstantNic.RDT, devicesTail);
            devices.to.write32(InstantNic.TDT, devicesTail);
        }
        return devicesTail;
    }

    @TearDown
    public void close() throws Exception {
        in.close();
        out.close();
        if (pool.available() != PACKETS) {
            throw new IllegalStateException("only " + pool.available() + " of " + PACKETS + " packets are back");
        }
        pool.close();
        from.close();
        to.close();
    }
}
