package org.busbar.bench.net;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.busbar.core.internal.net.PacketPoolService;
import org.busbar.device.RemovalReason;
import org.busbar.driver.nic.NicConfig;
import org.busbar.driver.nic.NicDriver;
import org.busbar.driver.virtionet.VirtioNetConfig;
import org.busbar.driver.virtionet.VirtioNetDriver;
import org.busbar.emulator.Card;
import org.busbar.emulator.internal.model.DeviceModel;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.emulator.internal.net.SwitchPort;
import org.busbar.emulator.internal.nic.NicModel;
import org.busbar.emulator.internal.virtio.VirtioNetModel;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.net.Packet;
import org.busbar.net.PacketPool;
import org.busbar.net.PortQueue;
import org.busbar.net.PortQueueOptions;
import org.busbar.net.PortQueueOptions.Waiting;
import org.busbar.pci.PciDriver;
import org.busbar.testkit.TestSlot;
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
 * Frames of 64 bytes from one emulated port to another, in the same buffer: both drivers, emulated registers and rings, the
 * models, and the switches that frames come from and go to. With {@code -prof gc} it shows what all of them allocate. Where the
 * models have threads of their own there are three threads that wait for each other, and with fewer processors the score is mostly
 * about waking them; stepped by the thread that forwards, it is about what all of them do.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC"})
public class ForwardBenchmark {

    private static final int FRAMES = 1024;
    private static final int LENGTH = 64;
    private static final int PACKETS = 2048;
    /** No more are under way than the receiver has buffers: nothing is lost, so that nothing has to be sent again. */
    private static final int UNDER_WAY = 200;

    private static final MacAddress SOURCE = new MacAddress(0x0200_0000_0001L);

    /** Frames that are received, and sent, at once. */
    @Param({"1", "2", "4", "8", "16", "32", "64", "128", "256"})
    public int batch;

    /** From which kind of port to which. */
    @Param({"82574L-virtio", "virtio-82574L", "82574L-82574L", "virtio-virtio"})
    public String ports;

    /** Who does the work of the cards. */
    @Param({"stepped", "threads"})
    public String cards;

    private final NetworkSwitch near = new NetworkSwitch();
    private final NetworkSwitch far = new NetworkSwitch();
    private DeviceModel fromCard;
    private DeviceModel toCard;
    private boolean stepped;
    private TestSlot from;
    private TestSlot to;
    private PacketPool pool;
    private PortQueue in;
    private PortQueue out;
    private SwitchPort source;
    private SwitchPort sink;
    private long frames;
    private long cpuAtStart;
    private MemorySegment frame;
    private MemorySegment arrived;
    private Packet[] packets;

    @Setup
    public void open() throws Exception {
        pool = new PacketPoolService().create(PACKETS, 2048);
        source = near.attach("source", () -> {});
        sink = far.attach("sink", () -> {});
        String[] kinds = ports.split("-");
        stepped = cards.equals("stepped");
        fromCard = card(1, kinds[0], near);
        toCard = card(2, kinds[1], far);
        from = new TestSlot(1, fromCard, stepped);
        to = new TestSlot(2, toCard, stepped);
        try (Stepper stepper = stepper()) {
            from.probe(driver(kinds[0]));
            to.probe(driver(kinds[1]));
            PortQueueOptions options = new PortQueueOptions(Waiting.POLL, pool);
            in = from.service(NetworkPort.class).openQueue(options);
            out = to.service(NetworkPort.class).openQueue(options);
            stepper.awaitRounds(10);
        }
        packets = new Packet[batch];
        frame = Arena.ofAuto().allocate(LENGTH, 8);
        arrived = Arena.ofAuto().allocate(2048, 8);
        put(frame, 0, mac(1));
        put(frame, 6, SOURCE);
        frame.set(ValueLayout.JAVA_BYTE, 12, (byte) 0x88);
        frame.set(ValueLayout.JAVA_BYTE, 13, (byte) 0xb5);
    }

    private static DeviceModel card(int number, String kind, NetworkSwitch network) {
        return kind.equals("virtio")
                ? new VirtioNetModel(new Card.VirtioNet(mac(number)), network)
                : new NicModel(new Card.Nic(mac(number)), network);
    }

    private static PciDriver driver(String kind) {
        return kind.equals("virtio")
                ? new VirtioNetDriver(Defaults.of(VirtioNetConfig.class), new PacketPoolService())
                : new NicDriver(Defaults.of(NicConfig.class), new PacketPoolService());
    }

    private Stepper stepper() {
        return new Stepper(stepped ? List.of(fromCard, toCard) : List.of());
    }

    private static MacAddress mac(int number) {
        return new MacAddress(0x5254_0000_0000L | number);
    }

    private static void put(MemorySegment at, int offset, MacAddress mac) {
        for (int i = 0; i < 6; i++) {
            at.set(ValueLayout.JAVA_BYTE, offset + i, mac.octet(i));
        }
    }

    @Setup(Level.Iteration)
    public void start() {
        frames = 0;
        cpuAtStart = cpu();
    }

    /** Wall time is JMH's score; this thread's own does not suffer from whatever else runs. */
    @TearDown(Level.Iteration)
    public void report() {
        System.out.printf("[CPU %.1f ns per packet] ", (double) (cpu() - cpuAtStart) / frames);
    }

    private static long cpu() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public int forward() {
        frames += FRAMES;
        int fed = 0;
        int passed = 0;
        int gone = 0;
        long idle = 0;
        while (gone < FRAMES) {
            while (fed < FRAMES && fed - passed < UNDER_WAY && source.send(frame, 0, LENGTH)) {
                fed++;
            }
            if (stepped) {
                fromCard.step();
            }
            int count = in.receive(packets);
            for (int sent = 0; sent < count;) {
                sent += out.transmit(packets, sent, count - sent);
            }
            passed += count;
            if (stepped) {
                toCard.step();
            }
            int before = gone;
            while (sink.receive(arrived, 0, 2048) > 0) {
                gone++;
            }
            idle = count == 0 && gone == before ? idle + 1 : 0;
            if (idle == 1L << 30) {
                throw new IllegalStateException(
                        "of " + fed + " frames " + passed + " were received, " + gone + " sent");
            }
        }
        return gone;
    }

    @TearDown
    public void close() throws Exception {
        try (Stepper stepper = stepper()) {
            in.close();
            out.close();
            if (pool.available() != PACKETS) {
                throw new IllegalStateException("only " + pool.available() + " of " + PACKETS + " packets are back");
            }
            pool.close();
            from.remove(RemovalReason.DRIVER_LEFT);
            to.remove(RemovalReason.DRIVER_LEFT);
        }
        from.close();
        to.close();
    }
}
