package org.busbar.emulator.internal.virtio;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import org.busbar.emulator.Card;
import org.busbar.emulator.internal.model.DeviceModel;
import org.busbar.emulator.internal.model.DmaPort;
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
    private final ReceiveFilter filter;
    private @Nullable Running running;
    private boolean linkUp;

    /** The units of a device that runs. Virtqueues that are not enabled have none. */
    private record Running(ReceiveUnit receive, List<TransmitUnit> transmit, @Nullable ControlUnit control) {}

    Engine(
            Card.VirtioNet card,
            VirtioRegisters common,
            NetRegisters net,
            DmaPort dma,
            SwitchPort port,
            IntConsumer raise) {
        this.card = card;
        this.common = common;
        this.net = net;
        this.dma = dma;
        this.port = port;
        this.raise = raise;
        filter = new ReceiveFilter(card.mac());
        port.link(false);
    }

    long work(boolean cableOut, AtomicLong notified) {
        followLink(!cableOut);
        if (!common.running()) {
            return DeviceModel.IDLE;
        }
        Running now = running;
        if (now == null) {
            now = start();
            running = now;
        }
        long told = notified.getAndSet(0);
        boolean more = transmit(now, told);
        interrupts(now.receive().work());
        more |= now.receive().busy();
        ControlUnit control = now.control();
        if (control != null && (told >>> (2 * card.queuePairs()) & 1) != 0 && control.work()) {
            interrupt(2 * card.queuePairs());
        }
        if (isBroken(now)) {
            common.needsReset();
            raiseConfig();
            return DeviceModel.IDLE;
        }
        return more ? 0 : DeviceModel.IDLE;
    }

    private boolean transmit(Running now, long told) {
        boolean more = false;
        for (int i = 0; i < now.transmit().size(); i++) {
            TransmitUnit unit = now.transmit().get(i);
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
        for (int i = 0; i < now.transmit().size(); i++) {
            if (now.transmit().get(i).broken()) {
                return true;
            }
        }
        return now.receive().broken() || (now.control() != null && now.control().broken());
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
        int pairs = card.queuePairs();
        int usable = 0;
        while (usable < pairs && common.setup(2 * usable).enabled()) {
            usable++;
        }
        DeviceRing[] rings = new DeviceRing[usable];
        List<TransmitUnit> transmit = new ArrayList<>();
        for (int i = 0; i < pairs; i++) {
            if (i < usable) {
                rings[i] = DeviceRing.of(dma, common.setup(2 * i), features);
            }
            VirtioRegisters.Setup setup = common.setup(2 * i + 1);
            if (setup.enabled()) {
                transmit.add(new TransmitUnit(2 * i + 1, dma, port, DeviceRing.of(dma, setup, features), features));
            }
        }
        ReceiveUnit receive = new ReceiveUnit(dma, port, rings, filter, features, card.mtu());
        VirtioRegisters.Setup setup = common.setup(2 * pairs);
        ControlUnit control = setup.enabled() && (features & Virtio.CTRL_VQ) != 0
                ? new ControlUnit(
                        dma,
                        DeviceRing.of(dma, setup, features),
                        filter,
                        features,
                        usable,
                        receive::pairs,
                        net::mac)
                : null;
        return new Running(receive, transmit, control);
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
