package org.busbar.driver.nic;

import java.io.IOException;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.driver.support.Gate;
import org.busbar.driver.support.Health;
import org.busbar.driver.support.LinkMonitor;
import org.busbar.driver.support.QueueGuard;
import org.busbar.driver.support.QueuePackets;
import org.busbar.driver.support.Signal;
import org.busbar.driver.support.Traffic;
import org.busbar.net.LinkState;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.net.PacketPool;
import org.busbar.net.PortFeature;
import org.busbar.net.PortQueue;
import org.busbar.net.PortQueueOptions;
import org.busbar.net.PortStatistics;
import org.busbar.net.driver.DriverPool;
import org.busbar.net.driver.DriverPools;
import org.busbar.pci.DmaBuffer;
import org.busbar.pci.DmaException;
import org.busbar.pci.PciDeviceContext;
import org.jspecify.annotations.Nullable;

/** The controller's one port. */
final class NicPort implements NetworkPort {

    private static final int MTU = 1500;
    private static final int OWN_BUFFER = DriverPool.HEADROOM + ReceiveRing.BUFFER;

    /** A receiver or transmitter that is disabled first ends the frame that it is at; the longest takes this long at 10 Mb/s. */
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final long STOP_MILLIS = 1_000;

    private final PciDeviceContext context;
    private final NicConfig config;
    private final DriverPools pools;
    private final Registers registers;
    private final Gate gate;
    private final MacAddress mac;
    private final boolean interrupts;
    private final LinkMonitor monitor;
    private final Signal received = new Signal();
    private final Traffic incoming = new Traffic();
    private final Traffic outgoing = new Traffic();

    // Guarded by this. Memory stays until the binding ends: the device may be writing into a ring that was stopped.
    private @Nullable Rings rings;
    private @Nullable OwnPackets own;
    private @Nullable NicQueue open;
    private long receiveErrors;
    private long missed;

    /** The memory of a queue pair. */
    private record Rings(DmaBuffer receive, DmaBuffer transmit) {}

    /** The packets of a queue pair that shares none. */
    private record OwnPackets(DriverPool pool, long address) {}

    NicPort(
            PciDeviceContext context,
            NicConfig config,
            DriverPools pools,
            Registers registers,
            Gate gate,
            MacAddress mac,
            boolean interrupts) {
        this.context = context;
        this.config = config;
        this.pools = pools;
        this.registers = registers;
        this.gate = gate;
        this.mac = mac;
        this.interrupts = interrupts;
        this.monitor = new LinkMonitor(context, registers::link, gate, interrupts);
    }

    @Override
    public String name() {
        return context.id().address();
    }

    @Override
    public MacAddress mac() {
        return mac;
    }

    @Override
    public LinkState link() {
        requireHere();
        return registers.link();
    }

    @Override
    public AutoCloseable onLinkChange(LinkListener listener) {
        requireHere();
        return monitor.add(listener);
    }

    @Override
    public int mtu() {
        return MTU;
    }

    @Override
    public synchronized PortStatistics statistics() {
        requireHere();
        receiveErrors += registers.takeReceiveErrors();
        missed += registers.takeMissed();
        return new PortStatistics(
                incoming.frames(), incoming.bytes(), outgoing.frames(), outgoing.bytes(), receiveErrors, missed);
    }

    @Override
    public Set<PortFeature> features() {
        return EnumSet.of(PortFeature.SHARED_POOL);
    }

    @Override
    public PortQueue openQueue() throws IOException {
        return openQueue(PortQueueOptions.DEFAULT);
    }

    @Override
    public synchronized PortQueue openQueue(PortQueueOptions options) throws IOException {
        if (!gate.pass()) {
            throw new DeviceGoneException(name() + " is being given up");
        }
        if (open != null) {
            throw new IOException(name() + " has one queue pair, and it is open already; close it first");
        }
        Rings memory = rings();
        QueuePackets packets = packets(options.pool());
        ReceiveRing receive = new ReceiveRing(memory.receive(), registers, packets, incoming);
        TransmitRing transmit = new TransmitRing(memory.transmit(), registers, packets, outgoing);
        QueueGuard guard = new QueueGuard(name(), gate, health(), packets);
        NicQueue queue = new NicQueue(this, context, guard, packets, receive, transmit, options.waiting());
        boolean started = false;
        try {
            transmit.start();
            receive.start();
            started = true;
        } finally {
            if (!started) {
                guard.leave();
            }
        }
        open = queue;
        return queue;
    }

    private Health health() {
        return new Health(context, () -> registers.looksGone() ? "the registers do not answer" : null);
    }

    private Rings rings() throws DmaException {
        Rings made = rings;
        if (made == null) {
            made = new Rings(context.dma().allocate(ReceiveRing.BYTES), context.dma().allocate(TransmitRing.BYTES));
            rings = made;
        }
        return made;
    }

    private QueuePackets packets(@Nullable PacketPool given) throws IOException {
        if (given == null) {
            OwnPackets packets = own();
            return QueuePackets.own(packets.pool(), packets.address(), name());
        }
        if (!(given instanceof DriverPool pool)) {
            throw new IllegalArgumentException("only pools of the PacketPools service can be shared");
        }
        if (pool.packetBytes() < ReceiveRing.BUFFER) {
            throw new IOException("%s writes up to %d bytes into a packet, and those of the pool hold %d: make it of"
                    .formatted(name(), ReceiveRing.BUFFER, pool.packetBytes()) + " larger ones");
        }
        return QueuePackets.shared(context.dma(), pool, name());
    }

    private OwnPackets own() throws DmaException {
        OwnPackets made = own;
        if (made == null) {
            DmaBuffer memory = context.dma().allocate((long) config.packetBuffers() * OWN_BUFFER);
            made = new OwnPackets(
                    pools.over(memory.memory(), config.packetBuffers(), OWN_BUFFER, features()), memory.address());
            own = made;
        }
        return made;
    }

    /** A queue has been closed. */
    synchronized void closed(NicQueue queue) {
        if (open == queue) {
            open = null;
        }
    }

    /** Stops the rings; when this returns the device does not touch packets any more. */
    void stopRings() throws DeviceTimeoutException, InterruptedException {
        registers.stop();
        long start = System.nanoTime();
        context.await(
                "the rings to come to rest",
                () -> System.nanoTime() - start >= QUIET_NANOS,
                Deadline.afterMillis(STOP_MILLIS));
    }

    /** Raised when the device has received something. */
    Signal received() {
        return received;
    }

    boolean hasInterrupts() {
        return interrupts;
    }

    /** Asks for an interrupt at the next frame, at once if there has been one since the last. */
    void armReceive() {
        if (interrupts) {
            registers.unmask(Registers.RXQ0);
        }
    }

    /** Takes an interrupt: vector 0 is the receive queue's, masked until somebody waits again; vector 1 is the link's. */
    void interrupt(int vector) {
        if (gate.isGone()) {
            return;
        }
        try {
            if (vector == 0) {
                registers.mask(Registers.RXQ0);
                received.raise();
            } else {
                registers.clear(Registers.ALL_OTHER_CAUSES);
                monitor.lookAgain();
                registers.unmask(Registers.LSC | Registers.OTHER);
            }
        } catch (DeviceGoneException e) {
            // Between the gate and the register the device went; whoever waits is woken by the gate.
            wake();
        }
    }

    /** Has everybody who waits look again. */
    void wake() {
        received.raise();
        monitor.lookAgain();
    }

    private void requireHere() {
        if (gate.isGone()) {
            throw gate.gone();
        }
    }
}
