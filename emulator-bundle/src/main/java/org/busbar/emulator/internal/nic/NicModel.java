package org.busbar.emulator.internal.nic;

import java.util.List;
import java.util.function.LongSupplier;
import org.busbar.emulator.Card;
import org.busbar.emulator.Fault;
import org.busbar.emulator.internal.model.DeviceModel;
import org.busbar.emulator.internal.net.Deceit;
import org.busbar.emulator.internal.net.Lies;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.emulator.internal.net.WireControl;
import org.busbar.emulator.internal.net.Wired;
import org.jspecify.annotations.Nullable;

/** The controller: its registers, resets and interrupts. What it does is the engine's. See the package. */
public final class NicModel extends DeviceModel implements Wired {

    private final Card.Nic card;
    private final Family family;
    private final NetworkSwitch network;
    private final LongSupplier clock;
    private final WireControl wire = new WireControl();
    private final Deceit deceit = new Deceit();
    private final Phy phy;
    private final NicInterrupts interrupts;
    private final NicRegisters registers;
    private volatile boolean cableOut;
    private @Nullable Engine engine;

    /**
     * @param network what it is joined to
     */
    public NicModel(Card.Nic card, NetworkSwitch network) {
        this(card, network, System::nanoTime);
    }

    /**
     * @param network what it is joined to
     * @param clock nanoseconds, for what takes time
     */
    NicModel(Card.Nic card, NetworkSwitch network, LongSupplier clock) {
        super(Family.of(card.chip()).configuration());
        this.card = card;
        this.network = network;
        this.clock = clock;
        family = Family.of(card.chip());
        phy = new Phy(family.phyIdentifier());
        interrupts = new NicInterrupts(family, this::raise, this::wake, clock);
        registers = new NicRegisters(family, interrupts, new Nvm(family, card.mac()), phy, this::wake);
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
    public boolean pinAsserted() {
        return interrupts.isAsserted();
    }

    @Override
    public WireControl wire() {
        return wire;
    }

    @Override
    public boolean supports(Fault fault) {
        return fault instanceof Fault.LinkDown || Lies.isPossible(fault);
    }

    @Override
    protected void faults(List<Fault> faults) {
        deceit.set(faults);
        cableOut = faults.stream().anyMatch(Fault.LinkDown.class::isInstance);
    }

    @Override
    protected long work() {
        Engine running = engine();
        if (running.resetAsked()) {
            if (stuckReset()) {
                return IDLE;
            }
            running.reset();
        }
        return running.work(cableOut);
    }

    @Override
    protected void reset() {
        engine().reset();
    }

    @Override
    protected void unplugged() {
        if (engine != null) {
            engine.close();
        }
    }

    /** The model is plugged in by the time its thread runs. */
    private Engine engine() {
        Engine running = engine;
        if (running == null) {
            running = new Engine(
                    family,
                    registers,
                    interrupts,
                    phy,
                    dma(),
                    network.attach(card.mac().toString(), this::wake, wire),
                    clock,
                    deceit);
            engine = running;
        }
        return running;
    }
}
