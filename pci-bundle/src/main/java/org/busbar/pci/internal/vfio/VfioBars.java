package org.busbar.pci.internal.vfio;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.device.Deadline;
import org.busbar.pci.Bar;
import org.busbar.pci.ConfigSpace;
import org.busbar.pci.internal.sys.MemoryCalls;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The registers of a device: maps what can be mapped, once, into one arena. Thread-safe. */
public final class VfioBars {

    private static final Logger LOG = LoggerFactory.getLogger(VfioBars.class);
    private static final int COUNT = 6;
    private static final int MSIX = 0x11;
    private static final int MSIX_ENTRY = 16;

    private final DeviceAccess device;
    private final ConfigSpace config;
    private final Revocation revocation;
    private final Arena arena = Arena.ofShared();
    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by {@link #lock}. */
    private final @Nullable Bar[] bars = new Bar[COUNT];

    public VfioBars(DeviceAccess device, ConfigSpace config, Revocation revocation) {
        this.device = device;
        this.config = config;
        this.revocation = revocation;
    }

    /** Returns the registers behind a BAR, always the same object. */
    public Bar get(int index) throws IOException {
        if (index < 0 || index >= COUNT) {
            throw new IndexOutOfBoundsException("a function has BARs 0 to 5, not " + index);
        }
        lock.lock();
        try {
            revocation.check();
            Bar bar = bars[index];
            if (bar == null) {
                bar = open(index);
                bars[index] = bar;
            }
            return bar;
        } finally {
            lock.unlock();
        }
    }

    /** Unmaps all registers, after {@link Revocation#revoke}: a mapping that is being made is waited for. */
    public void close() {
        lock.lock();
        try {
            // Nobody passes registers to system calls, so that nothing keeps the arena open.
            if (!Arenas.close(arena, Deadline.afterMillis(0))) {
                LOG.error("{}: registers stay mapped", device.address());
            }
        } finally {
            lock.unlock();
        }
    }

    private Bar open(int index) throws IOException {
        RegionInfo region = device.region(index);
        if (region.size() == 0 || !region.readable()) {
            throw new IOException(device.address() + " has no BAR " + index);
        }
        List<Area> areas = MappableAreas.of(region, msixTable(index), MemoryCalls.pageSize());
        Bar file = new RegionBar(device, region.offset(), region.size(), revocation);
        if (areas.isEmpty()) {
            return file;
        }
        if (areas.equals(List.of(new Area(0, region.size())))) {
            return map(region, areas.getFirst());
        }
        List<PatchworkBar.Patch> patches = new ArrayList<>();
        for (Area area : areas) {
            patches.add(new PatchworkBar.Patch(area.offset(), map(region, area)));
        }
        return new PatchworkBar(patches, file);
    }

    private Bar map(RegionInfo region, Area area) throws IOException {
        return new MappedBar(device.map(region, area, arena), revocation);
    }

    /** Returns where the MSI-X table is if it is behind this BAR (PCI Local Bus 3.0, section 6.8.2). */
    private Optional<Area> msixTable(int index) {
        var capability = config.find(MSIX);
        if (capability.isEmpty()) {
            return Optional.empty();
        }
        int entries = (config.read16(capability.getAsInt() + 2) & 0x7ff) + 1;
        int table = config.read32(capability.getAsInt() + 4);
        return (table & 7) == index
                ? Optional.of(new Area(Integer.toUnsignedLong(table & ~7), (long) entries * MSIX_ENTRY))
                : Optional.empty();
    }
}
