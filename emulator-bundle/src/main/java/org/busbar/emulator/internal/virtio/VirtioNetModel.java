package org.busbar.emulator.internal.virtio;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.busbar.emulator.Card;
import org.busbar.emulator.Fault;
import org.busbar.emulator.internal.model.ConfigImage;
import org.busbar.emulator.internal.model.DeviceModel;
import org.busbar.emulator.internal.model.MsixLayout;
import org.busbar.emulator.internal.net.Deceit;
import org.busbar.emulator.internal.net.Lies;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.emulator.internal.net.WireControl;
import org.busbar.emulator.internal.net.Wired;
import org.busbar.pci.BarInfo;
import org.busbar.pci.PciIds;
import org.jspecify.annotations.Nullable;

/** The device: its registers, resets and interrupts. What it does while it runs is the engine's. See the package. */
public final class VirtioNetModel extends DeviceModel implements Wired {

    private static final PciIds IDS = new PciIds(0x1af4, 0x1041, 0x1af4, 0x1100, 0x020000);
    private static final int VENDOR_SPECIFIC = 0x09;

    private final Card.VirtioNet card;
    private final NetworkSwitch network;
    private final int queues;
    private final VirtioRegisters common;
    private final NetRegisters net;
    /** The virtqueues that were notified, a bit each. */
    private final AtomicLong notified = new AtomicLong();

    private final WireControl wire = new WireControl();
    private final Deceit deceit = new Deceit();
    private volatile boolean cableOut;
    private @Nullable Engine engine;

    /**
     * @param network what it is joined to
     */
    public VirtioNetModel(Card.VirtioNet card, NetworkSwitch network) {
        super(configuration(card));
        this.card = card;
        this.network = network;
        queues = 2 * card.queuePairs() + 1;
        common = new VirtioRegisters(queues, offered(card), vectors(card), this::wake);
        net = new NetRegisters(card);
    }

    private static int vectors(Card.VirtioNet card) {
        return 2 * card.queuePairs() + 2;
    }

    private static long offered(Card.VirtioNet card) {
        return Virtio.CSUM | Virtio.GUEST_CSUM | Virtio.MTU | Virtio.MAC | Virtio.HOST_TSO4 | Virtio.HOST_TSO6
                | Virtio.GUEST_TSO4 | Virtio.GUEST_TSO6 | Virtio.INDIRECT_DESC | Virtio.RING_RESET
                | Virtio.HASH_REPORT
                | Virtio.MRG_RXBUF | Virtio.STATUS | Virtio.CTRL_VQ | Virtio.CTRL_RX | Virtio.CTRL_VLAN
                | Virtio.CTRL_MAC_ADDR | Virtio.EVENT_IDX | Virtio.VERSION_1 | Virtio.ACCESS_PLATFORM
                | Virtio.RING_PACKED | Virtio.SPEED_DUPLEX | (card.queuePairs() > 1 ? Virtio.MQ | Virtio.RSS : 0);
    }

    private static ConfigImage configuration(Card.VirtioNet card) {
        ConfigImage image = new ConfigImage(IDS, 1)
                .bar(new BarInfo(Virtio.MSIX_BAR, Virtio.MSIX_BAR_SIZE, BarInfo.Kind.MEMORY32, false))
                .bar(new BarInfo(Virtio.BAR, Virtio.BAR_SIZE, BarInfo.Kind.MEMORY64, true))
                .msix(0x98, new MsixLayout(vectors(card), Virtio.MSIX_BAR, 0, 0x800));
        structure(image, 0x84, 2, Virtio.NOTIFY, Virtio.NOTIFY_MULTIPLIER * (2 * card.queuePairs() + 1), 20);
        image.set32(0x84 + 16, Virtio.NOTIFY_MULTIPLIER);
        structure(image, 0x74, 4, Virtio.DEVICE, Virtio.DEVICE_LENGTH, 16);
        structure(image, 0x64, 3, Virtio.ISR, 4, 16);
        structure(image, 0x54, 1, Virtio.COMMON, Virtio.COMMON_LENGTH, 16);
        return image.powerManagement(0x48).express(0xc0);
    }

    /** Adds a capability (4.1.4). */
    private static void structure(ConfigImage image, int at, int type, int offset, int length, int size) {
        image.capability(VENDOR_SPECIFIC, at)
                .set8(at + 2, size)
                .set8(at + 3, type)
                .set8(at + 4, Virtio.BAR)
                .set32(at + 8, offset)
                .set32(at + 12, length);
    }

    @Override
    public long read(int bar, long offset, int width) {
        int at = (int) offset & 0xfff;
        return switch (bar == Virtio.BAR ? (int) offset & ~0xfff : -1) {
            case Virtio.COMMON -> at < Virtio.COMMON_LENGTH ? common.read(at, width) : 0;
            case Virtio.ISR -> at == 0 ? net.takeInterruptStatus() : 0;
            case Virtio.DEVICE -> at < Virtio.DEVICE_LENGTH ? net.read(at, width) : 0;
            default -> 0;
        };
    }

    @Override
    public void write(int bar, long offset, int width, long value) {
        int at = (int) offset & 0xfff;
        if (bar == Virtio.BAR && (offset & ~0xfff) == Virtio.COMMON && at < Virtio.COMMON_LENGTH) {
            common.write(at, width, value);
        } else if (bar == Virtio.BAR && (offset & ~0xfff) == Virtio.NOTIFY) {
            int queue = at / Virtio.NOTIFY_MULTIPLIER;
            if (queue < queues && value == queue) {
                notified.getAndAccumulate(1L << queue, (old, bit) -> old | bit);
                wake();
            }
        }
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
        if (common.resetAsked()) {
            if (stuckReset()) {
                return IDLE;
            }
            reset();
        }
        return engine().work(cableOut, notified);
    }

    @Override
    protected void reset() {
        engine().stop();
        notified.set(0);
        net.reset();
        common.reset();
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
                    card, common, net, dma(), network.attach(card.mac().toString(), this::wake, wire), this::raise,
                    deceit);
            engine = running;
        }
        return running;
    }
}
