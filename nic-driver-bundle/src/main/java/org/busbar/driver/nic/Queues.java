package org.busbar.driver.nic;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.driver.support.Gate;
import org.busbar.driver.support.Health;
import org.busbar.driver.support.QueueGuard;
import org.busbar.driver.support.QueuePackets;
import org.busbar.net.PacketPool;
import org.busbar.net.PortQueueOptions;
import org.busbar.net.PortStatistics;
import org.busbar.net.ReceiveSpread;
import org.busbar.net.driver.DriverPools;
import org.busbar.pci.PciDeviceContext;
import org.jspecify.annotations.Nullable;

/**
 * The queue pairs of a port: opens, stops and starts them, and has frames spread over those that run. Receiver and transmitter
 * can be turned on and off as a whole only, so that a change of one pair is a short pause for the other. Thread-safe.
 */
final class Queues {

    /** A receiver or transmitter that is disabled first ends the frame that it is at; the longest takes this long at 10 Mb/s. */
    private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final long STOP_MILLIS = 5_000;

    private final PciDeviceContext context;
    private final NicConfig config;
    private final DriverPools pools;
    private final Family family;
    private final Registers registers;
    private final Choices choices;
    private final Gate gate;
    private final Health health;
    private final InterruptHandler interrupts;
    private final List<QueuePair> pairs;
    private final Spread spread;
    /** What the receiver has been told of the size of buffers, while a queue is open. Guarded by this. */
    private int bufferBytes;

    Queues(
            PciDeviceContext context,
            NicConfig config,
            DriverPools pools,
            Family family,
            Registers registers,
            Choices choices,
            Gate gate,
            Health health,
            InterruptHandler interrupts) {
        this.context = context;
        this.config = config;
        this.pools = pools;
        this.family = family;
        this.registers = registers;
        this.choices = choices;
        this.gate = gate;
        this.health = health;
        this.interrupts = interrupts;
        pairs = IntStream.range(0, family.queues()).mapToObj(QueuePair::new).toList();
        spread = new Spread(registers.spread(), family.queues());
    }

    String name() {
        return context.id().address();
    }

    boolean linkUp() {
        return registers.control().link().up();
    }

    /** Frames that the driver itself has dropped, because they were damaged or too long. */
    synchronized long dropped() {
        return pairs.stream().mapToLong(QueuePair::dropped).sum();
    }

    /** Returns the counters of a queue pair. */
    synchronized PortStatistics statistics(int index) {
        return pairs.get(index).statistics();
    }

    synchronized NicQueue open(PortQueueOptions options) throws IOException {
        for (QueuePair pair : pairs) {
            if (pair.open() == null) {
                return open(pair, options);
            }
        }
        throw new IOException(name() + " has " + (pairs.size() == 1 ? "one queue pair" : pairs.size() + " queue pairs")
                + ", and " + (pairs.size() == 1 ? "it is" : "all are") + " open already; close one first");
    }

    private NicQueue open(QueuePair pair, PortQueueOptions options) throws IOException {
        int bytes = bufferBytes(options.pool());
        QueuePair.Rings memory = pair.rings(context);
        QueuePackets packets = pair.packets(context, config, pools, family, options.pool());
        QueueGuard guard = new QueueGuard(name(), gate, health, packets);
        ReceiveLayout layout = family.extendedDescriptors() ? ReceiveLayout.EXTENDED : ReceiveLayout.LEGACY;
        ReceiveRing receive = new ReceiveRing(
                pair.index(), memory.receive(), registers.receive(), layout, bytes, packets, choices, pair.incoming(),
                health);
        TransmitRing transmit = new TransmitRing(
                pair.index(), memory.transmit(), registers.transmit(), family, packets, choices, pair.outgoing(),
                health);
        NicQueue queue = new NicQueue(
                this, pair, context, guard, packets, receive, transmit, interrupts, options.waiting());
        boolean started = false;
        try {
            bufferBytes = bytes;
            pair.opened(queue);
            begin(List.of(queue));
            started = true;
        } finally {
            if (!started) {
                pair.closed();
                guard.leave();
            }
        }
        return queue;
    }

    /** All queues have buffers of one size: what the first that is opened has room for. */
    private int bufferBytes(@Nullable PacketPool pool) throws IOException {
        int room = pool == null ? QueuePair.OWN_BYTES : pool.packetBytes();
        boolean first = pairs.stream().allMatch(pair -> pair.open() == null);
        int wanted = first ? ReceiveRegisters.bufferSize(room) : bufferBytes;
        if (wanted == 0 || wanted > room) {
            throw new IOException(
                    "%s writes up to %d bytes into a packet, and those of the pool hold %d: make it of larger ones"
                            .formatted(name(), Math.max(wanted, ReceiveRegisters.SMALLEST_BUFFER), room));
        }
        return wanted;
    }

    /** Has queues run whose rings are empty. The receiver is off while rings, their kind and the spread change. */
    private void begin(Collection<NicQueue> queues) {
        registers.receive().enable(false);
        for (NicQueue queue : queues) {
            queue.setUp();
        }
        registers.receive().buffers(bufferBytes, family.extendedDescriptors());
        resume();
        queues.forEach(NicQueue::post);
    }

    private void resume() {
        Set<Integer> running =
                pairs.stream().filter(QueuePair::runs).map(QueuePair::index).collect(Collectors.toSet());
        spread.apply(running);
        if (!running.isEmpty()) {
            registers.receive().enable(true);
            registers.transmit().enable(true);
        }
    }

    /** Starts a queue that was stopped. */
    synchronized void start(NicQueue queue) {
        queue.running(true);
        begin(List.of(queue));
    }

    /** Stops a queue; when this returns the controller does not touch its packets any more. */
    synchronized void stop(NicQueue queue) throws DeviceTimeoutException, InterruptedException {
        queue.running(false);
        registers.stop();
        long start = System.nanoTime();
        context.await(
                "the rings to come to rest",
                () -> System.nanoTime() - start >= QUIET_NANOS,
                Deadline.afterMillis(STOP_MILLIS));
        queue.quiet();
        resume();
    }

    /** A queue has been closed. */
    synchronized void closed(QueuePair pair, NicQueue queue) {
        if (pair.open() == queue) {
            pair.closed();
        }
    }

    synchronized ReceiveSpread spread() {
        return spread.chosen();
    }

    synchronized void changeSpread(ReceiveSpread wanted) {
        spread.choose(wanted);
        registers.receive().enable(false);
        resume();
    }

    /**
     * Resets the controller with the owners of queues kept out, then has everything as it was.
     *
     * @param around resets and restores what is no queue's
     */
    synchronized void reset(Deadline deadline, ResetStep around) throws DeviceTimeoutException, InterruptedException {
        List<NicQueue> open = openQueues();
        open.forEach(queue -> queue.turn().claim());
        try {
            context.await(
                    "the owners of the queues to pause",
                    () -> open.stream().allMatch(queue -> queue.turn().isFree()),
                    deadline);
            around.run();
            open.forEach(NicQueue::empty);
            begin(open.stream().filter(NicQueue::runs).toList());
        } finally {
            open.forEach(queue -> queue.turn().letIn());
        }
        interrupts.wake();
    }

    private List<NicQueue> openQueues() {
        List<NicQueue> open = new ArrayList<>();
        for (QueuePair pair : pairs) {
            NicQueue queue = pair.open();
            if (queue != null) {
                open.add(queue);
            }
        }
        return open;
    }

    /** What is done to the controller while its queues are at rest. */
    interface ResetStep {
        void run() throws DeviceTimeoutException, InterruptedException;
    }
}
