package org.busbar.emulator.internal.virtio;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.LongConsumer;
import org.busbar.emulator.internal.model.DmaPort;

/** Carries out commands of the control virtqueue (5.1.6.5). Device's thread only. */
final class ControlUnit {

    private static final int MAX_COMMAND = 4096;
    private static final int OK = 0;
    private static final int ERROR = 1;

    private final DmaPort dma;
    private final DeviceRing ring;
    private final ReceiveFilter filter;
    private final long features;
    private final SpreadCommands spread;
    private final LongConsumer mac;
    private final Chain chain = new Chain();
    private final MemorySegment command = Arena.ofAuto().allocate(MAX_COMMAND, 8);
    private final MemorySegment ack = Arena.ofAuto().allocate(1);
    private final long[] table = new long[ReceiveFilter.TABLE];
    private int length;

    /**
     * @param spread told how frames are to be spread over virtqueues
     * @param mac told the address that the driver has set
     */
    ControlUnit(
            DmaPort dma,
            DeviceRing ring,
            ReceiveFilter filter,
            long features,
            SpreadCommands spread,
            LongConsumer mac) {
        this.dma = dma;
        this.ring = ring;
        this.filter = filter;
        this.features = features;
        this.spread = spread;
        this.mac = mac;
    }

    /** Does what there is; returns whether an interrupt is wanted. */
    boolean work() {
        boolean interrupt = false;
        ring.wantNotification(true);
        while (ring.fetch(chain)) {
            long bytes = chain.readableBytes();
            boolean ok = bytes >= 2 && bytes <= MAX_COMMAND && chain.read(dma, command);
            length = (int) bytes;
            ack.set(ValueLayout.JAVA_BYTE, 0, (byte) (ok && execute() ? OK : ERROR));
            ring.use(chain, Math.max(0, chain.write(dma, ack, 0, 1)));
            interrupt |= ring.flush();
            ring.wantNotification(true);
        }
        return interrupt;
    }

    boolean broken() {
        return ring.broken();
    }

    private boolean execute() {
        return switch (byteAt(0) << 8 | byteAt(1)) {
            case 0x0000 -> has(Virtio.CTRL_RX, 1) && flag(filter::promiscuous);
            case 0x0001 -> has(Virtio.CTRL_RX, 1) && flag(filter::allMulticast);
            case 0x0100 -> has(Virtio.CTRL_RX, 8) && tables();
            case 0x0101 -> has(Virtio.CTRL_MAC_ADDR, 6) && address();
            case 0x0200 -> has(Virtio.CTRL_VLAN, 2) && vlan(true);
            case 0x0201 -> has(Virtio.CTRL_VLAN, 2) && vlan(false);
            case 0x0400 -> spread.pairs(command, length);
            case 0x0401 -> spread.table(command, length);
            case 0x0402 -> spread.hash(command, length);
            default -> false;
        };
    }

    private boolean has(long feature, int payload) {
        return (features & feature) != 0 && length >= 2 + payload;
    }

    private interface Flag {

        void set(boolean on);
    }

    private boolean flag(Flag flag) {
        flag.set(byteAt(2) != 0);
        return true;
    }

    private boolean tables() {
        int count = 0;
        int at = 2;
        for (int which = 0; which < 2; which++) {
            if (at + 4 > length) {
                return false;
            }
            long entries = Integer.toUnsignedLong(command.get(ValueLayout.JAVA_INT_UNALIGNED, at));
            at += 4;
            if (entries > (length - at) / 6 || count + entries > table.length) {
                return false;
            }
            for (int i = 0; i < entries; i++, at += 6) {
                table[count++] = mac(at);
            }
        }
        filter.table(table, count);
        return true;
    }

    private boolean address() {
        filter.mac(mac(2));
        mac.accept(mac(2));
        return true;
    }

    private boolean vlan(boolean receive) {
        int id = command.get(ValueLayout.JAVA_SHORT, 2) & 0xffff;
        if (id >= 4096) {
            return false;
        }
        filter.vlan(id, receive);
        return true;
    }

    private long mac(int at) {
        long address = 0;
        for (int i = 0; i < 6; i++) {
            address = address << 8 | byteAt(at + i);
        }
        return address;
    }

    private int byteAt(int at) {
        return command.get(ValueLayout.JAVA_BYTE, at) & 0xff;
    }
}
