package org.busbar.pci.internal.vfio;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.busbar.pci.internal.sys.Fd;
import org.busbar.pci.internal.sys.VfioAbi;

/**
 * The way to a device, which is the kernel's VFIO or another process that speaks like it: regions with registers, and
 * interrupts by event counters. Kinds of interrupts are VFIO_PCI_..._IRQ_INDEX of {@link VfioAbi}. Thread-safe.
 */
public interface DeviceAccess extends RegionAccess {

    /** Returns where the device is, for messages. */
    String address();

    /** Describes a region; its offset is where {@link #read} and {@link #write} have it. */
    RegionInfo region(int index) throws IOException;

    /** Maps a part of a region until the arena is closed. */
    MemorySegment map(RegionInfo region, Area area, Arena arena) throws IOException;

    /** Returns how many vectors of a kind can be had, 0 if the device does not have the kind. */
    int vectors(int irqIndex) throws IOException;

    /**
     * Has interrupts delivered to event counters, vector i to the i-th.
     *
     * @return 0, or how many vectors could be had if that is fewer: none is on then
     */
    int enableIrqs(int irqIndex, Fd... eventfds) throws IOException;

    /** Turns interrupts of a kind off. */
    void disableIrqs(int irqIndex) throws IOException;

    /** Lets the interrupt of the pin through again. */
    void unmaskPin() throws IOException;
}
