package org.busbar.emulator.internal.nic;

import java.util.List;
import org.busbar.emulator.Card;
import org.busbar.emulator.Fault;
import org.busbar.emulator.internal.model.ConfigImage;
import org.busbar.emulator.internal.model.DeviceModel;
import org.busbar.emulator.internal.model.MsixLayout;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.emulator.internal.net.SwitchPort;
import org.busbar.pci.BarInfo;
import org.busbar.pci.PciIds;
import org.jspecify.annotations.Nullable;

/** The controller: carries out resets, follows the link, and has frames sent and received. See the package. */
public final class NicModel extends DeviceModel {

    private static final PciIds IDS = new PciIds(0x8086, 0x10d3, 0x8086, 0xa01f, 0x020000);
    private static final int VECTORS = 5;

    private final Card.Nic card;
    private final NetworkSwitch network;
    private final Phy phy = new Phy();
    private final NicInterrupts interrupts = new NicInterrupts(this::raise);
    private final NicRegisters registers;
    private volatile boolean cableOut;
    private @Nullable Engine engine;

    /**
     * @param network what it is joined to
     */
    public NicModel(Card.Nic card, NetworkSwitch network) {
        super(configuration());
        this.card = card;
        this.network = network;
        registers = new NicRegisters(interrupts, new Nvm(card.mac()), phy, this::wake);
    }

    /** The base address registers and capabilities of the datasheet's section 9, without I/O space and flash. */
    private static ConfigImage configuration() {
        return new ConfigImage(IDS, 0)
                .bar(new BarInfo(0, Reg.SIZE, BarInfo.Kind.MEMORY32, false))
                .bar(new BarInfo(3, 0x4000, BarInfo.Kind.MEMORY32, false))
                .powerManagement(0xc8)
                .express(0xe0)
                .msix(0xa0, new MsixLayout(VECTORS, 3, 0, 0x2000));
    }

    @Override
    public long read(int bar, long offset, int width) {
        return bar == 0 ? registers.read(offset, width) : 0;
    }

    @Override
    public void write(int bar, long offset, int width, long value) {
        if (bar == 0) {
            registers.write(offset, width, value);
        }
    }

    @Override
    public boolean supports(Fault fault) {
        return fault instanceof Fault.LinkDown;
    }

    @Override
    protected void faults(List<Fault> faults) {
        cableOut = faults.stream().anyMatch(Fault.LinkDown.class::isInstance);
    }

    @Override
    protected long work() {
        return engine().work();
    }

    @Override
    protected void reset() {
        engine().reset();
    }

    @Override
    protected void unplugged() {
        if (engine != null) {
            engine.port.close();
        }
    }

    /** The model is plugged in by the time its thread runs. */
    private Engine engine() {
        Engine running = engine;
        if (running == null) {
            running = new Engine();
            engine = running;
        }
        return running;
    }

    /** What runs on the device's thread. */
    private final class Engine {

        private final SwitchPort port = network.attach(card.mac().toString(), NicModel.this::wake);
        private final ReceiveUnit receive = new ReceiveUnit(registers, dma(), port);
        private final TransmitUnit transmit0 = new TransmitUnit(registers, dma(), port, 0);
        private final TransmitUnit transmit1 = new TransmitUnit(registers, dma(), port, 1);
        private boolean linkUp;

        Engine() {
            port.link(false);
        }

        long work() {
            int ctrl = registers.get(Reg.CTRL);
            if ((ctrl & Reg.CTRL_RST) != 0) {
                if (stuckReset()) {
                    return IDLE;
                }
                reset();
                ctrl = registers.get(Reg.CTRL);
            }
            followLink(!cableOut && (ctrl & Reg.CTRL_LINK_UP) != 0);
            if ((ctrl & Reg.CTRL_MASTER_DISABLE) != 0) {
                return IDLE;
            }
            boolean more = transmit0.work();
            more |= transmit1.work();
            more |= receive.work();
            int causes = transmit0.takeCauses() | transmit1.takeCauses() | receive.takeCauses();
            if (causes != 0) {
                interrupts.raise(causes);
            }
            return more ? 0 : IDLE;
        }

        void reset() {
            receive.reset();
            transmit0.reset();
            transmit1.reset();
            interrupts.reset();
            registers.reset();
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
}
