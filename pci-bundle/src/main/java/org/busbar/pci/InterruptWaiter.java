package org.busbar.pci;

import org.osgi.annotation.versioning.ProviderType;

/**
 * An interrupt vector that a thread waits for by itself, in the kernel, without the thread of the handler in between: that
 * saves two changes of threads for each interrupt. While it is open the vector's handler is not called.
 *
 * <p>{@link #await} is for one thread at a time, and not for virtual threads, because it occupies their carrier; the other
 * methods are for any.
 */
@ProviderType
public interface InterruptWaiter extends AutoCloseable {

    /**
     * Waits until the vector has fired, or {@link #wake} was called, since the last call. May return without either. The
     * interruption of a thread does not end the wait.
     *
     * @param nanos how long at most; rounded up to milliseconds
     * @return false, at once, if this is closed or the binding has ended
     */
    boolean await(long nanos);

    /** Has the waiting thread, or the next that waits, return. */
    void wake();

    /** Leaves the vector to the handler again, which is called once: it may have fired unnoticed. Repeated calls do nothing. */
    @Override
    void close();
}
