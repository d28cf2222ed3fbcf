package org.busbar.bench.net;

import java.lang.annotation.Annotation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Proxy;
import java.util.concurrent.TimeUnit;
import org.busbar.core.internal.net.PacketPoolService;
import org.busbar.device.RemovalReason;
import org.busbar.driver.nic.NicConfig;
import org.busbar.driver.nic.NicDriver;
import org.busbar.driver.virtionet.VirtioNetConfig;
import org.busbar.driver.virtionet.VirtioNetDriver;
import org.busbar.emulator.Card;
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
 * Frames of 64 bytes from one emulated port to another, in the same buffer: both drivers, emulated registers and rings, the
 * models' threads, and the switches that frames come from and go to. With {@code -prof gc} it shows what all of them
 * allocate.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class ForwardBenchmark {

    private static final int FRAMES = 1024;
    private static final int LENGTH = 64;
    private static final int PACKETS = 2048;
    /** No more are under way than the receiver has buffers: nothing is lost, so that nothing has to be sent again. */
    private static final int UNDER_WAY = 200;

    private static final MacAddress SOURCE = new MacAddress(0x0200_0000_0001L);

    /** Frames that are received, and sent, at once. */
    @Param({"1", "8", "32", "256"})
    public int batch;

    /** From which kind of port to which. */
    @Param({"82574L-virtio", "virtio-82574L", "82574L-82574L", "virtio-virtio"})
    public String ports;

    private final NetworkSwitch near = new NetworkSwitch();
    private final NetworkSwitch far = new NetworkSwitch();
    private TestSlot from;
    private TestSlot to;
    private PacketPool pool;
    private PortQueue in;
    private PortQueue out;
    private SwitchPort source;
    private SwitchPort sink;
    private MemorySegment frame;
    private MemorySegment arrived;
    private Packet[] packets;

    @Setup
    public void open() throws Exception {
        pool = new PacketPoolService().create(PACKETS, 2048);
        source = near.attach("source", () -> {});
        sink = far.attach("sink", () -> {});
        String[] kinds = ports.split("-");
        from = slot(1, kinds[0], near);
        to = slot(2, kinds[1], far);
        PortQueueOptions options = new PortQueueOptions(Waiting.POLL, pool);
        in = from.service(NetworkPort.class).openQueue(options);
        out = to.service(NetworkPort.class).openQueue(options);
        packets = new Packet[batch];
        frame = Arena.ofAuto().allocate(LENGTH, 8);
        arrived = Arena.ofAuto().allocate(2048, 8);
        put(frame, 0, mac(1));
        put(frame, 6, SOURCE);
        frame.set(ValueLayout.JAVA_BYTE, 12, (byte) 0x88);
        frame.set(ValueLayout.JAVA_BYTE, 13, (byte) 0xb5);
    }

    private static TestSlot slot(int number, String kind, NetworkSwitch network) throws Exception {
        boolean virtio = kind.equals("virtio");
        TestSlot slot = new TestSlot(
                number,
                virtio
                        ? new VirtioNetModel(new Card.VirtioNet(mac(number)), network)
                        : new NicModel(new Card.Nic(mac(number)), network));
        slot.probe(virtio
                ? new VirtioNetDriver(Defaults.of(VirtioNetConfig.class), new PacketPoolService())
                : new NicDriver(Defaults.of(NicConfig.class), new PacketPoolService()));
        return slot;
    }

    private static MacAddress mac(int number) {
        return new MacAddress(0x5254_0000_0000L | number);
    }

    private static void put(MemorySegment at, int offset, MacAddress mac) {
        for (int i = 0; i < 6; i++) {
            at.set(ValueLayout.JAVA_BYTE, offset + i, mac.octet(i));
        }
    }

    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public int forward() {
        int fed = 0;
        int passed = 0;
        int gone = 0;
        long idle = 0;
        while (gone < FRAMES) {
            while (fed < FRAMES && fed - passed < UNDER_WAY && source.send(frame, 0, LENGTH)) {
                fed++;
            }
            int count = in.receive(packets);
            for (int sent = 0; sent < count;) {
                sent += out.transmit(packets, sent, count - sent);
            }
            passed += count;
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
        in.close();
        out.close();
        if (pool.available() != PACKETS) {
            throw new IllegalStateException("only " + pool.available() + " of " + PACKETS + " packets are back");
        }
        pool.close();
        from.remove(RemovalReason.DRIVER_LEFT);
        to.remove(RemovalReason.DRIVER_LEFT);
        from.close();
        to.close();
    }

    /** Configurations with the values that they have by default. */
    private static final class Defaults {

        static <A extends Annotation> A of(Class<A> type) {
            return type.cast(Proxy.newProxyInstance(
                    type.getClassLoader(),
                    new Class<?>[] {type},
                    (proxy, method, arguments) -> method.getName().equals("annotationType")
                            ? type
                            : method.getDefaultValue()));
        }
    }
}
