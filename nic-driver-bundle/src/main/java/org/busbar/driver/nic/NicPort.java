package org.busbar.driver.nic;

import java.io.IOException;
import org.busbar.device.DeviceGoneException;
import org.busbar.net.LinkState;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.net.PortQueue;
import org.busbar.net.PortStatistics;
import org.busbar.pci.DmaBuffer;
import org.busbar.pci.DmaException;
import org.busbar.pci.PciDeviceContext;
import org.jspecify.annotations.Nullable;

/** The controller's one port. */
final class NicPort implements NetworkPort {

    private static final int MTU = 1500;

    private final PciDeviceContext context;
    private final NicConfig config;
    private final Registers registers;
    private final Gate gate;
    private final MacAddress mac;
    private final boolean interrupts;
    private final LinkMonitor monitor;
    private final Signal received = new Signal();
    private final Traffic incoming = new Traffic();
    private final Traffic outgoing = new Traffic();

    // Guarded by this. The memory stays until the binding ends: the device may be writing into a ring that was stopped.
    private @Nullable Memory memory;
    private @Nullable NicQueue open;
    private long receiveErrors;
    private long missed;

    /** The memory of a queue pair. */
    private record Memory(DmaBuffer receiveRing, DmaBuffer transmitRing, DmaBuffer packets) {}

    NicPort(
            PciDeviceContext context,
            NicConfig config,
            Registers registers,
            Gate gate,
            MacAddress mac,
            boolean interrupts) {
        this.context = context;
        this.config = config;
        this.registers = registers;
        this.gate = gate;
        this.mac = mac;
        this.interrupts = interrupts;
        this.monitor = new LinkMonitor(context, registers, gate, interrupts);
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
    public synchronized PortQueue openQueue() throws IOException {
        if (!gate.pass()) {
            throw new DeviceGoneException(name() + " is being given up");
        }
        if (open != null) {
            throw new IOException(name() + " has one queue pair, and it is open already; close it first");
        }
        if (memory == null) {
            memory = allocate();
        }
        PacketPool pool = new PacketPool(memory.packets());
        ReceiveRing receive = new ReceiveRing(memory.receiveRing(), registers, pool, incoming);
        TransmitRing transmit = new TransmitRing(memory.transmitRing(), registers, pool, outgoing);
        transmit.start();
        receive.start();
        open = new NicQueue(this, context, gate, new Health(context, registers), pool, receive, transmit);
        return open;
    }

    private Memory allocate() throws DmaException {
        DmaBuffer receive = context.dma().allocate(ReceiveRing.BYTES);
        DmaBuffer transmit = context.dma().allocate(TransmitRing.BYTES);
        DmaBuffer packets = context.dma().allocate((long) config.packetBuffers() * PacketPool.BUFFER);
        return new Memory(receive, transmit, packets);
    }

    /** A queue has been closed. */
    synchronized void closed(NicQueue queue) {
        if (open == queue) {
            open = null;
        }
    }

    void stopRings() {
        registers.stop();
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

    void awaitInterrupt(long nanos) throws InterruptedException {
        received.await(nanos);
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
