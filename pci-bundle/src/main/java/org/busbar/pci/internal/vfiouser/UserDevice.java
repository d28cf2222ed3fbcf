package org.busbar.pci.internal.vfiouser;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.pci.ConfigSpace;
import org.busbar.pci.internal.sys.Errno;
import org.busbar.pci.internal.sys.ErrnoException;
import org.busbar.pci.internal.sys.Fd;
import org.busbar.pci.internal.sys.VfioAbi;
import org.busbar.pci.internal.vfio.Area;
import org.busbar.pci.internal.vfio.DeviceAccess;
import org.busbar.pci.internal.vfio.RegionInfo;
import org.busbar.pci.internal.vfio.Revocation;
import org.busbar.pci.internal.vfio.VfioConfigSpace;
import org.busbar.pci.internal.vfiouser.wire.Command;
import org.busbar.pci.internal.vfiouser.wire.DeviceInfo;
import org.busbar.pci.internal.vfiouser.wire.DmaMap;
import org.busbar.pci.internal.vfiouser.wire.DmaUnmap;
import org.busbar.pci.internal.vfiouser.wire.InterruptInfo;
import org.busbar.pci.internal.vfiouser.wire.InterruptSet;
import org.busbar.pci.internal.vfiouser.wire.MalformedMessageException;
import org.busbar.pci.internal.vfiouser.wire.MessageSocket;
import org.busbar.pci.internal.vfiouser.wire.RegionAccess;
import org.busbar.pci.internal.vfiouser.wire.Version;

/**
 * A device behind a connection: its questions and answers. What it has to say of itself is asked once, at the beginning, and
 * checked; an answer that cannot be closes the connection. Thread-safe.
 */
final class UserDevice implements DeviceAccess, AutoCloseable {

    /** Regions of a PCI device that are looked at: six BARs, and configuration space; the ROM is not. */
    private static final int[] REGIONS = {0, 1, 2, 3, 4, 5, VfioAbi.VFIO_PCI_CONFIG_REGION_INDEX};

    private static final int[] INTERRUPTS = {
        VfioAbi.VFIO_PCI_INTX_IRQ_INDEX, VfioAbi.VFIO_PCI_MSI_IRQ_INDEX, VfioAbi.VFIO_PCI_MSIX_IRQ_INDEX
    };
    /** As many as MSI-X can have. */
    private static final int MOST_VECTORS = 2_048;
    /** The MSI-X capability, and its message control in it (PCI Local Bus 3.0, section 6.8.2). */
    private static final int MSIX = 0x11;

    private static final int MSIX_CONTROL = 2;
    private static final int MSIX_ENABLE = 1 << 15;
    private static final int MSIX_MASK_ALL = 1 << 14;
    /** Positions of registers: the region's index is in the upper bits. */
    private static final int REGION_SHIFT = 48;

    private final Connection connection;
    private final int peerDescriptors;
    private final boolean resettable;
    private final UserRegion[] regions = new UserRegion[VfioAbi.VFIO_PCI_CONFIG_REGION_INDEX + 1];
    private final int[] vectors = new int[INTERRUPTS.length];
    /** Where the message control of MSI-X is in configuration space, 0 without MSI-X. */
    private int messageControl;

    private UserDevice(Connection connection, int peerDescriptors, boolean resettable) {
        this.connection = connection;
        this.peerDescriptors = peerDescriptors;
        this.resettable = resettable;
    }

    /**
     * Agrees on a version, and finds out what the device is.
     *
     * @throws IOException if that is not possible; the connection is closed then
     */
    static UserDevice meet(Connection connection) throws IOException {
        try {
            Version mine = new Version(
                    Version.MAJOR, Version.MINOR, MessageSocket.MOST_DESCRIPTORS, MessageSocket.MOST_DATA);
            Version theirs = Version.decode(connection.ask(Command.VERSION, mine.encode(), List.of()));
            if (theirs.major() != Version.MAJOR || theirs.minor() > Version.MINOR) {
                throw new MalformedMessageException("speaks version %d.%d of the protocol, not %d.%d".formatted(
                        theirs.major(), theirs.minor(), Version.MAJOR, Version.MINOR));
            }
            DeviceInfo info = DeviceInfo.decode(connection.ask(
                    Command.DEVICE_GET_INFO, new DeviceInfo(0, 0, 0).encode(), List.of()));
            if ((info.flags() & DeviceInfo.PCI) == 0
                    || info.regions() <= VfioAbi.VFIO_PCI_CONFIG_REGION_INDEX
                    || info.interrupts() <= VfioAbi.VFIO_PCI_MSIX_IRQ_INDEX) {
                throw new MalformedMessageException("is no PCI device: flags %x, %s regions, %s kinds of interrupts"
                        .formatted(info.flags(), Integer.toUnsignedString(info.regions()),
                                Integer.toUnsignedString(info.interrupts())));
            }
            UserDevice device = new UserDevice(connection, theirs.maxDescriptors(),
                    (info.flags() & DeviceInfo.RESET) != 0);
            device.ask();
            return device;
        } catch (ErrnoException e) {
            throw connection.close("refuses " + e.call() + ": " + e.errnoName());
        } catch (MalformedMessageException | DeviceGoneException e) {
            throw connection.close(String.valueOf(e.getMessage()));
        }
    }

    private void ask() throws IOException {
        boolean done = false;
        try {
            for (int index : REGIONS) {
                regions[index] = UserRegion.ask(connection, index);
            }
            long config = regions[VfioAbi.VFIO_PCI_CONFIG_REGION_INDEX].size();
            if (config < 64 || config > 4_096) {
                throw new MalformedMessageException("has configuration space of " + config + " bytes");
            }
            for (int index : INTERRUPTS) {
                vectors[index] = askVectors(index);
            }
            messageControl = config(new Revocation(address())).find(MSIX).orElse(-MSIX_CONTROL) + MSIX_CONTROL;
            done = true;
        } finally {
            if (!done) {
                close();
            }
        }
    }

    private int askVectors(int index) throws IOException {
        InterruptInfo info = InterruptInfo.decode(connection.ask(
                Command.DEVICE_GET_IRQ_INFO, new InterruptInfo(0, index, 0).encode(), List.of()));
        if (info.index() != index || info.count() < 0 || info.count() > MOST_VECTORS) {
            throw new MalformedMessageException("says of interrupts %d that there are %s of kind %d".formatted(
                    index, Integer.toUnsignedString(info.count()), info.index()));
        }
        return (info.flags() & InterruptInfo.EVENTFD) != 0 ? info.count() : 0;
    }

    boolean canReset() {
        return resettable;
    }

    @Override
    public String address() {
        return connection.name();
    }

    @Override
    public RegionInfo region(int index) {
        return regions[index].info((long) index << REGION_SHIFT);
    }

    @Override
    public MemorySegment map(RegionInfo region, Area area, Arena arena) throws IOException {
        return regions[index(region.offset())].map(area, arena);
    }

    @Override
    public int vectors(int irqIndex) {
        return vectors[irqIndex];
    }

    @Override
    public int enableIrqs(int irqIndex, Fd... eventfds) throws IOException {
        int flags = InterruptSet.DATA_EVENTFD | InterruptSet.ACTION_TRIGGER;
        int most = Math.min(peerDescriptors, MessageSocket.MOST_DESCRIPTORS);
        for (int start = 0; start < eventfds.length; start += most) {
            List<Fd> some = new ArrayList<>();
            for (int i = start; i < Math.min(start + most, eventfds.length); i++) {
                some.add(eventfds[i]);
            }
            setInterrupts(new InterruptSet(flags, irqIndex, start, some.size()), some);
        }
        control(irqIndex, MSIX_ENABLE);
        return 0;
    }

    /** Turns MSI-X on or off in configuration space as well: some servers look there. */
    private void control(int irqIndex, int value) throws IOException {
        if (irqIndex == VfioAbi.VFIO_PCI_MSIX_IRQ_INDEX && messageControl > 0) {
            long position = ((long) VfioAbi.VFIO_PCI_CONFIG_REGION_INDEX << REGION_SHIFT) + messageControl;
            write(position, 2, (read(position, 2) & ~(MSIX_ENABLE | MSIX_MASK_ALL)) | value);
        }
    }

    /** Returns configuration space as it is to be seen until it is revoked. */
    ConfigSpace config(Revocation revocation) {
        RegionInfo region = region(VfioAbi.VFIO_PCI_CONFIG_REGION_INDEX);
        return new VfioConfigSpace(this, region.offset(), (int) region.size(), revocation);
    }

    @Override
    public void disableIrqs(int irqIndex) throws IOException {
        control(irqIndex, 0);
        setInterrupts(
                new InterruptSet(InterruptSet.DATA_NONE | InterruptSet.ACTION_TRIGGER, irqIndex, 0, 0), List.of());
    }

    @Override
    public void unmaskPin() throws IOException {
        int flags = InterruptSet.DATA_NONE | InterruptSet.ACTION_UNMASK;
        setInterrupts(new InterruptSet(flags, VfioAbi.VFIO_PCI_INTX_IRQ_INDEX, 0, 1), List.of());
    }

    private void setInterrupts(InterruptSet set, List<Fd> eventfds) throws IOException {
        ByteBuffer _ = connection.ask(Command.DEVICE_SET_IRQS, set.encode(), eventfds);
    }

    /** Resets the device; if it is not by the deadline the connection is closed. */
    void reset(Deadline deadline) throws IOException {
        connection.ask(Command.DEVICE_RESET, deadline);
    }

    /** Lets the device reach memory. */
    void mapDma(Fd memory, long address, long size) throws IOException {
        DmaMap map = new DmaMap(DmaMap.READ | DmaMap.WRITE, 0, address, size);
        ByteBuffer _ = connection.ask(Command.DMA_MAP, map.encode(), List.of(memory));
    }

    /** Ends what {@link #mapDma} began. */
    void unmapDma(long address, long size) throws IOException {
        ByteBuffer _ = connection.ask(Command.DMA_UNMAP, new DmaUnmap(0, address, size).encode(), List.of());
    }

    @Override
    public long read(long position, int width) throws IOException {
        RegionAccess access = new RegionAccess(offset(position), index(position), width);
        ByteBuffer reply = connection.ask(Command.REGION_READ, access.encode(0).flip(), List.of());
        try {
            RegionAccess answered = RegionAccess.decode(reply);
            if (!answered.equals(access) || reply.remaining() != width) {
                throw new MalformedMessageException("%d bytes of data for %s, when asked for %s"
                        .formatted(reply.remaining(), answered, access));
            }
        } catch (MalformedMessageException e) {
            throw connection.close("answers a read of registers wrongly: " + e.getMessage());
        }
        return switch (width) {
            case 1 -> reply.get() & 0xffL;
            case 2 -> reply.getShort() & 0xffffL;
            case 4 -> reply.getInt() & 0xffff_ffffL;
            default -> reply.getLong();
        };
    }

    @Override
    public void write(long position, int width, long value) throws IOException {
        ByteBuffer data = new RegionAccess(offset(position), index(position), width).encode(width);
        switch (width) {
            case 1 -> data.put((byte) value);
            case 2 -> data.putShort((short) value);
            case 4 -> data.putInt((int) value);
            default -> data.putLong(value);
        }
        ByteBuffer _ = connection.ask(Command.REGION_WRITE, data.flip(), List.of());
    }

    private static int index(long position) {
        return (int) (position >>> REGION_SHIFT);
    }

    private static long offset(long position) {
        return position & (1L << REGION_SHIFT) - 1;
    }

    /** Closes the connection with a reason, and lets go of what came through it. */
    void hangUp(String why) {
        IOException _ = connection.close(why);
    }

    /** Lets go of the descriptors that came through the connection. */
    @Override
    public void close() {
        for (int index : REGIONS) {
            if (regions[index] != null) {
                regions[index].close();
            }
        }
    }

    /** Returns whether an error is one that says that a device cannot do what it was asked to. */
    static boolean isRefusal(IOException e) {
        return e instanceof ErrnoException errno && errno.errno() != Errno.EPIPE;
    }
}
