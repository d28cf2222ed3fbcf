package org.busbar.emulator.internal.virtio;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import org.busbar.emulator.Card;
import org.busbar.emulator.internal.model.DeviceModel;
import org.busbar.emulator.internal.model.DmaPort;
import org.busbar.emulator.internal.net.Deceit;
import org.busbar.emulator.internal.net.SwitchPort;
import org.jspecify.annotations.Nullable;

/** What a device does between DRIVER_OK and the next reset, and how it follows its link. Device's thread only. */
final class Engine {

    private final Card.VirtioNet card;
    private final VirtioRegisters common;
    private final NetRegisters net;
    private final DmaPort dma;
    private final SwitchPort port;
    private final IntConsumer raise;
    private final Deceit deceit;
    private final ReceiveFilter filter;
    private @Nullable Running running;
    private boolean linkUp;

    /** The units of a device that runs. Virtqueues that are not enabled have none. */
    private static final class Running {

        private final long features;
        private final ReceiveUnit receive;
        private final @Nullable TransmitUnit[] transmit;
        private @Nullable ControlUnit control;

        Running(long features, ReceiveUnit receive, int pairs) {
            this.features = features;
            this.receive = receive;
            transmit = new @Nullable TransmitUnit[pairs];
        }
    }

    Engine(
            Card.VirtioNet card,
            VirtioRegisters common,
            NetRegisters net,
            DmaPort dma,
            SwitchPort port,
            IntConsumer raise,
            Deceit deceit) {
        this.card = card;
        this.common = common;
        this.net = net;
        this.dma = dma;
        this.port = port;
        this.raise = raise;
        this.deceit = deceit;
        filter = new ReceiveFilter(card.mac());
        port.link(false);
    }

    long work(boolean cableOut, AtomicLong notified) {
        followLink(!cableOut && port.isPluggedIn());
        // Before the virtqueues are looked at: what arrives once one has been enabled finds it so.
        int arrived = port.waiting();
        if (!common.running()) {
            return DeviceModel.IDLE;
        }
        Running now = running;
        if (now == null) {
            now = start();
            running = now;
        }
        followQueues(now);
        long told = notified.getAndSet(0);
        boolean more = transmit(now, told);
        interrupts(now.receive.work(arrived));
        more |= now.receive.busy();
        ControlUnit control = now.control;
        if (control != null && (told >>> (2 * card.queuePairs()) & 1) != 0 && control.work()) {
            interrupt(2 * card.queuePairs());
        }
        if (isBroken(now)) {
            common.needsReset();
            raiseConfig();
            return DeviceModel.IDLE;
        }
        return more ? 0 : port.due();
    }

    /** Virtqueues that are reset while the device runs, and that begin anew (2.6.1). */
    private void followQueues(Running now) {
        for (long rest = common.queueResets(); rest != 0; rest &= rest - 1) {
            int index = Long.numberOfTrailingZeros(rest);
            drop(now, index);
            common.queueReset(index);
        }
        for (long rest = common.takeQueueStarts(); rest != 0; rest &= rest - 1) {
            start(now, Long.numberOfTrailingZeros(rest));
        }
    }

    private boolean transmit(Running now, long told) {
        boolean more = false;
        for (TransmitUnit unit : now.transmit) {
            if (unit == null) {
                continue;
            }
            if (((told >>> unit.queue()) & 1) != 0) {
                unit.notified();
            }
            if (unit.work()) {
                interrupt(unit.queue());
            }
            more |= unit.busy();
        }
        return more;
    }

    private static boolean isBroken(Running now) {
        for (TransmitUnit unit : now.transmit) {
            if (unit != null && unit.broken()) {
                return true;
            }
        }
        ControlUnit control = now.control;
        return now.receive.broken() || (control != null && control.broken());
    }

    /** The link and what waits at it stay; everything else begins anew. */
    void stop() {
        running = null;
        filter.reset(0);
        port.link(false);
        port.link(linkUp);
    }

    void close() {
        port.close();
    }

    private Running start() {
        long features = common.features();
        filter.reset(features);
        common.takeQueueStarts();
        int pairs = card.queuePairs();
        Running begun = new Running(
                features, new ReceiveUnit(dma, port, deceit, pairs, filter, features, card.mtu()), pairs);
        for (int index = 0; index <= 2 * pairs; index++) {
            start(begun, index);
        }
        return begun;
    }

    private void start(Running now, int index) {
        VirtioRegisters.Setup setup = common.setup(index);
        int pairs = card.queuePairs();
        if (!setup.enabled() || (index == 2 * pairs && (now.features & Virtio.CTRL_VQ) == 0)) {
            return;
        }
        DeviceRing ring = DeviceRing.of(dma, setup, now.features);
        if (index == 2 * pairs) {
            SpreadCommands spread = new SpreadCommands(now.receive.spread(), now.features, pairs);
            now.control = new ControlUnit(dma, ring, filter, now.features, spread, net::mac);
        } else if (index % 2 == 0) {
            now.receive.ring(index / 2, ring);
        } else {
            now.transmit[index / 2] = new TransmitUnit(index, dma, port, deceit, ring, now.features);
        }
    }

    private void drop(Running now, int index) {
        if (index == 2 * card.queuePairs()) {
            now.control = null;
        } else if (index % 2 == 0) {
            now.receive.ring(index / 2, null);
        } else {
            now.transmit[index / 2] = null;
        }
    }

    private void followLink(boolean up) {
        if (up != linkUp) {
            linkUp = up;
            port.link(up);
            net.link(up);
            common.changed();
            if (common.running()) {
                raiseConfig();
            }
        }
    }

    private void interrupts(long queues) {
        for (long rest = queues; rest != 0; rest &= rest - 1) {
            interrupt(2 * Long.numberOfTrailingZeros(rest));
        }
    }

    private void interrupt(int queue) {
        int vector = common.setup(queue).vector();
        if (vector != Virtio.NO_VECTOR) {
            raise.accept(vector);
        }
    }

    private void raiseConfig() {
        int vector = common.configVector();
        if (vector != Virtio.NO_VECTOR) {
            raise.accept(vector);
        }
    }
}
