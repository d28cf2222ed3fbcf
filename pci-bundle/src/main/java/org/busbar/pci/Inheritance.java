package org.busbar.pci;

import java.util.Set;
import org.busbar.device.HandoverState;
import org.osgi.annotation.versioning.ProviderType;

/**
 * What a driver's predecessor has left: a function that has not been reset, with memory and bus mastering as they were, and a
 * state in words of the driver's own. To be looked at during the probe only; a driver that cannot make use of it throws {@link
 * org.busbar.device.HandoverDeclinedException}. Interrupts are off, registers and configuration space are got as always.
 */
@ProviderType
public interface Inheritance {

    /** Returns the state. Its format and version are such as {@link PciDriver#adopts} has agreed to; nothing else is sure. */
    HandoverState state();

    /** Returns the names of the memory that is there and has not been taken yet. */
    Set<String> names();

    /**
     * Takes memory over that the predecessor has allocated by this name: at the same address, with its contents. What is not
     * taken over until the probe has succeeded is released.
     *
     * @throws IllegalArgumentException if there is none of this name, or it has been taken
     */
    DmaBuffer memory(String name);
}
