package org.busbar.pci;

import java.io.IOException;
import java.util.Optional;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceTimeoutException;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The grant of one PCI function to one driver. Opening it has turned on memory decoding and bus mastering; ending it
 * turns bus mastering off, then takes down interrupts, DMA mappings and register mappings in that order.
 */
@ProviderType
public interface PciDeviceContext extends DeviceContext {

    /** Returns the device. */
    PciDevice device();

    /** Returns its configuration space for reading and writing. */
    ConfigSpace config();

    /**
     * Returns the registers behind a base address register; the same object for the same index.
     *
     * @param index 0 to 5
     * @throws IOException if the device has no such register, or the host cannot reach it; the message says why
     */
    Bar bar(int index) throws IOException;

    /** Returns the allocator of memory that the device can reach. */
    Dma dma();

    /** Returns the device's interrupts. */
    Interrupts interrupts();

    /**
     * Returns what this driver's predecessor has handed over, if {@link PciDriver#adopts} has agreed to it. Otherwise the
     * function is as after a reset, or as whoever had it before has left it.
     */
    default Optional<Inheritance> inherited() {
        return Optional.empty();
    }

    /**
     * Resets the function (FLR, or what the host has instead). Registers have their initial values afterwards.
     *
     * @throws IOException if the host cannot reset this function
     * @throws DeviceTimeoutException if it does not come back in time
     */
    void reset(Deadline deadline) throws IOException, DeviceTimeoutException;
}
