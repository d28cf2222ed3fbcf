package org.busbar.pci.host;

import java.io.IOException;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.pci.Bar;
import org.busbar.pci.ConfigSpace;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A function that is open for exclusive use. Thread-safe.
 *
 * <p>It is taken down in a fixed order: {@link InterruptPort#disable}, {@link #stopDma}, {@link DmaSpace#unmap} for each
 * mapping, {@link #closeBars}, {@link #close}; {@link #revoke} may come at any time before. Each is tolerant of repetition and of
 * a function that is not there any more.
 */
@ConsumerType
public interface FunctionHandle extends AutoCloseable {

    /** Returns the configuration space for reading and writing. */
    ConfigSpace config();

    /**
     * Opens the registers behind a base address register.
     *
     * @param index 0 to 5
     * @throws IOException if there is none, or it cannot be reached
     */
    Bar bar(int index) throws IOException;

    /** Returns what maps memory for the function. */
    DmaSpace dma();

    /** Returns the function's interrupts. */
    InterruptPort interrupts();

    /**
     * Resets the function.
     *
     * @throws IOException if the function cannot be reset
     * @throws DeviceTimeoutException if it does not come back in time
     */
    void reset(Deadline deadline) throws IOException, DeviceTimeoutException;

    /**
     * Makes every access to registers and configuration space from now on throw {@link
     * org.busbar.device.DeviceGoneException}, also accesses through objects handed out before. Does not wait for
     * accesses under way, but may wait shortly for registers that are being mapped. Memory given by {@link DmaSpace#map} stays accessible to the program.
     */
    void revoke();

    /**
     * Takes registers and configuration space from whoever has them, as {@link #revoke} and {@link #closeBars} do, and hands
     * out new ones from then on: for a function that changes hands while it runs. Bus mastering and mappings of memory stay
     * as they are. Interrupts are off when this is called, and can be turned on anew.
     *
     * @return false if this host cannot do it, or the function was revoked; then nothing has changed
     */
    default boolean renew() {
        return false;
    }

    /**
     * Turns bus mastering off if the function is still there, so that it accesses no memory any more. Works after {@link
     * #revoke} too: a driver that was stopped in the middle could not do it itself.
     */
    void stopDma();

    /** Unmaps all registers. Implies {@link #revoke}. */
    void closeBars();

    /**
     * Gives the function up. When this returns it may be taken out, and whoever had it before may have it again; if the
     * host needs longer for that than some seconds, it goes on by itself.
     */
    @Override
    void close();
}
