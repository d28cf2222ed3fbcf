package org.busbar.emulator.internal.nic;

import java.util.function.LongSupplier;
import org.busbar.emulator.internal.model.DeviceModel;
import org.busbar.emulator.internal.model.DmaPort;
import org.busbar.emulator.internal.net.Deceit;
import org.busbar.emulator.internal.net.SwitchPort;

/** What runs on the device's thread: carries out resets, follows the link, has frames sent and received. */
final class Engine {

    private final NicRegisters registers;
    private final NicInterrupts interrupts;
    private final Phy phy;
    private final SwitchPort port;
    private final LongSupplier clock;
    private final FlowControl flow;
    private final ReceiveUnit receive;
    private final TransmitUnit[] transmit;
    private boolean linkUp;

    Engine(
            Family family,
            NicRegisters registers,
            NicInterrupts interrupts,
            Phy phy,
            DmaPort dma,
            SwitchPort port,
            LongSupplier clock,
            Deceit deceit) {
        this.registers = registers;
        this.interrupts = interrupts;
        this.phy = phy;
        this.port = port;
        this.clock = clock;
        Statistics statistics = new Statistics(registers);
        flow = new FlowControl(registers, port, statistics);
        receive = new ReceiveUnit(registers, family, dma, port, statistics, flow, deceit);
        Outlet outlet = new Outlet(registers, port, statistics);
        Segmenter segmenter = new Segmenter(outlet, statistics);
        transmit = new TransmitUnit[family.queues()];
        for (int i = 0; i < transmit.length; i++) {
            transmit[i] = new TransmitUnit(registers, family, dma, outlet, segmenter, deceit, i);
        }
        port.link(false);
    }

    boolean resetAsked() {
        return (registers.get(Reg.CTRL) & Reg.CTRL_RST) != 0;
    }

    /** Does what there is to do; returns as {@link DeviceModel}'s work does. */
    long work(boolean cableOut) {
        int ctrl = registers.get(Reg.CTRL);
        followLink(!cableOut && port.isPluggedIn() && (ctrl & Reg.CTRL_LINK_UP) != 0);
        registers.master().begin();
        try {
            return registers.masterDisabled() ? DeviceModel.IDLE : work();
        } finally {
            registers.master().end();
        }
    }

    private long work() {
        long now = clock.getAsLong();
        boolean held = flow.hold(now) > 0;
        boolean more = !held && transmit(now);
        more |= receive.work(now);
        // A frame that has come takes the pause back.
        more |= held && flow.hold(now) == 0;
        flow.watch();
        int causes = receive.takeCauses(now);
        for (TransmitUnit unit : transmit) {
            causes |= unit.takeCauses(now);
        }
        if (causes != 0) {
            interrupts.raise(causes);
        }
        long due = interrupts.sendDue();
        return more ? 0 : Math.min(due, nextEvent(now));
    }

    private boolean transmit(long now) {
        boolean more = false;
        for (TransmitUnit unit : transmit) {
            more |= unit.work(now);
        }
        return more;
    }

    /** Returns in how many nanoseconds something is to happen by itself. */
    private long nextEvent(long now) {
        long next = Math.min(receive.due(now), port.due());
        for (TransmitUnit unit : transmit) {
            next = Math.min(next, unit.due(now));
        }
        // A pause frame may have come since the transmitter was looked at.
        long hold = flow.hold(now);
        return hold == 0 ? next : Math.min(next, hold);
    }

    void reset() {
        receive.reset();
        for (TransmitUnit unit : transmit) {
            unit.reset();
        }
        flow.reset();
        interrupts.reset();
        registers.reset();
    }

    void close() {
        port.close();
    }

    private void followLink(boolean up) {
        if (up != linkUp) {
            linkUp = up;
            port.link(up);
            phy.link(up);
            registers.link(up);
            interrupts.raise(Reg.LSC);
        }
    }
}
