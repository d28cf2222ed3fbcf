package org.busbar.emulator.internal.nvme;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.busbar.emulator.Card;
import org.busbar.emulator.Fault;
import org.busbar.emulator.Ssd;
import org.busbar.emulator.internal.model.ConfigImage;
import org.busbar.emulator.internal.model.DeviceModel;
import org.busbar.emulator.internal.model.DoorbellWindow;
import org.busbar.emulator.internal.model.MsixLayout;
import org.busbar.emulator.internal.model.RungMemory;
import org.busbar.pci.BarInfo;
import org.busbar.pci.PciIds;
import org.jspecify.annotations.Nullable;

/** An NVMe SSD: its registers, and the {@link Engine} behind them. See the package. */
public final class NvmeModel extends DeviceModel {

    private static final PciIds IDS = new PciIds(0x1b36, 0x0010, 0x1af4, 0x1100, 0x010802);
    private static final int REVISION = 2;
    private static final int BAR_SIZE = 0x4000;
    private static final int PAGE = 0x1000;

    private final Card.Nvme card;
    private final Namespaces namespaces;
    private final Doorbells doorbells = new Doorbells(this::wake);
    private final NvmeRegisters registers;
    private final Faults faults = new Faults();
    private final Errands errands = new Errands(this::wake);
    private final RungMemory rung = new RungMemory(8 * Doorbells.QUEUES, doorbells::ring);
    private final AtomicLong functionResets = new AtomicLong();
    private @Nullable Engine engine;

    /**
     * @throws IllegalArgumentException if there cannot be such a card; the message says why
     */
    public NvmeModel(Card.Nvme card) {
        super(configuration());
        this.card = card;
        registers = new NvmeRegisters(card.options(), doorbells, this::wake);
        namespaces = new Namespaces(card);
    }

    private static ConfigImage configuration() {
        return new ConfigImage(IDS, REVISION)
                .bar(new BarInfo(0, BAR_SIZE, BarInfo.Kind.MEMORY64, false))
                .msix(0x40, new MsixLayout(Doorbells.QUEUES, 0, 0x2000, 0x3000))
                .powerManagement(0x60)
                .express(0x80);
    }

    /** Returns the SSD as it is changed from behind. It has to be plugged in. */
    public Ssd ssd() {
        return new RunningSsd(
                errands, namespaces, doorbells, this::engine, () -> functionResets.get() + registers.disables());
    }

    /** Has the next reset activate firmware with other capabilities (CAP); what the SSD can do stays as it is. */
    public void firmware(long capabilities) {
        registers.firmware(capabilities);
    }

    @Override
    public long read(int bar, long offset, int width) {
        return registers.read(offset, width);
    }

    @Override
    public void write(int bar, long offset, int width, long value) {
        registers.write(offset, width, value);
    }

    @Override
    public DoorbellWindow doorbellWindow() {
        return new DoorbellWindow(0, NvmeRegisters.DOORBELLS, PAGE);
    }

    @Override
    public void ringThrough(@Nullable MemorySegment memory) {
        rung.set(memory);
        wake();
    }

    @Override
    public boolean supports(Fault fault) {
        return Troubles.possible(fault);
    }

    @Override
    protected void faults(List<Fault> now) {
        faults.set(new FaultSet(now));
    }

    @Override
    protected long work() {
        errands.carryOut();
        rung.look();
        return rung.pause(engine().work(stuckReset()));
    }

    @Override
    protected void reset() {
        functionResets.incrementAndGet();
        engine().disable();
        registers.clear();
    }

    @Override
    protected void unplugged() {
        errands.close();
        namespaces.close();
    }

    /** The model is plugged in by the time its thread runs. */
    private Engine engine() {
        Engine running = engine;
        if (running == null) {
            running = new Engine(card, IDS, namespaces, registers, doorbells, dma(), this::raise, faults);
            engine = running;
        }
        return running;
    }
}
