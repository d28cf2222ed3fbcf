package org.busbar.pci.internal.vfiouser.server;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.busbar.pci.Bar;
import org.busbar.pci.BarInfo;
import org.busbar.pci.ConfigSpace;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.internal.sys.Errno;
import org.busbar.pci.internal.sys.ErrnoException;
import org.busbar.pci.internal.sys.Fd;
import org.busbar.pci.internal.sys.MemoryCalls;
import org.busbar.pci.internal.sys.SharedMemoryCalls;
import org.busbar.pci.internal.sys.VfioAbi;
import org.busbar.pci.internal.vfiouser.wire.MessageSocket;
import org.busbar.pci.internal.vfiouser.wire.RegionAccess;
import org.busbar.pci.internal.vfiouser.wire.RegionInfo;
import org.busbar.pci.serve.ServedFunction;
import org.busbar.pci.serve.ServedFunction.Doorbells;
import org.jspecify.annotations.Nullable;

/** The registers and the configuration space of a function, as a client reaches them. For the session's thread. */
final class SessionRegions implements AutoCloseable {

    /** How many regions VFIO gives a PCI device. */
    static final int COUNT = 9;

    private static final int MSIX = 0x11;
    private static final int MSIX_ENTRY = 16;

    private final Map<Integer, Long> sizes = new HashMap<>();
    private final Optional<Doorbells> doorbells;
    private final @Nullable Fd doorbellFile;
    private final @Nullable MemorySegment doorbellMemory;
    private final Map<Integer, Bar> bars = new HashMap<>();
    private @Nullable FunctionHandle handle;
    private int tableBar = -1;
    private long tableStart;
    private long tableEnd;

    SessionRegions(ServedFunction served) throws IOException {
        for (BarInfo bar : served.function().bars()) {
            sizes.put(bar.index(), bar.size());
        }
        sizes.put(VfioAbi.VFIO_PCI_CONFIG_REGION_INDEX, (long) served.function().config().size());
        doorbells = served.doorbells();
        if (doorbells.isPresent()) {
            Doorbells shared = doorbells.get();
            doorbellFile = SharedMemoryCalls.create("busbar doorbells of " + served.function().address(),
                    shared.offset() + shared.size(), false);
            // Not unmapped but forgotten: the device may look at it a last time when the client has left.
            doorbellMemory = MemoryCalls.map(Arena.ofAuto(), shared.size(),
                    MemoryCalls.PROT_READ | MemoryCalls.PROT_WRITE, MemoryCalls.MAP_SHARED, doorbellFile.number(),
                    shared.offset(), doorbellFile.name());
            doorbellMemory.fill((byte) ServedFunction.NOT_RUNG);
        } else {
            doorbellFile = null;
            doorbellMemory = null;
        }
    }

    /** Returns where the client rings doorbells, if it can. */
    @Nullable
    MemorySegment doorbellMemory() {
        return doorbellMemory;
    }

    /** Says what is behind the regions. */
    void open(FunctionHandle opened) {
        handle = opened;
        ConfigSpace config = opened.config();
        config.find(MSIX).ifPresent(at -> {
            int table = config.read32(at + 4);
            tableBar = table & 7;
            tableStart = Integer.toUnsignedLong(table & ~7);
            tableEnd = tableStart + ((config.read16(at + 2) & 0x7ffL) + 1) * MSIX_ENTRY;
        });
    }

    /** Describes a region. */
    RegionInfo info(int index, int room) throws ErrnoException {
        if (index < 0 || index >= COUNT) {
            throw invalid("region " + index);
        }
        long size = sizes.getOrDefault(index, 0L);
        int flags = size > 0 ? RegionInfo.READ | RegionInfo.WRITE : 0;
        Optional<Doorbells> mapped = doorbells.filter(shared -> shared.bar() == index);
        RegionInfo info = new RegionInfo(room, mapped.isPresent() ? flags | RegionInfo.MMAP | RegionInfo.CAPS : flags,
                index, size, 0,
                mapped.map(shared -> List.of(new RegionInfo.Area(shared.offset(), shared.size()))));
        return new RegionInfo(info.fullSize(), info.flags(), index, size, 0, info.sparse());
    }

    /** Returns the descriptor of what can be mapped of a region. */
    List<Fd> file(int index) {
        return doorbellFile != null && doorbells.filter(shared -> shared.bar() == index).isPresent()
                ? List.of(doorbellFile)
                : List.of();
    }

    /** Reads registers. */
    ByteBuffer read(RegionAccess access) throws IOException {
        check(access);
        ByteBuffer data = access.encode(access.count());
        for (int done = 0; done < access.count();) {
            long offset = access.offset() + done;
            int width = width(access, done);
            long value = access.region() == VfioAbi.VFIO_PCI_CONFIG_REGION_INDEX
                    ? readConfig((int) offset, width)
                    : readBar(bar(access.region()), offset, width);
            for (int i = 0; i < width; i++) {
                data.put((byte) (value >>> (8 * i)));
            }
            done += width;
        }
        return data.flip();
    }

    /** Writes registers. */
    void write(RegionAccess access, ByteBuffer data) throws IOException {
        check(access);
        for (int done = 0; done < access.count();) {
            long offset = access.offset() + done;
            int width = width(access, done);
            long value = 0;
            for (int i = 0; i < width; i++) {
                value |= (data.get() & 0xffL) << (8 * i);
            }
            if (access.region() == VfioAbi.VFIO_PCI_CONFIG_REGION_INDEX) {
                writeConfig((int) offset, width, (int) value);
            } else {
                writeBar(access.region(), offset, width, value);
            }
            done += width;
        }
    }

    private void check(RegionAccess access) throws ErrnoException {
        long size = sizes.getOrDefault(access.region(), 0L);
        boolean fits = access.count() > 0 && access.count() <= MessageSocket.MOST_DATA && access.offset() >= 0
                && access.offset() <= size - access.count();
        if (!fits) {
            throw invalid(access.toString());
        }
    }

    /** Returns the widest access that is aligned: whole if possible, so that a register is not read in pieces. */
    private static int width(RegionAccess access, int done) {
        long offset = access.offset() + done;
        int left = access.count() - done;
        int most = access.region() == VfioAbi.VFIO_PCI_CONFIG_REGION_INDEX || access.count() > 8 ? 4 : 8;
        int width = most;
        while (width > left || (offset & width - 1) != 0) {
            width >>= 1;
        }
        return width;
    }

    private Bar bar(int index) throws IOException {
        Bar bar = bars.get(index);
        if (bar == null) {
            bar = handle().bar(index);
            bars.put(index, bar);
        }
        return bar;
    }

    private static long readBar(Bar bar, long offset, int width) {
        return switch (width) {
            case 1 -> bar.read8(offset);
            case 2 -> bar.read16(offset);
            case 4 -> bar.read32(offset);
            default -> bar.read64(offset);
        };
    }

    /** The MSI-X table is set up by messages of its own; what is written to it is not for the device. */
    private void writeBar(int index, long offset, int width, long value) throws IOException {
        if (index == tableBar && offset >= tableStart && offset < tableEnd) {
            return;
        }
        Bar bar = bar(index);
        switch (width) {
            case 1 -> bar.write8(offset, (int) value);
            case 2 -> bar.write16(offset, (int) value);
            case 4 -> bar.write32(offset, (int) value);
            default -> bar.write64(offset, value);
        }
    }

    private int readConfig(int offset, int width) throws ErrnoException {
        ConfigSpace config = handle().config();
        return switch (width) {
            case 1 -> config.read8(offset);
            case 2 -> config.read16(offset);
            default -> config.read32(offset);
        };
    }

    private void writeConfig(int offset, int width, int value) throws ErrnoException {
        ConfigSpace config = handle().config();
        switch (width) {
            case 1 -> config.write8(offset, value);
            case 2 -> config.write16(offset, value);
            default -> config.write32(offset, value);
        }
    }

    private FunctionHandle handle() throws ErrnoException {
        if (handle == null) {
            throw invalid("an access before VERSION");
        }
        return handle;
    }

    private static ErrnoException invalid(String what) {
        return new ErrnoException("request", Errno.EINVAL, what);
    }

    @Override
    public void close() {
        if (doorbellFile != null) {
            doorbellFile.close();
        }
    }
}
